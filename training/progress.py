"""How far a training process is: lines of JSON that another process reads while they are written, and checkpoints.

A line has `kind` (`stage`, `metrics`, `log`, `done`, `failed`, `cancelled`), `at` and `stage`, and what there is of
`step, steps, epoch, loss, eval_loss, reward_accuracy, margin, learning_rate, tokens_per_s, seconds_left`. Numbers and
sentences of ours, never the examples' text.
"""

import json
import math
import os
import shutil
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_NAMES = {
    "loss": "loss",
    "eval_loss": "eval_loss",
    "learning_rate": "learning_rate",
    "rewards/accuracies": "reward_accuracy",
    "rewards/margins": "margin",
    "eval_rewards/accuracies": "eval_reward_accuracy",
    "eval_rewards/margins": "eval_margin",
    "mean_token_accuracy": "token_accuracy",
    "eval_mean_token_accuracy": "eval_token_accuracy",
}
"""TRL's names → ours."""
_COMPLETE = "complete.json"


class ProgressFile:
    """Appends lines, each in one write, so that a reader sees a line whole or not at all."""

    def __init__(self, path: Path | None) -> None:
        """`None` writes nothing: only the first of several processes reports."""
        self._path = path
        if path is None:
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and path.read_bytes()[-1:] not in (b"", b"\n"):
            self._append(b"\n")  # what a dead process began stays a line of its own

    def write(self, kind: str, *, stage: str = "", **values: Any) -> None:
        line = {"kind": kind, "at": datetime.now(UTC).isoformat(timespec="milliseconds"), "stage": stage, **values}
        self._append((json.dumps(line) + "\n").encode())

    def _append(self, data: bytes) -> None:
        if self._path is None:
            return
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, data)
        finally:
            os.close(file)


def reporter(progress: ProgressFile, *, stage: str, tokens: int, tokens_after: float, alive: Callable[[], None]) -> Any:
    """A `TrainerCallback` that writes the curves of one stage and marks its complete checkpoints.

    Args:
        tokens: of one epoch of this stage.
        tokens_after: of the stages that follow, epochs counted in, for the time that is left.
        alive: called after each micro-step; may raise.
    """
    from transformers import TrainerCallback

    class Reporter(TrainerCallback):
        begun_at = 0.0
        begun_epoch = 0.0

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.begun_at, self.begun_epoch = time.monotonic(), state.epoch or 0.0

        def on_substep_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            alive()

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            alive()

        def on_prediction_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            alive()

        def on_log(
            self, args: Any, state: Any, control: Any, logs: Mapping[str, float] | None = None, **_: Any
        ) -> None:
            given = logs or {}
            measured = {
                ours: given[theirs] for theirs, ours in _NAMES.items() if math.isfinite(given.get(theirs, math.nan))
            }
            if not measured:
                return  # the summary at the end
            epoch = state.epoch or 0.0
            seconds = time.monotonic() - self.begun_at
            rate = (epoch - self.begun_epoch) * tokens / seconds if seconds > 0 else 0.0
            left = (args.num_train_epochs - epoch) * tokens + tokens_after
            progress.write(
                "metrics",
                stage=stage,
                step=state.global_step,
                steps=state.max_steps,
                epoch=round(epoch, 3),
                **measured,
                tokens_per_s=round(rate, 1),
                seconds_left=round(max(left, 0) / rate) if rate > 0 else None,
            )

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if args.should_save:
                mark_complete(Path(args.output_dir) / f"checkpoint-{state.global_step}")

    return Reporter()


def mark_complete(checkpoint: Path) -> None:
    """Write down which files it has: one that is killed while it is written or removed is told by that."""
    sizes = {path.name: path.stat().st_size for path in checkpoint.iterdir() if path.is_file()}
    temporary = checkpoint / f".{_COMPLETE}"
    temporary.write_text(json.dumps(sizes))
    os.replace(temporary, checkpoint / _COMPLETE)


def last_checkpoint(folder: Path, *, remove_broken: bool = True) -> Path | None:
    """The newest complete checkpoint. The half-written ones are removed."""
    found: list[tuple[int, Path]] = []
    for checkpoint in folder.glob("checkpoint-[0-9]*"):
        if _is_complete(checkpoint):
            found.append((int(checkpoint.name.partition("-")[2]), checkpoint))
        elif remove_broken:
            shutil.rmtree(checkpoint, ignore_errors=True)
    return max(found)[1] if found else None


def _is_complete(checkpoint: Path) -> bool:
    try:
        sizes = json.loads((checkpoint / _COMPLETE).read_text())
        return all((checkpoint / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, AttributeError):
        return False
