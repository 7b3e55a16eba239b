"""People of a real text → slots of the kit: "Dr. X", "Mr. ABC", "Martha Collins is a 50-year-old", the same name the same slot.

A real name is replaced where a title, a greeting or the name lists say that it is one; what is left over, `checks` turns away.
"""

import re

from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME, english

_STAND_IN = r"(?:X{1,6}|XYZ+|ABCD?|Abcd?|Xyz|[A-Z])"
_TITLED = re.compile(
    r"\b(Dr|Mr|Mrs|Ms|Prof|Doctor|Miss|Professor|Nurse)(\.?\s+)((?:[A-Z]\.\s*){0,2})([A-Z][\w'’-]*\w|[A-Z]\b)(?:\s+([A-Z][a-z]+(?:-[A-Z][a-z]+)?)\b)?"
)
_TITLED_SPOKEN = re.compile(r"\b(dr|mr|mrs|ms|miss|doctor)(\s?\.\s?|\s)([a-z]{3,})\b")
_GREETED_SPOKEN = re.compile(r"\b(hi|hey|hello|good morning|good afternoon|bye|thanks|thank you)( ,? ?)([a-z]{3,})\b")
_INTRODUCED = re.compile(
    r"(?:^|(?<=[.:]\s)|(?<=\n))([A-Z][a-z]+) (?:[A-Z]\. )?([A-Z][a-z]+)(?= (?:is|presents|comes|was|returns|has)\b)"
)
_STANDING_ALONE = re.compile(
    r"(?:^|(?<=[.\n]\s)|(?<=\n))"
    + _STAND_IN.replace("|[A-Z]", "")
    + r"(?=(?:'s)? (?:is|was|has|had|reports|states|denies|presented|returned)\b)"
)
_GIVEN_ALONE = re.compile(r"\b([A-Z][a-z]{2,})( [A-Z][a-z]{2,})?\b(?!['’]s (?:disease|syndrome))")
_CLINICIANS = frozenset("dr doctor prof professor".split())
_NO_NAMES = frozenset("i yes no it they well she he the and what how said okay ok absolutely sure thank thanks".split())
_VERBS = frozenset("may will long good little short best case new said person day he call hope".split())
"""Surnames that mostly are no names after "doctor"."""


class People:
    """Whom a text names, each with a slot of the kit."""

    def __init__(self) -> None:
        self._slots: dict[tuple[str, str], str] = {}

    def slot(self, role: str, name: str) -> str:
        """The slot of the person called `name`, a new one of the role where none is known."""
        key = (role, name.lower())
        if key not in self._slots:
            number = len({slot for (known, _), slot in self._slots.items() if known == role}) + 1
            self._slots[key] = role if number == 1 else f"{role}{number}"
        return self._slots[key]

    def also(self, slot: str, role: str, name: str) -> None:
        """The person of a slot has another name."""
        self._slots.setdefault((role, name.lower()), slot)

    def names(self) -> list[tuple[str, str]]:
        """Names that are no words and no stand-ins, with their slots."""
        return [(name, slot) for (_, name), slot in self._slots.items() if len(name) > 3 and not _kind(name) & COMMON]


def with_people_as_slots(text: str, people: People) -> str:
    """A text in normal case."""
    text = _TITLED.sub(lambda found: _titled(found, people), text)
    text = _INTRODUCED.sub(lambda found: _introduced(found, people), text)
    text = _STANDING_ALONE.sub("{patient.given}", text)
    text = _GIVEN_ALONE.sub(lambda found: _given_alone(found, people), text)
    return _repeated(text, people)


def with_people_as_slots_spoken(text: str, people: People) -> str:
    """A transcript in lower case."""
    text = _TITLED_SPOKEN.sub(lambda found: _titled_spoken(found, people), text)
    text = _GREETED_SPOKEN.sub(lambda found: _greeted_spoken(found, people), text)
    return _repeated(text, people)


def _titled(found: re.Match[str], people: People) -> str:
    title, gap, initials, name, second = found.groups()
    kind = _kind(name.lower())
    role = "nurse" if title == "Nurse" else "doctor" if title.lower() in _CLINICIANS else "patient"
    is_word = bool(kind & COMMON) and not kind & (GIVEN | SURNAME) and not re.fullmatch(_STAND_IN, name)
    if is_word or name.lower() in _NO_NAMES:
        # "Doctor F. Do you": the letter is all there is of the name.
        rest = found[0][len(title + gap) + 1 :]
        return f"{title}{gap}{{{people.slot(role, initials[0])}.surname}}{rest}" if initials else found[0]
    is_second = second and (
        not (second_kind := _kind(second.lower())) & (COMMON | CLINICAL | HEAD) or second_kind & SURNAME
    )
    slot = people.slot(role, second if second and is_second else name)
    if is_second:
        return f"{title}{gap}{{{slot}.full}}"
    return f"{title}{gap}{{{slot}.surname}}" + (f" {second}" if second else "")


def _introduced(found: re.Match[str], people: People) -> str:
    given, surname = found.groups()
    kinds = _kind(given.lower()), _kind(surname.lower())
    if not kinds[0] & GIVEN or (kinds[1] & (COMMON | CLINICAL | HEAD) and not kinds[1] & (GIVEN | SURNAME)):
        return found[0]
    slot = people.slot("patient", surname)
    people.also(slot, "patient", given)
    return f"{{{slot}.full}}"


def _given_alone(found: re.Match[str], people: People) -> str:
    """A given name that is no word, no place and no eponym; with a surname behind it a whole name."""
    name, second = found.groups()
    kind = _kind(name.lower())
    if not kind & GIVEN or kind & (COMMON | CLINICAL) or name.lower() in english().places or _before_a_head(found):
        return found[0]
    second_kind = _kind(second.strip().lower()) if second else 0
    if second and second_kind & SURNAME and not second_kind & (COMMON | HEAD):
        return f"{{{people.slot('other', second.strip())}.full}}"
    if second and not second_kind & COMMON:
        return found[0]
    return f"{{{people.slot('other', name)}.given}}{second or ''}"


def _titled_spoken(found: re.Match[str], people: People) -> str:
    title, gap, name = found.groups()
    kind = _kind(name)
    is_name = kind & (GIVEN | SURNAME) and ("." in gap or name not in _VERBS)
    if name in _NO_NAMES or (kind & COMMON and not is_name):
        return found[0]
    return f"{title}{gap}{{{people.slot('doctor' if title in _CLINICIANS else 'patient', name)}.surname}}"


def _greeted_spoken(found: re.Match[str], people: People) -> str:
    if not _kind(found[3]) & GIVEN:
        return found[0]
    return f"{found[1]}{found[2]}{{{people.slot('patient', found[3])}.given}}"


def _repeated(text: str, people: People) -> str:
    """Names that were found once, wherever else they stand."""
    for name, slot in people.names():
        form = "given" if _kind(name) & GIVEN and not _kind(name) & SURNAME else "surname"
        text = re.sub(rf"(?<![{{.\w]){re.escape(name)}(?![}}\w])", f"{{{slot}.{form}}}", text, flags=re.IGNORECASE)
    return text


def _before_a_head(found: re.Match[str]) -> bool:
    following = re.match(r"(?:['’]s)?[ -]?([A-Za-z]+)", found.string[found.end(1) :])
    return bool(following and _kind(following[1].lower()) & HEAD)


def _kind(lower: str) -> int:
    return english().kind(lower)
