"""What stands directly beside a placeholder as if cut from what it hides: "[NAME_1] Kowalczyk", "[DATE_2]23", "[PHONE_1] x12"."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from assistant.deid.document import CAPITAL, LOWER, Document
from assistant.deid.guard import is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.name_runs import CREDENTIAL_WORDS, plainly
from assistant.deid.spans import Found

BESIDE = "beside a mask"

_PLACES = frozenset({"ADDRESS", "LOCATION", "ORGANIZATION", "ZIP"})
_WORDS = frozenset({"NAME", "OTHER", *_PLACES, "DATE", "AGE_OVER_89"})
"""Types whose text is no number."""
_REACH = 40
_GLUED_AFTER = re.compile(r"[^\W_]+|[-/]\d+|-[A-Z][^\W\d_]+")
_GLUED_BEFORE = re.compile(r"(?:[^\W_]{1,40}|\d{1,12}[-/])$")
_ENDING = re.compile(r"s|th|st|nd|rd|am|pm|yo|y|yr|yrs|years?", re.IGNORECASE)
_YEAR = re.compile(r"[-/]?(?:19|20)\d\d[-/]?")
_POSTCODE = re.compile(r",? (\d{5}(?:-\d{4})?)(?![\d.,%/]|\s?(?:mg|ml|units?))")
_EXTENSION = re.compile(r"\s{0,2},?\s{0,2}(?:ext(?:ension)?|x)\.?\s{0,2}:?\s{0,2}(\d{1,6})(?!\d)", re.IGNORECASE)
_MORE_DIGITS = re.compile(r"[ .](\d{3,12})(?![\d.,%/]|\s?(?:mg|ml|units?|cells))")
_LABELS = frozenset(
    "mrn ssn dob dos npi dea dr mr mrs ms tel fax ph id no nr acct vin imei dx pt re cc from to by".split()
)


def beside_masks(document: Document, placeholders: Sequence[tuple[int, int]]) -> Iterator[tuple[str, Found]]:
    """Findings with their reason, of the placeholder's type. `placeholders` are where they stand, in order."""
    text = document.text
    for start, end in placeholders:
        kind = text[start + 1 : end - 1].rpartition("_")[0]
        for low, high in (*_glued(document, start, end, kind), *_numbers(text, end, kind)):
            yield BESIDE, Found(low, high, kind, 0.6)
        if kind == "NAME":
            for index in _names(document, start, end):
                yield BESIDE, Found(document.starts[index], document.ends[index], kind, 0.5)
        elif kind in ("ADDRESS", "LOCATION"):
            index = bisect_left(document.starts, end)
            if document.text[end : end + 2] == ", " and _is_town(document, index, end):
                yield BESIDE, Found(document.starts[index], document.ends[index], "LOCATION", 0.5)


def _glued(document: Document, start: int, end: int, kind: str) -> Iterator[tuple[int, int]]:
    """Letters and digits without a space between them and the placeholder."""
    after = _GLUED_AFTER.match(document.text, end)
    if after and not (_ENDING.fullmatch(after.group()) or _YEAR.fullmatch(after.group())):
        word = after.group().strip("-/")
        if not (word[0].isalpha() and _is_word(document, word)):
            yield after.span()
    low = max(0, start - _REACH)
    before = _GLUED_BEFORE.search(document.text[low:start])
    if before and not _YEAR.fullmatch(before.group()):
        word = before.group().strip("-/")
        if not (word[0].isalpha() and (_is_word(document, word) or word.lower() in _LABELS)):
            yield low + before.start(), start


def _numbers(text: str, end: int, kind: str) -> Iterator[tuple[int, int]]:
    """The number that goes on: an extension, a postal code behind a town, more digits behind an id."""
    patterns = [_EXTENSION] if kind in ("PHONE", "FAX") else []
    if kind in _PLACES:
        patterns.append(_POSTCODE)
    elif kind not in _WORDS:
        patterns.append(_MORE_DIGITS)
    for pattern in patterns:
        match = pattern.match(text, end)
        if match and not _YEAR.fullmatch(match.group(1)):
            yield match.span(1)


def _names(document: Document, start: int, end: int) -> Iterator[int]:
    """The words before and after a masked name that could be more of it."""
    after = bisect_left(document.starts, end)
    if after < len(document.starts):
        gap = document.text[end : document.starts[after]]
        if (gap in (" ", "  ") and _could_be_name(document, after)) or (
            gap == ", " and document.shapes[after] != LOWER and _is_in(document, after, GIVEN)
        ):
            yield after
    before = bisect_left(document.starts, start) - 1
    if before >= 0:
        gap = document.text[document.ends[before] : start]
        known = plainly(document.kinds[before])
        if (
            gap in (" ", "  ") and _could_be_name(document, before) and (known or not document.starts_sentence(before))
        ) or (gap == ", " and document.shapes[before] != LOWER and _is_in(document, before, SURNAME)):
            yield before


def _could_be_name(document: Document, index: int) -> bool:
    if document.lowers[index] in document.lexicon.titles | CREDENTIAL_WORDS or is_eponym(document, index):
        return False
    kind = document.kinds[index]
    if plainly(kind):
        return len(document.words[index]) > 2
    return document.shapes[index] == CAPITAL and not kind & (COMMON | CLINICAL | HEAD)


def _is_in(document: Document, index: int, flag: int) -> bool:
    return plainly(document.kinds[index]) and bool(document.kinds[index] & flag) and not is_eponym(document, index)


def _is_town(document: Document, index: int, end: int) -> bool:
    if index >= len(document.starts) or document.starts[index] != end + 2 or document.shapes[index] != CAPITAL:
        return False
    lower = document.lowers[index]
    return lower not in document.lexicon.countries and (
        lower in document.lexicon.places or not document.kinds[index] & (COMMON | CLINICAL | HEAD)
    )


def _is_word(document: Document, word: str) -> bool:
    kind = document.lexicon.kind(word.lower())
    return bool(kind & (COMMON | CLINICAL | HEAD)) and not kind & (GIVEN | SURNAME)
