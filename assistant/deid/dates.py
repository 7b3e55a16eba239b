"""Dates with a day or a month, in all their forms. A year alone stays, and so do weekdays, seasons and spans of time.

Each form has its own module; this one is the door.
"""

from collections.abc import Iterator

from assistant.deid.dates_days import find_days
from assistant.deid.dates_months import find_month_dates
from assistant.deid.dates_numeric import find_numeric_dates
from assistant.deid.dates_short import find_short_dates
from assistant.deid.dates_spoken import find_spoken_dates
from assistant.deid.document import Document
from assistant.deid.holidays import find_holidays
from assistant.deid.spans import Found

_FORMS = (find_numeric_dates, find_month_dates, find_short_dates, find_days, find_spoken_dates, find_holidays)


def find_dates(document: Document) -> Iterator[Found]:
    """Dates in digits, with a month's name, without a year, as a day alone, in words, as a holiday."""
    for find in _FORMS:
        yield from find(document)
