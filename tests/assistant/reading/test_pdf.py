"""PDF files made in the test, whole and broken. All reports are invented."""

import io
import random
import zlib

import pytest
from pypdf import PdfReader, PdfWriter

from assistant.errors import EmptyFile, FileTooLarge, PasswordProtected, ReadingError, UnreadableFile
from assistant.reading import read_bytes
from assistant.settings import ReadingSettings
from tests.stopwatch import processor_seconds

SETTINGS = ReadingSettings()


def read(data: bytes, name: str = "note.pdf", settings: ReadingSettings = SETTINGS) -> str:
    (report,) = read_bytes(data, name=name, settings=settings)
    return report.text


def make_pdf(
    *contents: bytes,
    extra: tuple[bytes, ...] = (),
    resources: bytes = b"",
    shared: bool = False,
    filter: bytes = b"FlateDecode",
    level: int = -1,
) -> bytes:
    """A small PDF by hand: one page for each content stream, Helvetica as `/F1`; `extra` objects start at 4.

    With `level` 0 it has the same bytes whichever zlib packed it.
    """
    count = len(contents)
    first_page = 4 + len(extra)
    kids = b" ".join(b"%d 0 R" % (first_page + 2 * number) for number in range(count))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        *extra,
    ]
    for number, content in enumerate(contents):
        stream = first_page + (1 if shared else 2 * number + 1)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>%s>>/Contents %d 0 R>>"
            % (resources, stream)
        )
        packed = zlib.compress(content, level)
        objects.append(b"<</Filter/%s/Length %d>>stream\n%s\nendstream" % (filter, len(packed), packed))
    return assemble(objects)


def assemble(objects: list[bytes]) -> bytes:
    data, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    data += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(data)


def lines(*texts: str) -> bytes:
    shown = b"".join(b"(%s) Tj 0 -14 Td " % text.encode("cp1252") for text in texts)
    return b"BT /F1 12 Tf 72 720 Td " + shown + b"ET"


def encrypted(*, user: str, owner: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(make_pdf(lines("PLAN: Rest.")))))
    writer.encrypt(user_password=user, owner_password=owner, algorithm="AES-256")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_pages_follow_each_other() -> None:
    data = make_pdf(lines("HISTORY: Fever 38 °C.", "Cough."), lines("PLAN: Rest."))
    assert [line.strip() for line in read(data).split("\n") if line.strip()] == [
        "HISTORY: Fever 38 °C.",
        "Cough.",
        "PLAN: Rest.",
    ]


def test_the_content_decides_when_the_name_is_wrong() -> None:
    assert "PLAN: Rest." in read(make_pdf(lines("PLAN: Rest.")), name="note.txt")


def test_a_scan_is_told_from_an_empty_file() -> None:
    with pytest.raises(EmptyFile, match=r"the PDF is a scan: it holds no text.*text recognition"):
        read(make_pdf(b"0 0 100 100 re f"))


def test_a_password_is_reported() -> None:
    with pytest.raises(PasswordProtected, match="pdf file is protected by a password; save a copy without one"):
        read(encrypted(user="secret", owner="owner"))


def test_a_file_locked_against_changes_only_is_read() -> None:
    assert "PLAN: Rest." in read(encrypted(user="", owner="owner"))


@pytest.mark.parametrize("share", [0.005, 0.1, 0.3], ids=lambda share: f"cut off after {share:.1%}")
def test_a_truncated_file_is_refused(share: float) -> None:
    data = make_pdf(lines("PLAN: Rest."), lines("DIET: Soft."))
    with pytest.raises(ReadingError, match=r"damaged|scan"):
        read(data[: max(6, int(len(data) * share))])


def test_damage_anywhere_gives_an_error_of_ours_or_the_text() -> None:
    data, dice = make_pdf(lines("PLAN: Rest."), lines("DIET: Soft."), level=0), random.Random(3)
    for _ in range(150):
        damaged = bytearray(data)
        for _ in range(dice.randint(1, 12)):
            damaged[dice.randrange(5, len(damaged))] = dice.randrange(256)
        try:
            read(bytes(damaged))
        except ReadingError:
            continue


def test_a_filter_that_the_parser_no_longer_knows_is_damage() -> None:
    with pytest.raises(ReadingError):
        read(make_pdf(lines("PLAN: Rest."), filter=b"Fl"))


def test_a_stream_bomb_is_refused() -> None:
    data = make_pdf(b" " * 200_000_000)
    assert len(data) < 1_000_000
    with pytest.raises(FileTooLarge, match="MAX_UNPACKED_MB"):
        read(data)


def test_many_pages_that_share_one_large_stream_are_refused() -> None:
    content = lines("word") + b" " * 700_000
    with pytest.raises(FileTooLarge, match="MAX_UNPACKED_MB"):
        read(make_pdf(content, *[b""] * 14, shared=True), settings=ReadingSettings(max_unpacked_mb=20))


def test_forms_that_draw_forms_without_end_are_refused_in_time() -> None:
    levels = 9
    extra = []
    for level in range(levels):
        body = b"/X Do " * 10 if level + 1 < levels else b"0 0 m " * 10
        below = b"/XObject<</X %d 0 R>>" % (5 + level) if level + 1 < levels else b""
        extra.append(
            b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<<%s>>/Length %d>>stream\n%s\nendstream"
            % (below, len(body), body)
        )
    data = make_pdf(b"/X Do " * 10, extra=tuple(extra), resources=b"/XObject<</X 4 0 R>>")

    def refuse() -> None:
        with pytest.raises(ReadingError):
            read(data)

    assert processor_seconds(refuse, tries=1) < 60


def test_messages_hold_no_text_of_the_report() -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(b"%PDF-1.7\n(John Example) Tj")
    assert "Example" not in str(caught.value)
    assert caught.value.__suppress_context__
