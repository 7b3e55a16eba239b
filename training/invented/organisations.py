"""Hospitals, practices, laboratories, employers, schools, insurers, churches, agencies: a full name and the short one."""

import random
from dataclasses import dataclass
from functools import partial

from training.invented import places
from training.invented.locales import fake
from training.invented.names import draw_culture, given_name, surname
from training.invented.pools import pool
from training.invented.syllables import invented_word

_COMPANIES = "en_US en_US en_US de_DE fr_FR es_ES it_IT nl_NL pl_PL sv_SE fi_FI pt_BR".split()
_LITTLE = {"of", "the", "and", "de", "la", "del", "&", "for"}


@dataclass(frozen=True, slots=True)
class Organisation:
    """An invented or well-known institution; `short` is what colleagues call it."""

    full: str
    short: str


def organisation(rng: random.Random, kind: str) -> Organisation:
    """A new one of a kind in `KINDS`."""
    return _MAKERS[kind](rng)


def _hospital(rng: random.Random) -> Organisation:
    chance = rng.random()
    if chance < 0.10:
        full = rng.choice(pool("organisations", "real hospitals"))
        return Organisation(full, full.split(" Hospital")[0])
    if chance < 0.17:
        full = rng.choice(pool("organisations", "hospitals abroad")).format(
            places.town(rng), rng.choice(pool("organisations", "saints"))
        )
        return Organisation(full, full)
    kind = rng.choice(pool("organisations", "hospital kinds"))
    if chance < 0.37:
        saint = (
            rng.choice(("St. ", "St. ", "St ", "Saint "))
            + rng.choice(pool("organisations", "saints"))
            + rng.choice(("'s", "'s", "", "s"))
        )
        return Organisation(f"{saint} {kind}", saint)
    if chance < 0.46:
        name = rng.choice(pool("organisations", "holy"))
        return Organisation(f"{name} {kind}", name)
    name = _hospital_name(rng)
    full = f"University of {name} {kind}" if rng.random() < 0.08 else f"{name} {kind}"
    return Organisation(
        full,
        rng.choice(
            (name, _letters(full), f"{name} {kind.split()[0]}", f"{name} Med Ctr" if "Medical" in kind else name)
        ),
    )


def _hospital_name(rng: random.Random) -> str:
    """A founder, two founders, a town, a river or view, or a town with a word of rank."""
    chance = rng.random()
    if chance < 0.22:
        return surname(rng, draw_culture(rng))
    if chance < 0.28:
        return f"{surname(rng, draw_culture(rng))}-{surname(rng, draw_culture(rng))}"
    if chance < 0.34:
        culture = draw_culture(rng)
        return f"{given_name(rng, culture)} {surname(rng, culture)}"
    if chance < 0.80:
        return places.town(rng)
    if chance < 0.90:
        return rng.choice(pool("organisations", "views"))
    return f"{rng.choice(('Royal', 'Queen Elizabeth', 'Greater', 'Central', 'North', 'Southern', 'Upper', 'Mid-', 'Veterans', 'King'))} {places.town(rng)}".replace(
        "- ", "-"
    )


def _practice(rng: random.Random) -> Organisation:
    name = _base(rng)
    full = f"{name} {rng.choice(pool('organisations', 'practice kinds'))}"
    return Organisation(full, rng.choice((name, full)))


def _lab(rng: random.Random) -> Organisation:
    if rng.random() < 0.25:
        full = rng.choice(pool("organisations", "real labs"))
        return Organisation(full, full.split()[0])
    name = rng.choice(
        (invented_word(rng), invented_word(rng) + rng.choice(("Dx", "Path", "Gen", "Bio", "Med", "Lab")), _base(rng))
    )
    return Organisation(f"{name} {rng.choice(pool('organisations', 'lab kinds'))}", name)


def _employer(rng: random.Random) -> Organisation:
    chance = rng.random()
    if chance < 0.3:
        full = rng.choice(pool("organisations", "employers"))
        return Organisation(full, full)
    if chance < 0.5:
        full = fake(rng, rng.choice(_COMPANIES), "company")
        return Organisation(full, full.split(",")[0])
    name = _base(rng)
    return Organisation(f"{name} {rng.choice(pool('organisations', 'company kinds'))}", name)


def _school(rng: random.Random) -> Organisation:
    if rng.random() < 0.15:
        full = rng.choice(pool("organisations", "real schools"))
        return Organisation(full, full)
    name, kind = _base(rng), rng.choice(pool("organisations", "school kinds"))
    full = f"University of {name}" if kind == "University" and rng.random() < 0.5 else f"{name} {kind}"
    return Organisation(full, rng.choice((full, name, _letters(full))))


def _insurer(rng: random.Random) -> Organisation:
    full = (
        rng.choice(pool("organisations", "insurers"))
        if rng.random() < 0.6
        else f"{invented_word(rng)} {rng.choice(pool('organisations', 'insurer kinds'))}"
    )
    return Organisation(full, full)


def _church(rng: random.Random) -> Organisation:
    saint = f"{rng.choice(('St. ', 'St ', 'Saint '))}{rng.choice(pool('organisations', 'saints'))}{rng.choice(('', chr(39) + 's'))}"
    name = rng.choice(
        (
            saint,
            saint,
            rng.choice(pool("organisations", "holy")),
            f"First {invented_word(rng)}",
            _base(rng),
            "Mount Zion",
            "New Hope",
        )
    )
    return Organisation(f"{name} {rng.choice(pool('organisations', 'church kinds'))}", name)


def _agency(rng: random.Random) -> Organisation:
    if rng.random() < 0.45:
        full = rng.choice(pool("organisations", "agencies"))
        return Organisation(full, full)
    name = rng.choice((places.town(rng), places.county(rng)))
    full = f"{name} {rng.choice(pool('organisations', 'agency kinds'))}"
    return Organisation(full, rng.choice((full, full, _letters(full))))


def points_at_people(kind: str, name: str) -> bool:
    """Whether the policy removes it: an insurer or a public body of the whole country says nothing about who somebody is."""
    return kind != "insurer" and not (kind == "agency" and name in pool("organisations", "agencies"))


def _local(kinds: str, rng: random.Random) -> Organisation:
    """A place that people of one town know: a pharmacy, a care home, a club, a shop, a prison."""
    name = rng.choice(
        (
            _base(rng),
            _base(rng),
            rng.choice(pool("organisations", "views")),
            f"The {rng.choice(pool('organisations', 'local words'))}",
            rng.choice(pool("organisations", "local words")),
            f"St {rng.choice(pool('organisations', 'saints'))}{rng.choice(('', chr(39) + 's'))}",
        )
    )
    return Organisation(f"{name} {rng.choice(pool('organisations', kinds))}", name)


def _prison(rng: random.Random) -> Organisation:
    name = places.town(rng)
    full = rng.choice(("HMP {}", "FCI {}", "{} Correctional", "{} County Jail", "{} Prison", "{} Detention Centre"))
    return Organisation(full.format(name), rng.choice((full.format(name), name)))


def _base(rng: random.Random) -> str:
    """What comes before the kind: a family, a town, two partners, an invented word."""
    chance = rng.random()
    if chance < 0.35:
        return surname(rng, draw_culture(rng))
    if chance < 0.6:
        return places.town(rng)
    if chance < 0.7:
        return f"{surname(rng, draw_culture(rng))} {rng.choice(('&', 'and'))} {surname(rng, draw_culture(rng))}"
    return invented_word(rng)


def _letters(full: str) -> str:
    """The abbreviation by first letters: "North Valley Medical Center" is "NVMC"."""
    letters = "".join(
        word[0].upper() for word in full.replace("-", " ").split() if word.lower() not in _LITTLE and word[0].isalpha()
    )
    return letters if len(letters) > 2 else full


_MAKERS = {
    **{kind: partial(_local, f"{kind} kinds") for kind in ("pharmacy", "carehome", "club", "shop")}, "prison": _prison,
    "hospital": _hospital, "practice": _practice, "lab": _lab, "employer": _employer, "school": _school, "insurer": _insurer, "church": _church, "agency": _agency,
}  # fmt: skip
KINDS = tuple(_MAKERS)
