"""Spans → placeholders. Pure, but for the memory of who is `[NAME_1]`, which lives and dies with its conversation."""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.errors import DeidError
from assistant.schema import IdentifierSpan, Mask, MaskedText

PLACEHOLDER = re.compile(r"\[[A-Z][A-Z0-9]{0,15}(?:_[A-Z0-9]{1,12}){0,3}_\d{1,6}\]")
"""`[NAME_1]`, and the like of it from other tools. Text of this shape is never masked."""

_TITLES = frozenset(
    "dr drs doctor mr mrs ms miss mx prof professor sir madam rev reverend fr father sister brother nurse hon judge "
    "capt captain sgt lt col maj gen officer md do phd rn np pa dds dmd dpm od pharmd facs facp msn bsn lcsw jr sr ii iii iv esq".split()
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
_RECENT = 50
"""How many people back bare initials ("J.S.") may point."""
_NOT_ALNUM = re.compile(r"[\W_]+")


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

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[tuple[str, str], int] = {}
        self._people: list[_Person] = []
        self._by_word: dict[str, list[_Person]] = {}
        self._mentions = 0
        self._taken: dict[str, set[int]] = {}

    def __repr__(self) -> str:
        return f"Placeholders({len(self._people)} people, {len(self._values)} other values)"

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
        parts = [_POSSESSIVE.sub("", word).casefold() for word in _WORD.findall(value)]
        parts = [part for part in parts if part and part not in _TITLES]
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


def apply_masks(text: str, spans: Sequence[IdentifierSpan], placeholders: Placeholders) -> MaskedText:
    """Replace each span with its placeholder; every other character stays as it is.

    Raises:
        DeidError: spans that overlap, are empty, out of order or outside the text.
    """
    placeholders.reserve(text)
    pieces: list[str] = []
    masks: list[Mask] = []
    done = length = 0
    for span in spans:
        if not done <= span.start < span.end <= len(text):
            raise DeidError(
                f"span {span.start}–{span.end} overlaps another or lies outside the text ({len(text)} characters); mask again"
            )
        placeholder = placeholders.get(span.type, text[span.start : span.end])
        length += span.start - done
        pieces += (text[done : span.start], placeholder)
        masks.append(Mask(start=length, end=length + len(placeholder), placeholder=placeholder, span=span))
        length += len(placeholder)
        done = span.end
    pieces.append(text[done:])
    return MaskedText(text="".join(pieces), masks=tuple(masks))
