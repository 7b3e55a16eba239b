"""People by their capitals: two names side by side, a capital after a title, a name that is a word too.

The rules weigh more and mask less; the guard's word on what is medicine is taken here too.
"""

from collections.abc import Iterator

from assistant.deid.document import CAPITAL, INITIAL, LOWER, Document
from assistant.deid.guard import is_clinical, is_eponym
from assistant.deid.lexicon import CLINICAL, GIVEN, HEAD, SURNAME
from assistant.deid.name_runs import knows, plainly
from assistant.deid.spans import Found

TWO_NAMES, AFTER_TITLE, LONE_NAME = "two names", "after a title", "a name alone"

_TITLES = frozenset("dr drs mr mrs ms prof".split())
"""Titles that are nothing else."""
_SHORTEST = 3


def names(document: Document) -> Iterator[tuple[str, Found]]:
    """Findings with their reason. They may overlap."""
    for index, shape in enumerate(document.shapes):
        if shape != CAPITAL or len(document.words[index]) < _SHORTEST:
            continue
        if _is_after_title(document, index):
            yield AFTER_TITLE, _found(document, index, index)
        elif (last := _pair_end(document, index)) is not None:
            yield TWO_NAMES, _found(document, index, last)
        elif _is_lone_name(document, index):
            yield LONE_NAME, _found(document, index, index)


def _found(document: Document, first: int, last: int) -> Found:
    return Found(document.starts[first], document.ends[last], "NAME", 0.5)


def _is_after_title(document: Document, index: int) -> bool:
    return index > 0 and document.lowers[index - 1] in _TITLES and document.before(index) in (" ", ". ", ".", ".  ")


def _pair_end(document: Document, index: int) -> int | None:
    """The last word of "Rose Stone" or "Grant B. Young": a given name and a surname, each a word too, or a name and a word."""
    last = index + 1
    if last < len(document.words) - 1 and document.shapes[last] == INITIAL and document.gap(last) in (". ", ".", " "):
        last += 1
    if last >= len(document.words) or document.shapes[last] != CAPITAL or document.gap(index) not in (" ", "  "):
        return None
    first_kind, last_kind = document.kinds[index], document.kinds[last]
    in_order = first_kind & GIVEN and last_kind & SURNAME
    one_plain = knows(first_kind) and knows(last_kind) and (plainly(first_kind) or plainly(last_kind))
    if not (in_order or one_plain) or first_kind & CLINICAL:
        return None
    medicine = is_eponym(document, index) or is_eponym(document, last) or is_clinical(document, last)
    return None if medicine else last


def _is_lone_name(document: Document, index: int) -> bool:
    """A given name that is nothing else; or a name or place with a capital that nothing else explains: "told Grant that"."""
    kind = document.kinds[index]
    if kind & (CLINICAL | HEAD) or is_eponym(document, index):
        return False
    if kind & GIVEN and plainly(kind):
        return True
    if not index or document.shapes[index - 1] != LOWER or document.before(index) not in (" ", "  "):
        return False
    last = index + 1 == len(document.words)
    if not last and document.gap(index) in (" ", "-") and document.shapes[index + 1] != LOWER:
        return False  # a title, a product, a list of capitals
    lower = document.lowers[index]
    return bool(kind & (GIVEN | SURNAME)) or (lower,) in document.lexicon.places.get(lower, ())
