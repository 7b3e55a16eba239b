"""How full dates and ranges of them are written: one pattern for each form, for `date_layout`.

Groups carry the number of their date, 1 or 2: `w` weekday, `M` month's name, `d` day, `o` its ordinal, `m` month, `y` year, `a` and
`b` what may be either day or month, `s` the separator. `w9` is a weekday behind it all. What stands between groups is layout.
"""

import re

MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|"
    r"dec(?:ember)?)"
)
_YEAR = r"(?:1[89]|20)\d\d"
_GAP = r"[\s\-/,.]{0,3}"
_JOIN = r"\s{0,2}(?:[-–—&]|to|through|thru|until|till|and)\s{0,2}(?:the\s)?"
_TIME = (
    r"(?:(?:T|,?\s{1,2}(?:at\s)?)\d{1,2}:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:\s?[ap]\.?m\.?)?(?:\s?(?:Z|[+-]\d\d:?\d\d))?)?"
)
_AFTER = rf"{_TIME}(?:,?\s?\(?(?P<w9>{WEEKDAY})\.?\)?)?"


def _weekday(n: int) -> str:
    return rf"(?:(?P<w{n}>{WEEKDAY})\.?,?\s{{1,3}}(?:the\s)?)?"


def _day(n: int) -> str:
    return rf"(?P<d{n}>\d{{1,2}})(?:\s?(?P<o{n}>st|nd|rd|th))?"


def _month_day(n: int) -> str:
    return rf"{_weekday(n)}(?P<M{n}>{_MONTH}){_GAP}(?:the\s)?{_day(n)}"


def _day_month(n: int) -> str:
    return rf"{_weekday(n)}{_day(n)}{_GAP}(?:day\s)?(?:of\s)?(?P<M{n}>{_MONTH})"


def _year_after_day(n: int) -> str:
    # "Mar 14-19" and "Oct 4, 11" are days: behind a day, two digits are a year only with an apostrophe.
    return rf"{_GAP}(?:of\s)?(?:['’]\s?)?(?P<y{n}>{_YEAR}|(?<=['’])\d\d|(?<=['’]\s)\d\d)(?!\d)"


def _year_after_month(n: int) -> str:
    return rf"{_GAP}(?:of\s)?(?:['’]\s?)?(?P<y{n}>{_YEAR}|(?<=['’\-/.a-z])\d\d|(?<=['’]\s)\d\d)(?!\d)"


def _year_first(n: int) -> str:
    return rf"{_weekday(n)}(?P<y{n}>{_YEAR})(?P<s{n}>\s?[-/.]\s?)(?P<m{n}>\d{{1,2}})(?P=s{n})(?P<d{n}>\d{{1,2}})"


def _no_year(n: int) -> str:
    return rf"{_weekday(n)}(?P<a{n}>\d{{1,2}})(?P<s{n}>\s?[-/.]\s?|\s)(?P<b{n}>\d{{1,2}})"


def _year_last(n: int) -> str:
    return rf"{_no_year(n)}(?P=s{n})['’]?(?P<y{n}>{_YEAR}|(?<!\s)\d\d)(?!\d)"


FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        _year_first(1) + _AFTER,
        _year_last(1) + _AFTER,
        _month_day(1) + _year_after_day(1) + _AFTER,
        _day_month(1) + _year_after_month(1) + _AFTER,
        rf"{_weekday(1)}(?P<y1>{_YEAR}){_GAP}(?P<M1>{_MONTH}){_GAP}{_day(1)}{_AFTER}",
        rf"(?P<y1>{_YEAR})(?P<m1>\d\d)(?P<d1>\d\d)(?:T?\d{{4,6}}Z?)?",
        rf"(?P<a1>\d\d)(?P<b1>\d\d)(?P<y1>{_YEAR})",
        _year_first(1) + _JOIN + _year_first(2),
        _year_last(1) + _JOIN + _year_last(2),
        _no_year(1) + _JOIN + _year_last(2),
        _month_day(1) + _JOIN + _day(2) + _year_after_day(2),
        _month_day(1) + _JOIN + _month_day(2) + _year_after_day(2),
        _month_day(1) + _year_after_day(1) + _JOIN + _month_day(2) + _year_after_day(2),
        _day(1) + _JOIN + _day_month(2) + _year_after_month(2),
        _day_month(1) + _JOIN + _day_month(2) + _year_after_month(2),
        _day_month(1) + _year_after_month(1) + _JOIN + _day_month(2) + _year_after_month(2),
    )
)
"""Each for the whole of a piece of text, of bounded length."""
