"""A person of a text and the ways the name is written. Where names come from: `names.py`."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from training.invented import names
from training.invented.pools import pool

SUFFIXES = ("Jr.", "Jr", "Sr.", "Sr", "II", "III", "IV")


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person; `middle` and `suffix` may be empty."""

    given: str
    middle: str
    surname: str
    suffix: str
    nick: str


def invented_person(rng: random.Random, surname: str | None = None) -> Person:
    """A new person; `surname` is given where a family shares it."""
    culture = names.draw_culture(rng)
    given = names.given_name(rng, culture)
    middle = names.given_name(rng, culture) if rng.random() < 0.35 else ""
    nick = rng.choice(pool("names", "nick")) if rng.random() < 0.7 else given[: max(3, len(given) // 2)].rstrip(" -")
    return Person(
        given=given,
        middle=middle if middle != given else "",
        surname=surname or names.surname(rng, culture),
        suffix=rng.choice(SUFFIXES) if rng.random() < 0.04 else "",
        nick=nick,
    )


def _full(person: Person, rng: random.Random) -> str:
    parts = [person.given]
    if person.middle:
        parts += rng.choice(([], [person.middle], [person.middle[0] + "."], [person.middle[0]]))
    name = " ".join([*parts, person.surname])
    if person.suffix and rng.random() < 0.7:
        name += rng.choice((" ", ", ")) + person.suffix
    return name


def _listed(person: Person, rng: random.Random) -> str:
    surname = person.surname + (f" {person.suffix}" if person.suffix and rng.random() < 0.5 else "")
    middle = person.middle and rng.choice(("", person.middle[0], person.middle[0] + ".", person.middle))
    name = surname + rng.choice((", ", ", ", ", ", ",")) + person.given
    name += f" {middle}" if middle else ""
    return name.upper() if rng.random() < 0.45 else name


def _initial(person: Person, rng: random.Random) -> str:
    first = person.given[0]
    middle = person.middle[:1] if rng.random() < 0.5 else ""
    style = rng.random()
    if style < 0.7:
        return f"{first}. {middle + '. ' if middle else ''}{person.surname}"
    if style < 0.8:
        return f"{first}.{middle + '.' if middle else ''}{person.surname}"
    if style < 0.9:
        return f"{first}{middle} {person.surname}"
    return f"{person.surname} {first}"


def _initials(person: Person, rng: random.Random) -> str:
    letters = person.given[0] + (person.middle[:1] if rng.random() < 0.5 else "") + person.surname[0].upper()
    return rng.choice((letters, ".".join(letters) + ".", ".".join(letters)))


def _user(person: Person, rng: random.Random) -> str:
    given, surname = names.ascii_letters(person.given).lower(), names.ascii_letters(person.surname).lower()
    number = (
        ""
        if rng.random() < 0.45
        else str(rng.choice((rng.randrange(1, 10), rng.randrange(10, 100), rng.randrange(1940, 2012))))
    )
    return rng.choice(
        (
            f"{given[:1]}{surname}{number}",
            f"{given}.{surname}{number}",
            f"{given}_{surname}{number}",
            f"{surname}{given[:1]}{number}",
            f"{given}{surname[:1]}{number or rng.randrange(10, 99)}",
            f"{surname[:5]}{given[:2]}{rng.randrange(1, 100):02d}",
            f"{given[:1]}{surname[:6]}".upper() + number,
        )
    )


FORMS: dict[str, Callable[[Person, random.Random], str]] = {
    "full": _full,
    "given": lambda person, rng: person.given,
    "surname": lambda person, rng: person.surname,
    "listed": _listed,
    "initial": _initial,
    "initials": _initials,
    "lower": lambda person, rng: _full(person, rng).lower(),
    "upper": lambda person, rng: _full(person, rng).upper(),
    "nick": lambda person, rng: person.nick,
    "user": _user,
}
# How often a slot without a form draws each: mostly the full name.
_USUAL = ("full", "initial", "listed", "surname", "given", "upper", "lower")
_USUAL_WEIGHTS = (66, 7, 5, 9, 6, 4, 3)


def written(person: Person, rng: random.Random, form: str | None) -> str:
    """The name in one form; None draws the form."""
    return FORMS[form or rng.choices(_USUAL, _USUAL_WEIGHTS)[0]](person, rng)
