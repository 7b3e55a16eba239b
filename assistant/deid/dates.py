"""Dates with a day or a month, and ages. A year alone stays, an age up to 89 stays."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.policy import OLDEST_AGE_KEPT
from assistant.deid.spans import Found

_MONTH = (
    r"(?:jan(?:uary|\.)?|feb(?:ruary|\.)?|mar(?:ch|\.)?|apr(?:il|\.)?|may|jun(?:e|\.)?|jul(?:y|\.)?|aug(?:ust|\.)?|sept?(?:ember|\.)?|"
    r"oct(?:ober|\.)?|nov(?:ember|\.)?|dec(?:ember|\.)?)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_ORDINAL = rf"{_DAY}(?:\s?(?:st|nd|rd|th))?"
_YEAR = r"(?:(?:19|20)\d\d|['`]\s?\d\d)"
_TIME = r"(?:[T\s,]{1,2}(?:at\s)?\d{1,2}:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:\s?[ap]\.?m\.?|Z|[+-]\d\d:?\d\d)?)?"
_MM = r"(?:0?[1-9]|1[0-2])"

_NUMERIC = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\w/.-])(?:19|20)\d\d([-/.]){_MM}\1{_DAY}(?!\d|[-/]\d){_TIME}",
        rf"(?<![\w/.-])(?:{_MM}([-/.]){_DAY}|{_DAY}([-/.]){_MM})(?:\1|\2)(?:19|20)\d\d(?!\d|[-/]\d){_TIME}",
        rf"(?<![\w/.-])(?:{_MM}([-/]){_DAY}|{_DAY}([-/]){_MM})(?:\1|\2)['`]?\d\d(?!\d|[-/.]\d){_TIME}",
        r"(?<![\w/.-])(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[T]?\d{4,6})?(?!\w)",
    )
)
_HOUR = re.compile(r"(?: \d{1,2})?")
_DOTTED = re.compile(rf"(?<![\w/.-]){_DAY}\.{_MM}\.\d\d(?![\d.])")
_BROKEN_GROUP = re.compile(rf"(?<![\w/.-])(?:{_MM}\s?[-/]\s?{_DAY}|{_DAY}\s?[-/]\s?{_MM})\s?[-/]\s?(?:19|20)\d\d(?!\d)")
_WRITTEN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![a-z]){_MONTH}[\s\-./]{{0,2}}{_ORDINAL}(?!\d)(?:\s?(?:-|–|to|and|&)\s?{_ORDINAL}(?!\d))?(?:[\s,\-/.]{{1,3}}(?:of\s)?{_YEAR}(?!\d))?{_TIME}",
        rf"(?<![\w.]){_ORDINAL}[\s\-./]{{1,2}}(?:day\s)?(?:of\s)?{_MONTH}(?![a-z])(?:[\s,\-/.]{{1,3}}(?:{_YEAR}|\d\d)(?!\d|\s?(?:mg|ml|year)))?{_TIME}",
        rf"(?<![a-z]){_MONTH}(?:\s(?:of\s)?|[\s]?[-/,]\s?){_YEAR}(?!\d)",
        rf"(?<![a-z])(?:last|next|this|past|coming|early|late|mid|mid-|since|until|by|in|during|of|before|after|from|every|each)[\s-]{{1,2}}"
        rf"(?:early\s|late\s|mid-?\s?)?({_MONTH})(?![a-z'-])(?:\s?(?:-|to|through|and|or|until)\s({_MONTH})(?![a-z]))?",
        rf"(?<![a-z])the\s{_ORDINAL}\sof\s(?:this|last|next)\smonth",
    )
)
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_RELATIVE_DAY = re.compile(
    rf"\b(?:last|next|this past|this coming|this|past|coming|on|since|until|by|before|after)\s(?:{_WEEKDAY})"
    rf"(?!s)(?:\s(?:morning|afternoon|evening|night))?(?!\s?(?:,|and|or|&|/)\s?(?:and\s)?{_WEEKDAY})",
    re.IGNORECASE,
)
_HOLIDAY = re.compile(
    r"\b(?:on|at|since|last|before|after|around|over|by|until|this|next|during)\s(?:the\s)?((?:christmas|thanksgiving|easter|halloween|new year'?s?|"
    r"labor day|memorial day|independence day|fourth of july|valentine'?s|ramadan|passover|hanukkah|diwali)(?:\s(?:eve|day|weekend))?"
    rf"(?:[\s,]{{1,2}}{_YEAR})?)",
    re.IGNORECASE,
)
_DAY_MONTH = re.compile(
    rf"(?<![\w/.\-]){_MM}/{_DAY}(?![\w/%-]|\.\d|\s?(?:strength|mm|systolic|murmur|mg|ml|cc|%|vision|power))",
    re.IGNORECASE,
)
_DATE_CUE = re.compile(
    r"(?:\b(?:on|dated?|from|since|until|through|till|by|admit(?:ted)?|admission|discharged?|seen|visit|dob|d\.o\.b\.|born|surgery|labs?|"
    r"follow-?up|appointment|appt|scheduled|performed|drawn|done|collected|returns?|due|of|started|stopped|d/c|dc)\b[\s:=(]{0,3}(?:on\s|date\s|for\s)?"
    r"|^\s{0,3})$",
    re.IGNORECASE,
)
_SPELLED = re.compile(
    rf"\b{_MONTH}\s(?:the\s)?(?:twenty|thirty|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|"
    r"\w{4,7}teenth|twentieth|thirtieth)(?:-?\s?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth))?\b"
    r"(?:,?\s(?:nineteen|two thousand|twenty)[a-z\s-]{0,24}?(?=[,.;\n]|$))?",
    re.IGNORECASE,
)
_MAY_VERB = re.compile(r"\bmay\b", re.IGNORECASE)

_AGE_UNIT = r"(?:years?|yrs?|y)(?:[\s-]{0,2}(?:olds?|o)(?![a-z])|\s(?:of\sage))|(?:yo|y\.o\.?|y/o|yrs?|years? old|-?year-?old)\b|[mMfF]\b"
_AGES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\w./-])(\d{{2,3}})(?:\s|-){{0,2}}(?:{_AGE_UNIT})",
        r"\b(?:age[ds]?|aged)(?:\sof|\sis|\sat death)?[\s:=]{1,3}(\d{2,3})(?![\w/%]|\.\d)",
        r"\b(?:at|turned|turning)\s(?:the\s(?:ripe\s)?(?:old\s)?age\sof\s)?(\d{2,3})(?=\syears?\b)",
    )
)
_SPELLED_AGE = re.compile(
    r"\b(?:ninety(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?|(?:a|one)\shundred(?:\s(?:and\s)?\w{3,6})?|centenarian)"
    r"(?:[\s-]{1,2}years?[\s-]{1,2}(?:olds?|of age))?",
    re.IGNORECASE,
)


def find_dates(document: Document) -> Iterator[Found]:
    """Numeric, written, spelled and relative dates."""
    text, digits = document.text, document.numeric
    for pattern in _NUMERIC:
        for match in pattern.finditer(digits):
            yield Found(*match.span(), "DATE", 0.95)
    for match in _BROKEN_GROUP.finditer(digits):
        yield Found(*match.span(), "DATE", 0.8)
    for match in _DOTTED.finditer(digits):
        yield Found(*match.span(), "DATE", 0.5)
    for match in _DAY_MONTH.finditer(digits):
        line = digits[max(0, match.start() - 30) : match.start()].rpartition("\n")[2]
        if _DATE_CUE.search(line) and not (
            line.strip() == "" and match.start() > 0 and digits[match.start() - 1] != "\n"
        ):
            yield Found(*match.span(), "DATE", 0.6)
    for pattern in _WRITTEN:
        for match in pattern.finditer(text):
            if not _is_word(text, match):
                yield Found(*match.span(), "DATE", 0.85)
    for pattern in (_RELATIVE_DAY, _SPELLED):
        for match in pattern.finditer(text):
            if not (pattern is _SPELLED and _is_word(text, match)):
                yield Found(*match.span(), "DATE", 0.6)
    for match in _HOLIDAY.finditer(text):
        yield Found(*match.span(1), "DATE", 0.55)


def is_date(piece: str) -> bool:
    """Whether `piece` is a numeric date with separators, perhaps with the hour that follows it ("2026-05-11 14")."""
    for pattern in _NUMERIC[:3]:
        match = pattern.match(piece)
        if match and _HOUR.fullmatch(piece, match.end()):
            return True
    return False


def _is_word(text: str, match: re.Match[str]) -> bool:
    """Whether the "month" is a word: "may 2 tablets", "mar", "dec", "march in place", "sun"."""
    piece = match.group()
    if not any(character.isdigit() for character in piece):
        groups = [group for group in match.groups() if group]
        months = groups or [piece.split()[0]]
        return not all(month[0].isupper() and len(month.rstrip(".")) > 2 for month in months) or (
            months[0].lower() == "may"
            and bool(
                re.match(r"\s?(?:be|not|have|need|also|result|cause|require)\b", text[match.end() : match.end() + 9])
            )
        )
    month = re.search(_MONTH, piece, re.IGNORECASE)
    if (
        month
        and month.group().lower() in ("may", "mar", "dec", "march", "jan", "sep", "oct")
        and month.group()[0].islower()
    ):
        return not re.search(r"(?:19|20)\d\d|st\b|nd\b|rd\b|th\b|-", piece)
    if month and month.group().lower().rstrip(".") == "oct" and re.search(r"\boct\s?\d\b", piece, re.IGNORECASE):
        return "," not in piece and not re.search(_YEAR, piece)
    return False


def find_ages(document: Document) -> Iterator[Found]:
    """Ages over 89, with their unit. Younger ages are no identifiers."""
    text = document.text
    for pattern in _AGES:
        for match in pattern.finditer(text):
            if OLDEST_AGE_KEPT < int(match.group(1)) <= 125:
                start = match.start(1)
                end = match.end() if pattern is _AGES[0] else match.end(1)
                yield Found(start, end, "AGE_OVER_89", 0.9)
    for match in _SPELLED_AGE.finditer(text):
        piece = match.group().lower()
        if "old" in piece or "age" in piece or piece == "centenarian":
            yield Found(*match.span(), "AGE_OVER_89", 0.8)
