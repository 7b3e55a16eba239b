"""A file or folder that appears when it is complete, or not at all. What a killed program left is cleared by the next one."""

import errno
import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.durable import flush
from assistant.errors import DiskFull, InputError

_PREFIX = ".curbside-export-"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A folder to fill, which becomes `target` at the end of the block; it is gone if the block raises.

    Raises:
        InputError: `target` is there and is not an empty folder, or nothing can be written beside it.
        DiskFull
    """
    _refuse_filled(target)
    with _workplace(target) as place:
        folder = place / "made"
        folder.mkdir(mode=0o700)
        yield folder
        for path in folder.rglob("*"):
            if path.is_file():
                flush(path)
        flush(folder)
        _refuse_filled(target)
        _put(folder, target)


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A path to write to, in a folder for whatever else is needed meanwhile; it becomes `target` at the end of the block.

    Raises:
        InputError: `target` exists, or nothing can be written beside it.
        DiskFull
    """
    _refuse_existing(target)
    with _workplace(target) as place:
        file = place / "made"
        yield file
        flush(file)
        _refuse_existing(target)
        _put(file, target)


def _refuse_filled(target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} is not an empty folder; name a new one")


def _refuse_existing(target: Path) -> None:
    if target.exists():
        raise InputError(f"{target} exists; name a new file, or delete it")


def _put(made: Path, target: Path) -> None:
    try:
        os.replace(made, target)
    except OSError as error:
        if error.errno in _FULL:
            raise
        # An empty folder that is a mount point (a container's volume) cannot be replaced.
        raise InputError(
            f"nothing can take the place of {target} ({error.strerror}); name something new inside of it"
        ) from error


@contextmanager
def _workplace(target: Path) -> Iterator[Path]:
    """A folder on the target's file system, ours as long as it is locked."""
    from safetensors import SafetensorError

    parent = target.absolute().parent
    if not parent.is_dir():
        raise InputError(f"there is no folder {parent}; make it first")
    _clear_leftovers(parent)
    try:
        place, lock = _begin(parent)
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(free_bytes=shutil.disk_usage(parent).free) from error
        raise InputError(
            f"nothing can be written in {parent} ({error.strerror}); choose another folder, and name something new in it"
        ) from error
    try:
        yield place
        flush(parent)
    except (OSError, SafetensorError) as error:
        if _number(error) in _FULL:
            raise DiskFull(free_bytes=shutil.disk_usage(parent).free) from error
        raise
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(lock)


def _begin(parent: Path) -> tuple[Path, int]:
    """A new folder and the open lock on it."""
    while True:
        place = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        try:
            lock = os.open(place, os.O_RDONLY)
        except FileNotFoundError:  # before it was locked another export took it for a leftover
            continue
        if _locked(lock, otherwise=True) and place.is_dir():
            return place, lock
        os.close(lock)


def _clear_leftovers(parent: Path) -> None:
    """Of exports that were killed: the lock of one that runs is held."""
    for place in parent.glob(f"{_PREFIX}*"):
        try:
            lock = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        if _locked(lock, otherwise=False):
            shutil.rmtree(place, ignore_errors=True)
        os.close(lock)


def _locked(folder: int, *, otherwise: bool) -> bool:
    """Whether we hold it now; `otherwise` on a file system that has no locks for folders."""
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return otherwise
    return True


def _number(error: Exception) -> int | None:
    """The system's number of an error; of safetensors' it stands in the words."""
    if isinstance(error, OSError):
        return error.errno
    found = re.search(r"\(os error (\d+)\)", str(error))
    return int(found[1]) if found else None
