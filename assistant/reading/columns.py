"""Which column of a table, or which field of a JSON object, holds what. And the dates in them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from assistant.errors import MissingColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Names of the columns; `None` is guessed. Upper and lower case, spaces and underscores make no difference."""

    text: str | None = None
    id: str | None = None
    patient: str | None = None
    date: str | None = None


_GUESSES: Mapping[str, Sequence[str]] = {
    "text": [
        "text",
        "report_text",
        "note_text",
        "full_text",
        "report",
        "note",
        "clinical_note",
        "full_note",
        "transcription",
        "transcript",
        "content",
        "body",
        "document",
        "narrative",
        "message",
    ],
    "id": [
        "id",
        "report_id",
        "note_id",
        "document_id",
        "doc_id",
        "uid",
        "uuid",
    ],
    "patient": [
        "patient",
        "patient_id",
        "patientid",
        "mrn",
        "subject_id",
        "subject",
        "pid",
        "person_id",
        "patient_name",
    ],
    "date": [
        "date",
        "report_date",
        "note_date",
        "chartdate",
        "charttime",
        "service_date",
        "visit_date",
        "created_at",
        "datetime",
        "day",
    ],
}
OPTIONS: Mapping[str, str] = {
    "text": "--text-field",
    "id": "--id-field",
    "patient": "--patient-field",
    "date": "--date-field",
}


def choose_columns(names: Sequence[str], wanted: Columns) -> dict[str, str]:
    """Map `text`, `id`, `patient`, `date` to one of `names` each; what is neither named nor guessed is left out.

    Raises:
        MissingColumn: A named column is not there, or no column looks like the text.
    """
    by_key = {_key(name): name for name in reversed(names)}
    chosen: dict[str, str] = {}
    for role, guesses in _GUESSES.items():
        named: str | None = getattr(wanted, role)
        candidates = (named,) if named is not None else guesses
        found = next((by_key[_key(candidate)] for candidate in candidates if _key(candidate) in by_key), None)
        if found is None and named is None and role == "text" and len(names) == 1:
            found = names[0]
        if found is not None:
            chosen[role] = found
        elif named is not None or role == "text":
            raise MissingColumn(wanted=named or "text", available=_showable(names), option=OPTIONS[role])
    return chosen


def _key(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).casefold()


def _showable(names: Sequence[str]) -> tuple[str, ...]:
    # A table without a header has a patient in its first row, and an error message may be logged.
    if all(re.fullmatch(r"[A-Za-z_][\w ./()#-]{0,39}", name) or not name for name in names):
        return tuple(names)
    return tuple(f"column {number}" for number in range(1, len(names) + 1))


_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ISO = re.compile(r"(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4}|\d{2})(?!\d)")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?!\d)")
_CENTURY_TURN = 69
"""Two-digit years from here on are of the 1900s (POSIX)."""


def parse_date(value: object) -> date | None:
    """Read a date in the usual ways of writing it; what is none, or impossible, is `None`.

    `2024-01-31` (also with a time, or without the hyphens), `31.01.2024`, `01/31/2024`, `31/01/2024`, `31 Jan 2024`,
    `January 31, 2024`. Slashes put the month first where both readings are possible.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip() if isinstance(value, str | int) else ""
    if found := _ISO.match(text):
        return _date(*found.groups())
    if found := _NUMERIC.match(text):
        first, mark, second, year = found.groups()
        day_first = mark == "." or int(first) > 12
        return _date(year, second, first) if day_first else _date(year, first, second)
    if found := _DAY_FIRST.match(text):
        day, month, year = found.groups()
        return _date(year, month, day)
    if found := _MONTH_FIRST.match(text):
        month, day, year = found.groups()
        return _date(year, month, day)
    return None


def _date(year: str, month: str, day: str) -> date | None:
    full_year = int(year) + (0 if len(year) == 4 else 1900 if int(year) >= _CENTURY_TURN else 2000)
    try:
        number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
        return date(full_year, number, int(day)) if 1900 <= full_year <= 2100 else None
    except ValueError:
        return None
