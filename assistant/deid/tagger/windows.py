"""Word pieces in windows that the encoder can read: each token's first piece, and where it stands."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LONGEST = 254
"""Word pieces of a window, without the two signs around it; the encoder was trained on 256."""
_OVERLAP = 48
"""Pieces that two windows share: a token is judged in the window in which it has more around it."""
_MOST_PIECES = 12
"""Pieces kept of one token. Longer ones (a code of 200 letters) would push the words around it out of sight."""


@dataclass(frozen=True, slots=True)
class Window:
    pieces: list[int]
    """Ids, with the signs around them."""
    owners: list[int]
    """The token of each piece; -1 for the signs."""
    firsts: list[int]
    """Where in `pieces` each token of the window begins."""
    tokens: range
    """The tokens in this window."""


def windows(pieces: Sequence[Sequence[int]], *, begin: int, end: int, longest: int = LONGEST) -> Iterator[Window]:
    """Cut tokens, given as their pieces, into windows that overlap. `begin`, `end`: ids of the signs around a text."""
    first = 0
    while first < len(pieces):
        size, last = 0, first
        while last < len(pieces) and size + (length := min(len(pieces[last]), _MOST_PIECES)) <= longest:
            size += length
            last += 1
        ids, owners, firsts = [begin], [-1], []
        for token in range(first, last):
            firsts.append(len(ids))
            kept = pieces[token][:_MOST_PIECES]
            ids.extend(kept)
            owners.extend([token] * len(kept))
        yield Window([*ids, end], [*owners, -1], firsts, range(first, last))
        if last == len(pieces):
            return
        back, step = 0, last
        while step > first + 1 and back + len(pieces[step - 1]) <= _OVERLAP:
            step -= 1
            back += len(pieces[step])
        first = step


def judged_in(parts: Sequence[Window]) -> list[tuple[int, int]]:
    """For each window the tokens `(from, to)` that it decides: overlaps are shared half and half."""
    edges = [parts[0].tokens.start] if parts else []
    for left, right in itertools.pairwise(parts):
        edges.append((left.tokens.stop + right.tokens.start) // 2)
    edges += [parts[-1].tokens.stop] if parts else []
    return list(itertools.pairwise(edges))
