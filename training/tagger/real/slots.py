"""Real text → a template of the kit: dates, places, hospitals and stand-ins such as "MM/DD/YYYY" become slots. People: `named`."""

import re
from functools import cache

from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME, english
from training.invented.pools import pool

_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_SHORT_MONTH = r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
_ANY_MONTH = rf"(?:{_MONTH}|{_SHORT_MONTH})"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_SPELLED_DAY = (
    r"(?:(?:twenty|thirty)[ -])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
    r"|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)"
)
_YEAR = r"(?:19|20)\d\d"

_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), slot)
    for pattern, slot in (
        (r"\b(?:MM/DD/YYYY|mm/dd/yyyy|MM/DD/YY)\b", "{date.numeric}"),
        (r"\b(?:MM/DD|MM/YYYY|mm/dd)\b(?!/)", "{date.partial}"),
        (r"\bMonth DD, ?YYYY\b", "{date.written}"),
        (r"\b[xX]{1,2}[- ]year[- ]old", "{age}-year-old"),
        (r"\[NAME\]", "{patient.full}"),
        (r"\[LOCATION\]", "{town}"),
        (r"\[CONTACT\]", "{phone}"),
        (r"\[DATE\]", "{date}"),
        (r"\[AGE\]", "{age}"),
        (r"\[PROFESSION\]", "{job}"),
        (rf"\b{_ANY_MONTH} {_DAY},? ?{_YEAR}\b", "{date.written}"),
        (rf"\b{_DAY} (?:of )?{_ANY_MONTH},? {_YEAR}\b", "{date.written}"),
        (rf"\b{_MONTH} (?:the )?{_SPELLED_DAY}\b", "{date.partial}"),
        (rf"\b(?:{_DAY}|{_SPELLED_DAY}) of {_MONTH}\b", "{date.partial}"),
        (rf"\b{_ANY_MONTH},? (?:of )?{_YEAR}\b", "{date.partial}"),
        (rf"\b{_ANY_MONTH} {_DAY}\b(?!\.\d| ?(?:mg|ml|cm|mm|%))", "{date.partial}"),
        (rf"\b{_DAY} {_MONTH}\b", "{date.partial}"),
        (rf"\b(?!May\b){_MONTH}\b", "{date.partial}"),
        (r"(?<=\b[Ii]n )May\b|(?<=\b[Oo]f )May\b|(?<=\b[Ss]ince )May\b|(?<=\b[Uu]ntil )May\b|(?<=\b[Ll]ast )May\b", "{date.partial}"),
        (r"\b(?:Christmas|Thanksgiving|Easter|Halloween)(?: Day| Eve)?\b(?! (?:disease|factor|tree))", "{date.holiday}"),
        (rf"(?<![\d/.-])\d{{1,2}}/\d{{1,2}}/(?:{_YEAR}|\d\d)(?![\d/-])", "{date.numeric}"),
        (rf"(?<![\d/.-])\d{{1,2}}-\d{{1,2}}-(?:{_YEAR}|\d\d)(?![\d/-])", "{date.numeric}"),
        (rf"(?<![\d/.-])(?:0?[1-9]|1[0-2])/{_YEAR}(?![\d/])", "{date.partial}"),
        (r"(?<![\d/.-])(?:0?[1-9]|1[0-2])/(?:0[0-9]|[6-9]\d)(?![\d/%])(?! ?(?:mm|mg|mL))", "{date.partial}"),
        (r"(?<=\b[Oo]n )(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])(?![\d/])", "{date.partial}"),
    )
)  # fmt: skip
_HOUSE = r"(?:Hospital|Medical Center|Medical Centre|Infirmary|Hospice|Nursing Home|Rehabilitation Center)"
_HOSPITAL = re.compile(rf"\b(?:(?:St\.?|[A-Z][\w'’-]*) ){{1,4}}{_HOUSE}\b")
_OFFICE = re.compile(
    r"\b(?:(?:St\.?|[A-Z][\w'’-]*) ){1,4}(Clinic|Pharmacy|School|University|College|Church|Associates|Laboratories)\b"
)
_OFFICES = {
    "Clinic": "{practice}", "Associates": "{practice}", "Pharmacy": "{practice}", "School": "{school}", "University": "{school}",
    "College": "{school}", "Church": "{church}", "Laboratories": "{lab}",
}  # fmt: skip
_AT_STAND_IN = re.compile(
    r"\b(at|(?<!spoken )(?<!talked )(?<!spoke )(?<!belongs )to|from) (?:XYZ|ABCD?|Abcd?|XXX+)\b(?! (?:[A-Z]|office|clinic))"
)
_IN_STAND_IN = re.compile(r"\b([Ii]n|near) (?:XYZ|ABCD?|Abcd?|XXX+)\b(?! [A-Z])")
_STARTERS = frozenset("the a an at to from in of and for this that here our operating".split())


def with_places_and_dates_as_slots(text: str) -> str:
    """The same text with slots. Braces of its own become parentheses."""
    text = _HOSPITAL.sub(_hospital, text)
    text = _OFFICE.sub(_office, text)
    text = _AT_STAND_IN.sub(r"\1 {hospital.short}", text)
    text = _IN_STAND_IN.sub(r"\1 {town}", text)
    for pattern, slot in _RULES:
        text = pattern.sub(slot, text)
    return _place_pattern().sub(_place, text)


def _hospital(found: re.Match[str]) -> str:
    words = found[0].split()
    kept = words.pop(0) + " " if words[0].lower() in _STARTERS else ""
    return f"{kept}{{hospital.full}}" if len(words) > 1 else found[0]


def _office(found: re.Match[str]) -> str:
    """A department ("Sleep Clinic", "Middle School") stays; one that no common words name becomes a slot."""
    words = found[0].split()[:-1]
    if all(english().kind(word.lower()) & (COMMON | CLINICAL) for word in words):
        return found[0]
    kept = words[0] + " " if words[0].lower() in _STARTERS else ""
    return kept + _OFFICES[found[1]]


def _place(found: re.Match[str]) -> str:
    word = found[2]
    following = re.match(r"(?:['’]s)?[ -]([A-Za-z]+)", found.string[found.end() :])
    if following and english().kind(following[1].lower()) & HEAD:
        return found[0]
    if word in _states():
        return f"{found[1] or ''}{{state.name}}"
    if word in _countries():
        return "{country}"
    if re.search(r"\b(?:[Ii]n|[Ff]rom|[Nn]ear|[Tt]o|[Aa]t|[Oo]f) $", found.string[: found.start()][-6:]):
        return f"{found[1] or ''}{{town}}"
    return found[0]


@cache
def _states() -> frozenset[str]:
    return frozenset(name for name in pool("places", "states") if not _is_person(name) and len(name) > 3)


@cache
def _countries() -> frozenset[str]:
    return frozenset(name for name in pool("places", "countries") if not _is_person(name) and len(name) > 3)


@cache
def _place_pattern() -> re.Pattern[str]:
    """Countries, states and towns that are neither words nor persons, longest first."""
    listed = {" ".join(word.capitalize() for word in words) for group in english().places.values() for words in group}
    towns = {name for name in listed if not _is_person(name) and not english().kind(name.lower()) & (COMMON | CLINICAL)}
    names = sorted(_states() | _countries() | towns, key=len, reverse=True)
    return re.compile(r"\b(the |The )?(" + "|".join(map(re.escape, names)) + r")\b(?!-)")


def _is_person(name: str) -> bool:
    return " " not in name and bool(english().kind(name.lower()) & (GIVEN | SURNAME))
