"""Text → tokens that can be compared: words by stem and meaning, numbers by value and unit, boundaries of clauses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from assistant.grounding.terms import NUMBER_WORDS, SOFT, STOP, UNITS, Lexicon, lexicon, stem

_TOKEN = re.compile(
    r"\[[A-Z]+(?:_\d+)?\]"  # a placeholder of de-identification
    r"|\d+(?:,\d{3})*(?:\.\d+)?(?:/\d+(?:\.\d+)?)*|\.\d+"
    r"|(?:[^\W\d_]\.){2,6}"  # b.i.d., e.g.
    r"|[^\W\d_]+\d+\w*"  # T4, B12
    r"|[^\W\d_]+(?:['’][^\W\d_]+)?"
    r"|[,;:.!?()<>≤≥%\n+]"
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
    unit: tuple[str, float] | None = None
    """What a number measures, and how many of the smallest unit its unit is."""
    boundary: bool = False


def _keys_and_weight(
    word: str, words: Lexicon, known: dict[str, tuple[tuple[str, ...], Weight]]
) -> tuple[tuple[str, ...], Weight]:
    entry = known.get(word)
    if entry is None:
        short = word.removesuffix("'s").removesuffix("’s")
        root = stem(short)
        keys = (root, *words.words.get(root, ()))
        weight = Weight.NONE if short in STOP or len(short) == 1 else Weight.SOFT if short in SOFT else Weight.TERM
        entry = known[word] = (keys, weight)
    return entry


def tokenize(text: str, start: int, end: int, known: dict[str, tuple[tuple[str, ...], Weight]]) -> list[Token]:
    """Return the tokens of `text[start:end]`, offsets in `text`. `known` remembers words within one call of `ground`."""
    words = lexicon()
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text, start, end):
        raw = match.group()
        first = raw[0]
        if first.isalpha():
            tokens.extend(_word(raw, match.start(), match.end(), words, known))
        elif first.isdigit() or (first == "." and len(raw) > 1):
            tokens.append(_number(raw, match.start(), match.end()))
        elif first == "[":
            tokens.append(Token(raw, match.start(), match.end(), (raw,), Weight.EXACT))
        elif first == "%":
            tokens.append(Token(raw, match.start(), match.end(), (), Weight.NONE))
        elif first in _COMPARISONS:
            tokens.append(Token(raw, match.start(), match.end(), (_COMPARISONS[first],), Weight.SOFT))
        elif first == "+":
            tokens.append(Token(raw, match.start(), match.end(), ("+",), Weight.NONE))
        else:
            tokens.append(Token(raw, match.start(), match.end(), (), Weight.NONE, boundary=True))
    tokens = _join_number_words(tokens)
    _attach_units(tokens)
    _add_phrases(tokens, words)
    return tokens


def _word(
    raw: str, start: int, end: int, words: Lexicon, known: dict[str, tuple[tuple[str, ...], Weight]]
) -> list[Token]:
    word = raw.lower()
    if "." in word:
        word = word.replace(".", "")
    elif len(word) > 3 and word[-3:] in ("n't", "n’t"):
        return [Token("not", start, end, ("not",), Weight.NONE)]
    elif any(character.isdigit() for character in word):
        if word[0] == "x" and word[1:].isdigit():  # "x3": three times
            return [_number(word[1:], start + 1, end)]
        return [Token(word, start, end, (word,), Weight.EXACT)]
    keys, weight = _keys_and_weight(word, words, known)
    return [Token(word, start, end, keys, weight)]


def _number(raw: str, start: int, end: int) -> Token:
    return Token(raw, start, end, (f"#{normal_number(raw)}",), Weight.EXACT)


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
        joined.append(Token(token.word, token.start, last.end, (f"#{value}",), weight))
        position = after
    return joined


def _read_number(tokens: Sequence[Token], position: int) -> tuple[int, int]:
    value = NUMBER_WORDS[tokens[position].word]
    after = position + 1
    if value % 10 == 0 and 20 <= value and after < len(tokens) and 0 < NUMBER_WORDS.get(tokens[after].word, 0) < 10:
        value += NUMBER_WORDS[tokens[after].word]
        after += 1
    if after < len(tokens) and tokens[after].word == "hundred":
        value *= 100
        after += 1
        if after + 1 < len(tokens) and tokens[after].word == "and" and tokens[after + 1].word in NUMBER_WORDS:
            after += 1
        if after < len(tokens) and tokens[after].word in NUMBER_WORDS:
            rest, after = _read_number(tokens, after)
            value += rest
    return value, after


def _attach_units(tokens: Sequence[Token]) -> None:
    for token, following in zip(tokens, tokens[1:], strict=False):
        if not (token.keys and token.keys[0].startswith("#")) or following.boundary:
            continue
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
                    if part.weight is Weight.NONE and not part.boundary:
                        part.weight = Weight.SOFT
                break
