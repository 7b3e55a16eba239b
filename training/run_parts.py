"""What the loop of a run asks for and is given. `training.worker` puts the real parts together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from training.folder import RunFolder
from training.schema import Run, Scores, Verdict

LIVE, QUOTING = "live", "quoting"
"""What candidates are compared with."""

OnProgress = Callable[[int, int], None]
"""Told how many questions are answered, and of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a run can learn from and be judged on."""

    counts: Mapping[str, int]
    """By kind, source and what was put aside, for the ledger."""
    missing: str = ""
    """Why it is too little, as a sentence with numbers; empty if there is enough."""
    candidates: tuple[str, ...] = ()
    """What would be trained: `sft`, `sft+dpo`."""
    eval_digest: str
    """Of the frozen eval set, so that two models are never compared on different ones."""


class Parts(Protocol):
    """What a run is made of. `training.worker` puts the real ones together."""

    def gather(self, run: Run) -> Material:
        """Look at the feedback: what the live model has not learned yet, and what it would be judged on."""
        ...

    def write_data(self, run: Run, folder: Path) -> Mapping[str, Any]:
        """Write what the trainer may see, and nothing of the frozen eval set. The manifest: hashes and counts."""
        ...

    def write_job(self, run: Run, folder: RunFolder) -> Sequence[str]:
        """Write `job.json`; the command that trains it."""
        ...

    def measure(self, run: Run, model: str, adapter: Path | None, on_progress: OnProgress) -> Scores:
        """Ask `quoting`, or the base model with an adapter, about the frozen eval set."""
        ...

    def judge(self, run: Run, scores: Mapping[str, Scores], candidates: Sequence[str]) -> tuple[str, Verdict]:
        """The candidate that the gate chose, or came closest, and the verdict about it."""
        ...

    def explain(self, verdict: Verdict, manifest: Mapping[str, Any]) -> tuple[str, str]:
        """The verdict's table as text, and the note for clinicians."""
        ...

    def about(self, run: Run) -> Mapping[str, Any]:
        """What the run was told, and the version of the code that does it."""
        ...

    def let_go(self) -> None:
        """Give back the memory of the models that were asked: somebody else needs the GPU now."""
        ...
