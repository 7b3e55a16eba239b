"""Streets with numbers, and whole addresses in the layouts of many countries, on one line or several."""

import random

from training.invented import places
from training.invented.contacts import digits
from training.invented.locales import fake
from training.invented.pools import pool
from training.invented.syllables import invented_word

_FAKER = "de_DE de_AT de_CH fr_FR it_IT es_ES es_MX nl_NL nl_BE pl_PL pt_BR pt_PT sv_SE no_NO da_DK fi_FI cs_CZ hu_HU hr_HR en_GB en_CA en_AU en_NZ en_IE en_IN en_PH id_ID vi_VN zu_ZA".split()
_UNITS = (
    "Apt {}",
    "Apt. {}",
    "Apartment {}",
    "Unit {}",
    "#{}",
    "Suite {}",
    "Ste {}",
    "Flat {}",
    "Lot {}",
    "Fl {}",
    "Floor {}",
    "Bldg {}",
)
_ROOMS = (
    "Room {}",
    "Room {}",
    "Rm {}",
    "Rm. {}",
    "room {}",
    "Bed {}",
    "Room {}-B",
    "Bay {}",
    "Suite {}",
    "Room {}A",
    "RM{}",
    "rm {}",
)


def street(rng: random.Random) -> str:
    """Number and street, with a flat now and then."""
    chance = rng.random()
    if chance < 0.2:
        return _on_one_line(fake(rng, rng.choice(_FAKER), "street_address"), ", ")
    if chance < 0.27:
        return _on_one_line(fake(rng, "en_US", "street_address"), ", ")
    name = rng.choice(pool("places", "streets")) if rng.random() < 0.5 else invented_word(rng)
    if chance < 0.33:
        name = _ordinal_street(rng)
    way = f"{name} {rng.choice(pool('places', 'street kinds'))}"
    if rng.random() < 0.12:
        way = rng.choice(("N ", "S ", "E ", "W ", "N. ", "North ", "West ", "SW ", "NE ")) + way
    if rng.random() < 0.08:
        way = rng.choice(
            (
                f"County Road {rng.randrange(1, 900)}",
                f"Route {rng.randrange(1, 99)}",
                f"State Hwy {rng.randrange(1, 300)}",
                f"Rue de {invented_word(rng)}",
                f"Calle {invented_word(rng)}",
                f"Via {invented_word(rng)}",
            )
        )
    number = digits(rng, rng.choice(("~", "~#", "~##", "~##", "~###", "~####", "~#-~#", "~#B", "~##a")))
    line = f"{number} {way}"
    if rng.random() < 0.2:
        line += rng.choice((", ", " ", ", ")) + rng.choice(_UNITS).format(
            digits(rng, rng.choice(("~", "~#", "~##", "~?", "?")))
        )
    return line


def address(rng: random.Random, style: str | None = None) -> str:
    """Everything an envelope needs, on one line (`line`) or several (`lines`); None draws."""
    separator = {"line": ", ", "lines": "\n"}.get(style or "") or rng.choice((", ", ", ", "\n", " "))
    if rng.random() < 0.35:
        return _on_one_line(fake(rng, rng.choice(_FAKER), "address"), separator)
    first = pobox(rng) if rng.random() < 0.06 else street(rng)
    region = places.state_code(rng) if rng.random() < 0.75 else places.state_name(rng)
    last = f"{places.american_town(rng)}{rng.choice((', ', ', ', ' '))}{region}{rng.choice((' ', ' ', '  '))}{zip_code(rng)}"
    if rng.random() < 0.12:
        last = f"{places.american_town(rng)}, {region}"
    if rng.random() < 0.06:
        last += f"{separator}{places.country(rng)}"
    return f"{first}{separator}{last}"


def zip_code(rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.75:
        return digits(rng, "#####")
    if chance < 0.85:
        return digits(rng, "#####-####")
    return digits(
        rng, rng.choice(("?# #??", "??## #??", "?#? #?#", "####", "#### ??", "##-###", "### ##", "######", "D-#####"))
    )


def room(rng: random.Random) -> str:
    return rng.choice(_ROOMS).format(digits(rng, rng.choice(("~", "~#", "~##", "~##", "~###", "?~##", "~?"))))


def pobox(rng: random.Random) -> str:
    return rng.choice(("P.O. Box {}", "PO Box {}", "P. O. Box {}", "POB {}", "Box {}", "Postfach {}")).format(
        digits(rng, rng.choice(("~##", "~###", "~####", "~#")))
    )


def _ordinal_street(rng: random.Random) -> str:
    number = rng.randrange(1, 190)
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _on_one_line(written: str, separator: str) -> str:
    return separator.join(" ".join(line.split()) for line in written.splitlines() if line.strip())
