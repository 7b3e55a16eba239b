"""A text with its words, made once and read by every rule."""

import re
from dataclasses import dataclass, field

from assistant.deid.lexicon import Lexicon

WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")

LOWER, CAPITAL, UPPER, INITIAL = 0, 1, 2, 3
"""How a word is written: `word`, `Word` (also `McCoy`), `WORD`, `W`."""


@dataclass(frozen=True, slots=True)
class Document:
    """Words are runs of letters, with apostrophes and hyphens inside. Parallel lists: a note has thousands of words,
    and an object for each would cost more than all the rules together."""

    text: str = field(repr=False)
    numeric: str = field(repr=False)
    """`text` with letters that a scanner put for digits corrected, where a number stands; of the same length."""
    starts: list[int] = field(repr=False)
    ends: list[int] = field(repr=False)
    """Without a possessive 's."""
    words: list[str] = field(repr=False)
    """As written, without a possessive 's."""
    lowers: list[str] = field(repr=False)
    shapes: list[int] = field(repr=False)
    kinds: list[int] = field(repr=False)
    lexicon: Lexicon = field(repr=False)

    def gap(self, index: int) -> str:
        """What stands between word `index` and the next one ("" at the end)."""
        return self.text[self.ends[index] : self.starts[index + 1]] if index + 1 < len(self.starts) else ""

    def before(self, index: int) -> str:
        """What stands between word `index` and the one before it."""
        return self.text[self.ends[index - 1] if index else 0 : self.starts[index]]

    def starts_sentence(self, index: int) -> bool:
        """Whether a capital here says nothing: after a full stop, a line break, a bullet, at the start."""
        if index == 0:
            return True
        before = self.before(index)
        stripped = before.strip(" \"'(*-")
        return (
            "\n" in before
            or (bool(stripped) and stripped[-1] in ".!?:;•>|")
            or (bool(stripped) and stripped[-1].isdigit())
        )


def read(text: str, lexicon: Lexicon) -> Document:
    """Split `text` (normalised) into words. Linear."""
    starts: list[int] = []
    ends: list[int] = []
    words: list[str] = []
    lowers: list[str] = []
    shapes: list[int] = []
    kinds: list[int] = []
    kind_of = lexicon.kinds
    for match in WORD.finditer(text):
        word = match.group()
        start, end = match.span()
        if len(word) > 2 and word[-2] == "'" and word[-1] in "sS":
            word, end = word[:-2], end - 2
        elif word.endswith("n't"):
            pass
        lower = word.lower()
        starts.append(start)
        ends.append(end)
        words.append(word)
        lowers.append(lower)
        shapes.append(_shape(word))
        kind = kind_of.get(lower)
        if kind is None:
            kind = kind_of.get(lower[:-1], 0) & ~3 if lower.endswith("s") and len(lower) > 4 else 0
            kind = kind or _compound(lower, kind_of)
        kinds.append(kind)
    return Document(text, _numeric(text), starts, ends, words, lowers, shapes, kinds, lexicon)


def _compound(lower: str, kind_of: dict[str, int]) -> int:
    if "-" not in lower:
        return 0
    kinds = [kind_of.get(part, 0) for part in lower.split("-") if len(part) > 1]
    if not kinds:
        return 4
    together = kinds[0]
    for kind in kinds[1:]:
        together &= kind
    return together


def _shape(word: str) -> int:
    if not word[0].isupper():
        return LOWER
    if len(word) == 1:
        return INITIAL
    letters = word.replace("'", "").replace("-", "")
    return UPPER if letters.isupper() else CAPITAL


_SCANNED = re.compile(r"(?<![A-Za-z0-9])[0-9OolISB|][0-9OolISB|/.\-]{5,20}(?![A-Za-z0-9])")
_FOR_DIGITS = str.maketrans("OolISB|", "0011581")


def _numeric(text: str) -> str:
    """Only where at least half of the characters are digits and a separator stands: `O3/l5/2023` → `03/15/2023`."""

    def corrected(match: re.Match[str]) -> str:
        piece = match.group()
        digits = sum(character.isdigit() for character in piece)
        letters = sum(character.isalpha() or character == "|" for character in piece)
        return (
            piece.translate(_FOR_DIGITS)
            if letters and digits >= 4 and digits >= 2 * letters and re.search(r"[/.-]", piece)
            else piece
        )

    return _SCANNED.sub(corrected, text)
