"""What is said about a move: what was found equal, and why there is none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.errors import StorageError

OnProgress = Callable[[str, int, int], None]
"""Told what is being done, how many rows of it are done, and of how many."""


class CannotMove(StorageError):
    """An installation is not moved; it stays what it was."""

    http_status = 409

    def __init__(self, *, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One table, or the index, on both sides."""

    what: str
    here: int
    there: int
    different: int
    """Rows that only one side has, or that are not alike."""
    digest: str = ""
    """SHA-256 over the rows here, in order; of the index over ids and metadata, for vectors are compared by their numbers."""

    @property
    def equal(self) -> bool:
        return self.here == self.there and not self.different


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    compared: tuple[Compared, ...]
    """After a look, only the counts."""
    was_complete: bool
    """Everything was there already; nothing was written."""

    @property
    def equal(self) -> bool:
        return all(one.equal for one in self.compared)


def not_empty(what: str, found: Sequence[Compared]) -> CannotMove:
    unlike = ", ".join(f"{one.what}: {one.there} there, {one.here} here" for one in found if not one.equal)
    return CannotMove(
        problem=f"{what} is not empty, and not what would be moved ({unlike})",
        remedy="it is in use, or was since an earlier move: give an empty one; what is in it was left alone",
    )
