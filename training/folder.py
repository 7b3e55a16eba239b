"""The folder that explains a run: `<data_dir>/runs/<name>/`, for its owner only.

    settings.json manifest.json     what it was told, by which version · what it learned from: hashes and counts
    job.json trained.json training/ what the trainer was told · the candidates · what it made: an adapter for each
    scores.json verdict.json        what was measured · what was decided
    verdict.txt curves.jsonl MODEL_CARD.md  the same for people · the curves · what the adapter is
    data/ worker.log                the training examples: de-identified text in clear · what libraries said; deleted at the end

The frozen eval set is not here: it stays in the database.
"""

import errno
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import DiskFull
from training.trainer_process import OUTPUT_FILE

WORKER_LOG = "worker.log"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Its files are written whole or not at all, so that each that is there is a step that was done."""

    path: Path

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def training(self) -> Path:
        return self.path / "training"

    @property
    def job(self) -> Path:
        return self.path / "job.json"

    def adapter(self, candidate: str) -> Path:
        return self.training / "adapters" / candidate

    def candidates(self) -> tuple[str, ...]:
        """The adapters that training has made, simplest first."""
        found = (path.parent.name for path in self.training.glob("adapters/*/adapter_config.json"))
        return tuple(sorted(found, key=lambda name: (name.count("+"), name)))

    def make(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.mkdir(mode=0o700, exist_ok=True)

    def write(self, name: str, text: str) -> None:
        """Raises `DiskFull`."""
        target = self.path / name
        temporary = target.with_name(f".{target.name}.new")
        try:
            with open(temporary, "w", encoding="utf-8", opener=_private) as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise DiskFull(free_bytes=shutil.disk_usage(self.path).free) from error
            raise

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        self.write(name, json.dumps(value, indent=2, default=str) + "\n")

    def read_json(self, name: str) -> dict[str, Any] | None:
        """`None` where the step has not been done, or its file was damaged and it must be done again."""
        try:
            value = json.loads((self.path / name).read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return value if isinstance(value, dict) else None

    def clear_training(self) -> None:
        """Delete the examples and what was made from them."""
        for folder in (self.data, self.training):
            shutil.rmtree(folder, ignore_errors=True)

    def forget_texts(self) -> None:
        """Delete whatever may hold words of a report, and what only an unfinished training needs."""
        for folder in (self.data, self.training / "checkpoints", self.training / "stages"):
            shutil.rmtree(folder, ignore_errors=True)
        for output in (self.training / OUTPUT_FILE, self.path / WORKER_LOG):
            output.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
