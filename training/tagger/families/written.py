"""Clinical texts written by hand, whole, by several writers; only their identifiers are invented anew each time.

What the other families lack is in their literal words: the density and oddity of real notes.
"""

import random
from collections.abc import Iterator
from importlib import resources

from training.invented.cast import Cast
from training.invented.markup import Tagged

_FILES = ("written_us", "written_world", "written_lines", "written_mixed")
_WHOLE = 0.5
"""Share of texts taken whole; of the others a run of lines."""
_FEWEST_LINES = 4


def texts(rng: random.Random) -> Iterator[Tagged]:
    """Each file as often as the others."""
    sources = [templates(name) for name in _FILES]
    while True:
        yield Cast(rng).fill(_part(rng.choice(rng.choice(sources)), rng))


def templates(name: str) -> list[str]:
    """The texts of a file; `=== kind` stands before each."""
    written = resources.files("training.tagger.families").joinpath(f"{name}.txt").read_text(encoding="utf-8")
    parts = f"\n{written}".split("\n=== ")[1:]
    return [text for part in parts if (text := part.partition("\n")[2].strip())]


def _part(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    if len(lines) <= _FEWEST_LINES or rng.random() < _WHOLE:
        return text
    length = rng.randint(_FEWEST_LINES, len(lines))
    first = rng.randint(0, len(lines) - length)
    return "\n".join(lines[first : first + length]).strip() or text
