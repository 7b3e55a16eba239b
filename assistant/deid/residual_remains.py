"""Remains of what was masked: words of masked names, alone or glued to others, and numbers masked elsewhere."""

import re
from collections.abc import Iterator, Sequence

from assistant.deid.document import LOWER, Document
from assistant.deid.guard import is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, HEAD
from assistant.deid.name_runs import CREDENTIAL_WORDS
from assistant.deid.spans import Found

NAME_PART, ELSEWHERE = "part of a masked name", "masked elsewhere"

PATIENT = "PATIENT"
"""Type of a hidden text that is no mask: the patient as a table names them, where "Patient 12" is no name."""
_NAMED = frozenset({"NAME", "OTHER"})
_ALSO = frozenset({"LOCATION", "ORGANIZATION", "ADDRESS"})
"""Of places, only the words that no word list knows."""
_STAND_INS = frozenset("abc abcd abd xyz xxx xxxx xxxxx".split())
"""What notes that were de-identified before have for names."""
_SHORTEST, _SHORTEST_GLUED, _LONGEST_GLUED = 3, 5, 60
_LEAST_DIGITS = 5
_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")


def remains(document: Document, hidden: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Found]]:
    """Words and numbers of what was masked (`hidden`: type and text) that still stand in the text."""
    words, places, numbers = _parts(document, hidden)
    for index, lower in enumerate(document.lowers):
        named = lower in words or any(part in words for part in lower.split("-") if len(part) >= _SHORTEST)
        if (named or (lower in places and document.shapes[index] != LOWER)) and _is_left(document, index):
            yield NAME_PART, Found(document.starts[index], document.ends[index], "NAME", 0.6)
    glued = {word for word in words if _SHORTEST_GLUED <= len(word) <= _LONGEST_GLUED and not _is_word(document, word)}
    sizes = sorted({len(word) for word in glued})
    for token in _TOKEN.finditer(document.text):
        lower = token.group().lower()
        if glued and len(lower) > sizes[0] and not document.lexicon.kind(lower) and _holds(lower, glued, sizes):
            yield NAME_PART, Found(*token.span(), "NAME", 0.6)
    for match in _DIGITS.finditer(document.text):
        if match.group() in numbers:
            yield ELSEWHERE, Found(*match.span(), numbers[match.group()], 0.6)


def _parts(document: Document, hidden: Sequence[tuple[str, str]]) -> tuple[set[str], set[str], dict[str, str]]:
    """Words of names, rare words of places, and long numbers with their type."""
    words: set[str] = set()
    places: set[str] = set()
    numbers: dict[str, str] = {}
    ignored = document.lexicon.titles | document.lexicon.particles | CREDENTIAL_WORDS | _STAND_INS
    for kind, text in hidden:
        found = {word.lower() for word in _WORD.findall(text)} - ignored
        found = {word for word in found if len(word) >= _SHORTEST}
        if kind in _NAMED:
            words |= found
        elif kind == PATIENT:
            words |= {word for word in found if not _is_word(document, word)}
        elif kind in _ALSO:
            places |= {word for word in found if not document.lexicon.kind(word)}
        if kind != "DATE":
            numbers.update((digits, kind) for digits in _DIGITS.findall(text) if len(digits) >= _LEAST_DIGITS)
    return words, places - words, numbers


def _is_word(document: Document, word: str) -> bool:
    return bool(document.lexicon.kind(word) & (COMMON | CLINICAL | HEAD))


def _is_left(document: Document, index: int) -> bool:
    """Whether a word that is part of a masked name still names somebody: not "white count", not "Parkinson's disease"."""
    if is_eponym(document, index) or document.kinds[index] & CLINICAL:
        return False
    return document.shapes[index] != LOWER or not document.kinds[index] & (COMMON | HEAD)


def _holds(token: str, words: set[str], sizes: Sequence[int]) -> bool:
    """Whether a longer token holds one of the words: "kowalczyksaid", "mkowalczyk84". Long ones are looked at by their ends."""
    if len(token) > _LONGEST_GLUED:
        return any(token[:size] in words or token[-size:] in words for size in sizes)
    return any(token[at : at + size] in words for size in sizes for at in range(len(token) - size + 1))
