"""Word documents made in the test, whole and broken. All reports are invented."""

import contextlib
import io
import random
import struct
import zipfile
from collections.abc import Callable

import pytest
from docx import Document

from assistant.errors import EmptyFile, FileTooLarge, PasswordProtected, ReadingError, UnreadableFile
from assistant.reading import read_bytes
from assistant.settings import ReadingSettings

SETTINGS = ReadingSettings()
BODY = "word/document.xml"


def read(data: bytes, settings: ReadingSettings = SETTINGS) -> str:
    (report,) = read_bytes(data, name="note.docx", settings=settings)
    return report.text


def save(document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def letter() -> bytes:
    document = Document()
    document.add_paragraph("PLAN: Rest.")
    return save(document)


def rewrite(data: bytes, change: Callable[[str, bytes], bytes], **extra: bytes) -> bytes:
    """Pack a document again with some of its parts changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, change(entry.filename, old.read(entry)))
        for name, content in extra.items():
            new.writestr(name, content)
    return buffer.getvalue()


def with_body(xml: str) -> bytes:
    body = letter()
    return rewrite(body, lambda name, old: old.replace(b"<w:p>", xml.encode() + b"<w:p>", 1) if name == BODY else old)


def test_body_tables_headers_lists_and_headings_are_read_in_order() -> None:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "Riverside Clinic"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    document.add_paragraph("Seen today.")
    document.add_heading("Results", level=1)
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["Sodium", "140", "Potassium", ""], strict=True):
        cell.text = text
    table.cell(1, 1).add_table(1, 1).cell(0, 0).text = "4.1"
    document.add_paragraph("Walk daily", style="List Bullet")
    document.add_paragraph("Tab\there")
    assert read(save(document)) == (
        "Riverside Clinic\nSeen today.\n\nResults\nSodium | 140\nPotassium | 4.1\n- Walk daily\nTab\there\nPage 1"
    )


def test_merged_cells_are_read_once() -> None:
    document = Document()
    table = document.add_table(rows=1, cols=3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Blood count"
    table.cell(0, 2).text = "normal"
    assert read(save(document)) == "Blood count | normal"


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        pytest.param("<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p>", "new\nPLAN: Rest.", id="tracked insertions"),
        pytest.param("<w:p><w:del><w:r><w:delText>old</w:delText></w:r></w:del></w:p>", "PLAN: Rest.", id="not what was deleted"),
        pytest.param(
            "<w:sdt><w:sdtContent><w:p><w:r><w:t>form</w:t></w:r></w:p></w:sdtContent></w:sdt>", "form\nPLAN: Rest.", id="form fields"
        ),
        pytest.param(
            "<w:p><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>",
            "box\nPLAN: Rest.",
            id="text boxes",
        ),
    ],
)  # fmt: skip
def test_what_word_shows_is_read(xml: str, expected: str) -> None:
    assert read(with_body(xml)).strip() == expected


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    data = rewrite(letter(), lambda _, old: old, **{"word/media/image1.bin": bytes(150_000_000)})
    assert len(data) < 1_000_000
    with pytest.raises(FileTooLarge, match=r"unpacked docx has 150\.\d MB, the limit is 100\.0 MB.*MAX_UNPACKED_MB"):
        read(data)


def test_a_body_too_large_for_memory_is_refused() -> None:
    filling = b"<w:p><w:r><w:t>a</w:t></w:r></w:p>" * 800_000
    data = rewrite(letter(), lambda name, old: old.replace(b"<w:p>", filling + b"<w:p>", 1) if name == BODY else old)
    with pytest.raises(FileTooLarge):
        read(data)


def test_an_entity_bomb_is_not_expanded() -> None:
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    doctype = f'<!DOCTYPE bomb [<!ENTITY e0 "boom">{entities}]>'.encode()

    def change(name: str, old: bytes) -> bytes:
        if name != BODY:
            return old
        return old.replace(b"<w:document", doctype + b"<w:document", 1).replace(b"Rest.", b"&e9;")

    with contextlib.suppress(UnreadableFile):  # a parser that refuses it is as good
        assert len(read(rewrite(letter(), change))) < 1_000


def test_external_entities_are_not_read(tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("boundary-violation")
    doctype = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode()

    def change(name: str, old: bytes) -> bytes:
        if name != BODY:
            return old
        return old.replace(b"<w:document", doctype + b"<w:document", 1).replace(b"Rest.", b"Rest. &x;")

    with contextlib.suppress(UnreadableFile):
        assert "boundary-violation" not in read(rewrite(letter(), change))


def office_container(*streams: str) -> bytes:
    """The skeleton of Office's old container: a header and one directory sector naming the streams."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    entries = b"".join(stream.encode("utf-16-le").ljust(64, b"\0") + bytes(64) for stream in ("Root Entry", *streams))
    return header.ljust(512, b"\xff") + entries.ljust(512, b"\0")


def test_a_document_with_a_password_is_refused_with_a_remedy() -> None:
    with pytest.raises(PasswordProtected, match="save a copy without one"):
        read(office_container("EncryptionInfo", "EncryptedPackage"))


def test_an_old_word_file_is_refused_with_a_remedy() -> None:
    with pytest.raises(ReadingError, match=r"old Office file .*\.docx"):
        read(office_container("WordDocument"))


def test_a_password_of_zip_is_reported() -> None:
    data = bytearray(letter())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # set the encryption bit of every entry
        position = data.find(signature)
        while position >= 0:
            data[position + flags] |= 1
            position = data.find(signature, position + 4)
    with pytest.raises(UnreadableFile):
        read(bytes(data))


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999], ids=lambda share: f"cut off after {share:.1%}")
def test_a_truncated_document_is_refused(share: float) -> None:
    data = letter()
    with pytest.raises(UnreadableFile, match="cut off or damaged"):
        read(data[: max(5, int(len(data) * share))])


def test_damage_anywhere_gives_an_error_of_ours_or_the_text() -> None:
    # The same bytes at every time of day, whichever zlib is there.
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(letter())) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), old.read(name))
    data, dice = buffer.getvalue(), random.Random(7)
    for _ in range(150):
        damaged = bytearray(data)
        for _ in range(dice.randint(1, 20)):
            damaged[dice.randrange(4, len(damaged))] = dice.randrange(256)
        try:
            read(bytes(damaged))
        except ReadingError:
            continue


def test_a_zip_file_of_another_kind_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(UnreadableFile, match="no Word document"):
        read(buffer.getvalue())


def test_a_document_without_text_is_refused() -> None:
    with pytest.raises(EmptyFile):
        read(save(Document()))
