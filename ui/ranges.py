"""Stretches of a text, asked whether they hold a place. Bisection: a report may have ten thousand masks."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

Range = tuple[int, int]


class Ranges:
    """Ranges of offsets, end exclusive; those that overlap or touch are one."""

    def __init__(self, ranges: Iterable[Range]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(ranges):
            if end <= start:
                continue
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def hold(self, position: int) -> bool:
        at = bisect_right(self._starts, position) - 1
        return at >= 0 and position < self._ends[at]

    def cover(self, start: int, end: int) -> bool:
        """Whether all of the range lies in one of these."""
        at = bisect_right(self._starts, start) - 1
        return at >= 0 and end <= self._ends[at]

    def meet(self, start: int, end: int) -> bool:
        """Whether some character of the range lies in one of these."""
        return bisect_left(self._starts, end) > bisect_right(self._ends, start)

    def without(self, start: int, end: int) -> list[Range]:
        """The pieces of the range that lie in none of these."""
        pieces, position = [], start
        for at in range(bisect_right(self._ends, start), bisect_left(self._starts, end)):
            if position < self._starts[at]:
                pieces.append((position, self._starts[at]))
            position = self._ends[at]
        return [*pieces, (position, end)] if position < end else pieces
