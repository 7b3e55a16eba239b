"""The lease as files in the folder that is shared with the keepers of model servers, whose images have none of our packages.

They lie in its folder `engine/` where there is one, so that a container need not see the rest.

    gpu.json             {"holder": "training" | "serving", "expires_at", "expected_end"}: the lease, mirrored; expired is free
    engine-<name>.lock   locked by keeper and server while anything of theirs may be on the GPU, and by a run while it trains
    engine-<name>.json   what each keeper says for people and for the chat: `generation.engine_reports`
"""

import json
import logging
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)

GPU_FILE = "gpu.json"
_LONGEST = timedelta(minutes=10)
"""What expires later was written under a clock that has been set back since."""


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
        left = datetime.fromisoformat(told["expires_at"]) - now
        if told["holder"] != "training" or not timedelta(0) < left < _LONGEST:
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
    """Whether a keeper ever looked after a model server here."""
    return any(exchange(data_dir).glob("engine-*"))


class EngineLocks:
    """The right to the GPU that a run takes from each keeper's server, once that has left.

    The kernel keeps it: no clock says when it ends, a full disk does not hinder it, and whoever is killed has given it back.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._held: dict[Path, IO[bytes]] = {}

    def take(self) -> list[str]:
        """Take what is free and keep it; the names of the servers that have something on the GPU still."""
        there = sorted(exchange(self._data_dir).glob("engine-*.lock"))
        for path in there:
            if path not in self._held and (lock := _locked(path)):
                self._held[path] = lock
        return [path.stem.removeprefix("engine-") for path in there if path not in self._held]

    def give_back(self) -> None:
        while self._held:
            self._held.popitem()[1].close()


def _locked(path: Path) -> IO[bytes] | None:
    import fcntl  # a system without it has no keepers

    try:
        file = path.open("rb")
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
