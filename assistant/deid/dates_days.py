"""Days without a month's name: "the 14th", "from the 3rd to the 9th", "22nd of this month", and weekdays that point at one day."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.measures import WORD_ENDS_CLAUSE
from assistant.deid.spans import Found

_ORDINAL = re.compile(r"(?<![\w.,/:%-])(?:[1-9]|[12]\d|3[01])(?:st|nd|rd|th)(?![\w'/%-]|\.\w)", re.IGNORECASE)
_IN_WORDS = re.compile(
    r"(?<![A-Za-z-])(?:(?:twenty|thirty)[\s-](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)(?![A-Za-z-])",
    re.IGNORECASE,
)
_CHAIN = re.compile(
    r"\s{0,2}(?:,|-|to|and|&|or|/|\+|through|thru|until|till)(?:\s{1,2}(?:and|on|or))?\s{0,2}(?:the\s)?$", re.IGNORECASE
)
_SURE_CUE = re.compile(
    r"\b(?:on|by|since|until|till?|thru|through|from|due|next|call(?:ed|s)?|seen|rev|review(?:ed)?|r/v|appt|appointment|booked|scheduled|admitted|adm|discharged|d/c'?d?|"
    r"returns?|returning|again|back|between|dated?|w/c|starting|start|started|stopped|ending|removed|done|repeat(?:ed)?|rpt|clinic|visit|depot|session|surgery|theatre|before|"
    r"(?:morning|evening|night|afternoon|eve|day|week|w/e|weekend) of|"
    r"mon|tues?|weds?|thu|thurs?|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\.?,?\s{1,2}(?:on\s|for\s|is\s|by\s|was\s|until\s|the\s|about\s|around\s){0,2}$",
    re.IGNORECASE,
)
_OWNED = re.compile(
    r"\b(?:in|of|his|her|their|my|your|our|its|a|an|fx|fracture|fractured|left|right|l|r|between|c|grade|per|every|each|\d)\s{1,2}(?:the\s)?$",
    re.IGNORECASE,
)
"""What numbers something else: "in 5th", "fracture of the 5th", "her 10th"."""
_WEEKDAY_BEFORE = re.compile(
    r"\b(?:mon|tues?|weds?|thu|thurs?|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\.?,?\s{1,2}(?:the\s)?$",
    re.IGNORECASE,
)
_ENDS = re.compile(
    rf"\s{{0,2}}(?:$|[.,;:!?)\]\n&+]|-\s|{WORD_ENDS_CLAUSE}\b|\d{{1,2}}:\d\d|(?:19|20)\d\d\b|\d{{4}}h?\b)",
    re.IGNORECASE,
)
_OF_MONTH = re.compile(
    r"\s{1,2}(?:of\s)?(?:this|last|next|the|each|every|that|same)\s(?:same\s|following\s|coming\s)?month|\s(?:inst|ult|prox)\b",
    re.IGNORECASE,
)
_RANKED = re.compile(
    r"\b(?:percent|centiles?|growth|weight|height|rib|toes?|digits?|fingers?|metatarsal|metacarpal|nerve|ventricle|trimester|place|grade|grader|floor|dose|degree|mets?|mtps?|mcps?|pips?|dips?|phalan\w+|ray|interspace|intercostal|ics|space|cranial|cn|vertebra\w*|century|edition|pregnancy|baby|child|birth|attempt|episode|cycle|visit|course|session|line|lobe|tooth|molar|fracture[sd]?|wt|ht|hc|ofc|bmi|kg)\b",
    re.IGNORECASE,
)
_LINE_START = re.compile(r"(?:^|\n)[ \t>*•-]{0,6}$")
_LINE_ENTRY = re.compile(r"\s{0,2}(?::|-\s|–)")
_REACH = 60

_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_RELATIVE_DAY = re.compile(
    rf"\b(?:last|this past)\s{_WEEKDAY}(?![\w-])(?!\s?(?:,|and|or|&|/)\s?(?:and\s)?{_WEEKDAY})",
    re.IGNORECASE,
)


def find_days(document: Document) -> Iterator[Found]:
    """Days of the month alone. "The 5th metatarsal", "the 2nd dose", "the 75th centile" stay, and so do bare weekdays."""
    text = document.text
    chain: list[re.Match[str]] = []
    for match in [*_ORDINAL.finditer(text), None]:
        if chain and (match is None or not _CHAIN.fullmatch(text, chain[-1].end(), match.start())):
            if score := _score(text, chain):
                for day in chain:
                    yield Found(*day.span(), "DATE", score)
            chain = []
        if match is not None:
            chain.append(match)
    for match in _IN_WORDS.finditer(text):
        line = text[max(0, match.start() - _REACH) : match.start()].rpartition("\n\n")[2]
        if _SURE_CUE.search(line) and line.rstrip().lower().endswith("the") and _ENDS.match(text, match.end()):
            yield Found(*match.span(), "DATE", 0.6)
    for match in _RELATIVE_DAY.finditer(text):
        yield Found(*match.span(), "DATE", 0.6)


def _score(text: str, chain: list[re.Match[str]]) -> float:
    """How sure it is that the ordinals of `chain`, which commas and "to" join, are days; 0 if they are not."""
    first, last = chain[0], chain[-1]
    before = text[max(0, first.start() - _REACH) : first.start()]
    if _OF_MONTH.match(text, last.end()):
        return 0.8
    if _LINE_START.search(before) and _LINE_ENTRY.match(text, last.end()):
        return 0.65
    line = before.rpartition("\n\n")[2]
    if _WEEKDAY_BEFORE.search(line):
        return 0.75
    if not _ENDS.match(text, last.end()) or _RANKED.search(re.split(r"[.;]\s", line)[-1]):
        return 0
    # From the fifth on hardly anything but days is numbered without its noun.
    if int(first.group()[:-2]) > 4:
        return 0.7 if _SURE_CUE.search(line) else 0.6 if not _OWNED.search(line) else 0
    return 0.6 if _SURE_CUE.search(line) else 0
