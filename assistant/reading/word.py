"""Word documents (docx): body, tables, page headers and footers, text boxes.

python-docx opens the package; the text is gathered from the XML itself, since `paragraph.text` leaves out what forms
and tracked insertions hold. Deleted text stays out.
"""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from assistant.errors import FileTooLarge, UnreadableFile
from assistant.reading.columns import Columns
from assistant.reading.parsers import PARSER_FAILURES
from assistant.reading.text import check_text
from assistant.schema import RawReport
from assistant.settings import ReadingSettings

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_SKIPPED = frozenset({f"{_WORD}del", f"{_WORD}moveFrom", f"{_WORD}pPr", f"{_WORD}rPr", f"{_COMPATIBILITY}Fallback"})
_MAX_DEPTH = 60
_XML_SHARE = 0.25
"""Of `max_unpacked_mb`: an XML tree takes about ten times its text in memory, pictures nothing."""


def read(data: bytes, settings: ReadingSettings, columns: Columns) -> Iterator[RawReport]:
    """One document, one report.

    Raises:
        FileTooLarge: It unpacks to more than the limit (a zip bomb).
        UnreadableFile: It is damaged, or a zip file of another kind.
    """
    from docx.exceptions import PythonDocxError

    _check_unpacked_size(data, settings)
    try:
        text = "\n".join(_lines(data)).strip("\n")
    except (PythonDocxError, *PARSER_FAILURES):
        # The cause may quote the document.
        raise UnreadableFile(format="docx", problem="it is damaged, or no Word document") from None
    return iter([RawReport(text=check_text(text, settings=settings, format="docx"))])


def _check_unpacked_size(data: bytes, settings: ReadingSettings) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = package.infolist()
    except PARSER_FAILURES:
        raise UnreadableFile(format="docx", problem="it is cut off or damaged") from None
    # zipfile never unpacks more of an entry than is declared here.
    xml = sum(entry.file_size for entry in entries if entry.filename.endswith((".xml", ".rels")))
    everything = sum(entry.file_size for entry in entries)
    limit = round(settings.max_unpacked_mb * 1e6)
    for size, most in ((everything, limit), (xml, round(limit * _XML_SHARE))):
        if size > most:
            raise FileTooLarge(size_bytes=size, limit_bytes=most, what="the unpacked docx", setting="MAX_UNPACKED_MB")


def _lines(data: bytes) -> Iterator[str]:
    from docx import Document

    document = Document(io.BytesIO(data))
    headers, footers = [], []
    for section in document.sections:
        for part, lines in ((section.header, headers), (section.footer, footers)):
            if not part.is_linked_to_previous:
                lines.extend(_blocks(part._element))
    yield from headers
    yield from _blocks(document.element.body)
    yield from footers


def _blocks(element: Any, depth: int = 0) -> Iterator[str]:
    """Lines of the paragraphs and tables below an element, in reading order."""
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    for child in element.iterchildren():
        if child.tag in _SKIPPED:
            continue
        if child.tag == f"{_WORD}p":
            yield from _paragraph(child, depth)
        elif child.tag == f"{_WORD}tbl":
            yield from _table(child, depth)
        else:
            yield from _blocks(child, depth + 1)


def _paragraph(paragraph: Any, depth: int) -> Iterator[str]:
    style = paragraph.find(f"{_WORD}pPr/{_WORD}pStyle")
    name = style.get(f"{_WORD}val", "") if style is not None else ""
    text = "".join(_inline(paragraph, depth))
    if name.startswith(("Heading", "Title")) and text.strip():
        yield ""  # a heading stands apart on the page, and so in the text
    if (name.startswith("List") or paragraph.find(f"{_WORD}pPr/{_WORD}numPr") is not None) and text.strip():
        text = f"- {text}"
    yield text
    for box in paragraph.iter(f"{_WORD}txbxContent"):
        if next(box.iterancestors(f"{_COMPATIBILITY}Fallback"), None) is None:
            yield from _blocks(box, depth + 1)


def _inline(element: Any, depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    for child in element.iterchildren():
        if child.tag in _SKIPPED or child.tag == f"{_WORD}txbxContent":
            continue
        if child.tag == f"{_WORD}t":
            yield child.text or ""
        elif isinstance(child.tag, str) and (mark := _CHARACTERS.get(child.tag.removeprefix(_WORD))):
            yield mark
        else:
            yield from _inline(child, depth + 1)


def _table(table: Any, depth: int) -> Iterator[str]:
    """One line a row, cells divided by ` | `, as lab values read best."""
    for row in table.iter(f"{_WORD}tr"):
        if next(row.iterancestors(f"{_WORD}tbl"), None) is not table:
            continue  # the row of a table inside a cell, which its cell yields
        cells = [" ".join(line.strip() for line in _blocks(cell, depth + 1) if line.strip()) for cell in _cells(row)]
        yield " | ".join(cell for cell in cells if cell)


def _cells(row: Any) -> Iterator[Any]:
    for cell in row.iter(f"{_WORD}tc"):
        if next(cell.iterancestors(f"{_WORD}tr"), None) is row:
            yield cell
