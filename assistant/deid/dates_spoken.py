"""Dates in words: "the third of June two thousand and nineteen", "March twenty-first", "the twenty-second of this month"."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.months import months
from assistant.deid.spans import Found

_UNITS = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth"
_ORDINAL = rf"(?:(?:twenty|thirty)[\s-]{{1,2}}(?:{_UNITS})|{_UNITS}|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)"
_NUMBERS = (
    "zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
    "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred"
)
_YEAR = rf"(?:(?:nineteen|twenty)[\s-]{{1,2}}(?:hundred\s(?:and\s)?)?(?:{_NUMBERS})(?:[\s-]{{1,2}}(?:{_NUMBERS}))?|(?:two|one)\sthousand(?:\s(?:and\s)?(?:{_NUMBERS})(?:[\s-]{{1,2}}(?:{_NUMBERS}))?)?|(?:19|20)\d\d)(?![a-z])"
_BEFORE = re.compile(rf"(?<![A-Za-z])(?P<day>{_ORDINAL})\s{{1,2}}(?:day\s)?(?:of\s{{1,2}}|(?=$))$", re.IGNORECASE)
_AFTER = re.compile(rf",?\s{{1,2}}(?:the\s)?{_ORDINAL}(?![a-z])", re.IGNORECASE)
_YEAR_AFTER = re.compile(rf",?\s{{1,2}}(?:in\s|of\s)?{_YEAR}", re.IGNORECASE)
_OF_MONTH = re.compile(rf"(?<![A-Za-z-])(?:{_ORDINAL})(?=\sof\s(?:this|last|next|the)\smonth)", re.IGNORECASE)
_SLASHES = re.compile(
    rf"(?<![A-Za-z])(?:{_NUMBERS})(?:[\s-](?:{_NUMBERS}))? (?:slash|stroke|dash) (?:{_NUMBERS})(?:[\s-](?:{_NUMBERS}))? (?:slash|stroke|dash) (?:{_NUMBERS}|two thousand)(?:[\s-](?:{_NUMBERS}|thousand|and)){{0,4}}(?![a-z])",
    re.IGNORECASE,
)
_CARDINAL = re.compile(
    rf",?\s{{1,2}}(?:the\s)?(?:(?:twenty|thirty)[\s-](?:one|two|three|four|five|six|seven|eight|nine)|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty)(?=,?\s{{1,2}}{_YEAR})",
    re.IGNORECASE,
)
_BORN = re.compile(
    rf"\b(?:date of birth|birth\s?date|d\.?o\.?b\.?|born)[\s:,]{{1,3}}(?:is\s|on\s|the\s){{0,2}}((?:(?:{_NUMBERS}|{_ORDINAL}|slash|dash|and|of|thousand)[\s,/-]{{1,2}}){{2,9}}(?:{_NUMBERS}))(?![a-z])",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"\b(?:on|since|by|until|till|before|after|from|to|through|of|dated?|next|last|visit|for)\s{1,2}$", re.IGNORECASE
)
_VERB_AFTER = re.compile(
    r"\s(?:need|be|try|have|want|of all|dose|line|degree|trimester|visit|time|episode|stage|look|and second)",
    re.IGNORECASE,
)


def find_spoken_dates(document: Document) -> Iterator[Found]:
    """Dates in words. A day in words without a month stays: "the second was worse"."""
    text = document.text
    for month in months(document):
        before, after = text[max(0, month.start - 40) : month.start], text[month.end : month.end + 60]
        day = _BEFORE.search(before)
        following = None if day else (_AFTER.match(after) or _CARDINAL.match(after))
        if not day and not following:
            continue
        verb = month.written.islower() and month.name == "may" and not _CUE.search(before)
        if following and (verb or _VERB_AFTER.match(after, following.end())):
            continue
        start = month.start - len(before) + day.start("day") if day else month.start
        end = month.end + (following.end() if following else 0)
        year = _YEAR_AFTER.match(text, end)
        yield Found(start, year.end() if year else end, "DATE", 0.9)
    for match in _SLASHES.finditer(text):
        yield Found(*match.span(), "DATE", 0.85)
    for match in _OF_MONTH.finditer(text):
        yield Found(*match.span(), "DATE", 0.7)
    for match in _BORN.finditer(text):
        yield Found(*match.span(1), "DATE", 0.85, sure=True)
