"""Short forms of organisations and towns that were found elsewhere in the text: "Larkfield", "LFP", "the Lodge"."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from assistant.deid.document import LOWER, UPPER, Document
from assistant.deid.guard import is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, HEAD
from assistant.deid.organisation_edges import GENERIC
from assistant.deid.spans import Found

_LEAST_SCORE = 0.55
_SHORTEST = 4
_HOMES = frozenset(
    "lodge manor house court hall grange priory abbey pines oaks villa haven hospice infirmary retreat gables elms willows cedars".split()
)
_THE = re.compile(r"\b[Tt]he $")


def find_places_again(document: Document, founds: Iterable[Found]) -> Iterator[Found]:
    """Rare words of known organisations and towns, the initials of an organisation, and `the Lodge`. Linear in the text."""
    words: dict[str, str] = {}
    initials: set[str] = set()
    homes: set[str] = set()
    for found in founds:
        if found.type not in ("ORGANIZATION", "LOCATION") or found.score < _LEAST_SCORE:
            continue
        parts = range(bisect_left(document.starts, found.start), bisect_left(document.starts, found.end))
        for index in parts:
            if _is_rare(document, index):
                words[document.lowers[index]] = found.type
        if found.type == "ORGANIZATION" and len(parts) > 1:
            initials.add(
                "".join(document.words[index][0] for index in parts if document.shapes[index] != LOWER).upper()
            )
            homes.update(document.lowers[index] for index in parts if document.lowers[index] in _HOMES)
    initials = {
        letters for letters in initials if 3 <= len(letters) <= 5 and not document.lexicon.kind(letters.lower())
    }
    if not (words or homes):
        return
    for index, lower in enumerate(document.lowers):
        shape = document.shapes[index]
        if shape == LOWER:
            continue
        span = (document.starts[index], document.ends[index])
        if lower in words and not is_eponym(document, index):
            yield Found(*span, words[lower], 0.5)
        elif (shape == UPPER and lower.upper() in initials and document.words[index].isupper()) or (
            lower in homes and _THE.search(document.text, max(0, span[0] - 4), span[0])
        ):
            yield Found(*span, "ORGANIZATION", 0.5)


def _is_rare(document: Document, index: int) -> bool:
    """A word that only this place has: in no list of words, no department's, no state's."""
    lower, lexicon = document.lowers[index], document.lexicon
    return (
        len(lower) >= _SHORTEST
        and document.shapes[index] != LOWER
        and not document.kinds[index] & (COMMON | CLINICAL | HEAD)
        and lower not in lexicon.departments
        and lower not in lexicon.countries
        and lower not in GENERIC
    )
