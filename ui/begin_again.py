"""A run under way that learns from what was just forgotten is stopped, what it made of it deleted, and begun again without it."""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from assistant.errors import TurnNotFound
from training.errors import RunEnded, RunUnderWay
from training.folder import RunFolder
from training.schema import Run, RunState
from training.trainer_process import stop_stray

if TYPE_CHECKING:
    from ui.wiring import Parts

_WAIT_S = 90.0
"""A trainer that was told to stop writes a checkpoint first, and may take a minute."""
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunAgain:
    stopped: str
    """The run that had read what is forgotten."""
    begun: str = ""
    """The one in its place; empty where it could not be begun."""
    still_running: bool = False
    """It did not stop in time: its folder may still hold what is forgotten."""


def begin_again(parts: "Parts", *, wait_s: float = _WAIT_S) -> BegunAgain | None:
    """Call it once everything is forgotten; waits until the run has stopped. `None` where no run had read any of it."""
    from training.worker import tidy

    # Runs that were given up, too: nobody was there to delete what they had read.
    tidy(parts.ledger, parts.data_dir / "runs")
    run = parts.ledger.current()
    if run is None or run.started_at is None:
        return None
    folder = RunFolder(parts.data_dir / "runs" / run.name)
    # While it prepares, it has read everything and has not written it down yet.
    if run.state is not RunState.PREPARING and all(_is_kept(parts, turn_id) for turn_id in _learnt_from(folder)):
        return None
    with contextlib.suppress(RunEnded):
        parts.ledger.ask_cancel(run.id)
    deadline = time.monotonic() + wait_s
    while not parts.ledger.get(run.id).state.ended:
        if time.monotonic() > deadline:
            return BegunAgain(stopped=run.name, still_running=True)
        time.sleep(_LOOK_S)
    # Where the run was killed, its trainer may have outlived it, and its output was left.
    stop_stray(folder.training)
    folder.forget_texts()
    folder.clear_training()
    return BegunAgain(stopped=run.name, begun=_start(parts, run))


def _start(parts: "Parts", run: Run) -> str:
    since = run.settings.get("since")
    try:
        return parts.launcher.start(
            trigger=run.trigger, method=run.method, since=datetime.fromisoformat(since) if since else None
        ).name
    except RunUnderWay:
        return ""


def _learnt_from(folder: RunFolder) -> Iterator[int]:
    """The turns whose words are in a run's examples."""
    seen: set[int] = set()
    for file in folder.data.glob("*.jsonl"):
        try:
            lines = file.read_text("utf-8").splitlines()
        except FileNotFoundError:  # the run ends at this moment, and deletes them
            continue
        for line in lines:
            new = set(json.loads(line).get("turn_ids", ())) - seen
            seen |= new
            yield from new


def _is_kept(parts: "Parts", turn_id: int) -> bool:
    """Whether a turn is what it was: one that only held a copy of what is forgotten has lost its prompt."""
    try:
        return bool(parts.feedback.turn(turn_id).messages)
    except TurnNotFound:
        return False
