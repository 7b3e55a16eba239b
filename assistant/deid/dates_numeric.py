"""Dates in digits: with separators, with a month in Roman figures, with year and month alone, compact, glued to a label."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.measures import UNIT_FOLLOWS
from assistant.deid.spans import Found

DAY = r"(?:0?[1-9]|[12]\d|3[01])"
MONTH_NUMBER = r"(?:0?[1-9]|1[0-2])"
YEAR = r"(?:19\d\d|20[0-4]\d)"
_TIMESTAMP = r"(?:[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:\s?Z|[+-]\d\d:?\d\d)?)?"
"""A clock time to the second is a machine's, and goes with its date; other clock times stay."""


def _forms(separator: str, *, spaced: str) -> str:
    """Day, month and year in the three orders in use, `separator` between them."""
    loose = rf"\s?{separator}\s?"
    return (
        rf"{YEAR}{loose}{MONTH_NUMBER}{loose}{DAY}(?!\d)|(?:{MONTH_NUMBER}{loose}{DAY}|{DAY}{loose}{MONTH_NUMBER}){loose}{YEAR}(?!\d)"
        rf"|(?:{MONTH_NUMBER}{spaced}{DAY}|{DAY}{spaced}{MONTH_NUMBER}){spaced}'?\d\d(?!\d)"
        rf"|(?:3[2-9]|[4-9]\d){separator}(?:0[1-9]|1[0-2]){separator}(?:0[1-9]|[12]\d|3[01])(?!\d)"
    )


# Letters may stand right before a date ("DOB03/04/61"), a letter with a digit may not ("L4/5/10").
_START = r"(?<![\d/])(?<![\d,]\.)(?<!\b[A-Za-z])(?<!\b[A-Za-z]-)"
_END = r"(?!\d|/\d|\.\d|°)"
_SLASHED = re.compile(
    rf"{_START}(?:{_forms('/', spaced=' ?/ ?')})(?:\s?(?:-|to|until|through|thru)\s?(?:{_forms('/', spaced='/')}))?{_TIMESTAMP}{_END}"
)
_DASHED = re.compile(rf"{_START}(?<![\w\]]-)(?<!-)(?:{_forms('-', spaced=' ?- ?')}){_TIMESTAMP}{_END}(?!-\d)")
_DOTTED = re.compile(
    rf"{_START}(?:{_forms('[.]', spaced='[.][ ]?')})(?:\s?-\s?(?:{_forms('[.]', spaced='[.][ ]?')}))?{_TIMESTAMP}(?![\d]|[-/]\d|\.\d|%)"
)
_MIXED = re.compile(rf"(?<![\w./-])(?:{MONTH_NUMBER}/{DAY}|{DAY}/{MONTH_NUMBER})[-.]{YEAR}(?!\d)")
_DAYS_RANGE = re.compile(rf"(?<![\w./-]){DAY}\s?-\s?{DAY}([/.]){MONTH_NUMBER}(?:\1(?:{YEAR}|\d\d))(?![\d/])")
_COMPACT = re.compile(
    r"(?<![A-Za-z0-9/.\-])(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:T?\d{4,6}Z?)?(?![A-Za-z0-9]|[.,]\d)"
)
_ROMAN = re.compile(
    rf"(?<![\w./-]){DAY}([-./])\s?(?:i{{1,3}}|iv|vi{{0,3}}|ix|xi{{0,2}})\1\s?(?:{YEAR}|\d\d)(?![\w/]|\.\d)",
    re.IGNORECASE,
)
_SCANNED = re.compile(
    r"(?<![A-Za-z0-9])(?:0?\d|[12]\d|3[01])[lI|](?:0?\d|[12]\d|3[01])[lI|](?:19|20)\d\d(?![A-Za-z0-9])"
)
"""Strokes that a scanner took for letters: `03l14l1962`."""
_CHINESE = re.compile(r"(?:19|20)\d\d ?年 ?\d{1,2} ?月(?: ?\d{1,2} ?日)?|(?<!\d)\d{1,2} ?月 ?\d{1,2} ?日")
_WEEK = re.compile(rf"(?<![\w.-]){YEAR}-?W(?:0[1-9]|[1-4]\d|5[0-3])(?:-?[1-7])?(?!\w)")
_MONTH_YEAR = re.compile(rf"(?<![\w/.\-])(?:{MONTH_NUMBER}\s?[/-]\s?|(?:0[1-9]|1[0-2])[.]){YEAR}(?!\d|[-/.]\d)")
_YEAR_MONTH = re.compile(rf"(?<![\w/.\-])(?P<year>{YEAR})[-/](?P<month>0[1-9]|1[0-2])(?!\d|[-/.:]\d|\s?[ap]\.?m)")
_LABEL = r"(?:D\.?\s?[O0]\.?\s?B\.?|birth\s?date|date\s(?:of\s)?birth|birthday|born|d\.?o\.?d\.?|date)"
_BEHIND_LABEL = re.compile(
    rf"(?<![a-z]){_LABEL}['\"]?(?:\s(?:is|was|on))?[\s:=_>.\-|'\"(]{{0,6}}(\d{{8}}|\d{{6}}|\d{{1,2}}\s\d{{1,2}}\s\d{{2,4}}|\d{{4}}\s\d{{1,2}}\s\d{{1,2}})(?![\dA-Za-z]|[./-]\d)",
    re.IGNORECASE,
)
_GLUED = re.compile(r"D[O0]B[-:]?(\d{8}|\d{6})(?!\d)")
_VERSION = re.compile(
    r"(?:\bv|version|ver\.?|section|chapter|fig(?:ure)?\.?|table|rev\.?|step|§|grade|release)\s?$", re.IGNORECASE
)
_DILUTION = re.compile(r"(?:titre?s?|titers?|dilut\w*|ratio|ana|1:\d+)[^.\n]{0,20}$", re.IGNORECASE)
_HOUR = re.compile(r"(?: \d{1,2}(?::\d\d)?)?")
_HEADING = re.compile(r"(?:^|\n)[ \t]*$")


def find_numeric_dates(document: Document) -> Iterator[Found]:
    """Dates with a year, and month with year. A year alone and a range of years stay."""
    digits = document.numeric
    for pattern, score in (
        (_SLASHED, 0.95),
        (_COMPACT, 0.9),
        (_ROMAN, 0.85),
        (_WEEK, 0.85),
        (_MIXED, 0.9),
        (_CHINESE, 0.9),
        (_DAYS_RANGE, 0.9),
    ):
        for match in pattern.finditer(digits):
            if not _is_measure(digits, match):
                yield Found(*match.span(), "DATE", score)
    for pattern in (_DASHED, _DOTTED):
        for match in pattern.finditer(digits):
            if has_year(match.group()):
                yield Found(*match.span(), "DATE", 0.95)
            elif " -" in match.group() and not _is_padded(match.group()) and int(match.group()[-2:]) < 32:
                continue  # "2 - 3 - 10"
            elif not _is_measure(digits, match) and not _is_version(digits, match):
                yield Found(*match.span(), "DATE", 0.7 if _is_padded(match.group()) else 0.55)
    for match in _MONTH_YEAR.finditer(digits):
        if not (match.group()[0] == "1" and _DILUTION.search(digits, max(0, match.start() - 40), match.start())):
            yield Found(*match.span(), "DATE", 0.8)
    for match in _YEAR_MONTH.finditer(digits):
        # "2010-11" is more often two years than a month.
        if not int(match["year"][2:]) < int(match["month"]) or "/" in match.group():
            yield Found(*match.span(), "DATE", 0.7)
    for match in _SCANNED.finditer(document.text):
        yield Found(*match.span(), "DATE", 0.85)
    for pattern in (_BEHIND_LABEL, _GLUED):
        for match in pattern.finditer(digits):
            yield Found(*match.span(1), "DATE", 0.9, sure=True)


def is_date(piece: str) -> bool:
    """Whether `piece` is a numeric date with separators, perhaps with the hour that follows it ("2026-05-11 14")."""
    for pattern in (_SLASHED, _DASHED, _DOTTED):
        match = pattern.match(piece)
        if match and _HOUR.fullmatch(piece, match.end()):
            return True
    return False


def has_year(piece: str) -> bool:
    return re.search(YEAR, piece) is not None


def _is_measure(digits: str, match: re.Match[str]) -> bool:
    """Whether a unit follows a date with a short year: "10/5/20 mg"."""
    return not has_year(match.group()) and UNIT_FOLLOWS.match(digits, match.end()) is not None


def _is_version(digits: str, match: re.Match[str]) -> bool:
    """Whether it numbers a version or a heading."""
    before = digits[max(0, match.start() - 12) : match.start()]
    if _VERSION.search(before):
        return True
    return (
        "." in match.group()
        and not _is_padded(match.group())
        and bool(_HEADING.search(before))
        and digits[match.end() : match.end() + 2].strip().isalpha()
    )


def _is_padded(piece: str) -> bool:
    return re.search(r"(?<!\d)0\d", piece) is not None or re.match(r"\d\d\D\d\d\D\d\d", piece) is not None
