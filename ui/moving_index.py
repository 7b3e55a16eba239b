"""Copies every vector from the embedded Chroma to a Chroma server, and compares them."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.retrieval.whole_index import IndexState, WholeIndex
from ui.moving_values import CannotMove, Compared, OnProgress, not_empty

_BATCH = 500
"""Vectors read and written together."""


def look_at_index(folder: Path, url: str) -> Compared:
    """What would be moved; nothing is written. Raises `IndexUnavailable`, `IndexDamaged`."""
    with _both(folder, url) as (here, there):
        source, target = here.state(), there.state()
    return Compared(what="index", here=source.count if source else 0, there=target.count if target else 0, different=0)


def move_index(folder: Path, url: str, *, mark: str, on_progress: OnProgress) -> tuple[Compared, bool]:
    """Copy what is missing, compare; and whether nothing was missing.

    Args:
        mark: Whose move it is.

    Raises:
        CannotMove: The server holds something else.
        IndexUnavailable, IndexDamaged
    """
    with _both(folder, url) as (here, there):
        source, target = here.state(), there.state()
        if source is None or not source.count:
            return Compared(what="index", here=0, there=target.count if target else 0, different=0), True
        if target is not None and target.count and target.mark is None:
            found = _compare(here, there, on_progress)
            if found.equal:
                return found, True
            raise not_empty("the Chroma server", [found])
        _begin(there, target, mark)
        _copy(here, there, on_progress)
        found = _compare(here, there, on_progress)
        if found.equal:
            there.set_mark(None)
        return found, False


@contextmanager
def _both(folder: Path, url: str) -> Iterator[tuple[WholeIndex, WholeIndex]]:
    probe = WholeIndex(path=folder, url=None, model="")
    try:
        state = probe.state()
        # Asked only of an index that has vectors: an empty one would be made anew.
        model = probe.built_with if state and state.count else ""
    finally:
        probe.close()
    here, there = WholeIndex(path=folder, url=None, model=model), WholeIndex(path=None, url=url, model=model)
    try:
        yield here, there
    finally:
        here.close()
        there.close()


def _begin(there: WholeIndex, state: IndexState | None, mark: str) -> None:
    if state is not None and state.mark not in (None, mark):
        raise CannotMove(
            problem="the Chroma server holds the half-done move of another installation",
            remedy="give a server of its own, with an empty folder",
        )
    if state is not None and not state.count:
        there.clear()  # made anew, for the embedding model of the source
    there.set_mark(mark)


def _copy(here: WholeIndex, there: WholeIndex, on_progress: OnProgress) -> None:
    ids = here.ids()
    for first in range(0, len(ids), _BATCH):
        batch = ids[first : first + _BATCH]
        rows = here.read(batch)
        if rows.unlike(there.read(batch)):
            there.write(rows)
        on_progress("copying the index", first + len(batch), len(ids))
    extra = sorted(set(there.ids()) - set(ids))
    for first in range(0, len(extra), _BATCH):
        there.drop(extra[first : first + _BATCH])


def _compare(here: WholeIndex, there: WholeIndex, on_progress: OnProgress) -> Compared:
    ids, others = here.ids(), there.ids()
    different, digest = len(set(others) - set(ids)), hashlib.sha256()
    for first in range(0, len(ids), _BATCH):
        batch = ids[first : first + _BATCH]
        rows = here.read(batch)
        different += rows.unlike(there.read(batch))
        described = sorted(zip(rows.ids, map(sorted, map(dict.items, rows.metadatas)), strict=True))
        digest.update(json.dumps(described).encode())
        on_progress("comparing the index", first + len(batch), len(ids))
    if here.built_with != there.built_with:
        different = len(ids)
    return Compared(what="index", here=len(ids), there=len(others), different=different, digest=digest.hexdigest())
