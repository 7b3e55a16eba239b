"""Spans → placeholders. Pure, but for the memory of who is `[NAME_1]`, which lives and dies with its conversation."""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.deid.policy import TYPES
from assistant.errors import DeidError
from assistant.schema import IdentifierSpan, Mask, MaskedText

if TYPE_CHECKING:
    from assistant.deid.stand_ins import StandIns

_LABEL_WORDS = {word for kind in TYPES for word in kind.name.split("_")} | set(
    """PATIENT PERSON PER DOCTOR PHYSICIAN PROVIDER CLINICIAN STAFF NURSE RELATIVE FAMILY HCW USER USERNAME FIRST MIDDLE LAST GIVEN FULL
    FIRSTNAME LASTNAME GIVENNAME SURNAME FAMILYNAME INITIALS TITLE LOC GPE PLACE CITY TOWN STREET COUNTY REGION POSTAL POSTCODE ZIPCODE
    HOSPITAL CLINIC DEPARTMENT FACILITY INSTITUTION SCHOOL EMPLOYER COMPANY ORG NORP NRP TIME DATETIME DOB BIRTH BIRTHDATE MONTH HOLIDAY
    TELEPHONE MOBILE CELL PAGER NUMBER NUM CONTACT MAIL WEB WEBSITE IPADDRESS MAC SOCIAL SECURITY US UK DRIVER PASSPORT MEDICAL RECORD
    MEDICALRECORD IDNUM BIOID INSURANCE POLICY MEMBER HEALTHPLAN MEDICARE BANK IBAN CREDIT CARD SERIAL PLATE VIN PROFESSION OCCUPATION
    ENTITY PHI PII HIDDEN REDACTED MASKED REMOVED DEID ANON XXX UNKNOWN NOMBRE APELLIDO PACIENTE MEDICO FECHA EDAD CALLE CIUDAD TELEFONO
    CORREO""".split()
)
_LABEL_WORD = "|".join(sorted(_LABEL_WORDS))
PLACEHOLDER = re.compile(rf"\[(?:{_LABEL_WORD})(?:_(?:{_LABEL_WORD})){{0,3}}_\d{{1,5}}\]")
"""`[NAME_1]`, and the like of it from other tools. Text of this shape is never masked, so every word of it must be a label:
`[SMITH_JOHN_120357]` is a patient in brackets, `[MRN_884412]` a number."""

_TITLES = frozenset(
    "dr drs doctor mr mrs ms miss mx prof professor sir madam rev reverend fr father sister brother nurse hon judge "
    "capt captain sgt lt col maj gen officer md do phd rn np pa dds dmd dpm od pharmd facs facp msn bsn lcsw jr sr ii iii iv esq "
    "dra dres dras doctora sra sres srta señora señor señorita doña dña lic licenciado licenciada".split()
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
_RECENT = 50
"""How many people back bare initials ("J.S.") may point."""
_NOT_ALNUM = re.compile(r"[\W_]+")


def name_words(value: str) -> list[str]:
    """The words and initials of a name without titles and possessive."""
    words = [_POSSESSIVE.sub("", word) for word in _WORD.findall(value)]
    return [word for word in words if word and word.casefold() not in _TITLES]


@dataclass(slots=True)
class _Person:
    number: int
    words: set[str] = field(default_factory=set)
    initials: set[str] = field(default_factory=set)
    mentioned: int = 0
    """When last, counted in mentions."""

    def could_be(self, words: set[str], initials: set[str]) -> bool:
        if not words:
            return bool(initials) and initials <= self.initials | {word[0] for word in self.words}
        shared = words & self.words
        if not shared:
            return False
        extra, missing = words - shared, self.words - shared
        # "J. Smith" and "John Smith" agree, "Mary Smith" and "John Smith" do not.
        known = self.initials | {word[0] for word in missing}
        return (not extra or not missing) and (
            (not initials or not known or initials <= known)
            and (not extra or not self.initials or self.initials <= {w[0] for w in extra})
        )


class Placeholders:
    """Remembers which person or value has which placeholder. Share one among the texts of one conversation.

    Held in memory only; safe to use from several threads. `repr` shows counts, never values.
    """

    def __init__(self, *, scope: str = "") -> None:
        """`scope` as in `begin`."""
        self._lock = threading.Lock()
        self._scope = scope
        self._stand_ins: StandIns | None = None
        self._values: dict[tuple[str, str], int] = {}
        self._people: list[_Person] = []
        self._by_word: dict[str, list[_Person]] = {}
        self._mentions = 0
        self._taken: dict[str, set[int]] = {}

    def __repr__(self) -> str:
        return f"Placeholders({len(self._people)} people, {len(self._values)} other values)"

    def begin(self, scope: str) -> None:
        """Say whom the conversation is about (a patient's pseudonym, a report's id), unless that is known already.

        With it, what stands in for identifiers instead of placeholders is the same each time: see `assistant.deid.stand_ins`.
        """
        with self._lock:
            self._scope = self._scope or scope

    def stand_ins(self, make: "Callable[[str], StandIns]") -> "StandIns":
        """The conversation's stand-ins, made with its scope when they are first asked for."""
        with self._lock:
            if self._stand_ins is None or self._stand_ins.scope != self._scope:
                self._stand_ins = make(self._scope)
            return self._stand_ins

    def reserve(self, text: str) -> None:
        """Never hand out a placeholder that already stands in `text` (from another tool, or from an earlier conversation)."""
        with self._lock:
            for found in PLACEHOLDER.finditer(text):
                kind, _, number = found.group()[1:-1].rpartition("_")
                self._taken.setdefault(kind, set()).add(int(number))

    def get(self, type_name: str, value: str) -> str:
        """The placeholder of `value`: the one it had before, or a new one."""
        with self._lock:
            number = self._person(value) if type_name == "NAME" else self._value(type_name, value)
        return f"[{type_name}_{number}]"

    def _value(self, type_name: str, value: str) -> int:
        key = (type_name, _NOT_ALNUM.sub("", value).casefold() or value)
        if key not in self._values:
            self._values[key] = self._next(type_name)
        return self._values[key]

    def _person(self, value: str) -> int:
        parts = [word.casefold() for word in name_words(value)]
        words = {part for part in parts if len(part) > 1}
        initials = {part for part in parts if len(part) == 1}
        if not parts:
            return self._value("NAME", value)
        # A bare surname means the one spoken of last.
        candidates = {id(person): person for word in words for person in self._by_word.get(word, ())}.values()
        for person in sorted(candidates if words else self._people[-_RECENT:], key=lambda person: -person.mentioned):
            if person.could_be(words, initials):
                break
        else:
            person = _Person(number=self._next("NAME"))
            self._people.append(person)
        for word in words - person.words:
            self._by_word.setdefault(word, []).append(person)
        person.words |= words
        person.initials |= initials
        self._mentions += 1
        person.mentioned = self._mentions
        return person.number

    def _next(self, type_name: str) -> int:
        taken = self._taken.setdefault(type_name, set())
        number = len(taken) + 1
        while number in taken:
            number += 1
        taken.add(number)
        return number


def apply_masks(
    text: str,
    spans: Sequence[IdentifierSpan],
    placeholders: Placeholders,
    instead: Sequence[str | None] = (),
) -> MaskedText:
    """Replace each span with its placeholder, or with what is given `instead`; every other character stays as it is.

    Raises:
        DeidError: spans that overlap, are empty, out of order or outside the text.
    """
    placeholders.reserve(text)
    pieces: list[str] = []
    masks: list[Mask] = []
    done = length = 0
    for number, span in enumerate(spans):
        if not done <= span.start < span.end <= len(text):
            raise DeidError(
                f"span {span.start}–{span.end} overlaps another or lies outside the text ({len(text)} characters); mask again"
            )
        stand_in = instead[number] if instead else None
        written = placeholders.get(span.type, text[span.start : span.end]) if stand_in is None else stand_in
        length += span.start - done
        pieces += (text[done : span.start], written)
        mask = Mask(
            start=length, end=length + len(written), placeholder=written, span=span, realistic=stand_in is not None
        )
        masks.append(mask)
        length += len(written)
        done = span.end
    pieces.append(text[done:])
    return MaskedText(text="".join(pieces), masks=tuple(masks))
