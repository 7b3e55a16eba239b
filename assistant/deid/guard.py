"""What stays because it is medicine: eponyms, drugs, devices, scores. May veto names and places, never numbers."""

from bisect import bisect_left

from assistant.deid.document import CAPITAL, INITIAL, UPPER, Document
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.spans import Found

_REACH = 3
"""How many words after an eponym its noun may stand: "Hashimoto's autoimmune thyroiditis", "Gleason 3+4 score"."""

_ANATOMY = frozenset(
    """circle tetralogy angle canal canals sphincter ligament ligaments triangle fossa islets node nodes valve valves pouch loop
    bundle duct ducts foramen fascia artery vein plexus space organ ampulla tubercle crypts papilla ring zone trigone""".split()
)
"""With "of" before a name: Willis, Fallot, Louis, Oddi, Treitz, Calot, Langerhans, Douglas, Henle, His."""


def is_eponym(document: Document, index: int) -> bool:
    """Whether the word at `index` names a disease, a sign, a device: a clinical noun follows in the same phrase,
    or anatomy stands before it: "circle of Willis".
    """
    if index > 1 and document.lowers[index - 1] == "of" and document.lowers[index - 2] in _ANATOMY:
        return True
    for at in range(index, min(index + _REACH, len(document.words) - 1)):
        gap = document.gap(at).replace("'s", "").replace("'", "")
        if gap.strip(" -/") or len(gap) > 3:
            return False
        kind = document.kinds[at + 1]
        if kind & HEAD:
            return True
        if (
            at == index
            and document.shapes[at + 1] in (CAPITAL, UPPER)
            and kind & (GIVEN | SURNAME)
            and not kind & (COMMON | CLINICAL)
        ):
            return False  # "John Smith test": a person first
        if not kind & (COMMON | CLINICAL | SURNAME) and document.shapes[at + 1] != INITIAL:
            return False
    return False


def is_clinical(document: Document, index: int) -> bool:
    """Whether the word at `index`, standing alone, is read as medicine."""
    return bool(document.kinds[index] & CLINICAL) or is_eponym(document, index)


_VETOABLE = frozenset({"NAME", "LOCATION", "ORGANIZATION"})


def is_vetoed(document: Document, found: Found) -> bool:
    """Whether a name, place or organisation that no title or header vouches for is medicine after all.

    Rules look out for themselves; this catches what a model calls a person ("Foley", "Parkinson's disease").
    """
    if found.sure or found.type not in _VETOABLE:
        return False
    index = bisect_left(document.starts, found.start)
    last = index
    while last + 1 < len(document.starts) and document.starts[last + 1] < found.end:
        last += 1
    if index >= len(document.starts) or document.starts[index] >= found.end:
        return False
    return all(is_clinical(document, at) for at in range(index, last + 1))
