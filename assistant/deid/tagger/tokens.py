"""A text as the tagger sees it: runs of letters, runs of digits and single signs, each with its shape and its lists.

The encoder's vocabulary is lower-case: how a word is written, what stands before it and which word lists know it are told
to the model beside it. Training and use share this module, so that they cannot disagree.
"""

import re
from dataclasses import dataclass, field

from assistant.deid.lexicon import Lexicon

_TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")

SHAPES = ("lower", "Capital", "UPPER", "X", "miXed", "1", "2", "3", "4", "5", "6-8", "9+", "sign", "foreign")
GAPS = ("none", "space", "line", "start")
KINDS = 64
"""The word lists that know a word, as the lexicon's five bits, and one more for places."""
_PLACE = 32


@dataclass(frozen=True, slots=True)
class Tokens:
    """Parallel lists, one entry a token."""

    starts: list[int] = field(repr=False)
    ends: list[int] = field(repr=False)
    texts: list[str] = field(repr=False)
    shapes: list[int] = field(repr=False)
    gaps: list[int] = field(repr=False)
    kinds: list[int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.starts)


def split(text: str, lexicon: Lexicon) -> Tokens:
    """Linear in the text."""
    tokens = Tokens([], [], [], [], [], [])
    kind_of, places = lexicon.kinds, lexicon.places
    previous_end = 0
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        word = match.group()
        lower = word.lower()
        tokens.starts.append(start)
        tokens.ends.append(end)
        tokens.texts.append(word)
        tokens.shapes.append(_shape(word))
        tokens.gaps.append(_gap(text, previous_end, start))
        tokens.kinds.append(kind_of.get(lower, 0) & (_PLACE - 1) | (_PLACE if lower in places else 0))
        previous_end = end
    return tokens


def _shape(word: str) -> int:
    first = word[0]
    if first.isdigit():
        return SHAPES.index("1") + min(len(word) - 1, 5) if len(word) < 9 else SHAPES.index("9+")
    if not first.isalpha():
        return SHAPES.index("sign")
    if word.islower():
        return SHAPES.index("lower")
    if len(word) == 1:
        return SHAPES.index("X") if word.isupper() else SHAPES.index("foreign")
    if word.isupper():
        return SHAPES.index("UPPER")
    if first.isupper() and word[1:].islower():
        return SHAPES.index("Capital")
    return SHAPES.index("miXed") if any(letter.isupper() for letter in word) else SHAPES.index("foreign")


def _gap(text: str, before: int, start: int) -> int:
    if before == 0:
        return GAPS.index("start")
    if before == start:
        return GAPS.index("none")
    return GAPS.index("line") if "\n" in text[before:start] else GAPS.index("space")
