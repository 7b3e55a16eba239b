"""The people, places and numbers of one text, and the slots that they fill.

`{patient}` is the same person all through a text, and so are the other people, the organisations and the record numbers; dates, places, telephone numbers
and clinical words are new each time. A digit after a name asks for another one: `{relative2}`, `{hospital2}`. A tenth of the casts writes in one case only.
"""

import random
import re
from collections.abc import Callable

from training.invented import addresses, clinical, contacts, dates, numbers, organisations, people, places
from training.invented.markup import Tagged, pieces

PEOPLE = ("patient", "doctor", "nurse", "relative", "other")
_FAMILY_SHARE = 0.55  # how often a relative has the patient's surname

_Plain = Callable[[random.Random], str]
_FRESH: dict[str, tuple[str | None, _Plain]] = {
    "town": ("LOCATION", places.town),
    "county": ("LOCATION", places.county),
    "quarter": ("LOCATION", places.quarter),
    "landmark": ("LOCATION", places.landmark),
    "state": ("STATE", places.state),
    "state.name": ("STATE", places.state_name),
    "state.code": ("STATE", places.state_code),
    "country": ("COUNTRY", places.country),
    "nationality": (None, places.nationality),
    "street": ("ADDRESS", addresses.street),
    "address": ("ADDRESS", addresses.address),
    "address.line": ("ADDRESS", lambda rng: addresses.address(rng, "line")),
    "address.lines": ("ADDRESS", lambda rng: addresses.address(rng, "lines")),
    "zip": ("ADDRESS", addresses.zip_code),
    "room": (None, addresses.room),
    "pobox": ("ADDRESS", addresses.pobox),
    "phone": ("CONTACT", contacts.phone),
    "fax": ("CONTACT", contacts.phone),
    "email": ("CONTACT", contacts.email),
    "url": ("CONTACT", contacts.url),
    "ip": ("CONTACT", contacts.ip),
    "dea": ("ID", numbers.dea),
    "card": ("ID", numbers.card),
    "iban": ("ID", numbers.iban),
    "vin": ("ID", numbers.vin),
    "age": (None, lambda rng: str(rng.randrange(1, 90))),
    "year": (None, lambda rng: str(rng.randrange(1950, 2026))),
    "time": (None, dates.clock),
}
_DATES = {
    "date": dates.any_date,
    "date.numeric": dates.numeric,
    "date.written": dates.written,
    "date.iso": dates.iso,
    "date.partial": dates.partial,
    "date.holiday": dates.holiday,
    "date.short": dates.short,
    "date.day": dates.day_alone,
    "date.month": dates.month_alone,
}
_WEEKDAY = re.compile(r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?\b[.,]?\s+", re.IGNORECASE)
_KEPT_NUMBERS = ("ssn", "mrn", "plan", "account")
_PRONOUNS = {
    "he": ("he", "she"),
    "He": ("He", "She"),
    "his": ("his", "her"),
    "His": ("His", "Her"),
    "him": ("him", "her"),
    "man": ("man", "woman"),
}


class UnknownSlot(ValueError):
    """A template asks for something that the kit does not make."""

    def __init__(self, slot: str) -> None:
        super().__init__(f"no slot {{{slot}}}; the slots are {', '.join(slot_names())}")


def slot_names() -> tuple[str, ...]:
    """Every slot that `Cast.fill` knows, with its forms."""
    of_people = [f"{role}{form}" for role in PEOPLE for form in ("", *(f".{form}" for form in people.FORMS))]
    of_organisations = [f"{kind}{form}" for kind in organisations.KINDS for form in ("", ".full", ".short")]
    return (*of_people, *_FRESH, *_DATES, *of_organisations, *numbers.SHAPED, *clinical.KINDS, *_PRONOUNS)


class Cast:
    """Everybody and everything in one text. The same `rng` state gives the same text.

    Args:
        rng: The only source of chance.
        case: "written", "lower" or "upper" for the whole text; None draws (90, 6 and 4 in a hundred).
    """

    def __init__(self, rng: random.Random, *, case: str | None = None) -> None:
        self.rng = rng
        self.case = case or rng.choices(("written", "lower", "upper"), (90, 6, 4))[0]
        self._anchor = dates.draw_anchor(rng)
        self._favourite_date = rng.choice((None, "date.numeric", "date.written", "date.numeric"))
        self._is_woman = rng.random() < 0.5
        self._people: dict[str, people.Person] = {}
        self._organisations: dict[str, organisations.Organisation] = {}
        self._numbers: dict[str, str] = {}

    def fill(self, template: str) -> Tagged:
        """The template with every slot filled and marked. Raises `UnknownSlot`."""
        parts: list[Tagged] = []
        for literal, slot in pieces(template):
            if literal:
                parts.append(Tagged(literal))
            if slot is not None:
                parts.append(self._filled(slot))
        whole = Tagged.join(parts)
        return whole if self.case == "written" else whole.lowered() if self.case == "lower" else whole.uppered()

    def _filled(self, slot: str) -> Tagged:
        name, _, form = slot.partition(".")
        base = name.rstrip("0123456789")
        key = f"{base}.{form}" if form else base
        if base in PEOPLE and (not form or form in people.FORMS):
            return Tagged.whole(
                people.written(self._person(name, base), self.rng, form or None), "ID" if form == "user" else "NAME"
            )
        if base in organisations.KINDS and form in ("", "full", "short"):
            value = self._organisation(name, base, form)
            return Tagged.whole(value, "ORGANIZATION") if organisations.points_at_people(base, value) else Tagged(value)
        if key in _FRESH:
            label, make = _FRESH[key]
            return Tagged.whole(make(self.rng), label) if label else Tagged(make(self.rng))
        if key in _DATES:
            return self._date(key)
        if key in numbers.SHAPED:
            return Tagged.whole(self._number(name, base), "ID")
        if key in clinical.KINDS:
            return Tagged(clinical.filler(self.rng, key))
        if key in _PRONOUNS:
            return Tagged(_PRONOUNS[key][self._is_woman])
        raise UnknownSlot(slot)

    def _person(self, name: str, role: str) -> people.Person:
        if name not in self._people:
            shared = role == "relative" and self.rng.random() < _FAMILY_SHARE
            self._people[name] = people.invented_person(
                self.rng, self._person("patient", "patient").surname if shared else None
            )
        return self._people[name]

    def _organisation(self, name: str, kind: str, form: str) -> str:
        known = self._organisations.get(name)
        if known is None:
            known = self._organisations[name] = organisations.organisation(self.rng, kind)
        if form:
            return known.full if form == "full" else known.short
        return known.full if self.rng.random() < 0.65 else known.short

    def _number(self, name: str, kind: str) -> str:
        if kind not in _KEPT_NUMBERS:
            return numbers.number(self.rng, kind)
        if name not in self._numbers:
            self._numbers[name] = numbers.number(self.rng, kind)
        return self._numbers[name]

    def _date(self, key: str) -> Tagged:
        if key == "date" and self._favourite_date and self.rng.random() < 0.55:
            key = self._favourite_date
        value = _DATES[key](self.rng, dates.draw_day(self.rng, self._anchor))
        marked = value if isinstance(value, Tagged) else Tagged.whole(value, "DATE")
        weekday = _WEEKDAY.match(marked.text)
        if weekday is None or weekday.end() == len(marked.text):
            return marked
        # A weekday beside a date stays: it tells no day by itself.
        return Tagged(marked.text, tuple((max(start, weekday.end()), end, label) for start, end, label in marked.spans))
