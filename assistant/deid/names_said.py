"""People by their title and by the header before them: what needs no list of names."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from assistant.deid.document import CAPITAL, INITIAL, LOWER, UPPER, Document
from assistant.deid.guard import is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, HEAD, SURNAME
from assistant.deid.name_runs import CREDENTIAL_WORDS, PARTICLES, TITLES, knows, name_end, plainly, run_end
from assistant.deid.spans import Found

_LOWER_TITLES = frozenset("dr mr mrs ms prof miss".split())
_NEVER_ALONE = frozenset(
    "doctor nurse father sister miss officer judge general sir madam captain col gen sr professor colonel".split()
)
"""Words first: they are titles only with a capital, before a name that the lists know or that no word list knows."""
_ROLES = (
    "provider|prov|physician|surgeons?|(?:first |co-?|assistant )?surgeon|assistants?|anesthesiologist|anesthetist|anaesthetist|anaes|radiologist|pathologist|cardiologist|technologist|sonographer|"
    "technician|tech|consultants?|con|registrar|named nurse|scrub(?: nurse)?|circulator|circulating|perfusionist|midwife|obstetrician|paediatrician|pediatrician|physio|dietitian|dietician|slt|slp|ot|sw|msw|cm|rn|lpn|cna|hca|nurse|"
    "pcp|gp|np|pa|md|crew|medic|driver|scribe|typist|interpreter|translator|case manager|care coordinator|key ?worker|social worker|pharmacist|therapist|dentist|operator|lead clinician|escort|"
    "author|historian|informant|referrer|guarantor|inspector|supervisor|foreman|manager|teacher"
)
_DONE_BY = (
    "(?:electronically |e-?)?signed(?: by| off by)?|dictated by|dictator|dictating(?: physician| provider)?|transcribed by|transcriptionist|(?:authenticated|reviewed|verified|approved|prepared|reported|performed|read|entered|"
    "interpreted|seen|accompanied|brought|completed|recorded|submitted|requested|ordered|referred|collected|drawn|dispensed|checked|accepted|filled (?:in|out)|released) by|(?:witnessed|witness|notified|attended|scribed|typed)(?: by)?|called to|reported to|"
    "spoke (?:to|with)|discussed with|d/w|copy to|copies to|cc|c/o|attn|attention|contact(?: person)?|from|to|re"
)
_RELATIVES = (
    "next of kin|nok|emergency contact|spouse|husband|wife|partner|mother|father|mom|mum|dad|son|daughter|sister|brother|aunt|uncle|guardian|caregiver|carer|poa|hcpoa|dpoa|proxy|employer contact|responsible party|"
    "sender|recipient|donor|decedent|deceased|proband|claimant|applicant|inmate|prisoner|detainee|complainant|client|member|resident|subject|insured|subscriber|beneficiary name|mr|mrs|dr"
)
_HEADER = re.compile(
    r"(?im)(?:^|(?<=[\n;|>*•,.(\t])|(?<=\s))"
    r"(?P<label>(?:patient|pt|px|client|member|resident|subject|insured|subscriber|guarantor|policy ?holder|legal|full|first|last|middle|maiden|given|family|christian|fore|sur|preferred|user|baby|"
    r"mother'?s?|father'?s?|spouse'?s?)?[ _]?'?s?[ _]?names?|name of (?:patient|client|child|infant|deceased|next of kin)|surname|forenames?|patient|pt|px|pat|"
    r"(?:attending|referring|ordering|primary(?: care)?|treating|consulting|requesting|admitting|supervising|performing|interpreting|submitting|discharging|family|emergency)"
    rf"(?: (?:physician|provider|doctor|dr|md|surgeon|radiologist|clinician|nurse))?(?: name)?|{_ROLES}|{_DONE_BY}|{_RELATIVES}|name_?first|name_?last)"
    r"(?P<mark>[ \t]{0,3}(?:\([^)\n]{0,20}\)[ \t]{0,2})?[:=][ \t]{0,12}|[ \t]{0,2}:?[ \t]{0,2}\n[ \t]{0,4}|[ \t]{1,12}-{1,2}[ \t]{1,4}|[ \t]{0,2}\.{3,12}[ \t]{0,3})"
)
_STRICT_LABEL = re.compile(
    r"name|dictat|signed|by$|attending|physician|surgeon|provider|next of kin|emergency contact|patient|p[tx]$",
    re.IGNORECASE,
)
_TITLES_OF_PEOPLE = frozenset("mr mrs ms miss dr prof drs".split())
_LONGEST_NAME = 5


def find_titled_names(document: Document) -> Iterator[Found]:
    """`Dr. Kim Lee`, `Mrs. L. Hernandez`, `mr. reese`. A title overrides the clinical guard: `Dr. Parkinson`."""
    words, lowers, shapes, kinds = document.words, document.lowers, document.shapes, document.kinds
    for index, lower in enumerate(lowers):
        if lower not in TITLES or index + 1 >= len(words):
            continue
        shape = shapes[index]
        if shape == LOWER and lower not in _LOWER_TITLES:
            continue
        gap = document.gap(index)
        if gap not in (" ", ". ", ".", ".  ", "  ") or (gap == "." and lower in _NEVER_ALONE):
            continue
        following = index + 1
        if lowers[following] in TITLES and following + 1 < len(words) and document.gap(following) in (" ", ". "):
            following += 1
        kind, next_shape = kinds[following], shapes[following]
        lower_text = next_shape == LOWER
        if next_shape == INITIAL:
            if words[following] == "I" or (lower in _NEVER_ALONE and not document.gap(following).startswith(".")):
                continue
        elif lower_text:
            particle = lowers[following] in PARTICLES
            if not particle and (
                lower in _NEVER_ALONE
                or (kind & COMMON and not (kind & SURNAME and (shape != LOWER or _is_spoken_of(document, following))))
                or len(words[following]) < 3
            ):
                continue
            step = following
            while particle and step + 1 < len(words) and step - following < 3 and lowers[step] in PARTICLES:
                step += 1
            if particle and shapes[step] != CAPITAL:
                continue
        elif (lower in _NEVER_ALONE and not plainly(kind) and (kind & (COMMON | CLINICAL) or next_shape == UPPER)) or (
            kind & COMMON
            and not knows(kind)
            and (
                (next_shape == UPPER and not (lower in _TITLES_OF_PEOPLE and _is_scanned(words[following])))
                or kind & HEAD
                or lower in ("sr", "col")
                or (lower == "ms" and (shape == UPPER or not gap.startswith(".")))
            )
        ):
            continue
        if kinds[index] & CLINICAL and shape != UPPER:
            continue  # "Dr Pepper" is a term that stays
        if next_shape == UPPER and lower in ("ms", "col", "gen", "sr", "lt", "miss") and not knows(kind):
            continue
        stop = run_end(document, following, lower=lower_text)
        yield Found(document.starts[index], name_end(document, stop - 1), "NAME", 0.95, sure=True)


def _is_spoken_of(document: Document, index: int) -> bool:
    """`dr. long will see her`: a surname that is a word, in lower case, with no noun behind it."""
    after = document.kinds[index + 1] if index + 1 < len(document.words) and document.gap(index) == " " else COMMON
    return bool(after & COMMON) and not is_eponym(document, index)


def _is_scanned(word: str) -> bool:
    """`VVhitfield`: a capital letter that a scanner read as two."""
    return len(word) > 4 and not word.isupper() and word[0].isupper() and word[2:].islower()


def find_header_names(document: Document) -> Iterator[Found]:
    """`Patient: SMITH, JOHN A.`, `Dictated by: J. Okafor`, `NAME=Alex Rivers`."""
    for match in _HEADER.finditer(document.text):
        first = bisect_left(document.starts, match.end())
        if first >= len(document.words) or document.text[match.end() : document.starts[first]].strip(" \t*_\"'(>"):
            continue
        if "\n" in match.group("mark") and not plainly(document.kinds[first]):
            continue
        yield from _header_value(document, first, strict=bool(_STRICT_LABEL.search(match.group("label"))))


def _header_value(document: Document, first: int, *, strict: bool) -> Iterator[Found]:
    words, shapes, kinds, lowers = document.words, document.shapes, document.kinds, document.lowers
    if lowers[first] in TITLES and first + 1 < len(words):
        first += 1
    kind, shape = kinds[first], shapes[first]
    if shape == LOWER:
        if not (strict and (plainly(kind) or not kind & (COMMON | CLINICAL | HEAD)) and len(words[first]) > 2):
            return
    elif (
        (kind & (COMMON | CLINICAL | HEAD) and not knows(kind))
        or (
            kind & (COMMON | CLINICAL)
            and not (
                first + 1 < len(words) and document.gap(first) in (" ", ", ", ". ") and _namelike(document, first + 1)
            )
        )
        or (
            not knows(kind)
            and not strict
            and shape != INITIAL
            and not (first + 1 < len(words) and document.gap(first) in (" ", ", ") and _namelike(document, first + 1))
        )
    ):
        return
    last = first
    while last + 1 < len(words) and last - first + 1 < _LONGEST_NAME:
        gap = document.gap(last)
        if gap not in (" ", "  ", ", ", ",", ". ", ".", " & ") or (gap.startswith(".") and shapes[last] != INITIAL):
            break
        following = last + 1
        if "," in gap and (last > first + 1 or not _namelike(document, following)):
            break
        if (
            shapes[following] == INITIAL
            or _namelike(document, following)
            or (lowers[following] in PARTICLES and following + 1 < len(words))
        ):
            last = following
            continue
        if shapes[following] == UPPER and lowers[following] in CREDENTIAL_WORDS:
            break
        if (
            shapes[following] in (CAPITAL, UPPER)
            and not kinds[following] & (COMMON | CLINICAL | HEAD)
            and "," not in gap
        ):
            last = following
            continue
        if (
            shape == LOWER
            and shapes[following] == LOWER
            and not kinds[following] & (COMMON | CLINICAL | HEAD)
            and "," not in gap
        ):
            last = following
            continue
        break
    if first == last and shape == INITIAL and not document.gap(first).startswith("."):
        return  # "Labs: K 5.4"
    yield Found(document.starts[first], name_end(document, last), "NAME", 0.9, sure=True)


def _namelike(document: Document, index: int) -> bool:
    kind, shape = document.kinds[index], document.shapes[index]
    if shape == INITIAL:
        return True
    if shape == LOWER:
        return plainly(kind)
    return knows(kind) or (not kind & (COMMON | CLINICAL | HEAD) and shape == CAPITAL)
