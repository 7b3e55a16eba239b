"""Dates with the name of a month: `March 3rd, 2021`, `3-7 May`, `14MAR23`, `2023 Sep 19`, `since last August`."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.measures import UNIT_FOLLOWS, WORD_ENDS_CLAUSE
from assistant.deid.months import FOREIGN, PLAIN, MonthName, months
from assistant.deid.spans import Found

_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_ORDINAL = rf"{_DAY}(?:\s?(?:st|nd|rd|th|er|º|°(?!\s?[CF])))?"
_YEAR = r"(?:(?:19\d\d|20[0-4]\d)(?!\d)|'\s?\d\d(?!\d))"
_JOIN = r"\s{0,2}(?:,|to|and|&|or|\+|through|thru|until|till)\s{0,2}(?:the\s)?"
_DAYS_BEFORE = re.compile(
    rf"(?<![\d:])(?<!\w[/-])(?<!\d[.,])(?<!\b[A-Za-z])(?P<days>{_ORDINAL}(?:\s?[-/]\s?{_ORDINAL}|(?:{_JOIN}{_ORDINAL}){{1,5}})?)(?:\s{{0,3}}|\s?[\-./]\s?)(?:day\s)?(?:(?:of|de|d')\s{{0,2}}(?:the\smonth\sof\s)?)?$",
    re.IGNORECASE,
)
_WEEK_BEFORE = re.compile(
    r"(?<!\w)(?:\d(?:st|nd|rd|th)|first|second|third|fourth|last|1st|2nd)\s(?:wk|week|weekend|half|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\s(?:of|in)\s(?:last\s|this\s|next\s)?$",
    re.IGNORECASE,
)
_YEAR_BEFORE = re.compile(r"(?<![\w/.-])(?:19\d\d|20[0-4]\d)[\s\-/.]{1,2}$")
_DAY_AFTER = re.compile(
    rf"\.?(?P<gap>[\s\-/,.]{{0,2}})(?:the\s)?(?P<day>{_ORDINAL})(?![\d%]|:\d\d|[.,]\d(?!\d{{3}}))(?P<range>\s?(?:-|/|&)\s?(?:the\s)?{_ORDINAL}(?![\d%/]|:\d))?",
    re.IGNORECASE,
)
_YEAR_AFTER_DAY = re.compile(
    rf"(?:,?\s{{0,2}}|[\-/.])(?:of\s)?{_YEAR}|[\-/.](?P<short>\d\d)(?![\w:%]|[./]\d)", re.IGNORECASE
)
_YEAR_AFTER = re.compile(
    rf"\.?(?:[\s,\-/.]{{0,2}})(?:of\s|de\s)?{_YEAR}|\.?(?:\s?[\-/.]\s?|\s{{0,2}})(?P<short>\d\d)(?![\w:%]|[./-]\d)",
    re.IGNORECASE,
)
_NEXT_DAY = re.compile(
    rf"\s{{0,2}}(?:,?\s{{0,2}}(?:-|to|and|&|or|\+|through|thru|until|till)|,|/)\s{{0,2}}(?:on\s)?(?:the\s)?({_DAY}(?:st|nd|rd|th)?)(?![\w%/]|:\d|[.,]\d)",
    re.IGNORECASE,
)
_CLOSES = re.compile(rf"\s{{0,2}}(?:$|[.,;:!?)\]\n/&+-]|{WORD_ENDS_CLAUSE}\b|(?:19|20)\d\d\b)", re.IGNORECASE)
_CUE = re.compile(
    r"(?<![A-Za-z])(?:in|since|until|till?|by|from|through|thru|to|of|before|after|during|last|next|this|past|coming|previous|following|early|late|mid|middle|end|"
    r"beginning|start|every|each|between|around|about|circa|approx|for|due|again|back|at|on|dated?|seen|admitted|adm|visit|appt|dob|born|lmp|edd|"
    r"mon|tues?|wed|thurs?|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)day)[\s\-,:]{1,2}(?:(?:early|late|mid|the|about|around|of)[\s-]{1,2})?$",
    re.IGNORECASE,
)
_MONTH_CUE = re.compile(
    r"(?<![A-Za-z])(?:lmp|edd|edc|dob|due|in|since|until|till?|last|next|early|late|mid|middle|before|during|between|after|from|by|through|thru|every|each|"
    r"(?:end|beginning|start|middle|rest|part|month|week|half) of|(?:end|beginning|start))[\s\-]{1,2}(?:(?:early|late|mid|about|around)[\s-]{1,2})?$",
    re.IGNORECASE,
)
"""Before a lower-case "may" or "march", and before an abbreviation alone."""
_SAID_MONTH = re.compile(
    rf"(?:{_MONTH_CUE.pattern[:-1]}|(?<![A-Za-z])(?:this|past|coming|previous|following|for|to|of|and|or|due|again|back|around|about)[\s\-]{{1,2}})$",
    re.IGNORECASE,
)
"""Before a capitalised "May" or "March"."""
_LAST = re.compile(r"(?<![A-Za-z])(?:last|next|this(?:\s(?:past|coming))?)\s$", re.IGNORECASE)
_MODAL = re.compile(
    r"\s?(?:be|not|have|need|also|result|cause|require|help|want|try|go|come|take|use|start|stop|resume|return|improve|worsen|develop|represent|reflect|indicate|suggest|benefit|increase|decrease|eat|drive|shower|feel|see|well|still|only|even|contribute|consider|continue|experience|present|occur|include|lead|concern)\b",
    re.IGNORECASE,
)
_MARCH_OF = re.compile(r"\s(?:in place|on the spot|fracture|haemoglobinuria|hemoglobinuria|of dimes)", re.IGNORECASE)
_HAPPENS = re.compile(
    r"\s{1,2}(?:appointment|appt|visit|scan|clinic|labs?|bloods|review|admission|mri|ct|echo|cycle|note|letter|film|x-?ray|mammogram|colonoscopy|surgery|follow-?up|fall|episode|relapse|biopsy|results?)\b"
    r"|\s?(?:/|-|to|and|or|through)\s?(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)(?![a-z])",
    re.IGNORECASE,
)
_OTHER_MONTH = re.compile(
    r"(?<![A-Za-z])(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)(?:uary|ruary|ch|il|ust|ember|tember|ober)?\.?\s?(?:/|-|,|to|and|or|&|through|thru|,\s?and)\s?$",
    re.IGNORECASE,
)
"""Before the second of two months: "Sept-Oct"."""
_OTHER_MONTH_DAY = re.compile(
    r"(?<![A-Za-z])(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)(?:uary|ruary|ch|il|ust|ember|tember|ober)?\.?\s?\d{1,2}$",
    re.IGNORECASE,
)
"""Before the "-Mar 3" of "Feb 27-Mar 3"."""
_TO_MONTH = re.compile(
    r"\.?\s?(?:/|-|,)\s?(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)(?:uary|ruary|ch|il|ust|ember|tember|ober)?(?![a-z])",
    re.IGNORECASE,
)
_ALONE_SHORT = frozenset({"feb", "aug", "sept", "nov", "apr", "jul"})
"""Capitalised, a month and nothing else."""
_AMBIGUOUS = frozenset({"may", "march", "mar", "dec", "sep", "oct", "jan", "jun"})
_ARTICLE = re.compile(
    r"(?<![A-Za-z])(?:le|du|au|el|del|al|il|dal|am|vom|op|van|dem|den|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\s$",
    re.IGNORECASE,
)
_NAMES_TOO = frozenset("mayo marzo marso julie junie hunyo medi maart samhain nollaig".split())
_AS_WORDS = frozenset({"may", "march", "mar", "dec"})
_REACH = 40


def find_month_dates(document: Document) -> Iterator[Found]:
    """Dates and months by the month's name. Linear: looks a fixed way around each name."""
    text = document.numeric
    for month in months(document):
        before = text[max(0, month.start - _REACH) : month.start]
        after = text[month.end : month.end + _REACH]
        capitals = month.written.isupper() and len(month.written) > 1
        in_capitals = capitals and _is_in_capitals(text, month)
        if (month.end < len(text) and text[month.end].isalpha()) or (before and before[-1].isalpha()):
            continue
        day = _DAYS_BEFORE.search(before)
        following = _DAY_AFTER.match(after)
        if following and before[-1:] == " " and re.match(rf"[\-/.,]\s?{_YEAR}", after[following.end() :]):
            day = None
        if (
            day
            and not (_OTHER_MONTH_DAY.search(before[: day.end("days")]) and _DAY_AFTER.match(after))
            and _is_day_first(month, day, before, after)
        ):
            start = month.start - len(before) + day.start("days")
            tail = _YEAR_AFTER.match(after)
            if tail and _is_year_after_day(month, tail, after):
                yield Found(start, month.end + tail.end(), "DATE", 0.95)
            else:
                yield Found(start, month.end, "DATE", 0.85)
            continue
        if month.name in FOREIGN or (month.typo and not re.match(r"\.?,?\s(?:the\s|of\s)?\d", after)):
            continue
        year = _YEAR_BEFORE.search(before)
        start = month.start - len(before) + year.start() if year else month.start
        if year is None and (week := _WEEK_BEFORE.search(before)):
            start = month.start - len(before) + week.start()
        if following and _is_day_after(month, following, before, after, in_capitals=in_capitals):
            yield from _with_days(text, start, month, following)
            continue
        tail = _YEAR_AFTER.match(after)
        if tail and _is_year_after(month, tail, before, after):
            yield Found(start, month.end + tail.end(), "DATE", 0.9)
        elif year or _stands_alone(month, before, after, capitals=capitals, in_capitals=in_capitals):
            last = _LAST.search(before)
            if last and start == month.start:
                start = month.start - len(before) + last.start()
            yield Found(start, month.end, "DATE", 0.75 if month.name in PLAIN else 0.65)


def _with_days(text: str, start: int, month: MonthName, following: re.Match[str]) -> Iterator[Found]:
    """`Feb 3rd` with its year, and each day of the list that goes on: "Feb 3rd through the 11th", "Oct. 4, 11 and 18"."""
    end = month.end + following.end()
    if year := _YEAR_AFTER_DAY.match(text, end):
        yield Found(start, year.end(), "DATE", 0.95)
        return
    yield Found(start, end, "DATE", 0.9)
    days: list[re.Match[str]] = []
    at = end
    while len(days) < 8 and (day := _NEXT_DAY.match(text, at)):
        days.append(day)
        at = day.end()
    while days and (UNIT_FOLLOWS.match(text, days[-1].end()) or not _CLOSES.match(text, days[-1].end())):
        days.pop()
    for day in days:
        yield Found(*day.span(1), "DATE", 0.75)
    if days and (year := _YEAR_AFTER_DAY.match(text, days[-1].end())):
        yield Found(days[-1].start(1), year.end(), "DATE", 0.75)


def _is_in_capitals(text: str, month: MonthName) -> bool:
    around = text[max(0, month.start - 30) : month.start] + text[month.end : month.end + 30]
    return sum(letter.islower() for letter in around) * 3 < sum(letter.isupper() for letter in around)


def _is_day_first(month: MonthName, day: re.Match[str], before: str, after: str) -> bool:
    """Whether the number before the name is its day: "12 May", not "in 12 may develop", not "2 OCT scans"."""
    plain = month.name in PLAIN or month.name in FOREIGN
    ordinal = re.search(r"(?:st|nd|rd|th)\b|\bof\b|\bde\b", before[day.start() :], re.IGNORECASE) is not None
    glued = before[-1:].isdigit() or before[-1:] in "-./"
    year = _YEAR_AFTER.match(after)
    if month.name in FOREIGN and not (year or re.search(r"\bde\s{1,2}$", before)):
        if _ARTICLE.search(before[: day.start("days")]):
            return True
        return month.name not in _NAMES_TOO and len(month.name) > 4
    if ordinal or plain or (year and year["short"] is None):
        return not (month.name == "may" and month.written.islower() and not year and _MODAL.match(after))
    if month.written.islower() and month.name in _AS_WORDS:
        return (
            glued
            or bool(_CUE.search(before[: day.start("days")]))
            or (bool(_CLOSES.match(after)) and not _MODAL.match(after))
        )
    if month.name == "may":
        return not _MODAL.match(after)
    if month.written.isupper() and month.name in ("oct", "mar", "dec", "sep") and not glued and not year:
        return bool(_CUE.search(before[: day.start("days")])) or bool(re.match(r"\s{0,2}(?:$|[.,;)\n])", after))
    return True


def _is_year_after_day(month: MonthName, year: re.Match[str], after: str) -> bool:
    """`5 Dec 2023`, `3 Feb 61`; after a full stop, two digits begin the next sentence."""
    if year["short"] is None:
        return True
    full_stop = (
        year.group()[0] == "." and " " in year.group() and month.name == month.written.lower() and len(month.name) > 4
    )
    return not full_stop and not UNIT_FOLLOWS.match(after, year.end())


def _is_day_after(month: MonthName, day: re.Match[str], before: str, after: str, *, in_capitals: bool) -> bool:
    """Whether the number after the name is its day: "Oct 3", not "OCT 300", "MARCH7", "may 2 tablets"."""
    if re.match(rf"(?:,?\s{{0,2}}|[\-/.]){_YEAR}", after[day.end() :]) and month.name != "may":
        return True
    marked = re.search(r"[a-z]$", day["day"]) is not None or _YEAR_AFTER_DAY.match(after, day.end()) is not None
    if marked and (day["gap"] or not month.written.isupper()):
        return not (month.written.islower() and month.name == "may" and UNIT_FOLLOWS.match(after, day.end()))
    if month.written.isupper() and not day["gap"]:
        return len(day["day"]) == 2 and month.name not in ("oct", "sept", "dec")
    if month.written.isupper() and day["gap"] == "-" and month.name in ("oct", "sept", "dec", "march"):
        return len(day["day"]) == 2
    if UNIT_FOLLOWS.match(after, day.end()) and month.name in _AMBIGUOUS:
        return False
    cued = bool(_CUE.search(before))
    if month.written.islower() and month.name in _AS_WORDS:
        return cued or (month.name != "may" and bool(_CLOSES.match(after, day.end())))
    if month.written.isupper() and month.name in ("oct", "mar", "dec", "sep"):
        return cued or in_capitals
    return month.name != "may" or not _MODAL.match(after, day.end())


def _is_year_after(month: MonthName, year: re.Match[str], before: str, after: str) -> bool:
    """Whether a year follows: "Nov 2019", "Mar '21", "Sept/21"; two digits alone after a space are too little."""
    if year["short"] is None:
        return not (
            month.name == "may"
            and month.written.islower()
            and not _CUE.search(before)
            and " " in year.group()
            and "'" not in year.group()
        )
    if UNIT_FOLLOWS.match(after, year.end()):
        return False
    if month.name in _AMBIGUOUS and month.written.islower():
        return bool(_MONTH_CUE.search(before))
    glued = year.group()[:1] in "-/."
    return (glued and not (month.written.isupper() and month.name in ("oct", "mar", "dec", "sep"))) or bool(
        (_CUE if glued else _MONTH_CUE).search(before)
    )


def _stands_alone(month: MonthName, before: str, after: str, *, capitals: bool, in_capitals: bool) -> bool:
    """Whether the name alone is a point of time."""
    if after[:1] == "-" and after[1:2].isalpha() and not _HAPPENS.match(after):
        return False
    if after[:1] == "'" or _MARCH_OF.match(after):
        return False
    if month.name in PLAIN or (
        (other := _OTHER_MONTH.search(before)) and other.group()[:3] not in ("may", "mar", "dec")
    ):
        return True
    lower = month.written.islower()
    if month.name in ("april", "june", "august"):
        return not lower or bool(_SAID_MONTH.search(before)) or bool(_HAPPENS.match(after))
    if month.name in ("may", "march"):
        if lower or (capitals and not before.strip()):
            return bool(_MONTH_CUE.search(before)) and not (month.name == "may" and _MODAL.match(after))
        if _MODAL.match(after) and (capitals or month.name == "may"):
            return False
        said = _MONTH_CUE if capitals else _SAID_MONTH
        in_sentence = not capitals and re.search(r"[a-z,(:/] {1,2}$", before) is not None
        return in_sentence or bool(said.search(before)) or bool(_HAPPENS.match(after))
    if capitals:
        return (
            in_capitals
            and month.name not in ("oct", "mar", "dec", "sep", "apr")
            and bool(_MONTH_CUE.search(before) or _TO_MONTH.match(after))
        )
    if month.name in _ALONE_SHORT and not lower:
        return True
    happens = (not lower or month.name in _ALONE_SHORT) and _HAPPENS.match(after)
    return bool(_MONTH_CUE.search(before) or happens or _TO_MONTH.match(after))
