"""Telephone and fax numbers, mail and web addresses, IP addresses."""

import random

from training.invented.names import ascii_letters, draw_culture, given_name, surname
from training.invented.syllables import invented_word

_MAILS = "gmail.com yahoo.com hotmail.com outlook.com icloud.com aol.com proton.me gmx.de web.de orange.fr mail.ru comcast.net verizon.net btinternet.com".split()
_ENDINGS = "com org net edu health care clinic co.uk de fr es it ca com.au nhs.uk gov io med ie nl info".split()
_PHONES = (
    "(###) ###-####", "###-###-####", "###.###.####", "### ### ####", "(###)###-####", "##########", "1-###-###-####", "+1 ### ### ####", "+1-###-###-####",
    "+1 (###) ###-####", "###-####", "(###) ###-#### x###", "###-###-#### ext. ####", "###-###-#### ext ###", "x#####", "x####", "+44 7### ######", "0#### ######",
    "020 #### ####", "+44 20 #### ####", "+49 ### #######", "0### / ######", "+33 # ## ## ## ##", "0# ## ## ## ##", "+34 ### ### ###", "+39 ### ### ####",
    "+61 4## ### ###", "(0#) #### ####", "+91 ##### #####", "+353 ## ### ####", "+52 ## #### ####", "+48 ### ### ###", "0###-#######", "+86 ### #### ####",
    "###/###-####", "### - ### - ####", "+##-##-####-####", "1 (8##) ###-####", "8##-###-####", "pager #####", "###–###–####", "(###) ### ####",
)  # fmt: skip


def digits(rng: random.Random, pattern: str) -> str:
    """The pattern with `#` a digit, `~` a digit from 1 to 9 and `?` a capital letter."""
    return "".join(
        str(rng.randrange(10))
        if sign == "#"
        else str(rng.randrange(1, 10))
        if sign == "~"
        else chr(65 + rng.randrange(26))
        if sign == "?"
        else sign
        for sign in pattern
    )


def phone(rng: random.Random) -> str:
    pattern = rng.choice(_PHONES[:12]) if rng.random() < 0.6 else rng.choice(_PHONES)
    return digits(rng, pattern.replace("pager ", "").replace("#", "~", 1))


def email(rng: random.Random) -> str:
    culture = draw_culture(rng)
    given, family = (
        ascii_letters(given_name(rng, culture)).lower() or "a",
        ascii_letters(surname(rng, culture)).lower() or "b",
    )
    number = digits(rng, rng.choice(("", "", "", "#", "##", "19##", "20##")))
    local = rng.choice(
        (
            f"{given}.{family}",
            f"{given}{family}",
            f"{given[0]}{family}",
            f"{family}.{given[0]}",
            f"{given}_{family}",
            f"{given}-{family}",
            f"{given}",
            f"{family}",
        )
    )
    domain = rng.choice(_MAILS) if rng.random() < 0.5 else _domain(rng)
    mail = f"{local}{number}@{domain}"
    return mail.title() if rng.random() < 0.03 else mail


def _domain(rng: random.Random) -> str:
    name = ascii_letters(invented_word(rng)).lower()
    tail = rng.choice(("", "", "health", "med", "clinic", "-hospital", "care", "law", "-uni", "group", "schools"))
    return f"{name}{tail}.{rng.choice(_ENDINGS)}"


def url(rng: random.Random) -> str:
    address = (
        rng.choice(("https://", "http://", "https://www.", "www.", "www.", ""))
        + rng.choice(("", "", "", "portal.", "my", "records."))
        + _domain(rng)
    )
    path = rng.choice(
        (
            "/patients",
            "/u",
            "/profile",
            "/records",
            "/results",
            "/p",
            "/@" + ascii_letters(invented_word(rng)).lower(),
            "/in",
        )
    )
    return address + rng.choice(
        (
            "",
            "",
            path,
            path + digits(rng, "/#####"),
            path + "/" + ascii_letters(invented_word(rng)).lower(),
            path + digits(rng, "?id=######"),
        )
    )


def ip(rng: random.Random) -> str:
    if rng.random() < 0.15:
        return ":".join(f"{rng.randrange(65536):x}" for _ in range(8))
    if rng.random() < 0.12:
        return rng.choice(":-").join(f"{rng.randrange(256):02X}" for _ in range(6))
    return ".".join(str(rng.randrange(1, 255)) for _ in range(4))
