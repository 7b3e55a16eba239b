"""How far a name goes: the words that may follow one another in it."""

import re

from assistant.deid.document import CAPITAL, INITIAL, LOWER, UPPER, Document
from assistant.deid.guard import is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME

TITLES = frozenset(
    """dr drs doctor mr mrs ms miss mx prof professor sir madam rev reverend father sister nurse judge capt captain sgt
    sergeant lt lieutenant col colonel gen officer rabbi imam señor señora sr sra mme mlle herr frau""".split()
)
PARTICLES = frozenset(
    "van von der den de la le du da dos das del della di bin ibn al el ter ten st san mac mc y abu af av zu zur".split()
)
CREDENTIALS = re.compile(
    r",?\s{1,2}(?:M\.?D\.?|D\.?O\.?|Ph\.?D\.?|R\.?N\.?|N\.?P\.?|P\.?A\.?(?:-C)?|APRN|ARNP|CRNA|CNM|LPN|LVN|MSN|BSN|DNP|FNP(?:-BC|-C)?|DDS|DMD|DPM|"
    r"PharmD|RPh|PsyD|LCSW|LMFT|MSW|FACS|FACP|FACC|FACOG|FACEP|FAAP|FRCS(?:I|C|Ed)?|FRCPC?|FRCA|FRCR|FRCOG|FRACP|FRACS|FRACGP|FANZCA|FACD|MRCP|MRCGP|MRCPCH|MRCOG|MRCPsych|MRCS|MBBS|MBChB|MB BCh|BDS|DCH|DGO|DNB|MPhil|DPhil|"
    r"OD|DC|PT|DPT|OTR|CCC-SLP|SLP|RD|RT|RRT|EMT(?:-P)?|MPH|MBA|Esq|CNA|HCA|RMN|RGN|RSCN|CPN|CNS|ANP|LPC|LICSW|CADC|COTA|PTA|ATC|MRPharmS|RPharmS|MCSP|FY[12]|SpR|SHO|PGY-?\d|ST[1-8]|CT[1-3])(?![A-Za-z])"
)
CREDENTIAL_WORDS = frozenset(
    """md do phd rn np pa pac aprn arnp crna cnm lpn lvn msn bsn dnp fnp dds dmd dpm pharmd rph psyd lcsw lmft msw facs facp
    facc facog frcs mbbs mrcp od dc pt dpt otr slp rd rt emt mph mba esq ms ma cst lat rrt""".split()
)
"""Credentials behind a name; in capitals they are no part of it."""


def _joined(document: Document, index: int) -> bool:
    """Whether word `index` and the next belong to one run: only a space, or a full stop after an initial or a title."""
    gap = document.gap(index)
    if gap in (" ", "  "):
        return True
    if gap in (". ", ".", ".  "):
        return document.shapes[index] == INITIAL or (
            len(document.words[index]) == 2 and document.lowers[index] in ("st", "jr", "sr", "wm", "ch")
        )
    return False


def knows(kind: int) -> bool:
    return bool(kind & (GIVEN | SURNAME))


def plainly(kind: int) -> bool:
    """In the lists of names and not also a word or a clinical term."""
    return bool(kind & (GIVEN | SURNAME)) and not kind & (COMMON | CLINICAL)


def run_end(document: Document, first: int, *, lower: bool = False, most: int = 6) -> int:
    """The index after the last word of the name that begins at `first` (already accepted)."""
    index = first
    while index + 1 < len(document.words) and index - first + 1 < most and _joined(document, index):
        following = index + 1
        kind, shape = document.kinds[following], document.shapes[following]
        if document.lowers[following] in PARTICLES and following + 1 < len(document.words):
            step = following
            while (
                step + 1 < len(document.words)
                and step - following < 3
                and document.lowers[step] in PARTICLES
                and document.gap(step) in (" ", "'", ". ")
            ):
                step += 1
            if document.shapes[step] == CAPITAL and step > following and document.shapes[following] != UPPER:
                index = step
                continue
        if shape == INITIAL and document.words[following] != "I":
            after = document.gap(following)
            if after.startswith(".") or (step_ok(document, following) if lower else True):
                index = following
                continue
            break
        if (
            shape == CAPITAL
            and (knows(kind) or not kind & (COMMON | CLINICAL | HEAD))
            and document.lowers[following] not in TITLES
        ):
            if not knows(kind) and is_eponym(document, following):
                break
            index = following
            continue
        if shape == UPPER and (
            plainly(kind)
            or (
                not kind & (COMMON | CLINICAL)
                and document.shapes[first] == UPPER
                and len(document.words[following]) > 3
            )
        ):
            index = following
            continue
        if shape == LOWER and lower and plainly(kind):
            index = following
            continue
        break
    return index + 1


def step_ok(document: Document, index: int) -> bool:
    """Whether an initial without a full stop is followed by a name."""
    return index + 1 < len(document.words) and document.gap(index) == " " and knows(document.kinds[index + 1])


def name_end(document: Document, last: int) -> int:
    """Where the name that ends with word `last` ends: an initial takes its full stop along."""
    end = document.ends[last]
    if document.shapes[last] == INITIAL and document.text[end : end + 1] == ".":
        return end + 1
    return end
