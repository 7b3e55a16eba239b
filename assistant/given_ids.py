"""Whether the id that a file gives its record tells who the patient is: record numbers are often ids, or parts of them.

Letters and digits alone are compared, in any case. An id that tells nothing here is kept as it is, so that hits can be
traced to their record.
"""

from collections.abc import Iterable

NUMBER_TYPES = frozenset({"MRN", "ID", "SSN", "HEALTH_PLAN", "ACCOUNT"})
"""Types of identifiers that are numbers of a person or of a stay."""
_SHORTEST = 4
"""Shorter values stand in any id by chance."""


def tells(given: str, patient: str, numbers: Iterable[str]) -> bool:
    """Whether `given` is, holds or is a part of the patient as the file names them, or of a number masked in the report."""
    plain = _plain(given)
    named = {_plain(patient), *map(_plain, patient.split())}
    if plain and plain == _plain(patient):
        return True
    values = (value for value in (*named, *map(_plain, numbers)) if len(value) >= _SHORTEST)
    return any(value in plain or (len(plain) >= _SHORTEST and plain in value) for value in values)


def _plain(value: str) -> str:
    return "".join(character for character in value.casefold() if character.isalnum())
