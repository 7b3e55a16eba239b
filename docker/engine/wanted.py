"""What the application asks of a model server, read from the files it keeps: which adapters, and whether to run at all.

Only the standard library: this runs inside the TGI or vLLM image.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_LONGEST = timedelta(minutes=10)
"""What expires later was written under a clock that has been set back since."""


@dataclass(frozen=True)
class Live:
    """The adapter that should answer and those that did before, newest first: each a folder that is there."""

    adapters: tuple[str, ...] = ()
    name: str | None = None
    """The first of them, or `None` where the base model answers alone."""
    since: str = ""
    problem: str = ""


def read_live(folder: Path, *, base_model: str, most: int) -> Live:
    """What `live.json` in the folder of the adapters says. Cheap; a file that cannot be read asks for the base model.

    Adapters of other base models are left out: the server would die of them.
    """
    try:
        told = json.loads((folder / "live.json").read_bytes())
        name, before = told.get("name"), told.get("previous") or ()
    except FileNotFoundError:
        return Live()
    except (OSError, ValueError, AttributeError) as error:
        return Live(problem=f"live.json cannot be read, {type(error).__name__}")
    problem = ""
    if name is not None and not _fits(folder / name, base_model):
        problem = f"{name} is live, and is missing or was made for another model than {base_model}"
    usable = [one for one in dict.fromkeys((name, *before)) if one and _fits(folder / one, base_model)][:most]
    first = name if usable and usable[0] == name else None
    return Live(adapters=tuple(usable), name=first, since=str(told.get("since")), problem=problem)


def training_holds(gpu_file: Path) -> bool:
    """Whether training holds the GPU or asks for it. What has expired, a missing and a damaged file leave it to serving."""
    try:
        told = json.loads(gpu_file.read_bytes())
        left = datetime.fromisoformat(told["expires_at"]) - datetime.now(UTC)
        return told["holder"] == "training" and timedelta(0) < left < _LONGEST
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _fits(folder: Path, base_model: str) -> bool:
    try:
        made_for = json.loads((folder / "manifest.json").read_bytes())["base_model"]
    except (OSError, ValueError, LookupError, TypeError):
        return False
    return Path(made_for).name == Path(base_model).name
