"""Given names and surnames of many cultures: Faker's, our pools', and surnames made of syllables."""

import random
import unicodedata

from training.invented.locales import fake
from training.invented.pools import pool
from training.invented.romanise import romanised
from training.invented.syllables import invented_word

# Locales whose names Faker writes in Latin letters, and in their own right (not copied from English).
_FAKER = (
    "en_US en_US en_US en_US en_GB en_IE en_IN en_KE en_NG en_NZ en_PK en_TH cs_CZ da_DK de_AT de_CH de_DE es_AR es_CL es_CO es_ES es_MX es_MX et_EE "
    "fi_FI fr_BE fr_CA fr_DZ fr_FR ga_IE ha_NG hr_HR hu_HU id_ID ig_NG is_IS it_IT lt_LT lv_LV nl_BE nl_NL no_NO pl_PL pt_BR pt_PT ro_RO sk_SK sl_SI "
    "sv_SE sw tr_TR tw_GH uz_UZ yo_NG zu_ZA"
).split()
# Locales whose names are brought into Latin letters.
_ROMANISED = "ru_RU ru_RU uk_UA bg_BG mk_MK el_GR ka_GE hy_AM".split()
# Sections of pools/names.txt that hold `X given` and `X surname`.
_POOLS = (
    "us us us us arabic arabic persian chinese chinese korean korean japanese japanese indian indian vietnamese vietnamese ethiopian somali hmong native "
    "hebrew greek slavic armenian african african haitian"
).split()
_PARTICLES = "de,de la,del,van,van der,van den,von,da,dos,di,le,la,du,el,bin,ter,ten,zu,af,Mac,Ó,De,Van,Van der,De La,Von,Di,Le".split(
    ","
)
_PREFIXES = ("O'", "O'", "D'", "Mc", "Mac", "Fitz", "De", "Van", "St. ", "St.", "L'", "O’")
_EXCHANGED = {
    "i": "y",
    "y": "ie",
    "c": "k",
    "k": "c",
    "s": "z",
    "z": "s",
    "e": "ei",
    "a": "ae",
    "v": "w",
    "t": "th",
    "n": "nn",
    "o": "oe",
    "u": "ou",
}
_WITHOUT_ACCENT = {
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "ß": "ss",
    "æ": "ae",
    "Æ": "Ae",
    "đ": "d",
    "Đ": "D",
    "ı": "i",
    "ð": "d",
    "þ": "th",
    "Þ": "Th",
    "œ": "oe",
}


def draw_culture(rng: random.Random) -> str:
    """The key of a culture, from which `given_name` and `surname` draw."""
    chance = rng.random()
    return rng.choice(_FAKER) if chance < 0.58 else rng.choice(_ROMANISED) if chance < 0.64 else rng.choice(_POOLS)


def given_name(rng: random.Random, culture: str) -> str:
    """A given name; now and then a word, a double name, or a rare spelling."""
    chance = rng.random()
    if chance < 0.05:
        return rng.choice(pool("names", "words given"))
    name = _cultured(rng, culture, "given")
    if chance < 0.08:
        name = _respelled(rng, name)
    elif chance < 0.10:
        name = f"{name}{rng.choice('- ')}{_cultured(rng, culture, 'given')}"
    elif chance < 0.13:
        name = invented_word(rng)
    return _plain_letters(rng, name)


def surname(rng: random.Random, culture: str) -> str:
    """A surname: the culture's, made of syllables, a word, an eponym, doubled, with a particle, or respelled."""
    chance = rng.random()
    if chance < 0.09:
        return rng.choice(pool("names", "words surname"))
    if chance < 0.105:
        return rng.choice(pool("names", "eponym surname"))
    name = invented_word(rng) if chance < 0.30 else _cultured(rng, culture, "surname")
    twist = rng.random()
    if twist < 0.05:
        name = f"{name}{rng.choice(('-', '-', '-', '–', ' '))}{_cultured(rng, culture, 'surname')}"
    elif twist < 0.08 and " " not in name:
        name = f"{rng.choice(_PARTICLES)} {name}"
    elif twist < 0.10:
        name = rng.choice(_PREFIXES) + name
    elif twist < 0.13:
        name = _respelled(rng, name)
    return _plain_letters(rng, name)


def ascii_letters(name: str) -> str:
    """Only A to Z of a name, its accents taken off."""
    return "".join(letter for letter in unicodedata.normalize("NFD", name) if letter.isascii() and letter.isalpha())


def _cultured(rng: random.Random, culture: str, part: str) -> str:
    """A `given` name or `surname` as the culture has it."""
    if culture in _FAKER:
        return fake(rng, culture, "first_name" if part == "given" else "last_name")
    if culture in _ROMANISED:
        return romanised(fake(rng, culture, "first_name" if part == "given" else "last_name"))
    if part == "given" and culture in ("korean", "chinese") and rng.random() < 0.6:
        return _two_syllables(rng, pool("names", f"{culture} syllables"))
    return rng.choice(pool("names", f"{culture} {part}"))


def _two_syllables(rng: random.Random, syllables: tuple[str, ...]) -> str:
    """ "Min-jun", "Min Jun", "Minjun": three ways to write the same name."""
    first, second = rng.choice(syllables), rng.choice(syllables)
    return rng.choice(
        (
            f"{first}-{second.lower()}",
            f"{first} {second}",
            f"{first}{second.lower()}",
            f"{first}{second.lower()}",
            f"{first}-{second}",
        )
    )


def _respelled(rng: random.Random, name: str) -> str:
    """One letter doubled, dropped or exchanged, as rare spellings and typing errors are."""
    at = rng.randrange(1, len(name)) if len(name) > 2 else 0
    old = name[at]
    if not old.isalpha() or not at:
        return name
    return name[:at] + rng.choice((old * 2, _EXCHANGED.get(old, old), "")) + name[at + 1 :]


def _plain_letters(rng: random.Random, name: str) -> str:
    """Most hospitals' systems keep no accents: they are taken off in three names of four."""
    if name.isascii() or rng.random() < 0.25:
        return name
    folded = unicodedata.normalize("NFD", name.translate(_LETTERS))
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


_LETTERS = str.maketrans(_WITHOUT_ACCENT)
