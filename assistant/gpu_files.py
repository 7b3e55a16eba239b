"""The lease as files in the folder that is shared with the keepers of model servers, whose images have none of our packages.

They lie in its folder `engine/` where there is one, so that a container need not see the rest.

    gpu.json             {"holder": "training" | "serving", "expires_at", "expected_end"}: the lease, mirrored; expired is free
    engine-<name>.json   {"state": "serving" | "starting" | "draining" | "resting", …}: where each keeper's server stands
"""

import json
import logging
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

log = logging.getLogger(__name__)

GPU_FILE = "gpu.json"
_RESTING = "resting"


def exchange(data_dir: Path) -> Path:
    """The folder of these files."""
    folder = data_dir / "engine"
    return folder if folder.is_dir() else data_dir


def write_mirror(data_dir: Path, *, training: bool, expires_at: datetime, expected_end: datetime | None) -> None:
    """Say who has the GPU. A full disk is logged: the lease itself is in the database."""
    told = {
        "holder": "training" if training else "serving",
        "expires_at": expires_at.isoformat(),
        "expected_end": expected_end.isoformat() if expected_end else None,
    }
    temporary = exchange(data_dir) / f".{GPU_FILE}.{os.getpid()}"
    try:
        temporary.write_text(json.dumps(told) + "\n", "utf-8")
        temporary.chmod(0o644)  # a keeper may be another user, and there is no secret in it
        os.replace(temporary, exchange(data_dir) / GPU_FILE)
    except OSError as error:
        log.warning("%s cannot be written: %s", GPU_FILE, error.strerror)


@dataclass(frozen=True, slots=True)
class Mirrored:
    """Training has the GPU, as a keeper reads it."""

    expected_end: datetime | None


def read_mirror(data_dir: Path, *, now: datetime) -> Mirrored | None:
    """`None` where serving has the GPU: by what the file says, because it has expired, is missing or damaged."""
    try:
        told = json.loads((exchange(data_dir) / GPU_FILE).read_bytes())
        if told["holder"] != "training" or datetime.fromisoformat(told["expires_at"]) <= now:
            return None
        return Mirrored(datetime.fromisoformat(told["expected_end"]) if told["expected_end"] else None)
    except (OSError, ValueError, LookupError, TypeError):
        return None


def says_training(data_dir: Path) -> bool:
    """Whether the mirror was last written for training, however long ago."""
    try:
        return json.loads((exchange(data_dir) / GPU_FILE).read_bytes())["holder"] == "training"
    except (OSError, ValueError, LookupError, TypeError):
        return False


def has_engines(data_dir: Path) -> bool:
    """Whether any keeper looks after a model server here."""
    return any(exchange(data_dir).glob("engine-*.json"))


def engines_awake(data_dir: Path) -> dict[str, str]:
    """The servers that may have something on the GPU, and what their keepers say of them."""
    states = {
        path.stem.removeprefix("engine-"): _state(path) for path in sorted(exchange(data_dir).glob("engine-*.json"))
    }
    return {name: state for name, state in states.items() if state != _RESTING}


def _state(path: Path) -> str:
    try:
        return str(json.loads(path.read_bytes())["state"])
    except FileNotFoundError:
        return _RESTING
    except (OSError, ValueError, LookupError, TypeError):
        return "unreadable"
