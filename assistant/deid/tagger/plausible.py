"""What the tagger says, checked against what a name, a date or a number must have. It reads meaning, not spelling."""

import re
from bisect import bisect_left

from assistant.deid.document import LOWER, Document
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.spans import Found

_CERTAIN = 0.97
"""From this score on the tagger is believed even about words that clinicians write every day."""
_YEARS = re.compile(r"(?:19|20)\d\d(?:\s?[-/]\s?(?:19|20)?\d\d)?")
"""Years alone stay."""
_PANEL = re.compile(r"[A-Z]\d?-(?:19|20)\d\d")
_STAGE = re.compile(r"y?[cp]?T[0-4isx][a-d]?,?\s?(?:N[0-3x][a-c]?,?\s?)?(?:M[01x]?)?", re.IGNORECASE)
_SMALL = re.compile(r"\d{1,3}[-–.]?")
_NO_ID = re.compile(
    r"NCT\d{8}|ISRCTN\d{8}|-?\d{1,4}(?:[-–.]\d{0,4})?|[A-Z]{2,4}|(?:19|20)\d\d-(?:19|20)?\d\d|[A-Z]\d?-(?:19|20)\d\d|"
    r"(?:RBC|WBC|BP|HR|RR|SpO2|Hgb|Hct|Plt|INR|BUN|Cr)\d[\d./]*"
)
"""Trials, reference intervals, small numbers, abbreviations, values without a space: whose they are, they do not say."""
_NUMBERS = frozenset({"ID", "PHONE"})
_WEEKDAYS = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
    lunes martes miércoles jueves viernes sábado domingo""".split()
)


def is_plausible(document: Document, found: Found) -> bool:
    """Whether a finding of the tagger may stand. Linear in the finding."""
    text = document.text[found.start : found.end]
    has_digit = any(sign.isdigit() for sign in text)
    at = bisect_left(document.starts, found.start)
    words: list[int] = []
    while at < len(document.starts) and document.starts[at] < found.end:
        words.append(at)
        at += 1
    if _STAGE.fullmatch(text):
        return False
    if found.type == "DATE":
        if not has_digit:
            return not all(document.lowers[word] in _WEEKDAYS or _is_everyday(document, word) for word in words)
        return not _YEARS.fullmatch(text) and not _PANEL.fullmatch(text)
    if found.type == "PHONE" and _SMALL.fullmatch(text):
        return False
    if found.type == "ID" and _NO_ID.fullmatch(text):
        return False
    if found.type in _NUMBERS and not has_digit and "@" not in text and "." not in text.strip("."):
        return found.score >= _CERTAIN and not all(document.kinds[word] & (COMMON | CLINICAL) for word in words)
    if has_digit or not words:
        return True
    return found.score >= _CERTAIN or not all(_is_everyday(document, word) for word in words)


def _is_everyday(document: Document, index: int) -> bool:
    """A word of clinical prose, written in lower case, that is in no list of names."""
    kind = document.kinds[index]
    return document.shapes[index] == LOWER and bool(kind & (COMMON | CLINICAL | HEAD)) and not kind & (GIVEN | SURNAME)
