"""A place where runs happen with everything real but the trainer, the models and the gate, which have tests of their own.

`python -m tests.training.run_site FOLDER RUN_ID GRACE_S ACT …` leads a run of the one in FOLDER, as a process of its own.
"""

import json
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.adapters import Adapters
from assistant.database import Database, open_database
from assistant.errors import AdapterBroken
from assistant.keys import load_key
from assistant.settings import StorageSettings
from training.folder import RunFolder
from training.loop import RunLoop
from training.promotion import Promoter
from training.run_parts import LIVE, QUOTING, Material, OnProgress
from training.runs import Ledger
from training.schema import Method, Run, Scores, Trigger, Verdict
from training.shared_gpu import SharedGpu

TRAINER = Path(__file__).with_name("stand_in_trainer.py")
TEXT = "An invented effusion on the left."
BASE = "invented-base"


@dataclass(kw_only=True)
class StandInParts:
    """Parts of a run that are told how it goes."""

    missing: str = ""
    acts: Sequence[str] = ("train",)
    candidates: Sequence[str] = ("sft", "sft+dpo")
    better: bool = True
    eval_digest: str = "e1"
    seconds_left: float | None = None
    """What the trainer says of itself."""
    gpu: Path | None = None
    """A file that stands for it: the trainer locks it."""
    asked: list[str] = field(default_factory=list)
    """What was done, in order."""
    before: Callable[[str], None] = lambda name: None
    """Told what is about to be done."""

    def gather(self, run: Run) -> Material:
        self._do("gather")
        return Material(counts={"pairs": 40, "eval": 9}, missing=self.missing, eval_digest=self.eval_digest)

    def write_data(self, run: Run, folder: Path) -> Mapping[str, Any]:
        self._do("write_data")
        (folder / "demonstrations.jsonl").write_text(json.dumps({"completion": TEXT}))
        return {"digest": "d1"}

    def write_job(self, run: Run, folder: RunFolder) -> Sequence[str]:
        self._do("write_job")
        job = {"out": str(folder.training), "acts": self.acts, "candidates": self.candidates, "base_model": BASE}
        job |= {"seconds_left": self.seconds_left} | ({"gpu": str(self.gpu)} if self.gpu else {})
        folder.write_json("job.json", job)
        return [sys.executable, "-S", str(TRAINER), str(folder.job)]

    def measure(self, run: Run, model: str, adapter: Path | None, on_progress: OnProgress) -> Scores:
        self._do(f"measure {model}")
        if adapter is not None and not (adapter / "adapter_config.json").exists():
            raise AdapterBroken(name=model, problem="it is not there")
        for done in range(3):
            on_progress(done, 2)
        gain = 0.3 if self.better and model not in (LIVE, QUOTING) else 0.0
        return Scores(model_id=model, by_metric={"edit_distance": {"turn-1": 0.5 - gain, "turn-2": 0.4 - gain}})

    def judge(self, run: Run, scores: Mapping[str, Scores], candidates: Sequence[str]) -> tuple[str, Verdict]:
        self._do("judge")
        chosen = candidates[-1]
        promote = (scores[chosen].mean("edit_distance") or 0) < (scores[LIVE].mean("edit_distance") or 0)
        sentence = "It needs fewer changes." if promote else "It needs as many changes."
        reasons = () if promote else ("not clearly better",)
        return chosen, Verdict(promote=promote, candidate=chosen, live=LIVE, sentence=sentence, reasons=reasons)

    def explain(self, verdict: Verdict, manifest: Mapping[str, Any]) -> tuple[str, str]:
        return f"{verdict.sentence} Table.", f"For clinicians: {verdict.sentence}"

    def about(self, run: Run) -> Mapping[str, Any]:
        return {"settings": dict(run.settings), "version": "0"}

    def let_go(self) -> None:
        self._do("let_go")

    def _do(self, name: str) -> None:
        self.before(name)
        self.asked.append(name)


def make_canary(source: Path) -> None:
    """Stands in for two short generations."""
    (source / "canary.json").write_text("{}")


class RunSite:
    """One installation. Opened again, it is as another process would see it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = StorageSettings(data_dir=folder / "data")
        self.database: Database = open_database(self.settings, load_key(self.settings.data_dir))
        self.ledger = Ledger(self.database)
        self.adapters = Adapters(self.settings.data_dir / "adapters")
        self.runs = self.settings.data_dir / "runs"
        self.promoter = Promoter(ledger=self.ledger, adapters=self.adapters, make_canary=make_canary)
        self.stopping = threading.Event()

    def create(self, **told: Any) -> Run:
        told = {"method": Method.AUTO, "trigger": Trigger.PERSON, "settings": {"start_from": "live"}} | told
        return self.ledger.create(base_model=BASE, **told)

    def lead(self, run: Run, parts: StandInParts | None = None, *, gpu: SharedGpu | None = None) -> Run:
        """Lead a run to its end, as its process would."""
        lease = self.ledger.take(run.id)
        return RunLoop(
            run=run,
            lease=lease,
            ledger=self.ledger,
            adapters=self.adapters,
            promoter=self.promoter,
            parts=parts or StandInParts(),
            folder=self.folder_of(run),
            stopping=self.stopping,
            gpu=gpu,
        ).lead()

    def run(self, parts: StandInParts | None = None) -> Run:
        """A whole run."""
        return self.lead(self.create(), parts)

    def folder_of(self, run: Run) -> RunFolder:
        return RunFolder(self.runs / run.name)

    def states(self, run: Run) -> list[str]:
        return [event.data["state"] for event in self.ledger.events(run.id, kind="state")]

    def texts_on_disk(self) -> list[str]:
        """Files below the runs that hold words of a report."""
        files = (path for path in self.runs.rglob("*") if path.is_file())
        return [path.name for path in files if b"effusion" in path.read_bytes()]

    def close(self) -> None:
        self.database.close()


def new_site(folder: Path) -> RunSite:
    """An empty installation."""
    from ui.migrations import upgrade

    site = RunSite(folder)
    upgrade(site.database)
    return site


if __name__ == "__main__":
    from training import trainer_process

    trainer_process._GRACE_S = int(sys.argv[3])
    there = RunSite(Path(sys.argv[1]))
    there.lead(there.ledger.get(int(sys.argv[2])), StandInParts(acts=sys.argv[4:]))
