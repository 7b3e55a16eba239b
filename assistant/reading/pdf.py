"""PDF files with a text layer. A scan has none; reading pictures is another module's work."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.errors import EmptyFile, FileTooLarge, PasswordProtected, ReadingError, UnreadableFile
from assistant.reading.columns import Columns
from assistant.reading.parsers import PARSER_FAILURES
from assistant.reading.text import check_text
from assistant.schema import RawReport
from assistant.settings import ReadingSettings

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ft", "ﬆ": "st", "\0": None, "\xad": None}
)
_PAGE_SHARE, _FILE_SHARE = 0.04, 0.2
"""Of `max_unpacked_mb`: what the drawing commands of one page and of all may take. They are interpreted one by one, in
Python, at about 1.5 MB a second."""
_MAX_COMMANDS = 2_000_000
"""Drawing commands in one file. A form drawn by forms drawn by forms fits a billion of them into a kilobyte."""


def read(data: bytes, settings: ReadingSettings, columns: Columns) -> Iterator[RawReport]:
    """One file, one report; pages follow each other without a mark.

    Raises:
        EmptyFile: No page has text: the file is a scan.
        PasswordProtected, FileTooLarge, UnreadableFile: As they say.
    """
    from pypdf.errors import DeprecationError, LimitReachedError, PyPdfError

    try:
        text = _text(data, settings)
    except ReadingError:
        raise
    except LimitReachedError:
        raise _too_large(len(data), settings) from None
    except (PyPdfError, DeprecationError, *PARSER_FAILURES):  # deprecated is, for example, a filter's old name
        # The cause may quote the document.
        raise UnreadableFile(format="pdf", problem="it is cut off or damaged") from None
    if not text.strip():
        raise EmptyFile(what="the PDF is a scan: it")
    return iter([RawReport(text=check_text(text, settings=settings, format="pdf"))])


def _text(data: bytes, settings: ReadingSettings) -> str:
    from pypdf import PasswordType, PdfReader

    reader = PdfReader(io.BytesIO(data), strict=False)
    # Many files are locked against changes only: those open with an empty password.
    if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
        raise PasswordProtected(format="pdf")
    return "\n".join(_pages(reader, settings)).translate(_LIGATURES)


def _pages(reader: "PdfReader", settings: ReadingSettings) -> Iterator[str]:
    limit = round(settings.max_unpacked_mb * 1e6)
    unpacked = commands = length = 0

    def count(*_: object) -> None:
        nonlocal commands
        commands += 1
        if commands > _MAX_COMMANDS:
            raise _too_large(unpacked, settings, share=_FILE_SHARE)

    for page in reader.pages:
        size = _content_size(page)
        unpacked += size
        if size > limit * _PAGE_SHARE or unpacked > limit * _FILE_SHARE:
            share = _PAGE_SHARE if size > limit * _PAGE_SHARE else _FILE_SHARE
            raise _too_large(size if share == _PAGE_SHARE else unpacked, settings, share=share)
        text = page.extract_text(visitor_operand_before=count) if size else ""
        length += len(text)
        yield text
        if length > settings.max_report_chars:
            return  # too long already: the check that follows says so


def _content_size(page: "PageObject") -> int:
    content = page.get_contents()
    return len(content.get_data()) if content is not None else 0


def _too_large(size: int, settings: ReadingSettings, *, share: float = 1) -> FileTooLarge:
    return FileTooLarge(
        size_bytes=size,
        limit_bytes=round(settings.max_unpacked_mb * 1e6 * share),
        what="a page of the unpacked PDF" if share == _PAGE_SHARE else "the unpacked PDF",
        setting="MAX_UNPACKED_MB",
    )
