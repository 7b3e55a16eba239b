"""Telephone, fax, e-mail, web and internet addresses."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.spans import Found

_EMAIL = re.compile(
    r"[A-Za-z0-9._%+-]{1,64}(?:\s?\(at\)\s?|\s?\[at\]\s?|@)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}"
)
_URL = re.compile(
    r"\b(?:https?|ftp)://[^\s<>\"')\]]{3,500}|\bwww\.[^\s<>\"')\]]{3,300}"
    r"|(?<![@\w.])(?:[A-Za-z0-9][A-Za-z0-9-]{0,40}\.){1,4}(?:com|org|net|edu|gov|info|io|health|care|clinic|co\.uk|de|fr|ca|au)"
    r"(?:/[^\s<>\"')\]]{0,300})?(?![\w@])"
)
_IPV4 = re.compile(
    r"(?<![\d.])(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?![\d.]*\d)(?:/\d{1,2})?"
)
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,6}(?![\w:])")
_MAC = re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}(?![\w:-])")
_HANDLE = re.compile(r"(?<![\w@.])@[A-Za-z_][\w.]{2,30}")

_EXTENSION = r"(?:\s{0,2},?\s{0,2}(?:ext(?:ension)?|x|#)\.?\s{0,2}:?\s{0,2}\d{1,6})?"
_PHONE = re.compile(
    r"(?<![\w.\-/+#])(?:\+?1[\s.\-]{0,2})?"
    r"(?:\(\d{3}\)\s{0,2}[-.]?\s{0,2}\d{3}[\s.\-]{1,2}\d{4}|\d{3}[\s.\-]{1,3}\d{3}[\s.\-]{1,3}\d{4}|\(\d{3}\)\s?\d{7})"
    rf"{_EXTENSION}(?![\w-]*\d)"
)
_INTERNATIONAL = re.compile(
    rf"(?<![\w+])\+\d{{1,3}}(?:[\s.\-]?\(?\d{{1,5}}\)?){{2,6}}{_EXTENSION}(?!\d)|(?<![\w+])00\d{{10,13}}(?!\d)"
)
_GROUPS = re.compile(rf"(?<![\w.\-/+#:,])[(]?\d{{2,5}}[)]?(?:[\s.\-]\d{{2,5}}){{1,5}}{_EXTENSION}(?![\w%]|[./-]\d)")
"""Any other grouping of digits: a telephone number only where a word says so, or where it could be little else."""
_SHORT = re.compile(rf"(?<![\w.\-/+#])\d{{3}}[-.]\d{{4}}{_EXTENSION}(?![\w-]|\.\d)")
_EXTENSION_ALONE = re.compile(
    r"\b(?:ext(?:ension)?\.?|pager|beeper|bleep|page)\b[\s:#]{0,4}(?:(?:is|no\.?|number|at|me at)\s{1,2})?(\d{3,7})(?!\w)",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"(?<![\w.+#-])\d{7,15}(?![\w-]|\.\d)")

_CONTEXT = re.compile(
    r"\b(?:tele?phones?|phones?|tel|ph|cell|mobile|call(?:ed|ing)?|contact(?:ed)?|reach(?:ed|able)?|number is|dial|text(?:ed)?|"
    r"fax(?:ed)?|pager?|beeper|voicemail|whatsapp|office|home|work|hotline|answering at|ring|emergency)\b",
    re.IGNORECASE,
)
_FAX = re.compile(r"\bfax(?:ed)?\b|\bfacsimile\b", re.IGNORECASE)
_LOOK_BACK, _LOOK_AHEAD = 40, 12
_NOT_A_TLD_FILE = re.compile(r"^\d+(?:\.\d+)*$")


def find_contacts(document: Document) -> Iterator[Found]:
    """E-mail, web and internet addresses, telephone and fax numbers."""
    text, digits = document.text, document.numeric
    if "@" in text or "at)" in text or "at]" in text:
        for match in _EMAIL.finditer(text):
            yield Found(*match.span(), "EMAIL", 0.99)
        for match in _HANDLE.finditer(text):
            yield Found(*match.span(), "ID", 0.6)
    for match in _URL.finditer(text):
        end = match.end()
        while text[end - 1] in ".,;:!?":
            end -= 1
        yield Found(match.start(), end, "URL", 0.95)
    for match in _IPV4.finditer(text):
        yield Found(*match.span(), "IP", 0.9)
    for match in _IPV6.finditer(text):
        if match.group().count(":") > 2 and not re.fullmatch(r"[\d:]{5,8}", match.group()):
            yield Found(*match.span(), "IP", 0.9)
    for match in _MAC.finditer(text):
        yield Found(*match.span(), "DEVICE", 0.9)
    yield from _phones(digits)


def _phones(text: str) -> Iterator[Found]:
    for pattern, score in ((_PHONE, 0.85), (_INTERNATIONAL, 0.85)):
        for match in pattern.finditer(text):
            yield Found(*match.span(), _kind(text, match), score)
    for match in _EXTENSION_ALONE.finditer(text):
        yield Found(*match.span(1), "PHONE", 0.7)
    for pattern in (_GROUPS, _SHORT, _PLAIN):
        for match in pattern.finditer(text):
            length = sum(character.isdigit() for character in match.group())
            if 6 < length < 16 and (_said(text, match) or (pattern is _GROUPS and _looks_like_phone(match.group()))):
                yield Found(*match.span(), _kind(text, match), 0.65)
            elif pattern is _SHORT and match.group().startswith("555"):
                yield Found(*match.span(), "PHONE", 0.6)


def _looks_like_phone(piece: str) -> bool:
    """National groupings: a leading zero, or three or more groups of at most four digits."""
    groups = re.findall(r"\d+", piece)
    if re.search(r"[12]\d{3}$|^(?:19|20)\d\d\b", piece) and len(groups) <= 3 and not piece.startswith("0"):
        return False  # dates, years
    length = sum(map(len, groups))
    return (
        (piece[0] in "0(" and length >= 9)
        or (len(groups) >= 4 and 8 <= length <= 12)
        or (len(groups) == 3 and length >= 9)
    )


def _said(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
    after = text[match.end() : match.end() + _LOOK_AHEAD]
    return bool(
        _CONTEXT.search(before.rpartition("\n")[2])
        or re.match(r"[\s\-\\,(]{0,4}(?:office|fax|mobile|cell|home|phone)", after, re.I)
    )


def _kind(text: str, match: re.Match[str]) -> str:
    before = text[max(0, match.start() - 24) : match.start()].rpartition("\n")[2]
    after = text[match.end() : match.end() + 8]
    return "FAX" if _FAX.search(before) or re.match(r"[\s\-,(]{0,3}fax", after, re.I) else "PHONE"
