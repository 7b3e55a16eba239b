"""The parts of a run, real ones: feedback → examples → candidates → scores → verdict. Leads one run in this process.

`ui.training_process` is the program around it: the only place that knows all settings is above this package.
"""

import hashlib
import logging
import shutil
import subprocess
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.adapters import Adapters
from assistant.settings import GroundingSettings
from feedback.dataset import Dataset, build
from feedback.export import write
from feedback.splits import Split
from feedback.store import FeedbackStore
from training import gate, verdict_text
from training.candidates import Plan, example_files, learned_from, plans_for, with_replay
from training.evaluation import EvalItem, evaluate, patients_of, prompt_of, write_by_quoting
from training.folder import RunFolder
from training.job import ExampleFiles, Job, candidate_name, launch_command, write_job
from training.loop import RunLoop
from training.promotion import Promoter
from training.run_parts import LIVE, QUOTING, Material, OnProgress, Parts
from training.runs import Ledger
from training.schema import Method, Run, Scores, Verdict
from training.settings import GateSettings, TrainingSettings
from training.shared_gpu import SharedGpu

if TYPE_CHECKING:
    from assistant.deid.engine import Deidentifier
    from training.models import Models

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class RunParts:
    """What a run is made of, over one installation's feedback and models."""

    store: FeedbackStore
    adapters: Adapters
    promoter: Promoter
    deidentifier: "Deidentifier"
    split_key: bytes
    """`Keys.split`."""
    models: "Models"
    gate: GateSettings
    grounding: GroundingSettings
    quotes_until_learnt: bool
    """Whether quoting answers while no adapter is live, and is therefore what a first candidate must beat."""
    _dataset: Dataset | None = field(default=None, init=False)

    def gather(self, run: Run) -> Material:
        # Anew: what was withdrawn or forgotten while a model was trained is not judged on.
        self._dataset = None
        dataset = self._look(run)
        return Material(
            counts=dataset.counts(),
            missing=_missing(settings_of(run), dataset, new=self._count_new(run, dataset)),
            candidates=tuple(map(candidate_name, plans_for(settings_of(run).method, dataset.train))),
            eval_digest=_digest(dataset),
        )

    def write_data(self, run: Run, folder: Path) -> Mapping[str, Any]:
        settings = settings_of(run)
        dataset = with_replay(self._look(run), share=settings.replay_share, seed=settings.seed)
        manifest = write(dataset, folder, splits=(Split.TRAIN, Split.VALIDATION))
        return {
            **manifest,
            "plans": plans_for(settings.method, dataset.train),
            "learned_from": asdict(learned_from(dataset.train)),
            "eval_digest": _digest(dataset),
        }

    def write_job(self, run: Run, folder: RunFolder) -> Sequence[str]:
        settings = settings_of(run)
        plans: list[Plan] = [tuple(plan) for plan in (folder.read_json("manifest.json") or {})["plans"]]
        data = {
            kind: ExampleFiles(train=folder.data / files["train"], validation=folder.data / files["validation"])
            for kind, files in example_files(plans).items()
        }
        job = Job(
            base_model=run.base_model,
            start_adapter=str(self.adapters.path(run.started_from)) if run.started_from else None,
            candidates=tuple(plans),
            data=data,
            settings=settings,
            out=folder.training,
            seed=settings.seed,
        )
        write_job(job, folder.job)
        return launch_command(folder.job, settings)

    def measure(self, run: Run, model: str, adapter: Path | None, on_progress: OnProgress) -> Scores:
        items = self._items(run)
        quoting = model == QUOTING or (model == LIVE and adapter is None and self.quotes_until_learnt)
        told: dict[str, Any] = {
            "find_identifiers": self._identifiers,
            "fixed": self.models.fixed_cases(),
            "grounding": self.grounding,
            "on_progress": on_progress,
        }
        if quoting:
            answer = write_by_quoting(max_words=self.models.max_new_tokens)
            return evaluate(answer, items, model_id=gate.QUOTING, **told)
        with self.models.worn(adapter, name=model) as worn:
            return evaluate(worn.write, items, model_id=worn.model_id, likelihood=worn.likelihood, **told)

    def judge(self, run: Run, scores: Mapping[str, Scores], candidates: Sequence[str]) -> tuple[str, Verdict]:
        verdicts = {
            name: gate.judge(
                scores[name],
                scores[LIVE],
                scores[QUOTING],
                settings=self.gate,
                min_eval=settings_of(run).min_eval,
                tried=len(candidates),
                patients=patients_of(self._items(run)),
            )
            for name in candidates
        }
        chosen = gate.choose(verdicts)
        return chosen, verdicts[chosen]

    def explain(self, verdict: Verdict, manifest: Mapping[str, Any]) -> tuple[str, str]:
        learned = verdict_text.LearnedFrom(**manifest["learned_from"])
        return verdict_text.as_text(verdict), verdict_text.note(learned, verdict)

    def about(self, run: Run) -> Mapping[str, Any]:
        return {
            "settings": dict(run.settings),
            "gate": self.gate.model_dump(mode="json"),
            "base_model": run.base_model,
            "version": version("curbside"),
            "commit": _commit(),
        }

    def let_go(self) -> None:
        self.models.let_go()

    def _look(self, run: Run) -> Dataset:
        """The feedback as it was when it was last gathered."""
        if self._dataset is None:
            settings = settings_of(run)
            self._dataset = build(
                self.store,
                key=self.split_key,
                deidentifier=self.deidentifier,
                since=_since(run) or (self.promoter.learned_at() if settings.start_from == "live" else None),
                max_rater_share=settings.max_rater_share,
                grounding=self.grounding,
            )
        return self._dataset

    def _items(self, run: Run) -> list[EvalItem]:
        patients = self.store.patients()
        return [
            EvalItem(
                id=f"turn-{judged.turn.id}",
                prompt=prompt_of(judged.turn),
                final=judged.final,
                rejected=judged.rejected,
                mode=judged.turn.mode,
                patient=judged.turn.patient or patients.get(judged.turn.report_id or ""),
            )
            for judged in self._look(run).judged
        ]

    def _count_new(self, run: Run, dataset: Dataset) -> int:
        """What the floor is about: as the Training tab counts it, less what screening set aside."""
        if _since(run) or settings_of(run).method is Method.KTO:
            return dataset.new
        return min(dataset.new, self.store.new_since(self.promoter.learned_at()).total)

    def _identifiers(self, text: str) -> Iterable[str]:
        return [text[span.start : span.end] for span in self.deidentifier.find(text)]


def settings_of(run: Run) -> TrainingSettings:
    """What the run was told, also where the settings have changed since."""
    known = {name: value for name, value in run.settings.items() if name in TrainingSettings.model_fields}
    return TrainingSettings(**known)


def work(
    run_id: int,
    *,
    ledger: Ledger,
    adapters: Adapters,
    promoter: Promoter,
    parts: Parts,
    runs: Path,
    stopping: threading.Event,
    gpu: SharedGpu | None = None,
) -> Run:
    """Lead a run to its end; the run as it ended.

    Args:
        runs: Where the folders of runs lie.
        stopping: Set when this process is told to end.
        gpu: Where the chat's model is on the same one.

    Raises:
        RunNotFound, RunEnded, RunUnderWay: There is nothing to lead.
        RunInterrupted, LostLease
    """
    run = ledger.get(run_id)
    lease = ledger.take(run_id)
    tidy(ledger, runs)
    return RunLoop(
        run=run,
        lease=lease,
        ledger=ledger,
        adapters=adapters,
        promoter=promoter,
        parts=parts,
        folder=RunFolder(runs / run.name),
        stopping=stopping,
        gpu=gpu,
    ).lead()


def tidy(ledger: Ledger, runs: Path) -> None:
    """Delete the texts of runs that ended without their own process, by being given up."""
    folders = list(runs.iterdir()) if runs.is_dir() else []
    under_way = ledger.current()  # in this order: a run that begins meanwhile is not among them
    for folder in folders:
        if folder.is_dir() and (under_way is None or folder.name != under_way.name):
            RunFolder(folder).forget_texts()


def _missing(settings: TrainingSettings, dataset: Dataset, *, new: int) -> str:
    """Why there is no run, as a sentence; empty where there is enough."""
    aside = f"; {len(dataset.set_aside)} were set aside" if dataset.set_aside else ""
    judged = len(dataset.judged)
    if new < settings.min_pairs:
        return (
            f"{settings.min_pairs - new} more corrections or choices are needed: "
            f"{new} of {settings.min_pairs} are new since the last training{aside}"
        )
    if judged < settings.min_eval:
        return (
            f"{settings.min_eval - judged} more judged answers are needed about patients who are kept apart for judging: "
            f"there are {judged} of {settings.min_eval}{aside}"
        )
    if not plans_for(settings.method, dataset.train):
        return f"there is too little yet that {settings.method} can learn from; correct answers, or choose between two"
    return ""


def _since(run: Run) -> datetime | None:
    told = run.settings.get("since")
    return datetime.fromisoformat(told) if told else None


def _digest(dataset: Dataset) -> str:
    digest = hashlib.sha256()
    for judged in dataset.judged:
        # A message's `repr` leaves its words out.
        said = [(message.role, message.content) for message in judged.turn.messages]
        for part in (judged.turn.id, said, judged.final, judged.rejected):
            digest.update(f"{part!r}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _commit() -> str | None:
    """Of the checkout that this code runs from, if it is one."""
    git = shutil.which("git")
    if git is None:
        return None
    found = subprocess.run(
        [git, "-C", str(Path(__file__).parent), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or None
