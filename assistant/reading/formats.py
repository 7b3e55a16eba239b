"""Which module reads which file.

A file's content decides first (a PDF that is called `.txt` is read as a PDF), then its extension. A new family of
formats (scans, FHIR, HL7, …) is one module with a `read` function and one line in `FORMATS`.
"""

import errno
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from assistant.errors import EmptyFile, FileTooLarge, NotAFile, PasswordProtected, ReadingError, UnsupportedFormat
from assistant.reading import pdf, tables, text, word
from assistant.reading.columns import Columns
from assistant.schema import RawReport
from assistant.settings import ReadingSettings

Reader = Callable[[bytes, ReadingSettings, Columns], Iterator[RawReport | ReadingError]]
"""Yields reports and, for rows that cannot be used, why; raises for a file that cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One family: the extensions it answers to, the first bytes that give it away, and its reader."""

    name: str
    extensions: tuple[str, ...]
    read: Reader
    signature: bytes | None = None


FORMATS: tuple[Format, ...] = (
    Format(name="text", extensions=(".txt", ".text", ".md"), read=text.read),
    Format(name="csv", extensions=(".csv",), read=tables.read_csv),
    Format(name="tsv", extensions=(".tsv",), read=tables.read_tsv),
    Format(name="json", extensions=(".json",), read=tables.read_json),
    Format(name="jsonl", extensions=(".jsonl", ".ndjson"), read=tables.read_jsonl),
    Format(name="docx", extensions=(".docx",), read=word.read, signature=b"PK\x03\x04"),
    Format(name="pdf", extensions=(".pdf",), read=pdf.read, signature=b"%PDF-"),
)
KNOWN_EXTENSIONS: tuple[str, ...] = tuple(extension for format in FORMATS for extension in format.extensions)

_OFFICE_CONTAINER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Office's old file container. It holds an old `.doc`, or the encrypted form of a `.docx`."""
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_SIGNATURE_WINDOW = 1024
"""A PDF may start with up to so many bytes of something else (PDF 1.7, annex H)."""


def _raise(error: ReadingError) -> None:
    raise error


def read_bytes(
    data: bytes,
    *,
    name: str,
    settings: ReadingSettings,
    columns: Columns = Columns(),
    on_bad_row: Callable[[ReadingError], None] = _raise,
) -> Iterator[RawReport]:
    """Read the reports in a file's content: one for most formats, one a row for csv and JSON.

    Line ends become `\\n` here, once; every later offset counts in the text that is returned. Limits and the format
    are checked at once; tables are read as the iterator advances.

    Args:
        name: The file's name. Only its extension is used.
        columns: Names of the columns of csv and JSON; the unnamed ones are guessed.
        on_bad_row: Is told of each row that cannot be used; reading goes on after it. Default: the error is raised.

    Raises:
        ReadingError: What is wrong with the file and what to do about it; never its content.
    """
    limit = round(settings.max_file_mb * 1e6)
    if len(data) > limit:
        raise FileTooLarge(size_bytes=len(data), limit_bytes=limit)
    if not data.strip(b" \t\r\n\x00"):
        raise EmptyFile()
    items = _format_of(data, extension=PurePath(name).suffix.lower()).read(data, settings, columns)
    return _good(items, on_bad_row)


def _good(items: Iterator[RawReport | ReadingError], on_bad_row: Callable[[ReadingError], None]) -> Iterator[RawReport]:
    for item in items:
        if isinstance(item, ReadingError):
            on_bad_row(item)
        else:
            yield item


def read_file(
    path: Path,
    *,
    settings: ReadingSettings,
    columns: Columns = Columns(),
    on_bad_row: Callable[[ReadingError], None] = _raise,
) -> Iterator[RawReport]:
    """Read the reports in a file. As `read_bytes`; a file beyond the size limit is not even opened.

    Raises:
        NotAFile: The path leads to a folder, a device, nothing, or what this account may not open.
    """
    limit = round(settings.max_file_mb * 1e6)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would block for ever, a device never end
            raise NotAFile(what="a folder" if stat.S_ISDIR(status.st_mode) else "a pipe or a device")
        if status.st_size > limit:
            raise FileTooLarge(size_bytes=status.st_size, limit_bytes=limit)
        with path.open("rb") as file:
            data = file.read(limit + 1)  # the file may have grown meanwhile
    except OSError as error:
        raise NotAFile(what=_explain(error)) from error
    return read_bytes(data, name=path.name, settings=settings, columns=columns, on_bad_row=on_bad_row)


def _format_of(data: bytes, *, extension: str) -> Format:
    head = data[:_SIGNATURE_WINDOW]
    for format in FORMATS:
        if format.signature is not None and (head.startswith(format.signature)):
            return format
    if head.startswith(_OFFICE_CONTAINER):
        if _ENCRYPTED_STREAM in data:
            raise PasswordProtected(format="docx")
        raise UnsupportedFormat(extension="an old Office file (.doc, .xls, .ppt)", known=KNOWN_EXTENSIONS)
    for format in FORMATS:
        if extension in format.extensions:
            return format
    if b"%PDF-" in head:
        return next(format for format in FORMATS if format.name == "pdf")
    if not extension:
        return FORMATS[0]
    raise UnsupportedFormat(extension=extension, known=KNOWN_EXTENSIONS)


def _explain(error: OSError) -> str:
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return "nothing"
        case errno.ELOOP:
            return "a circle of links"
        case errno.EACCES | errno.EPERM:
            return "a file that this account may not open"
        case code:
            return f"a file that cannot be opened (system error {errno.errorcode.get(code or 0, code)})"
