"""Text → tokens that can be compared: words by stem and meaning, numbers by value and unit, boundaries of clauses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from assistant.grounding.stems import stem
from assistant.grounding.terms import NEGATIVE_WORDS, NUMBER_WORDS, SOFT, STOP, UNITS, Group, Lexicon, lexicon

_TOKEN = re.compile(
    r"\[[A-Z]+(?:_\d+)?\]"  # a placeholder of de-identification
    r"|\d+(?:,\d{3})*(?:\.\d+)?(?:/\d+(?:\.\d+)?)*|\.\d+"
    r"|(?:[^\W\d_]\.){2,6}"  # b.i.d., e.g.
    r"|\b[A-Z](?: [A-Z]){1,5}\b(?!['’])"  # letters as they are dictated: U T I
    r"|[^\W\d_]+\d+\w*"  # T4, B12
    r"|[^\W\d_]+(?:['’][^\W\d_]+)?"
    r"|[,;:.!?()<>≤≥%+]"
)
_COMPARISONS = {"<": "less", ">": "more", "≤": "less", "≥": "more"}
_DIGITLIKE = ("second", "seconds", "sec", "in", "l", "u", "g", "min", "mo")
"""Units that are also words: read as units only directly after digits."""


class Weight(IntEnum):
    """How much a token states."""

    NONE = 0
    SOFT = 1
    TERM = 2
    EXACT = 3
    """Numbers, placeholders, codes: nothing else can stand for them."""


@dataclass(slots=True)
class Token:
    """One token of a text. `keys` are what it may be matched by, its stem first."""

    word: str
    start: int
    end: int
    keys: tuple[str, ...]
    weight: Weight
    groups: tuple[Group, ...] = ()
    """The groups of exclusive words that it belongs to."""
    number: bool = False
    boundary: bool = False
    inverse: bool = False
    """It holds its own negation: `afebrile`."""
    unit: tuple[str, float] | None = None
    """What a number measures, and how many of the smallest unit its unit is."""


class _Entry(NamedTuple):
    """What is known of a piece of text before its neighbours are."""

    word: str
    keys: tuple[str, ...] = ()
    weight: Weight = Weight.NONE
    groups: tuple[Group, ...] = ()
    number: bool = False
    boundary: bool = False
    inverse: bool = False
    needs: int = 0
    """Which of the later steps its sentence needs: `_NUMBER_WORDS`, `_UNITS`, `_PHRASES`."""


_NUMBER_WORDS, _UNITS, _PHRASES = 1, 2, 4


class Vocabulary:
    """Tokenizes, and remembers every word it has met. One for each call of `ground`."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._lexicon = lexicon()

    def tokenize(self, text: str, start: int = 0, end: int | None = None) -> list[Token]:
        """Return the tokens of `text[start:end]`, with offsets in `text`."""
        tokens: list[Token] = []
        needs = 0
        entries = self._entries
        for match in _TOKEN.finditer(text, start, len(text) if end is None else end):
            raw = match.group()
            entry = entries.get(raw)
            if entry is None:
                entry = entries[raw] = _learn(raw) if len(raw) < 40 else _learn.__wrapped__(raw)
            word, keys, weight, groups, number, boundary, inverse, more = entry
            tokens.append(Token(word, match.start(), match.end(), keys, weight, groups, number, boundary, inverse))
            needs |= more
        if needs & _NUMBER_WORDS:
            tokens = _join_number_words(tokens)
        if needs & (_NUMBER_WORDS | _UNITS):
            _attach_units(tokens)
        if needs & _PHRASES:
            _add_phrases(tokens, self._lexicon)
        return tokens


@lru_cache(maxsize=20_000)
def _learn(raw: str) -> _Entry:
    first = raw[0]
    if first.isalpha():
        return _learn_word(raw)
    if first.isdigit() or (first == "." and len(raw) > 1):
        return _number_entry(raw)
    if first == "[":
        return _Entry(raw, (raw,), Weight.EXACT)
    if first in _COMPARISONS:
        return _entry(_COMPARISONS[first], (_COMPARISONS[first],), Weight.SOFT)
    return _Entry(raw, boundary=first not in "%+")


def _learn_word(raw: str) -> _Entry:
    word = raw.lower()
    if "." in word or " " in word:
        word = word.replace(".", "").replace(" ", "")
    elif word.endswith(("n't", "n’t")):
        return _Entry("not", ("not",))
    elif any(character.isdigit() for character in word):
        dosed = word[0] == "x" and word[1:].isdecimal()
        return _number_entry(word[1:]) if dosed else _entry(word, (word,), Weight.EXACT)
    short = word.removesuffix("'s").removesuffix("’s")
    root = stem(short)
    meanings = lexicon().words
    keys = (root, *meanings.get(root, ()))
    without = _negated_by_word(short)
    if without:
        keys += (stem(without), *meanings.get(stem(without), ()))
    weight = Weight.NONE if short in STOP or len(short) == 1 else Weight.SOFT if short in SOFT else Weight.TERM
    return _entry(word, keys, weight)._replace(inverse=bool(without))


def _entry(word: str, keys: tuple[str, ...], weight: Weight) -> _Entry:
    words = lexicon()
    needs = (_NUMBER_WORDS if word in NUMBER_WORDS else 0) | (_PHRASES if keys[0] in words.phrases else 0)
    groups = tuple(words.groups[key] for key in keys if key in words.groups)
    return _Entry(word, keys, weight, groups, needs=needs)


def _negated_by_word(word: str) -> str:
    """What a word negates by itself: `afebrile` fever, `nontender` tender; or an empty string."""
    return NEGATIVE_WORDS.get(word) or (word[3:] if word.startswith("non") and len(word) > 6 else "")


def _number_entry(raw: str) -> _Entry:
    return _Entry(raw, (f"#{normal_number(raw)}",), Weight.EXACT, number=True, needs=_UNITS)


def normal_number(raw: str) -> str:
    """`1,200.0` → `1200`, `007` → `7`, `120/80` stays."""
    parts = raw.replace(",", "").split("/")
    return "/".join(_plain(part) for part in parts)


def _plain(part: str) -> str:
    whole, _, fraction = part.partition(".")
    fraction = fraction.rstrip("0")
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{fraction}" if fraction else whole


def _join_number_words(tokens: list[Token]) -> list[Token]:
    """`twenty six` → 26, `one hundred and four` → 104; a lone `one` states no number."""
    joined: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.word not in NUMBER_WORDS:
            joined.append(token)
            position += 1
            continue
        value, after = _read_number(tokens, position)
        lone = after == position + 1 and value in (0, 1)
        last = tokens[after - 1]
        weight = Weight.NONE if lone else Weight.EXACT
        joined.append(Token(token.word, token.start, last.end, (f"#{value}",), weight, number=True))
        position = after
    return joined


def _read_number(tokens: Sequence[Token], position: int) -> tuple[int, int]:
    """The number that starts here, and where it ends."""
    value, after = _read_below_hundred(tokens, position)
    if value in (18, 19, 20) and after == position + 1:  # nineteen sixty one
        decade, end = _read_below_hundred(tokens, after)
        if decade >= 10:
            return value * 100 + decade, end
    for word, factor in (("thousand", 1000), ("hundred", 100)):
        if after < len(tokens) and tokens[after].word == word:
            after += 1
            rest_at = after + 1 if after < len(tokens) and tokens[after].word == "and" else after
            rest, end = _read_below_hundred(tokens, rest_at)
            return (value * factor + rest, end) if end > rest_at else (value * factor, after)
    return value, after


def _read_below_hundred(tokens: Sequence[Token], position: int) -> tuple[int, int]:
    """`(0, position)` where no number word stands."""
    if position >= len(tokens) or tokens[position].word not in NUMBER_WORDS:
        return 0, position
    value = NUMBER_WORDS[tokens[position].word]
    after = position + 1
    ones = NUMBER_WORDS.get(tokens[after].word, 0) if after < len(tokens) else 0
    return (value + ones, after + 1) if value >= 20 and 0 < ones < 10 else (value, after)


def _attach_units(tokens: Sequence[Token]) -> None:
    for place, (token, following) in enumerate(pairwise(tokens)):
        if not token.number or following.boundary:
            continue
        beyond = tokens[place + 2] if place + 2 < len(tokens) else None
        if following.word == "mm" and beyond is not None and beyond.word == "hg":  # a pressure, not a length
            following.word, following.end = "mmhg", beyond.end
            beyond.weight, beyond.keys = Weight.NONE, ()
        unit = UNITS.get(following.word)
        if unit is None or (following.word in _DIGITLIKE and not token.word[-1].isdigit()):
            continue
        if following.word == "in" and following.start - token.end > 1:
            continue
        token.unit = unit
        token.weight = Weight.EXACT
        following.weight = Weight.NONE
        following.keys = (f"~{unit[0]}",) if unit[0] == "months" or unit[0] == "calendar" else ()


def _add_phrases(tokens: list[Token], words: Lexicon) -> None:
    """Give every word of a known phrase the phrase's key as well."""
    phrases = words.phrases
    for position, token in enumerate(tokens):
        if not token.keys or token.keys[0] not in phrases:
            continue
        for rest, key in phrases[token.keys[0]]:
            stop = position + 1 + len(rest)
            if stop > len(tokens):
                continue
            piece = tokens[position + 1 : stop]
            if all(part.keys and part.keys[0] == wanted for part, wanted in zip(piece, rest, strict=True)):
                for part in tokens[position:stop]:
                    part.keys = (*part.keys, key)
                    if key in words.groups:
                        part.groups = (*part.groups, words.groups[key])
                    if part.weight is Weight.NONE and not part.boundary:
                        part.weight = Weight.SOFT
                break
