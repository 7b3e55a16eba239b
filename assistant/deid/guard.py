"""What stays because it is medicine: eponyms, drugs, devices, scores. May veto names and places, never numbers."""

import re
from bisect import bisect_right

from assistant.deid.document import CAPITAL, INITIAL, LOWER, UPPER, Document
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.spans import Found

_REACH = 3
"""How many words after an eponym its noun may stand: "Hashimoto's autoimmune thyroiditis", "Gleason 3+4 score"."""
_LONGEST_LIST = 6
"""Words of a list of eponyms that are looked through: "Marfan, Ehlers-Danlos and Loeys-Dietz"."""

_ANATOMY = frozenset(
    """circle tetralogy angle canal canals sphincter ligament ligaments triangle fossa islets node nodes valve valves pouch loop
    bundle duct ducts foramen fascia artery vein plexus space organ ampulla tubercle crypts papilla ring zone trigone""".split()
)
"""With "of" before a name: Willis, Fallot, Louis, Oddi, Treitz, Calot, Langerhans, Douglas, Henle, His."""
_POSSESSIVES = frozenset({"'s ", "' "})
_BELONGINGS = frozenset(
    """drain drains tube tubes catheter line lines pump monitor bag bags cast boot splint dressing dressings bandage stent graft collar brace
    needle scan exam examination chart diet fever pulse murmur breath wires pins boots inhaler solution applicator contractions port unit units
    table frame questionnaire screen response lesion lesions mask pencil loop plan area""".split()
)
"""What a person has: behind a possessive these make no eponym."""
_ENDS_PHRASE = frozenset(
    """to for with and or but in on at from by was is has had will would were are be been came went said says who whom that which when
    if as because after before until about into over under per via than then so not no a an the his her their my our your""".split()
)
"""A noun behind these belongs to another phrase."""
_SPEAKS = frozenset("speaks speak speaking spoke spoken fluent translated".split())
_LANGUAGE_BEFORE = _SPEAKS | frozenset("interpreter language tribe ethnicity nationality religion".split())
_LANGUAGE_AFTER = frozenset(
    """speaking speaker speakers interpreter interpreters interpreting language origin descent ethnicity heritage ancestry
    background descended leaflet translation""".split()
)
"""Around a language or a people that no list knows: "Tigrinya interpreter", "speaks Karen"."""
_NUMBER_AFTER = re.compile(r" (?:score )?[<>=]?\d{1,3}(?![\w/-]| ?(?:y|yo|yr|M\b|F\b|year))")
_VALUE_BEFORE = re.compile(r"\d\)?[,;] $")
_RULED = re.compile(
    r"'s? (?:was |is |has been )?(?:excluded|suspected|ruled|confirmed|likely|unlikely|possible|probable|negative|positive|absent|diagnosed|considered|flare|variant|remission|relapse|workup)\b"
)
_CALENDAR = frozenset(
    """january february march april may june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday christmas easter thanksgiving halloween""".split()
)
"""Clinical for other rules, but no neighbour that makes a name an eponym: "Monday and Okafor"."""
_JOINS = frozenset({", ", "/", " / ", " & ", "-"})


def is_eponym(document: Document, index: int) -> bool:
    """Whether the word at `index` names a disease, a sign, a device: each language has its own word order."""
    return document.lexicon.is_eponym(document, index)


def is_english_eponym(document: Document, index: int) -> bool:
    """A clinical noun follows in the same phrase, or anatomy stands before it, or it stands in a list of eponyms."""
    if index > 1 and document.lowers[index - 1] == "of" and document.lowers[index - 2] in _ANATOMY:
        return True
    return (
        _has_noun(document, index)
        or _is_language(document, index)
        or _is_listed_with_eponyms(document, index)
        or _is_value(document, index)
        or _is_disease_of(document, index)
    )


def _is_value(document: Document, index: int) -> bool:
    """`Wells 4.5, Geneva 6, D-dimer 1.1`: a score among values."""
    end = document.ends[index]
    return bool(_NUMBER_AFTER.match(document.text, end)) and bool(
        _VALUE_BEFORE.search(document.text, max(0, document.starts[index] - 8), document.starts[index])
    )


def _is_disease_of(document: Document, index: int) -> bool:
    """`Addison's excluded`: a possessive with its disease left out."""
    return bool(_RULED.match(document.text, document.ends[index]))


def _has_noun(document: Document, index: int) -> bool:
    for at in range(index, min(index + _REACH, len(document.words) - 1)):
        gap = document.gap(at)
        mine = at == index and gap in _POSSESSIVES and not document.kinds[index] & CLINICAL
        if mine and document.lowers[at + 1] in _BELONGINGS:
            return False  # "Reyes' drain"; a device named after somebody has no possessive
        gap = gap.replace("'s", "").replace("'", "")
        if gap.strip(" -/") or len(gap) > 3:
            return False
        kind = document.kinds[at + 1]
        if document.lowers[at + 1] in _ENDS_PHRASE:
            return False  # "Leanne to ring"
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


def _is_language(document: Document, index: int) -> bool:
    if document.shapes[index] == LOWER:
        return False
    if (
        index + 1 < len(document.words)
        and document.gap(index) in (" ", "-")
        and document.lowers[index + 1] in _LANGUAGE_AFTER
    ):
        return True
    at = index - 1
    # "speaks Yoruba and French", "Language: Dinka", "Interpreter for Tigrinya"
    while (
        at >= max(0, index - 4)
        and document.before(at + 1) in (" ", ", ")
        and (document.lowers[at] in ("and", "or", "in", "for") or document.shapes[at] == CAPITAL)
        and document.lowers[at] not in _LANGUAGE_BEFORE
    ):
        at -= 1
    if at < 0 or document.before(at + 1) not in (" ", ", ", ": "):
        return False
    if document.lowers[at] in _SPEAKS:
        return True
    return (
        document.lowers[at] in _LANGUAGE_BEFORE
        and at + 1 < len(document.words)
        and (":" in document.gap(at) or document.lowers[at + 1] == "for")
    )


def _is_listed_with_eponyms(document: Document, index: int) -> bool:
    """`Zika, Ebola, Marburg and Lassa`: a word that no list of names has, beside medicine that no list of names has."""
    if document.kinds[index] & (GIVEN | SURNAME) or document.shapes[index] != CAPITAL:
        return False
    if index and document.shapes[index - 1] == INITIAL:
        return False
    for step in (-1, 1):
        at = index
        for _ in range(_LONGEST_LIST):
            gap = document.gap(at) if step > 0 else document.before(at)
            at += step
            if not 0 <= at < len(document.words):
                break
            if document.lowers[at] in ("and", "or") and gap in (" ", ", "):
                gap = ", "
                gap_after = document.gap(at) if step > 0 else document.before(at)
                at += step
                if not 0 <= at < len(document.words) or gap_after != " ":
                    break
            if gap not in _JOINS or document.shapes[at] != CAPITAL:
                break
            kind = document.kinds[at]
            if kind & CLINICAL and not kind & (GIVEN | SURNAME) and document.lowers[at] not in _CALENDAR:
                return True
            if kind & (GIVEN | SURNAME | COMMON):
                break
    return False


def is_clinical(document: Document, index: int) -> bool:
    """Whether the word at `index`, standing alone, is read as medicine."""
    return bool(document.kinds[index] & CLINICAL) or is_eponym(document, index)


_VETOABLE = frozenset({"NAME", "LOCATION", "ORGANIZATION"})
_NUMERALS = frozenset("ii iii iv vi vii viii ix xi".split())


def is_vetoed(document: Document, found: Found) -> bool:
    """Whether a name, place or organisation that no title or header vouches for is medicine after all, or a department.

    Rules look out for themselves; this catches what a model calls a person ("Foley", "Parkinson's disease").
    """
    if found.sure or found.type not in _VETOABLE:
        return False
    index = max(0, bisect_right(document.starts, found.start) - 1)
    if index < len(document.starts) and document.ends[index] <= found.start:
        index += 1
    words: list[int] = []
    while index < len(document.starts) and document.starts[index] < found.end:
        words.append(index)
        index += 1
    if not words:
        return False
    if found.type != "NAME" and all(document.lowers[at] in document.lexicon.departments for at in words):
        return True
    clinical = [at for at in words if is_clinical(document, at)]
    return bool(clinical) and all(
        at in clinical
        or document.kinds[at] & HEAD
        or document.shapes[at] == INITIAL
        or document.lowers[at] in _NUMERALS
        for at in words
    )
