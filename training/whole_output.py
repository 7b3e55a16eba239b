"""A file or folder that appears when it is complete, or not at all."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.errors import DiskFull, InputError


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A folder to fill, which becomes `target` at the end of the block; it is gone if the block raises.

    Raises:
        InputError: `target` is there and is not an empty folder.
        DiskFull
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} is not an empty folder; name a new one")
    with _beside(target) as temporary:
        temporary.mkdir(mode=0o700)
        yield temporary
        for path in temporary.rglob("*"):
            if path.is_file():
                _sync(path)
        _sync(temporary)
        os.replace(temporary, target)


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A path to write to, which becomes `target` at the end of the block. Raises `InputError` where it exists, `DiskFull`."""
    if target.exists():
        raise InputError(f"{target} exists; name a new file, or delete it")
    with _beside(target) as temporary:
        yield temporary
        _sync(temporary)
        os.replace(temporary, target)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    if not target.absolute().parent.is_dir():
        raise InputError(f"there is no folder {target.absolute().parent}; make it first")
    temporary = target.absolute().with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        yield temporary
        _sync(temporary.parent)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DiskFull(free_bytes=shutil.disk_usage(temporary.parent).free) from error
        raise
    finally:
        if temporary.is_dir():
            shutil.rmtree(temporary, ignore_errors=True)
        else:
            temporary.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
