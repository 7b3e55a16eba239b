"""Names that are medicine in Spanish: the noun stands before them, "enfermedad de Crohn", "signos de Kernig y Brudzinski"."""

from assistant.deid.document import CAPITAL, LOWER, UPPER, Document
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME

_REACH = 6
"""How many words before the name its noun may stand: "escala de coma de Glasgow", "síndrome de Stevens-Johnson y de Lyell"."""
_LINKS = frozenset("de del la el los las tipo según y e o u modificado modificada".split())
_GAPS = (" ", "-", "  ", ", ", " (", ' "', " «")


def is_spanish_eponym(document: Document, index: int) -> bool:
    """Whether a clinical noun stands before the word at `index` in the same phrase, with nothing but links, adjectives and
    other names between.

    A given name after "de" is a person: "la enfermedad de Ana".
    """
    kind = document.kinds[index]
    if kind & GIVEN and not kind & (COMMON | CLINICAL | SURNAME):
        return False
    adjectives = 0
    for at in range(index - 1, max(-1, index - 1 - _REACH), -1):
        if document.gap(at) not in _GAPS:
            return False
        lower, before = document.lowers[at], document.kinds[at]
        if before & HEAD:
            return True
        if lower in _LINKS:
            continue
        if document.shapes[at] == LOWER and before & COMMON and adjectives == 0:
            adjectives += 1
            continue
        if document.shapes[at] in (CAPITAL, UPPER) and not before & COMMON:
            continue
        return False
    return False
