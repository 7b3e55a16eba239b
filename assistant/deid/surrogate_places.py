"""Invented towns, streets, hospitals and practices. What kind of place it is stays: "Hospital", "Street", "Apt".

The words that make a place particular become one invented word, the same in all of its forms: a town and the hospital
named after it go on sharing it.
"""

import re
from collections.abc import Iterator

from assistant.deid.surrogate_draw import Draw
from assistant.deid.surrogate_lists import TOWNS
from assistant.deid.surrogate_numbers import Numbers
from assistant.deid.towns import STATE_CODES

_KINDS = frozenset(
    """hospital hospitals clinic clinics medical center centre health healthcare care general school college university pharmacy
    nursing home practice surgery surgical institute associates group laboratory laboratories lab labs imaging radiology oncology
    cardiology pediatrics orthopedics urology dermatology neurology psychiatry dental rehab rehabilitation hospice church bank inc llc
    ltd company corporation foundation department infirmary sanatorium urgent emergency family medicine internal physicians specialists
    partners system network services elementary high middle academy""".split()
)
_BEFORE_KIND = frozenset("general medical health nursing urgent".split())
_STREETS = frozenset(
    """street st avenue ave av boulevard blvd road rd lane ln drive dr court ct circle cir place pl parkway pkwy highway hwy terrace ter
    way trail trl loop alley row turnpike route rte""".split()
)
"""Kinds of streets where a name stands before them; in "Court Street" the first is the name."""
_UNITS = frozenset(
    "apt apartment suite ste unit room rm floor fl flat bldg building lot box pmb po p o n s e w ne nw se sw".split()
)
_SMALL = frozenset("the of and at in for a an de la le du st saint".split())
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_PART = re.compile(r"([^\W_]+(?:['’][^\W_]+)*)")
_ORDINAL = re.compile(r"(\d{1,4})(?:st|nd|rd|th)", re.IGNORECASE)
_STATES = [code for code in STATE_CODES.split("|") if code.isalpha()]
_LONGEST_ACRONYM = 6


class Places:
    def __init__(self, draw: Draw, numbers: Numbers) -> None:
        self._draw, self._numbers = draw, numbers
        self._names: dict[tuple[str, ...], str] = {}

    def town(self, value: str) -> str | None:
        """`Springfield, IL 62704` → an invented town; state and code go, as in the default policy."""
        first = value.split(",")[0].split("\n")[0]
        new = self._name([w for w in _words(first) if w not in _SMALL] or _words(first))
        return _like(new, first) if new else None

    def organisation(self, value: str) -> str | None:
        """`St. Brendan's General Hospital` → an invented word and "General Hospital"; an acronym gets other letters."""
        words = _words(value)
        kinds = [word for word in _WORD.findall(value) if word.lower() in _KINDS]
        if value.isupper() and len(words) == 1 and len(value) <= _LONGEST_ACRONYM and not kinds:
            return self._numbers.code("ACRONYM", value)
        new = self._name([word for word in words if word not in _KINDS | _SMALL] or words)
        # All of the kinds would say too much: "Family Medicine Associates" is a name.
        last = kinds[-2:] if len(kinds) > 1 and kinds[-2].lower() in _BEFORE_KIND else kinds[-1:]
        return " ".join([_like(new, value), *last]) if new else None

    def address(self, value: str) -> str | None:
        """House number, street, unit, town: word for word, in the layout of the original. The state is another one too."""
        pieces = _PART.split(value)
        behind_name = False
        for at in range(1, len(pieces), 2):
            word = pieces[at]
            if word.lower() in _UNITS or (behind_name and word.lower() in _STREETS):
                behind_name = False
                continue
            new = self._part(word)
            if new is None:
                return None
            pieces[at], behind_name = new, not word.isdigit()
        return "".join(pieces)

    def _part(self, word: str) -> str | None:
        if word in _STATES:
            return next(state for state in self._draw.walk(_STATES, "state", word) if state != word)
        if ordinal := _ORDINAL.fullmatch(word):
            number = self._numbers.code("ADDRESS", ordinal[1])
            return f"{number}th" if number else None
        if any(sign.isdigit() for sign in word):
            return self._numbers.code("ADDRESS", word)
        new = self._name(_words(word))
        return _like(new, word) if new else None

    def _name(self, words: list[str]) -> str | None:
        key = tuple(words)
        if key not in self._names:
            new = self._draw.first_free(self._invented(" ".join(key)))
            if new is None:
                return None
            self._names[key] = new
        return self._names[key]

    def _invented(self, name: str) -> Iterator[str]:
        yield from self._draw.walk(TOWNS, "place", name)
        for one in self._draw.walk(TOWNS, "first place", name):
            yield from (f"{one}-on-{two}" for two in self._draw.walk(TOWNS, "second place", name, one))


def _words(value: str) -> list[str]:
    return [re.sub(r"['’]s$", "", word.casefold()) for word in _WORD.findall(value)]


def _like(new: str, old: str) -> str:
    return new.upper() if old.isupper() else new.lower() if old.islower() else new
