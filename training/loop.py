"""One run, from what clinicians said to a better live model or a refusal. Read `_lead` from top to bottom.

Each step leaves its result in the run's folder and its name in the ledger. A run whose process was killed is led again
from the top: what is there is not done again. What is live changes in one place only, `promotion`, and last.
"""

import json
import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from assistant.adapters import Adapters
from assistant.errors import CurbsideError, StorageError
from training.card import model_card
from training.codec import write_verdict
from training.errors import LiveModelChanged, LostLease, RunCancelled, RunInterrupted, TrainerFailed
from training.expected import STOPPED
from training.folder import RunFolder
from training.heartbeat import Heartbeat
from training.lease import Lease
from training.promotion import Promoter
from training.run_parts import LIVE, QUOTING, OnProgress, Parts
from training.runs import Ledger
from training.schema import Run, RunState, Scores, Verdict
from training.shared_gpu import SharedGpu, expected_for
from training.trainer_process import Line, run_trainer, stop_stray

log = logging.getLogger(__name__)

_SAY_EVERY_S = 3.0
_SAID = ("kind", "stage")


@dataclass(kw_only=True)
class RunLoop:
    """Leads one run, as the holder of its lease."""

    run: Run
    lease: Lease
    ledger: Ledger
    adapters: Adapters
    promoter: Promoter
    parts: Parts
    folder: RunFolder
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set when the process was told to end: the run goes on later."""
    gpu: SharedGpu | None = None
    """The one that the chat's model is on; `None` where the two do not meet."""
    _unsaved: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list, init=False)
    _judging_s: float = field(default=0.0, init=False)
    """Expected, once training has ended."""

    def lead(self) -> Run:
        """Lead the run to its end, whatever that is; the run as it ended.

        Raises:
            RunInterrupted: The process was told to end. The run is under way still, and nobody leads it.
            LostLease: Another process leads it.
        """
        renew_too = self.gpu.renew if self.gpu else lambda: None
        with Heartbeat(
            self.ledger, self.lease, name=self.run.name, stopping=self.stopping, renew_too=renew_too
        ) as heart:
            self._heart = heart
            try:
                return self._lead()
            except RunInterrupted:
                self.ledger.release(self.lease)
                raise
            except LostLease:
                raise
            except RunCancelled as cancelled:
                return self._end(RunState.CANCELLED, problem=str(cancelled))
            except CurbsideError as error:
                return self._end(RunState.FAILED, problem=str(error))
            except Exception as error:  # noqa: BLE001
                # A process edge: whatever broke, the ledger says so. Its words may be a patient's, its kind is not.
                log.error("run %s failed: %s", self.run.name, type(error).__name__)
                return self._end(RunState.FAILED, problem=f"an unexpected {type(error).__name__}; nothing was changed")

    def _lead(self) -> Run:
        if self.promoter.was_live(self.run):
            # It was killed between going live and saying so.
            return self._end(RunState.PROMOTED)
        problem = self._prepare() or self._outside_hours()
        if problem:
            return self._end(RunState.SKIPPED, problem=problem)
        with self._alone_on_the_gpu():
            state, problem = self._learn()
        return self._end(state, problem=problem)

    def _learn(self) -> tuple[RunState, str]:
        """Train, judge and decide; how the run ends, and why."""
        self._train()
        scores = self._evaluate()
        chosen, verdict = self._judge(scores)
        if not verdict.promote:
            return RunState.REFUSED, ""
        try:
            self._promote(chosen)
        except LiveModelChanged as changed:
            return RunState.REFUSED, str(changed)
        return RunState.PROMOTED, ""

    # The steps

    def _prepare(self) -> str:
        """Look whether there is enough to learn from and to judge by; what is missing, or nothing."""
        self.folder.make()
        stop_stray(self.folder.training)
        if self.folder.read_json("manifest.json") is None:
            self._now(RunState.PREPARING, started_from=self._start())
            material = self.parts.gather(self.run)
            self._now(RunState.PREPARING, counts=material.counts)
            self.folder.write_json("settings.json", self.parts.about(self.run))
            if material.missing:
                return material.missing
            self._write_data()
        return ""

    def _outside_hours(self) -> str:
        """Why the run may not have the GPU now; empty where it may."""
        return self.gpu.refusal(self.run, expected_for(self.ledger, self.run)) if self.gpu else ""

    @contextmanager
    def _alone_on_the_gpu(self) -> Iterator[None]:
        """While the chat quotes. When the block has ended, with or without success, its model comes back."""
        if self.gpu is None:
            yield
            return
        self.ledger.add_event(self.lease, "log", {"message": "waiting until the chat's model has left the GPU"})
        expected = expected_for(self.ledger, self.run)
        self._judging_s = expected.judging_s
        with self.gpu.taken(self.run, expected, check=self._check):
            self.ledger.add_event(self.lease, "log", {"message": f"the GPU is free; {expected.in_words}"})
            try:
                yield
            finally:
                self.parts.let_go()

    def _start(self) -> str | None:
        """The adapter that training goes on from. Raises `AdapterBroken` before any time is spent on it."""
        live = self.adapters.live()
        if live.name is not None:
            self.adapters.check(live.name)
        fits = self.run.settings.get("start_from") == "live" and live.base_model == self.run.base_model
        return live.name if fits else None

    def _write_data(self) -> None:
        # What was trained on other examples is of no use to the trainer.
        self.folder.clear_training()
        self.ledger.add_progress(self.lease, [], read_to=0)
        self.folder.data.mkdir(mode=0o700, parents=True)
        manifest = self.parts.write_data(self.run, self.folder.data)
        self.folder.write_json("manifest.json", manifest)

    def _train(self) -> None:
        """Make the candidates, in a process of their own."""
        if self.folder.read_json("trained.json") is not None:
            return
        self._now(RunState.TRAINING)
        if not self.folder.data.is_dir():
            self._write_data()
        run_trainer(
            self.parts.write_job(self.run, self.folder),
            self.folder.training,
            on_lines=self._keep_progress,
            read_from=self.ledger.progress_bytes(self.run.id),
            check=self._check,
            on_start=self.gpu.add if self.gpu else None,
        )
        candidates = self.folder.candidates()
        if not candidates:
            raise TrainerFailed(problem="its process ended well and left no adapter")
        self.folder.write_json("trained.json", {"candidates": candidates})

    def _evaluate(self) -> dict[str, Scores]:
        """Ask every model the questions of patients that none of them was trained on."""
        judged_on = {"eval": self.parts.gather(self.run).eval_digest, "live": self.adapters.live().name}
        kept = self.folder.read_json("scores.json") or {}
        if kept.get("judged_on") != judged_on:
            # The eval set or the live model is another one than before the interruption.
            kept = {"judged_on": judged_on, "models": {}}
        scores = {name: Scores(**values) for name, values in kept["models"].items()}
        live = judged_on["live"]
        models: dict[str, Path | None] = {LIVE: self.adapters.path(live) if live else None, QUOTING: None}
        models |= {name: self.folder.adapter(name) for name in self._candidates()}
        for number, (model, adapter) in enumerate(models.items(), start=1):
            if model in scores:
                continue
            self._now(RunState.EVALUATING)
            on_progress = self._on_progress(model, models_after=len(models) - number)
            scores[model] = self.parts.measure(self.run, model, adapter, on_progress)
            kept["models"][model] = asdict(scores[model])
            self.folder.write_json("scores.json", kept)
        return scores

    def _judge(self, scores: Mapping[str, Scores]) -> tuple[str, Verdict]:
        """Decide, and write the decision down for machines and for people."""
        chosen, verdict = self.parts.judge(self.run, scores, self._candidates())
        manifest = self.folder.read_json("manifest.json") or {}
        table, note = self.parts.explain(verdict, manifest)
        self.folder.write_json("verdict.json", {"chosen": chosen, **write_verdict(verdict)})
        self.folder.write("verdict.txt", table + "\n")
        self._now(self.run.state, verdict=verdict, chosen=chosen, note=note)
        card = model_card(self.run, manifest, table=table)
        self.folder.write("MODEL_CARD.md", card)
        # PEFT's own README says nothing; this one goes where the adapter goes.
        self.folder.write(f"training/adapters/{chosen}/README.md", card)
        return chosen, verdict

    def _promote(self, chosen: str) -> None:
        self._check()
        self._now(RunState.PROMOTING)
        judged_on = (self.folder.read_json("scores.json") or {})["judged_on"]
        self.promoter.promote(self.run, self.folder.adapter(chosen), lease=self.lease, judged_against=judged_on["live"])

    # Between the steps

    def _check(self) -> None:
        """Call it often: what it raises ends or interrupts the run."""
        self._heart.check()
        if self.gpu is not None:
            self.gpu.check()

    def _now(self, state: RunState, **known: Any) -> None:
        self._check()
        self.run = self.ledger.transition(self.lease, state, **known)

    def _candidates(self) -> Sequence[str]:
        return (self.folder.read_json("trained.json") or {})["candidates"]

    def _keep_progress(self, lines: list[Line], read_to: int) -> None:
        events = [(*_event(line), {key: value for key, value in line.items() if key not in _SAID}) for line in lines]
        self._unsaved += events
        self._expect(lines)
        try:
            self.ledger.add_progress(self.lease, self._unsaved, read_to=read_to)
            self._unsaved = []
        except StorageError as error:
            # Days of training are not thrown away because the database was away for a minute.
            log.warning("progress of run %s is kept back: %s", self.run.name, error)

    def _expect(self, lines: Sequence[Line]) -> None:
        """Tell people what the trainer has found out about its speed."""
        left = next((line["seconds_left"] for line in reversed(lines) if line.get("seconds_left") is not None), None)
        if self.gpu is not None and left is not None:
            self.gpu.expect(float(left) + self._judging_s)

    def _on_progress(self, model: str, *, models_after: int) -> OnProgress:
        """Stops a run between two questions, and says every few seconds how many are asked."""
        said = began = time.monotonic()

        def on_progress(done: int, total: int) -> None:
            nonlocal said
            self._check()
            now = time.monotonic()
            if done in (0, total) or now - said >= _SAY_EVERY_S:
                said = now
                each_s = (now - began) / done if done else 0.0
                left = round(each_s * (total - done)) if done else None
                if self.gpu is not None:
                    self.gpu.expect_at_least(each_s * (total - done + total * models_after))
                data = {"step": done, "steps": total, "seconds_left": left}
                self.ledger.add_event(self.lease, "progress", data, stage=model)

        return on_progress

    def _end(self, state: RunState, *, problem: str = "") -> Run:
        stop_stray(self.folder.training)
        self.folder.forget_texts()
        try:
            # If it went live before it failed, the ledger learns that first.
            self.promoter.reconcile()
            self._leave_curves()
        except (CurbsideError, OSError) as error:
            log.warning("run %s: %s", self.run.name, type(error).__name__)
        left_s = self.gpu.left_s if self.gpu and state in STOPPED else None
        run = self.ledger.transition(self.lease, state, problem=problem, left_s=left_s)
        log.info("run=%s ended state=%s", run.name, run.state)
        return run

    def _leave_curves(self) -> None:
        events = self.ledger.events(self.run.id, kind="metrics")
        lines = (json.dumps({"at": event.at.isoformat(), "stage": event.stage, **event.data}) for event in events)
        self.folder.make()
        self.folder.write("curves.jsonl", "".join(f"{line}\n" for line in lines))


def _event(line: Line) -> tuple[str, str]:
    """Kind and stage of a line of the trainer's, as the ledger names them."""
    kind = line.get("kind")
    return (kind if kind in ("metrics", "stage") else "log"), str(line.get("stage", ""))
