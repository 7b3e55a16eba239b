"""Once a name is known, its later forms go too: the surname alone, in lower case, with 's, as initials."""

import re
from collections.abc import Iterable, Iterator

from assistant.deid.document import INITIAL, LOWER, Document
from assistant.deid.guard import is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, HEAD
from assistant.deid.name_runs import PARTICLES, TITLES
from assistant.deid.spans import Found

_SHORTEST = 3
_LEAST_SCORE = 0.45
"""A finding weaker than this is not trusted enough to spread."""
_INITIALS = re.compile(r"(?<![\w.])[A-Z]\.\s?[A-Z]\.(?:\s?[A-Z]\.)?(?!\w)")


def propagate(document: Document, founds: Iterable[Found]) -> Iterator[Found]:
    """Further findings for the people among `founds`. Linear in the text and in the findings."""
    starts = {start: index for index, start in enumerate(document.starts)}
    known: dict[str, float] = {}
    initials: dict[str, float] = {}
    for found in founds:
        if found.type != "NAME" or found.score < _LEAST_SCORE:
            continue
        parts = list(_parts(document, starts, found))
        for index in parts:
            word = document.lowers[index]
            if len(word) >= _SHORTEST or (
                len(word) == 2 and document.shapes[index] != INITIAL and word not in PARTICLES
            ):
                known[word] = max(known.get(word, 0), found.score)
        if len(parts) > 1:
            key = "".join(document.words[index][0].upper() for index in parts)
            initials[key] = max(initials.get(key, 0), found.score)
            initials[key[0] + key[-1]] = max(initials.get(key[0] + key[-1], 0), found.score)
    if not known:
        return
    for index, word in enumerate(document.lowers):
        score = (
            known.get(word) or max((known.get(part, 0) for part in word.split("-")), default=0)
            if "-" in word
            else known.get(word)
        )
        if score and _is_person(document, index):
            yield Found(document.starts[index], document.ends[index], "NAME", max(0.4, score - 0.05))
    for match in _INITIALS.finditer(document.text):
        key = "".join(character for character in match.group() if character.isalpha())
        if key in initials:
            yield Found(*match.span(), "NAME", 0.6)


def _parts(document: Document, starts: dict[int, int], found: Found) -> Iterator[int]:
    index = starts.get(found.start)
    if index is None:
        return
    while index < len(document.starts) and document.starts[index] < found.end:
        if document.lowers[index] not in TITLES and document.lowers[index] not in PARTICLES:
            yield index
        index += 1


def _is_person(document: Document, index: int) -> bool:
    kind, shape = document.kinds[index], document.shapes[index]
    if is_eponym(document, index):
        return False
    if len(document.words[index]) == 2 and (shape == LOWER or kind & (COMMON | CLINICAL)):
        return False
    if kind & (COMMON | CLINICAL | HEAD):
        # "Brown said", never "brown stool"; at the start of a sentence a word is a word.
        return shape != LOWER and not document.starts_sentence(index) and not kind & CLINICAL
    return True
