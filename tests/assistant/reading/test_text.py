"""Text in many encodings, and what is no text. All reports are invented."""

import random

import pytest

from assistant.errors import EmptyFile, ReportTooLong, UnreadableFile
from assistant.reading import read_bytes
from assistant.settings import ReadingSettings

SETTINGS = ReadingSettings()
GERMAN = "Der Patient klagt über Übelkeit und Müdigkeit; Temperatur 38 °C, Größe 180 cm, Dosis 5 µg täglich. " * 3
RUSSIAN = "Пациент жалуется на боль в груди. Давление повышено до ста шестидесяти. "
POLISH = "Pacjent zgłasza ból w klatce piersiowej. Źle śpi, łaknienie słabe, żołądek boli, ciśnienie wysokie. "
JAPANESE = "患者は胸の痛みを訴えている。血圧は高い。再診は来週。"


def read(data: bytes, name: str = "note.txt") -> str:
    (report,) = read_bytes(data, name=name, settings=SETTINGS)
    return report.text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param(GERMAN, "utf-8", id="UTF-8"),
        pytest.param(GERMAN, "utf-8-sig", id="UTF-8 with a mark"),
        pytest.param(GERMAN, "utf-16", id="UTF-16 with a mark"),
        pytest.param(GERMAN, "utf-16-le", id="UTF-16 without a mark, little end first"),
        pytest.param(GERMAN, "utf-16-be", id="UTF-16 without a mark, big end first"),
        pytest.param(GERMAN, "utf-32", id="UTF-32"),
        pytest.param(GERMAN, "cp1252", id="western Windows"),
        pytest.param(GERMAN, "mac_roman", id="old Macintosh"),
        pytest.param(RUSSIAN, "cp1251", id="Russian Windows"),
        pytest.param(POLISH, "cp1250", id="Polish Windows"),
        pytest.param(JAPANESE, "shift_jis", id="Japanese"),
        pytest.param("Dose 5 µg, temperature 38 °C.", "cp1252", id="two foreign bytes only"),
    ],
)
def test_the_encoding_is_detected(text: str, encoding: str) -> None:
    assert read(text.encode(encoding)) == text


def test_single_windows_bytes_inside_utf8_are_kept() -> None:
    assert read("Übelkeit, Fieber 38 °C, ".encode() + "5 µg".encode("cp1252")) == "Übelkeit, Fieber 38 °C, 5 µg"


def test_line_ends_become_newlines_once() -> None:
    assert read(b"a\r\nb\rc\nd") == "a\nb\nc\nd"


@pytest.mark.parametrize(
    "name", ["note.txt", "NOTE.TXT", "note.md", "note.text", "note"], ids=lambda name: f"called {name}"
)
def test_text_files_are_read_by_extension(name: str) -> None:
    assert read(b"# Plan\nRest.", name) == "# Plan\nRest."


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 40, id="a picture"),
        pytest.param(b"\x7fELF\x02\x01\x01" + bytes(500) + bytes(range(256)) * 20, id="a program"),
        pytest.param(random.Random(1).randbytes(20_000), id="noise"),
        pytest.param(bytes(b % 31 + 1 for b in random.Random(2).randbytes(5_000)), id="control characters"),
        pytest.param(b"\xff\xfeP\x00l\x00a\x00n\x00\x00\xd8", id="UTF-16 cut in two"),
        pytest.param(b"Plan: rest.\x00Diet: soft. The patient went home.", id="a NUL in a text"),
    ],
)
def test_binary_data_is_refused_with_a_remedy(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"cannot be read: .*; open and save it again"):
        read(data)


@pytest.mark.parametrize(
    "data", [b"", b" \r\n\t ", b"\xef\xbb\xbf\n", bytes(50)], ids=["no bytes", "space", "a mark", "NULs"]
)
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(EmptyFile, match="holds no text"):
        read(data)


def test_a_line_of_five_megabytes_is_refused_as_one_report_and_read_where_allowed() -> None:
    data = b"word " * 1_000_000
    with pytest.raises(ReportTooLong, match=r"5000000 characters.*500000.*MAX_REPORT_CHARS"):
        read(data)
    (report,) = read_bytes(data, name="a.txt", settings=ReadingSettings(max_report_chars=6_000_000))
    assert len(report.text) == 5_000_000


def test_messages_hold_no_text_of_the_report() -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(b"John Example\x00 has the flu")
    assert "Example" not in str(caught.value)
    assert caught.value.__cause__ is None
