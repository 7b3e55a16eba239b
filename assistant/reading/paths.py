"""Which files lie in the folders to be ingested."""

import os
from collections.abc import Iterable
from pathlib import Path


def report_paths(paths: Iterable[Path]) -> list[Path]:
    """List the files to read: the given ones, and all in the given folders and below, sorted, each once.

    Hidden files and folders (`.name`, Office's `~$name` locks) inside a folder are skipped. Files of unknown formats
    and broken links are listed: `read_file` says what is wrong with each, so that none is dropped in silence. Links
    to folders are followed, each folder once.
    """
    found: set[Path] = set()
    seen_folders: set[str] = set()
    for path in paths:
        if path.is_dir():
            found.update(_walk(path, seen_folders))
        else:
            found.add(path)
    return sorted(found)


def _walk(top: Path, seen_folders: set[str]) -> Iterable[Path]:
    for folder, below, names in os.walk(top, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen_folders:  # a link that leads back up would never end
            below.clear()
            continue
        seen_folders.add(real)
        below[:] = sorted(name for name in below if not _is_hidden(name))
        yield from (Path(folder, name) for name in names if not _is_hidden(name))


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$"))
