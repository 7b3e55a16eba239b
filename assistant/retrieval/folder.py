"""The folder of the embedded Chroma: who has it open, and how a newly written one takes its place.

Chroma marks what is deleted and keeps it: vectors in `data_level0.bin`, ids in free pages of its SQLite file, whatever its
`vacuum` does, and in memory (chroma-core/chroma, issues 2594 and 7662). So now and then the folder is written anew beside itself,
with what is there, and renamed. Cut off anywhere, the next process that opens it finds the old one whole or the new one whole.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.durable import flush


class IndexFolder:
    """Every process that has the folder open holds a shared lock on a file beside it; who rewrites it holds that alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._unfinished, self._finished = _beside(path, "unfinished"), _beside(path, "new")
        self._old, self._debt, self._lock_file = _beside(path, "old"), _beside(path, "stale"), _beside(path, "lock")
        self._lock: int | None = None

    def open(self) -> None:
        """Wait while another process rewrites the folder, finish or undo what was cut off, and hold the folder."""
        if self._lock is not None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        if _locked(self._lock, alone=True, wait=False):
            self._settle()
        _locked(self._lock, alone=False, wait=True)

    def close(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether this is the only process that has the folder open; until the end of the block no other can open it."""
        if self._lock is None or not _locked(self._lock, alone=True, wait=False):
            yield False
            return
        try:
            yield True
        finally:
            _locked(self._lock, alone=False, wait=True)

    @property
    def owes(self) -> bool:
        """Whether somebody wanted it written anew and could not."""
        return self._debt.exists()

    def owe(self) -> None:
        self._debt.touch(mode=0o600)

    def begin(self) -> Path:
        """An empty place to write the new folder to."""
        self.give_up()
        return self._unfinished

    def give_up(self) -> None:
        shutil.rmtree(self._unfinished, ignore_errors=True)

    def replace(self) -> None:
        """The new folder, which nobody has open, takes the place of the old one, which nobody has open either."""
        for file in self._unfinished.rglob("*"):
            flush(file)
        self._unfinished.rename(self._finished)
        self.path.rename(self._old)
        self._settle()

    def empty(self) -> None:
        if self.path.is_dir():
            shutil.rmtree(self.path)
        else:
            self.path.unlink(missing_ok=True)

    def size_bytes(self) -> int:
        """Of the files that hold vectors."""
        return sum(file.stat().st_size for file in self.path.glob("*/data_level0.bin"))

    def _settle(self) -> None:
        if self._finished.exists():
            if self.path.exists():  # cut off before the old one was moved away
                self.path.rename(self._old)
            self._finished.rename(self.path)
            flush(self.path.parent)
            self._debt.unlink(missing_ok=True)
        for left in (self._unfinished, self._old):
            shutil.rmtree(left, ignore_errors=True)


def _beside(path: Path, what: str) -> Path:
    return path.with_name(f"{path.name}.{what}")


def _locked(descriptor: int, *, alone: bool, wait: bool) -> bool:
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:  # a network disk without locks: nobody can be known to be alone
        return not alone
    return True
