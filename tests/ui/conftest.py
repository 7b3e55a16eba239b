"""A real installation for the tests of the doors: real SQLite, real Chroma, real de-identification, quoting."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ui.settings import load_settings
from ui.wiring import Parts

EXAMPLES = Path(__file__).parents[2] / "ui" / "examples"


@pytest.fixture(scope="session")
def example() -> Callable[[str], str]:
    """The text of one of the invented example reports."""
    return lambda name: (EXAMPLES / f"{name}.txt").read_text("utf-8")


@pytest.fixture(scope="session")
def heavy_parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is slow to load and holds no state of an installation: shared by all of them."""
    parts = Parts(load_settings(data_dir=tmp_path_factory.mktemp("heavy")))
    return {"embedder": parts.embedder}


@pytest.fixture
def make_parts(tmp_path: Path, heavy_parts: dict[str, Any]) -> Iterator[Callable[..., Parts]]:
    """Make an installation in a temporary folder; keyword arguments are groups of settings."""
    made: list[Parts] = []

    def make(**groups: Any) -> Parts:
        parts = Parts(load_settings(data_dir=tmp_path / "data", **groups))
        parts.__dict__.update(heavy_parts)
        made.append(parts)
        return parts

    yield make
    for parts in made:
        parts.close()


@pytest.fixture
def parts(make_parts: Callable[..., Parts]) -> Parts:
    return make_parts()
