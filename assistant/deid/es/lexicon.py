"""The Spanish word lists, read once."""

import unicodedata
from functools import lru_cache

from assistant.deid.es.endings import kind_by_ending
from assistant.deid.es.eponyms import is_spanish_eponym
from assistant.deid.es.name_runs import PARTICLES, TITLES
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME, Lexicon, read_lines, read_phrases

_FOLDER = "assistant.deid.es.words"
_LISTS = (
    ("given", GIVEN),
    ("surnames", SURNAME),
    ("common", COMMON),
    ("everyday", COMMON),
    ("clinical", CLINICAL),
    ("heads", HEAD),
)
_TILDE = "\u0303"


@lru_cache(maxsize=1)
def spanish() -> Lexicon:
    """The Spanish lists. The first call reads about 140 kB."""
    kinds: dict[str, int] = {}
    for name, flag in _LISTS:
        for line in read_lines(_FOLDER, name):
            for word in line.split():
                kinds[word] = kinds.get(word, 0) | flag
    for word, kind in list(kinds.items()):
        for form in without_accents(word):
            # "Garcia" is García; a name without its accent never hides a word ("pena" is no Peña).
            kinds.setdefault(form, kind)
    places = _with_plain_forms(read_phrases(_FOLDER, "places"))
    institutions = read_phrases(_FOLDER, "institutions")
    for phrases in (places, institutions):
        for group in phrases.values():
            for word in {word for words in group for word in words}:
                # Towns end like words: "Alicante", "Villajoyosa".
                kinds.setdefault(word, 0)
    closing = frozenset(
        words[-1] for phrases in (places, institutions) for group in phrases.values() for words in group
    )
    return Lexicon(
        kinds,
        places,
        institutions,
        _with_plain_forms(read_phrases(_FOLDER, "kept_regions")),
        closing,
        unlisted=kind_by_ending,
        is_eponym=is_spanish_eponym,
        titles=TITLES,
        particles=PARTICLES,
    )


def without_accents(word: str) -> set[str]:
    """How people type a word without its accents, with and without the tilde: `ibáñez` → `ibañez`, `ibanez`."""
    letters = unicodedata.normalize("NFD", word)
    if len(letters) == len(word):
        return set()
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    tilde = "".join(letter for letter in letters if letter == _TILDE or not unicodedata.combining(letter))
    return {plain, unicodedata.normalize("NFC", tilde)} - {word}


def _with_plain_forms(phrases: dict[str, tuple[tuple[str, ...], ...]]) -> dict[str, tuple[tuple[str, ...], ...]]:
    found = {first: set(group) for first, group in phrases.items()}
    for group in phrases.values():
        for words in group:
            for plain in without_accents(" ".join(words)):
                form = tuple(plain.split())
                found.setdefault(form[0], set()).add(form)
    return {first: tuple(sorted(group, key=len, reverse=True)) for first, group in found.items()}
