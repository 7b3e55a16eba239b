"""How far two texts are from each other, word by word. Without layout: case, bullets, line breaks and full stops do not count.

Both measures run on bit vectors (one Python integer for a whole text), so that memory is linear and two texts of a
thousand words take two milliseconds.
"""

import re
import unicodedata
from collections.abc import Sequence

_WORD = re.compile(r"\d+(?:[.,:/]\d+)*|\w+|[<>≤≥=±+°%]")
"""A number with its fractions is one word, and so is each sign that changes what a number means."""


def words_of(text: str) -> list[str]:
    """The words that count, in order."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def edit_distance(one: str, other: str) -> float:
    """Words to insert, delete or replace, over the words of the longer text: 0 for the same words, 1 for no word alike."""
    a, b = words_of(one), words_of(other)
    longer = max(len(a), len(b))
    return _levenshtein(a, b) / longer if longer else 0.0


def rouge_l(answer: str, reference: str) -> float:
    """ROUGE-L, balanced F: the longest common subsequence of words, as share of both texts. 1 for the same words.

    Source:
        Lin, ROUGE: A Package for Automatic Evaluation of Summaries, 2004; without stemming.
    """
    a, b = words_of(answer), words_of(reference)
    if not a or not b:
        return float(a == b)
    return 2 * _common(a, b) / (len(a) + len(b))


def _places(words: Sequence[str]) -> dict[str, int]:
    """Word → the bits of its positions."""
    places: dict[str, int] = {}
    for position, word in enumerate(words):
        places[word] = places.get(word, 0) | 1 << position
    return places


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest common subsequence: Hyyrö's bit-parallel form (Bit-parallel LCS-length computation, 2004)."""
    places, everything = _places(a), (1 << len(a)) - 1
    row = everything
    for word in b:
        matched = row & places.get(word, 0)
        row = ((row + matched) | (row - matched)) & everything
    return len(a) - row.bit_count()


def _levenshtein(a: Sequence[str], b: Sequence[str]) -> int:
    """Edit distance with unit costs, bit-parallel: Myers (J. ACM 1999) as Hyyrö writes it (2003)."""
    if not a:
        return len(b)
    places, everything, last = _places(a), (1 << len(a)) - 1, 1 << len(a) - 1
    up, down, distance = everything, 0, len(a)  # where the column grows by one, where it shrinks; its last cell
    for word in b:
        match = places.get(word, 0)
        vertical = match | down
        horizontal = (((match & up) + up) ^ up) | match
        right_up = (down | ~(horizontal | up)) & everything
        right_down = up & horizontal
        distance += bool(right_up & last) - bool(right_down & last)
        right_up = (right_up << 1 | 1) & everything
        right_down = (right_down << 1) & everything
        up = (right_down | ~(vertical | right_up)) & everything
        down = right_up & vertical
    return distance
