"""One written date, or a range of two: read with its layout, and written with other days in the same layout.

Pure. What has no full date (`March`, `3/14`, `the 14th`, Christmas), is spelled out, or is impossible is not read. Where day
and month could be swapped, there are two readings, and the caller decides.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from assistant.deid.date_forms import FORMS, MONTHS, WEEKDAYS


class Order(StrEnum):
    """Which comes first in a numeric date whose year is last."""

    MONTH = "month first"
    DAY = "day first"


@dataclass(frozen=True, slots=True)
class Reading:
    days: tuple[date, ...]
    """One, or the two ends of a range."""
    order: Order | None
    """`None` where the layout itself says which is the month."""
    separator: str
    """Between the numbers of a numeric date: a text keeps one order with one separator."""
    match: re.Match[str] = field(repr=False, compare=False)


_LONGEST = 90
_CENTURY = 50
"""Two digits below it are of the years 2000 on."""
_LONG_SHORT = {1: "Tues", 2: "Weds", 3: "Thurs"}


def read_dates(piece: str) -> list[Reading]:
    """All ways to read a piece of text that is nothing but a date or a range of dates."""
    readings: list[Reading] = []
    for form in FORMS if len(piece) <= _LONGEST else ():
        match = form.fullmatch(piece)
        if match is None:
            continue
        fields = {name: text for name, text in match.groupdict().items() if text is not None}
        for order in Order if "a1" in fields or "a2" in fields else (None,):
            days = tuple(_days(fields, order))
            if days and days == tuple(sorted(days)) and _on_their_weekdays(fields, days):
                reading = Reading(days, order, fields.get("s1", "").strip(), match)
                readings += [reading] if reading not in readings else []
    return readings


def write_dates(reading: Reading, days: Sequence[date]) -> str | None:
    """The same text with other days; `None` where its layout cannot say them (a range that now crosses a month)."""
    text, match = reading.match.string, reading.match
    edits = [
        (*match.span(name), _written(match, name, days[_number(name, days) - 1], reading.order))
        for name, old in match.groupdict().items()
        if old is not None and name[0] != "s"
    ]
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    says_so = any(again.days == tuple(days) and again.order == reading.order for again in read_dates(text))
    return text if says_so else None


def _number(name: str, days: Sequence[date]) -> int:
    """Which of the dates a field belongs to."""
    return len(days) if name == "w9" else int(name[1])


def _days(fields: Mapping[str, str], order: Order | None) -> Iterator[date]:
    """The dates that the fields say; a field that only one of them has is shared. None where one is impossible."""
    months: dict[int, int] = {}
    years: dict[int, int] = {}
    days: dict[int, int] = {}
    of_month, of_day = ("a", "b") if order is Order.MONTH else ("b", "a")
    for name, text in fields.items():
        kind, n = name[0], int(name[1])
        if kind == "M":
            months[n] = 1 + [month[:3].lower() for month in MONTHS].index(text[:3].lower())
        elif kind in ("m", of_month):
            months[n] = int(text)
        elif kind in ("d", of_day):
            days[n] = int(text)
        elif kind == "y":
            years[n] = int(text) if len(text) == 4 else int(text) + (2000 if int(text) < _CENTURY else 1900)
    try:
        dates = [
            date(years.get(n, years.get(3 - n, 0)), months.get(n, months.get(3 - n, 0)), days[n]) for n in sorted(days)
        ]
    except ValueError:
        return
    yield from dates


def _on_their_weekdays(fields: Mapping[str, str], days: Sequence[date]) -> bool:
    return all(
        WEEKDAYS[days[_number(name, days) - 1].weekday()][:3].lower() == text[:3].lower()
        for name, text in fields.items()
        if name[0] == "w"
    )


def _written(match: re.Match[str], name: str, day: date, order: Order | None) -> str:
    """A field of the new date in the manner of the old."""
    old = match[name]
    match name[0]:
        case "w":
            full = WEEKDAYS[day.weekday()]
            short = _LONG_SHORT.get(day.weekday(), full[:3]) if len(old) > 3 else full[:3]
            return _cased(full if old.lower().endswith("day") else short, old)
        case "M":
            full = MONTHS[day.month - 1]
            return _cased(full[:3] if _is_short(match, name) else full, old)
        case "o":
            ending = "th" if 10 < day.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
            return _cased(ending, old)
        case "y":
            return f"{day.year % 10 ** len(old):0{len(old)}}"
        case kind:
            is_month = kind == "m" or kind == ("a" if order is Order.MONTH else "b")
            return f"{day.month if is_month else day.day:0{2 if _is_padded(match, name) else 1}}"


def _cased(word: str, like: str) -> str:
    return word.upper() if like.isupper() else word.lower() if like.islower() else word.title()


def _is_short(match: re.Match[str], name: str) -> bool:
    """Whether a month's name is abbreviated. "May" is, where a number or a hyphen stands right beside it."""
    old = match[name]
    if old.lower() != "may":
        return old.title() not in MONTHS
    others = [text for other, text in match.groupdict().items() if other[0] == "M" and other != name and text]
    if others:
        return others[0].title() not in MONTHS
    start, end = match.span(name)
    beside = match.string[max(0, start - 1) : start] + match.string[end : end + 1]
    return any(sign.isdigit() or sign in "-/." for sign in beside)


def _is_padded(match: re.Match[str], name: str) -> bool:
    """Whether a number below ten gets a zero: as the field itself shows, else as the other fields of the date do."""
    old = match[name]
    if len(old) == 1 or old[0] == "0":
        return len(old) > 1
    fields = {other: text for other, text in match.groupdict().items() if text is not None}
    numbers = [text for other, text in fields.items() if other[0] in "abdm"]
    if any(len(text) == 1 for text in numbers):
        return False
    if any(text[0] == "0" for text in numbers) or not any(other[0] == "M" for other in fields):
        return True
    start, end = match.span(name)
    beside = match.string[max(0, start - 1) : start] + match.string[end : end + 1]
    return name.replace("d", "o") not in fields and any(sign.isalpha() or sign in "-/." for sign in beside)
