"""Sentence frames in a text file, put together from parts by chance. What the `{slots}` in them hold is `training.invented`'s.

A file has sections, `== name ==`, with one frame a line; a line that begins with `# ` is a comment. In a frame, `[name]` draws a
line of that section, `[^name]` the same with a capital first letter, `[this|that|]` one of the alternatives (here the last is
nothing; alternatives may hold parts and alternatives), and `\\n` breaks the line.
"""

import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TITLE = re.compile(r"== (\w+) ==")
_SIGN = re.compile(r"[\[\]|]")


@dataclass(frozen=True, slots=True)
class Part:
    section: str
    capital: bool


@dataclass(frozen=True, slots=True)
class Choice:
    alternatives: "tuple[Frame, ...]"


Frame = tuple[str | Part | Choice, ...]


class Frames:
    """The sections of one file. Raises `ValueError` for a bracket without its other half and for a part that no section is."""

    def __init__(self, lines: dict[str, list[str]]) -> None:
        self.lines = lines
        self._frames = {name: tuple(_parsed(line) for line in found) for name, found in lines.items()}
        for frames_ in self._frames.values():
            for frame in frames_:
                self._check(frame)

    def draw(self, section: str, rng: random.Random) -> str:
        """A template for `Cast.fill`: a line of the section with everything in it decided."""
        return self._drawn(rng.choice(self._frames[section]), rng)

    def _drawn(self, frame: Frame, rng: random.Random) -> str:
        words: list[str] = []
        for piece in frame:
            match piece:
                case str():
                    words.append(piece)
                case Choice():
                    words.append(self._drawn(rng.choice(piece.alternatives), rng))
                case Part():
                    drawn = self.draw(piece.section, rng)
                    words.append(drawn[:1].upper() + drawn[1:] if piece.capital else drawn)
        return "".join(words)

    def _check(self, frame: Frame) -> None:
        for piece in frame:
            if isinstance(piece, Part) and piece.section not in self._frames:
                raise ValueError(f"no section {piece.section!r}; the sections are {', '.join(self._frames)}")
            if isinstance(piece, Choice):
                for alternative in piece.alternatives:
                    self._check(alternative)


def _parsed(line: str) -> Frame:
    # One level a bracket: the alternatives so far, the last still growing.
    levels: list[list[list[str | Part | Choice]]] = [[[]]]
    at = 0
    for sign in _SIGN.finditer(line):
        if sign.start() > at:
            levels[-1][-1].append(line[at : sign.start()])
        at = sign.end()
        if sign[0] == "[":
            levels.append([[]])
        elif len(levels) == 1 and sign[0] == "]":
            raise ValueError(f"a closing bracket too many in {line!r}; write `[part]` or `[this|that]`")
        elif sign[0] == "|":
            if len(levels) > 1:
                levels[-1].append([])
            else:
                levels[-1][-1].append("|")
        else:
            alternatives = levels.pop()
            levels[-1][-1].append(_bracketed(alternatives))
    if len(levels) > 1:
        raise ValueError(f"an open bracket in {line!r}; write `[part]` or `[this|that]`")
    return (*levels[0][0], line[at:])


def _bracketed(alternatives: list[list[str | Part | Choice]]) -> Part | Choice:
    if len(alternatives) == 1 and len(alternatives[0]) == 1 and isinstance(name := alternatives[0][0], str):
        return Part(name.removeprefix("^"), name.startswith("^"))
    return Choice(tuple(tuple(alternative) for alternative in alternatives))


@cache
def frames(*names: str) -> Frames:
    """The sections of files beside this module, read once: `frames("queries", "queries_parts")`."""
    sections: dict[str, list[str]] = {}
    lines: list[str] = []
    for name in names:
        for line in (Path(__file__).parent / f"{name}.txt").read_text("utf-8").splitlines():
            if title := _TITLE.fullmatch(line):
                lines = sections.setdefault(title[1], [])
            elif line.strip() and not line.startswith("# "):
                lines.append(line.replace("\\n", "\n"))
    return Frames(sections)
