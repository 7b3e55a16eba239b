"""What a rule found, and how findings that overlap become one list of spans."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.deid.document import Document


@dataclass(frozen=True, slots=True)
class Found:
    """A finding in the normalised text."""

    start: int
    end: int
    type: str
    score: float
    sure: bool = False
    """A title, a header or a label says so: no clinical reading may veto it."""
    guessed: bool = False
    """A model says so: where a rule sees something too, the rule knows the type better."""


_GUESS = 0.3
"""How much a rule's score outweighs a model's where both cover the same characters: the model's types are coarse."""

Finder = Callable[["Document"], Iterator[Found]]
"""A rule: yields findings in any order, overlapping or not, in time linear in the text."""


def resolve(text: str, founds: Iterable[Found], protected: Sequence[tuple[int, int]] = ()) -> list[Found]:
    """Sorted findings without overlap. Those that overlap become one span over all of their characters.

    Nothing that any rule saw is left uncovered: a longer span takes in the shorter, and the type is that of the
    surest, then the longest, then of a rule that is not weak. `protected` stretches (placeholders) are cut out. Spans lose white space at their ends.
    """
    merged: list[Found] = []
    best: Found | None = None
    for found in sorted(founds, key=lambda found: (found.start, -found.end)):
        if merged and best and found.start < merged[-1].end:
            last = merged[-1]
            best = max(best, found, key=_weight)
            merged[-1] = Found(
                last.start,
                max(last.end, found.end),
                best.type,
                max(last.score, found.score),
                last.sure or found.sure,
                last.guessed and found.guessed,
            )
        else:
            merged.append(found)
            best = found
    return [found for piece in merged for found in _trimmed(text, piece, protected)]


def _weight(found: Found) -> tuple[bool, int, float]:
    return found.sure, found.end - found.start, found.score - (_GUESS if found.guessed else 0)


def _trimmed(text: str, found: Found, protected: Sequence[tuple[int, int]]) -> Iterator[Found]:
    position = found.start
    for start, end in [*_within(protected, found.start, found.end), (found.end, found.end)]:
        left, right = position, min(start, found.end)
        while left < right and text[left].isspace():
            left += 1
        while right > left and (text[right - 1].isspace() or (text[right - 1] in ".,;:" and found.type != "NAME")):
            right -= 1
        if any(character.isalnum() for character in text[left:right]):
            yield replace(found, start=left, end=right)
        position = max(position, end)


def _within(protected: Sequence[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    first = bisect_left(protected, (start, 0))
    first = max(0, first - 1)
    found = []
    for stretch in protected[first:]:
        if stretch[0] >= end:
            break
        if stretch[1] > start:
            found.append(stretch)
    return found
