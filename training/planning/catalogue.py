"""The models that are known without a network: their configs, licences, and what each is good for.

Configs are those parts of the published config.json that sizes follow from; where each was read stands in its `source`. The parameters
computed from them are the published ones (`tests/training/test_planner_models.py`). Which is gated changes: the hub's page
of a model has the last word, and its licence the first.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from training.planning.architectures import read_shape
from training.planning.errors import UnknownModel, UnusableConfig
from training.planning.shape import Shape

_FILE = Path(__file__).with_name("catalogue.json")
_LARGEST_CONFIG = 1_000_000
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A model of the catalogue, or one whose config was given."""

    name: str
    shape: Shape
    licence: str = "see its page"
    gated: bool | None = None
    """Whether the hub asks for an account and an agreement first; `None`: not known."""
    good_for: str = ""
    source: str = ""
    current: bool = False
    """Worth choosing today, and so named where another model does not fit."""


@functools.cache
def catalogue() -> tuple[Known, ...]:
    """Every model, in the order of the file: those that the practice named first, then by size."""
    return tuple(_known(entry) for entry in _entries())


def find_model(name: str) -> Known:
    """By hub name, short name, folder or path of a config.json.

    Raises:
        UnknownModel, UnusableConfig, UnknownArchitecture, MissingField
    """
    path = _config_file(name)
    if path is not None and path.is_file():
        return Known(name=str(path.parent.absolute()), shape=read_shape(_read(path)), source=str(path))
    wanted = name.lower()
    for entry in _entries():
        if wanted in _names(entry):
            return _known(entry)
    if path is not None:
        raise UnusableConfig(
            path=str(path), problem="there is no such file; a model's folder has it beside its weights"
        )
    every = {alias: entry["name"] for entry in _entries() for alias in _names(entry)}
    near = get_close_matches(wanted, every, n=3, cutoff=0.5) if len(wanted) < _LONGEST_NAME else []
    raise UnknownModel(name=name, near=list(dict.fromkeys(every[one] for one in near)))


def _config_file(name: str) -> Path | None:
    """Of a folder that is there the file that should be in it; `None` where the name is no path here."""
    try:
        path = Path(name).expanduser()
        if name and path.is_dir():
            return path / "config.json"
        return path if path.is_file() else None
    except (OSError, RuntimeError, ValueError):  # too long, somebody without a home, a NUL
        return None


def _names(entry: Mapping[str, Any]) -> set[str]:
    full = entry["name"].lower()
    return {full, full.partition("/")[2], *entry["aliases"]}


def _known(entry: Mapping[str, Any]) -> Known:
    return Known(
        name=entry["name"],
        shape=read_shape(entry["config"]),
        licence=entry["licence"],
        gated=entry["gated"],
        good_for=entry["good_for"],
        source=entry["source"],
        current=entry["current"],
    )


@functools.cache
def _entries() -> tuple[Mapping[str, Any], ...]:
    return tuple(json.loads(_FILE.read_text("utf-8")))


def _read(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > _LARGEST_CONFIG:
            raise UnusableConfig(path=str(path), problem="it is larger than any config.json")
        config = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        problem = f"{type(error).__name__} while reading it" if isinstance(error, OSError) else "it is not JSON"
        raise UnusableConfig(path=str(path), problem=problem) from error
    if not isinstance(config, dict):
        raise UnusableConfig(path=str(path), problem="it holds no object")
    return config
