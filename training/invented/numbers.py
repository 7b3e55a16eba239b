"""Numbers that name one person, account or thing: record, insurance, bank, licence and vehicle numbers in many shapes."""

import random

from training.invented.contacts import digits

_SHAPES: dict[str, tuple[str, ...]] = {
    "ssn": ("###-##-####", "###-##-####", "### ## ####", "#########", "xxx-xx-####", "***-**-####", "###.##.####"),
    "mrn": (
        "########", "#######", "######", "##########", "###-##-##", "##-##-##", "MR######", "M#######", "H########", "E########", "MRN#######", "A##-####", "###-####-#",
        "0#######", "##-####", "UR#######", "???#######", "V#########", "### ### ####", "#####", "P-#####", "RM-####-###", "?#######", "#######-?", "###.###.###",
    ),
    "plan": (
        "???#########", "?##-##-####", "~???-??#-??##", "~?#?-?#?-??##", "~?##?##??##", "XYZ#########", "W##########", "#########-##", "H####-###", "###-######-##", "??#######?",
        "POL-#######", "########-#", "?##########", "G-#######", "ID ###### ##", "???###?#####",
    ),
    "account": ("##########", "########", "############", "####-####-##", "AC-#######", "ACCT#######", "##-######-#", "##### ######", "HAR#########", "V########", "####-######"),
    "licence": ("?#######", "??######", "###-###-###", "MD#####", "ME######", "RN######", "?##-###-##-####", "G#####", "#######", "A-#####", "036-######", "?-###-###-###", "PA#####", "DL ########"),
    "npi": ("1#########", "2#########", "1#########", "1### ### ###"),
    "plate": ("???-####", "???####", "#???###", "??## ???", "?##-???", "###-???", "??-###-??", "#??-###", "?? ####", "?-?? ####", "???###", "??##???"),
    "serial": (
        "SN######", "??#######", "?##?####-##", "####-####-####", "SN-????####", "???######?", "#########", "PXT######", "RNU######?", "(01)##############(21)######", "LOT ?####",
        "?######?", "##?####", "??-####-###", "###????##", "#?????#####", "W####-#######",
    ),
    "accession": ("##-?-#####", "S##-#####", "SP##-####", "ACC#########", "##-#######", "CT-####-#####", "########", "20##-######", "??##-######", "C##-####", "E##########", "R-##-######"),
    "id": (
        "######", "########", "##########", "?####", "??####", "???-####", "####-????", "?##-####", "#-###-####", "ID######", "#####-##", "???######", "##-?##-####", "20######", "?#?#?#",
        "####/##", "##/#####", "??-##-###-????", "KX###?", "####-###", "B-####", "#####", "???##", "#####?", "?###-###-###",
    ),
}  # fmt: skip
SHAPED = tuple(_SHAPES)


def number(rng: random.Random, kind: str) -> str:
    """A number of one of the kinds in `SHAPED`."""
    shape = rng.choice(_SHAPES[kind])
    if kind == "id" and rng.random() < 0.25:
        shape = "".join(rng.choice("##?-" if 0 < at < 7 else "#?") for at in range(rng.randrange(5, 13))).replace(
            "--", "#-"
        )
        if "#" not in shape:
            shape += "##"
    written = digits(rng, shape)
    return written.lower() if rng.random() < 0.05 else written


def dea(rng: random.Random) -> str:
    """Two letters and seven digits, the last a check digit as the DEA computes it (mostly)."""
    six = digits(rng, "######")
    check = (int(six[0]) + int(six[2]) + int(six[4]) + 2 * (int(six[1]) + int(six[3]) + int(six[5]))) % 10
    return f"{rng.choice('ABFGMPR')}{digits(rng, '?')}{six}{check}"


def card(rng: random.Random) -> str:
    """Sixteen digits (or fifteen) with a Luhn check digit."""
    body = rng.choice("3456") + digits(rng, "##############")
    doubled = [int(digit) * (2 if at % 2 == 0 else 1) for at, digit in enumerate(body)]
    number_ = body + str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)
    style = rng.random()
    if style < 0.4:
        return " ".join(number_[at : at + 4] for at in range(0, 16, 4))
    if style < 0.65:
        return "-".join(number_[at : at + 4] for at in range(0, 16, 4))
    return (
        number_
        if style < 0.85
        else f"{rng.choice(('xxxx-xxxx-xxxx-', '************', 'XXXX XXXX XXXX '))}{number_[-4:]}"
    )


def iban(rng: random.Random) -> str:
    country, shape = rng.choice(
        (
            ("DE", "####################"),
            ("GB", "????##############"),
            ("FR", "#######################"),
            ("ES", "######################"),
            ("NL", "????##########"),
            ("IT", "?######################"),
        )
    )
    written = f"{country}{digits(rng, '##')}{digits(rng, shape)}"
    return written if rng.random() < 0.5 else " ".join(written[at : at + 4] for at in range(0, len(written), 4))


def vin(rng: random.Random) -> str:
    """Seventeen signs without I, O and Q."""
    return (
        rng.choice("12345JWKSVZ")
        + "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ0123456789") for _ in range(10))
        + digits(rng, "######")
    )
