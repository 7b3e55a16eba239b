"""Invented names for people, word by word: the same word of a name is the same invented word in all of its forms.

So the surname alone, the possessive, lower case and capitals follow by themselves, and relatives go on sharing a surname. Each
first letter has one other letter that it becomes in a conversation: initials fit, also before the name itself is met.
"""

import re
import string
import unicodedata
from collections.abc import Callable, Iterator

from assistant.deid.name_parts import TITLES, NamePart, name_parts
from assistant.deid.surrogate_draw import Draw
from assistant.deid.surrogate_lists import ALL_SURNAMES, FEMALE, MALE, NEUTRAL, SURNAMES

_LONGEST_INITIALS = 4


class People:
    def __init__(self, draw: Draw, is_given: Callable[[str], bool]) -> None:
        """`is_given` says whether a word, in lower case, is a given name and no surname."""
        self._draw, self._is_given = draw, is_given
        circle = draw.shuffled(string.ascii_uppercase, "letters")
        self._letters = dict(zip(circle, [*circle[1:], circle[0]], strict=True))
        self._words: dict[str, str] = {}
        self._initials: set[str] = set()

    def get(self, name: str) -> str | None:
        """The invented name for `name`, in its layout; `None` where it is no name or none is left."""
        parts = name_parts(name, lambda word: bool(_gender(word)) or self._is_given(word.lower()))
        gender = next((TITLES.get(part.text.lower(), "") for part in parts if part.role == "title"), "")
        alone = len(parts) == 1
        pieces, done = [], 0
        for part in parts:
            new = self._part(part, gender, alone=alone)
            if new is None:
                return None
            pieces += (self._digits(name[done : part.start]), new)
            done = part.end
            if part.role == "particle":
                done += len(name[done:]) - len(name[done:].lstrip(" -"))
        self._initials.add("".join(p.text[0] for p in parts if p.role in ("given", "surname", "initial")).casefold())
        return "".join(pieces) + self._digits(name[done:]) if parts else None

    def _part(self, part: NamePart, gender: str, *, alone: bool) -> str | None:
        if part.role == "title":
            return part.text
        if part.role == "particle":
            return ""
        if part.role == "initial" or (alone and self._stands_for_initials(part.text)):
            return "".join(_like(self._letter(letter), letter) for letter in part.text)
        lower = part.text.casefold()
        plural = lower[:-1] in self._words and lower.endswith("s") and lower not in self._words
        new = self._invented(lower[:-1] if plural else lower, part.role, gender)
        return _like(new + "s" if plural else new, part.text) if new else None

    def _stands_for_initials(self, word: str) -> bool:
        """`JS`, or `JAS` of a person met before."""
        if not word.isupper() or word.casefold() in self._words or len(word) > _LONGEST_INITIALS:
            return False
        return len(word) == 2 or word.casefold() in self._initials

    def _invented(self, word: str, role: str, gender: str) -> str | None:
        if word not in self._words:
            letter = self._letter(word[0])
            candidates = self._given_names(word, letter, gender) if role == "given" else self._surnames(word, letter)
            new = self._draw.first_free(candidates)
            if new is None:
                return None
            self._words[word] = new
        return self._words[word]

    def _given_names(self, word: str, letter: str, gender: str) -> Iterator[str]:
        """A gender is hinted at only where a title or a name that is nobody else's says it."""
        names = {"female": FEMALE, "male": MALE}.get(_gender(word) or gender, NEUTRAL)
        yield from self._draw.walk(names[letter], "given", word)
        yield from self._surnames(word, letter)

    def _surnames(self, word: str, letter: str) -> Iterator[str]:
        yield from self._draw.walk(SURNAMES[letter], "surname", word)
        for one in self._draw.walk(SURNAMES[letter], "first", word):
            yield from (f"{one}-{two}" for two in self._draw.walk(ALL_SURNAMES, "second", word, one))

    def _letter(self, letter: str) -> str:
        latin = unicodedata.normalize("NFKD", letter)[:1].upper()
        return self._letters.get(latin) or next(self._draw.walk(string.ascii_uppercase, "letter", letter.casefold()))

    def _digits(self, between: str) -> str:
        """What stands between the words of a name, digits changed: `jsmith84`."""
        return re.sub(r"\d+", lambda found: _other_digits(self._draw, found.group()), between)


def _gender(word: str) -> str:
    """Of a given name that is nobody else's; empty where there is doubt."""
    title = word.title()
    return next((g for g, names in (("female", FEMALE), ("male", MALE)) if title in names.get(title[0], ())), "")


def _other_digits(draw: Draw, digits: str) -> str:
    # One to nine further on, so that no digit stays.
    moves = draw.stream(len(digits), "digits of a name", digits)
    return "".join(str((int(digit) + 1 + move % 9) % 10) for digit, move in zip(digits, moves, strict=True))


def _like(new: str, old: str) -> str:
    """In the case of `old`; a single capital tells nothing of the rest."""
    if old.isupper() and (len(old) > 1 or len(new) == 1):
        return new.upper()
    return new.lower() if old.islower() else new
