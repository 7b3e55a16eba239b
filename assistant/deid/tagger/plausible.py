"""What the tagger says, checked against what a name, a date or a number must have. It reads meaning, not spelling."""

import re
from bisect import bisect_left

from assistant.deid.document import CAPITAL, LOWER, Document
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.measures import is_measured, is_quantity
from assistant.deid.spans import Found
from assistant.reading.terminology import Wording, classify

_CERTAIN = 0.97
"""From this score on the tagger is believed even about words that clinicians write every day."""
_YEARS = re.compile(r"(?:19|20)\d\d(?:\s?[-/]\s?(?:19|20)?\d\d)?")
"""Years alone stay."""
_PANEL = re.compile(r"[A-Z]\d?-(?:19|20)\d\d")
_STAGE = re.compile(r"y?[cp]?T[0-4isx][a-d]?,?\s?(?:N[0-3x][a-c]?,?\s?)?(?:M[01x]?)?", re.IGNORECASE)
_SMALL = re.compile(r"\d{1,3}[-–.]?")
_NO_ID = re.compile(
    r"NCT\d{8}|ISRCTN\d{8}|-?\d{1,4}(?:[-–.]\d{0,4})?|[A-Z]{2,4}|(?:19|20)\d\d-(?:19|20)?\d\d|[A-Z]\d?-(?:19|20)\d\d|"
    r"(?:RBC|WBC|BP|HR|RR|SpO2|Hgb|Hct|Plt|INR|BUN|Cr)\d[\d./]*"
)
"""Trials, reference intervals, small numbers, abbreviations, values without a space: whose they are, they do not say."""
_NUMBERS = frozenset({"ID", "PHONE"})
_NUMERIC = _NUMBERS | {"DATE"}
_NAMES = frozenset({"NAME", "LOCATION", "ORGANIZATION"})
_WEEKDAYS = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
    lunes martes miércoles jueves viernes sábado domingo""".split()
)
_NO_DATES = _WEEKDAYS | frozenset("spring summer autumn fall winter primavera verano otoño invierno".split())
"""Weekdays and seasons alone stay, as `dates` says."""
_LIKE_DATES = re.compile(
    r"\bCA[ -]?19-9\b|\bomega[ -]3-6-9\b|(?<![\d/])1/2(?:NS\b| ?normal saline| ?strength| NS (?:at|@) ?\d)|\bD\d{1,2} 1/2 NS\b|"
    r"(?<![\d/-])\d{1,2}[-–]\d{1,2} ?L(?:/min\b|pm\b|(?= ?(?:[,.;)]|NC\b|O2\b|oxygen\b|nasal\b)))",
    re.IGNORECASE,
)
"""A tumour marker, fatty acids, half-strength saline, oxygen a minute: "CA 19-9", "2-3 L NC". Not the day before a side or a department:
"2-3 L knee", "1/2 NS consult"."""
_NEAR = 16
_LONGEST_HEADING = 60
_HEADING_MARKS = re.compile(r"[#*_\s]{0,8}(?:\d{1,2}[.)] )?[#*_]{0,4}")
_FINDING_ENDING = re.compile(
    r"(?:aemia|ectomy|otomy|ostomy|plasty|scopy|graphy|algia|aturia|centesis|plegia|paresis|rrho?ea|kinesia|penia|megaly|cytosis|coccal|"
    r"nodular|drenaline|tropin|phylaxis)$"
)
"""As `document.kind_by_ending` has, but only what no name ends in: "Politis" and "Paloma" are people."""
_SHORTEST_FINDING = 8
_PERSON_FOLLOWS = re.compile(r",? {1,2}(?:[A-Z]\b|[A-Z][a-z])")
_SIZE_OF_FINDING = re.compile(
    r" (?:left|right|bilateral)(?:-sided)? (?:[a-z]{2,12}(?:al|ar|ic|ous) )?"
    r"[a-z]{0,14}(?:thorax|effusions?|nodules?|opacity|opacities|o?edema|cysts?|hernias?|lesions?|infarcts?|ha?emorrhage|ha?ematoma|"
    r"polyps?|stones?|mass|masses)\b"
)
_SIZES = frozenset("small large long short broad little gross".split())
"""Surnames too: "Small left the ward" is a person, "Small left pneumothorax" is none."""


def is_plausible(document: Document, found: Found) -> bool:
    """Whether a finding of the tagger may stand. Linear in the finding."""
    text = document.text[found.start : found.end]
    has_digit = any(sign.isdigit() for sign in text)
    at = bisect_left(document.starts, found.start)
    words: list[int] = []
    while at < len(document.starts) and document.starts[at] < found.end:
        words.append(at)
        at += 1
    if _STAGE.fullmatch(text):
        return False
    if found.type in _NUMERIC and has_digit and is_measured(document.text, found.start, found.end):
        return False
    if found.type in _NAMES and words and _is_medicine(document, words, found):
        return False
    if found.type == "DATE":
        if not has_digit:
            return not all(document.lowers[word] in _NO_DATES or _is_everyday(document, word) for word in words)
        return not (_YEARS.fullmatch(text) or _PANEL.fullmatch(text) or _is_like_date(document.text, found))
    if found.type == "PHONE" and _SMALL.fullmatch(text):
        return False
    if found.type == "ID" and _NO_ID.fullmatch(text):
        return False
    if found.type in _NUMBERS and not has_digit and "@" not in text and "." not in text.strip("."):
        return found.score >= _CERTAIN and not all(document.kinds[word] & (COMMON | CLINICAL) for word in words)
    if has_digit or not words:
        return True
    return found.score >= _CERTAIN or not all(_is_everyday(document, word) for word in words)


def _is_like_date(text: str, found: Found) -> bool:
    """Whether it lies within an expression of medicine that only looks like a date."""
    begin, end = max(0, found.start - _NEAR), found.end + _NEAR
    return any(
        match.start() <= found.start and found.end <= match.end() for match in _LIKE_DATES.finditer(text, begin, end)
    )


def _is_everyday(document: Document, index: int) -> bool:
    """A word of clinical prose, written in lower case, that is in no list of names."""
    kind = document.kinds[index]
    return document.shapes[index] == LOWER and bool(kind & (COMMON | CLINICAL | HEAD)) and not kind & (GIVEN | SURNAME)


def _is_medicine(document: Document, words: list[int], found: Found) -> bool:
    """What a line of a report begins with: its heading, what was measured, a finding."""
    first, last = words[0], words[-1]
    if _is_in_heading(document.text, found):
        return True
    if found.type == "LOCATION" or any(sign.isdigit() for sign in document.text[found.start : found.end]):
        return False
    if is_quantity(document.text, document.ends[last]) and not any(
        document.kinds[word] & (GIVEN | SURNAME) for word in words
    ):
        return True
    if not document.starts_sentence(first) and document.before(first) != " - ":
        return False
    if len(words) == 1 and document.lowers[first] in _SIZES:
        return bool(_SIZE_OF_FINDING.match(document.text, found.end))
    return (
        not _PERSON_FOLLOWS.match(document.text, document.ends[last])
        and all(document.shapes[word] == LOWER for word in words[1:])
        and all(_is_finding(document, word) or (word != first and _is_everyday(document, word)) for word in words)
    )


def _is_in_heading(text: str, found: Found) -> bool:
    """Whether the line is the name of a section, or begins with one and a colon, and the finding lies within it."""
    furthest = max(0, found.start - _LONGEST_HEADING)
    start = text.rfind("\n", furthest, found.start) + 1
    if not start and furthest:
        return False
    line = text[start : start + 2 * _LONGEST_HEADING].partition("\n")[0]
    heading = line.partition(":")[0]
    if found.end > start + len(heading):
        return False
    marks = _HEADING_MARKS.match(heading)
    bare = heading[marks.end() if marks else 0 :]
    return classify(bare).wording is Wording.MAIN


def _is_finding(document: Document, index: int) -> bool:
    """A word for a symptom, a finding, a test or what is done for one, in American or British spelling, that names nobody."""
    if document.kinds[index] & (GIVEN | SURNAME) or document.shapes[index] not in (CAPITAL, LOWER):
        return False
    lower, terms = document.lowers[index], document.lexicon.findings
    american = lower.replace("ae", "e").replace("oe", "e").replace("our", "or").replace("ise", "ize")
    return (
        lower in terms or american in terms or (len(lower) >= _SHORTEST_FINDING and bool(_FINDING_ENDING.search(lower)))
    )
