"""Dates moved by a secret number of days, the same for all dates of a patient: intervals, order and layout hold.

Not Safe Harbor: see `policy.OPTIONS`. Days go back, so that nothing is dated after the day it was written. What cannot be moved
safely is not: no full date (`March`, `the 14th`, Christmas), an impossible one, one whose weekday contradicts it, one whose day and
month could be swapped, and one so long ago that it can only be the birth of somebody over 89. Bare years and clock times stay.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from assistant.deid.date_forms import WEEKDAY
from assistant.deid.date_layout import Order, read_dates, write_dates
from assistant.deid.policy import OLDEST_AGE_KEPT
from assistant.schema import IdentifierSpan

_MOST_DAYS = 364
"""Never a whole year: no date keeps its day and month."""
_WEEKDAY_BEFORE = re.compile(rf"(?<![\w'-]){WEEKDAY}\.?,?\s{{1,3}}(?:the\s)?$", re.IGNORECASE)
_WEEKDAY_AFTER = re.compile(rf",?\s?\(?{WEEKDAY}\b\)?", re.IGNORECASE)
_REACH = 20


def days_back(key: bytes, scope: str) -> int:
    """How far the dates of `scope` (a patient's pseudonym, or a report's id) move: 1 to 364."""
    digest = hmac.digest(key, f"dates/{scope}".encode(), hashlib.sha256)
    return 1 + int.from_bytes(digest[:8], "big") % _MOST_DAYS


def shift_date(
    piece: str, days: int, *, orders: Mapping[str, Order] | None = None, today: date | None = None
) -> str | None:
    """`piece` so many days earlier in its own layout, or `None` where it must be masked.

    Args:
        piece: A date or a range of dates, and nothing else.
        days: From `days_back`.
        orders: Which of day and month comes first, by separator, where the piece itself does not say.
        today: Dates so long before it that somebody born then is over 89 are masked. Default: now.
    """
    readings = [
        reading
        for reading in read_dates(piece)
        if reading.order is None or (orders or {}).get(reading.separator, reading.order) is reading.order
    ]
    oldest_year = (today or date.today()).year - OLDEST_AGE_KEPT
    if len(readings) != 1 or readings[0].days[0].year < oldest_year:
        return None
    return write_dates(readings[0], [day - timedelta(days) for day in readings[0].days])


def orders_in(pieces: Iterable[str]) -> dict[str, set[Order]]:
    """Which orders the dates prove that can be read in one way only, by separator."""
    proven: dict[str, set[Order]] = {}
    for piece in pieces:
        readings = read_dates(piece)
        if len(readings) == 1 and readings[0].order is not None:
            proven.setdefault(readings[0].separator, set()).add(readings[0].order)
    return proven


def with_weekdays(text: str, spans: Sequence[IdentifierSpan]) -> list[IdentifierSpan]:
    """The spans, those of dates widened over the weekday beside them, which would contradict a shifted date."""
    widened: list[IdentifierSpan] = []
    for number, span in enumerate(spans):
        if span.type == "DATE":
            low = max(span.start - _REACH, widened[-1].end if widened else 0)
            high = spans[number + 1].start if number + 1 < len(spans) else len(text)
            before = _WEEKDAY_BEFORE.search(text[low : span.start])
            after = _WEEKDAY_AFTER.match(text, span.end, min(high, span.end + _REACH))
            start = low + before.start() if before else span.start
            end = after.end() if after and not before else span.end
            if read_dates(text[start:end]):
                span = replace(span, start=start, end=end)
        widened.append(span)
    return widened
