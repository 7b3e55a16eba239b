"""Towns, counties, quarters, landmarks, states, countries: real ones from the pool, Faker's, and invented ones."""

import random

from training.invented.locales import fake
from training.invented.pools import pool
from training.invented.syllables import invented_word

# Locales whose towns Faker lists in Latin letters.
_FAKER_TOWNS = "en_US en_GB de_DE de_AT pl_PL fr_FR it_IT nl_NL nl_BE es_MX pt_BR pt_PT sv_SE no_NO fi_FI hr_HR cs_CZ sk_SK hu_HU ro_RO da_DK en_IN id_ID zu_ZA".split()
_BEFORE = (
    "North",
    "South",
    "East",
    "West",
    "New",
    "Port",
    "Lake",
    "Fort",
    "Mount",
    "Mt.",
    "Upper",
    "Lower",
    "Great",
    "Little",
    "San",
    "Santa",
    "St.",
    "Saint",
    "Cape",
    "Point",
    "El",
    "Los",
    "Bad",
)
_AFTER = (
    "Springs",
    "Falls",
    "Heights",
    "Beach",
    "City",
    "Hills",
    "Grove",
    "Junction",
    "Creek",
    "Valley",
    "Bay",
    "Harbor",
    "Park",
    "Point",
    "Rapids",
    "Village",
    "Center",
    "Corners",
    "Ridge",
    "Crossing",
)
_ENDINGS = "ville ton burg burgh ford ham bury field wood land mouth dale haven port borough berg by stad ovo ice ora ana pur abad nagar".split()
_RIVERS = (
    "on-Sea",
    "upon Avon",
    "on-Thames",
    "sur-Mer",
    "am Main",
    "le-Grand",
    "by-the-Sea",
    "de la Frontera",
    "del Monte",
    "an der Ruhr",
    "under Lyme",
    "sur-Loire",
)


def town(rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.40:
        return american_town(rng) if chance < 0.15 else rng.choice(pool("places", "other towns"))
    if chance < 0.70:
        return fake(rng, rng.choice(_FAKER_TOWNS), "city")
    return invented_town(rng)


def american_town(rng: random.Random) -> str:
    """A town that may stand before a state: real, a word, or invented."""
    chance = rng.random()
    if chance < 0.50:
        return rng.choice(pool("places", "american towns"))
    if chance < 0.60:
        return rng.choice(pool("places", "word towns"))
    return fake(rng, "en_US", "city") if chance < 0.75 else invented_town(rng)


def invented_town(rng: random.Random) -> str:
    """A town that no list holds."""
    chance = rng.random()
    name = invented_word(rng)
    if chance < 0.3:
        return name
    if chance < 0.5:
        return name.rstrip("aeiou'-") + rng.choice(_ENDINGS)
    if chance < 0.7:
        return f"{rng.choice(_BEFORE)} {name}"
    if chance < 0.9:
        return f"{name} {rng.choice(_AFTER)}"
    return f"{name}{rng.choice('- ')}{rng.choice(_RIVERS)}"


def county(rng: random.Random) -> str:
    name = (
        rng.choice(pool("places", "counties"))
        if rng.random() < 0.5
        else invented_word(rng, rng.choice(("english", "celtic", None)))
    )
    return rng.choice(
        (
            f"{name} County",
            f"{name} County",
            f"{name} County",
            f"{name} Co.",
            f"County {name}",
            f"{name} Parish",
            f"{name}shire",
        )
    )


def quarter(rng: random.Random) -> str:
    if rng.random() < 0.55:
        return rng.choice(pool("places", "quarters"))
    return rng.choice(
        (
            f"{invented_word(rng)} {rng.choice(('Heights', 'Park', 'Hill', 'Estate', 'Gardens', 'Village', 'Flats', 'Terrace', 'Court'))}",
            f"{rng.choice(('North', 'South', 'East', 'West', 'Old'))} {invented_word(rng)}",
        )
    )


def landmark(rng: random.Random) -> str:
    if rng.random() < 0.45:
        return rng.choice(pool("places", "landmarks"))
    name = invented_word(rng)
    return rng.choice(
        (
            f"Lake {name}",
            f"{name} Lake",
            f"Mount {name}",
            f"{name} River",
            f"{name} Beach",
            f"{name} State Park",
            f"{name} National Forest",
            f"{name} Bridge",
            f"{name} Square",
            f"{name} Mall",
            f"{name} Airport",
            f"Fort {name}",
            f"Camp {name}",
        )
    )


def state(rng: random.Random) -> str:
    return rng.choice(pool("places", "states")) if rng.random() < 0.75 else state_code(rng)


def state_name(rng: random.Random) -> str:
    return rng.choice(pool("places", "states"))


def state_code(rng: random.Random) -> str:
    return rng.choice(pool("places", "state codes"))


def country(rng: random.Random) -> str:
    return rng.choice(pool("places", "countries"))


def nationality(rng: random.Random) -> str:
    return rng.choice(pool("places", "nationalities"))
