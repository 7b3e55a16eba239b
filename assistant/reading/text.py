"""Plain text in any encoding, and the last check that every format's text passes."""

import re
from collections.abc import Iterator

from assistant.errors import EmptyFile, ReportTooLong, UnreadableFile
from assistant.reading.columns import Columns
from assistant.schema import RawReport
from assistant.settings import ReadingSettings

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_LEGACY = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "mac_roman", "cp437", "cp850"]
_LEGACY += ["shift_jis", "gb18030", "euc_kr", "big5"]
_DETECTION_BYTES = 60_000
_NOT_WESTERN = re.compile(r"[a-z][^\x00-\x7fÀ-ÖØ-öø-ÿŠŒŽšœžŸ’‘–—·®™°]+[a-z]|[a-zß-öø-ÿ][À-ÖØ-ÞŠŒŽŸ]+[a-zß-öø-ÿ]")
"""Marks or capitals in the middle of a word: what other encodings look like when they are read as western Windows."""
_MAX_ACCENTED_SHARE = 0.3
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MAX_CONTROL_SHARE = 0.002
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def read(data: bytes, settings: ReadingSettings, columns: Columns) -> Iterator[RawReport]:
    """One file, one report."""
    return iter([RawReport(text=check_text(decode(data, format="text"), settings=settings, format="text"))])


def check_text(text: str, *, settings: ReadingSettings, format: str, what: str = "the file") -> str:
    """Return the text with `\\n` as its only line end, fit to be stored.

    This is the one place that changes a report's text; every offset after it counts in what it returns.

    Raises:
        EmptyFile, ReportTooLong: Nothing but white space; longer than `max_report_chars`.
        UnreadableFile: It holds a NUL, which no text does and PostgreSQL cannot store.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    if not text.strip():
        raise EmptyFile(what=what)
    if len(text) > settings.max_report_chars:
        whose = "the report" if what == "the file" else what
        raise ReportTooLong(length=len(text), limit=settings.max_report_chars, what=whose)
    if (position := text.find("\0")) >= 0:
        raise UnreadableFile(format=format, problem=f"{what} holds a NUL character at position {position}")
    return _LONE_SURROGATE.sub("\ufffd", text)  # JSON can smuggle them in; UTF-8 cannot write them


def decode(data: bytes, *, format: str) -> str:
    """Turn bytes into text: by byte order mark, as UTF-8, as UTF-16 without a mark, else by statistics.

    Raises:
        UnreadableFile: The bytes are no text in any of them.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decode_strictly(data, encoding, format)
    if b"\0" in data:
        encoding = _utf16_without_mark(data)
        if encoding is None:
            problem = f"it holds binary data, not text (a NUL at byte {data.index(0)})"
            raise UnreadableFile(format=format, problem=problem)
        return _decode_strictly(data, encoding, format)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _decode_mixed(data) or _decode_by_statistics(data, format)
    _refuse_binary(text, format)
    return text


def _decode_strictly(data: bytes, encoding: str, format: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        problem = f"it is not valid {encoding.upper()} although it looks like it (byte {error.start})"
        raise UnreadableFile(format=format, problem=problem) from None  # the cause would carry the bytes
    _refuse_binary(text, format)
    return text


def _utf16_without_mark(data: bytes) -> str | None:
    """Western text in UTF-16 has a zero in nearly every second byte, and nowhere else."""
    sample = data[: _DETECTION_BYTES // 2 * 2]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > 0.7 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _decode_mixed(data: bytes) -> str | None:
    """UTF-8 into which somebody pasted single Windows bytes: keep the UTF-8, read the strays as Windows' own."""
    text = data.decode("utf-8", "surrogateescape")
    strays = len(_LONE_SURROGATE.findall(text))
    foreign = sum(character > "\x7f" for character in text)
    if strays > (foreign - strays) / 2:
        return None
    return _LONE_SURROGATE.sub(lambda stray: _windows(ord(stray.group()) & 0xFF), text)


def _windows(byte: int) -> str:
    return bytes([byte]).decode("cp1252", "replace")


def _decode_by_statistics(data: bytes, format: str) -> str:
    from charset_normalizer import from_bytes

    foreign = b"\n".join(line for line in data.splitlines() if not line.isascii())[:_DETECTION_BYTES]
    guesses = ["cp1252"]
    # Statistics take short western text for eastern (`½` for `Ľ`), so they are asked only where western is unlikely.
    if not _is_western(foreign) and (best := from_bytes(foreign, cp_isolation=_LEGACY).best()):
        guesses.insert(0, best.encoding)
    for encoding in guesses:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:  # the sample may have been cut inside a character
            continue
    # Five bytes mean nothing in cp1252; everything else of a western text is still right.
    text = data.decode("cp1252", "replace")
    if text.count("\ufffd") > 0.01 * len(text):
        raise UnreadableFile(format=format, problem="its encoding is not known")
    return text


def _is_western(foreign: bytes) -> bool:
    text = foreign.decode("cp1252", "replace")
    letters = sum(character.isalpha() for character in text)
    accented = sum(character.isalpha() and character > "\x7f" for character in text)
    return not (_NOT_WESTERN.search(text) or "\ufffd" in text or accented > _MAX_ACCENTED_SHARE * letters)


def _refuse_binary(text: str, format: str) -> None:
    if len(_CONTROL.findall(text)) > max(2, _MAX_CONTROL_SHARE * len(text)):
        raise UnreadableFile(format=format, problem="it holds binary data, not text (control characters)")
