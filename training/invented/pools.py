"""The hand-made word pools: `pools/NAME.txt`, sections in square brackets, entries between commas or line ends."""

from functools import cache
from pathlib import Path


@cache
def sections(name: str) -> dict[str, tuple[str, ...]]:
    """All sections of one pool file, in the order they are written."""
    found: dict[str, list[str]] = {}
    entries: list[str] = []
    for line in (Path(__file__).parent / "pools" / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            entries = found.setdefault(line.strip("[] "), [])
        elif not line.startswith("#"):
            entries += [entry.strip() for entry in line.split(",") if entry.strip()]
    return {title: tuple(words) for title, words in found.items()}


def pool(name: str, section: str) -> tuple[str, ...]:
    """One section of a pool file; a KeyError names a section that is not there."""
    return sections(name)[section]
