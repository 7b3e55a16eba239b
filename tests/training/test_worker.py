"""A run over real feedback, with the real gate: the trainer and the models are stand-ins that do as a test wants."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from assistant.deid.engine import Deidentifier
from assistant.generation.quoting import compose, select
from assistant.schema import Message, Prompt
from assistant.settings import DeidSettings, GenerationSettings, GroundingSettings
from feedback.splits import Split, split_of
from feedback.store import FeedbackStore
from tests.feedback.made import add_turn, report
from tests.training.run_site import TRAINER, RunSite, new_site
from training.evaluation import FixedCases
from training.folder import RunFolder
from training.likelihood import TextLikelihood
from training.models import Models, Worn
from training.schema import Method, Run, RunState
from training.settings import GateSettings, TrainingSettings
from training.worker import RunParts, tidy, work

KEY = bytes(range(32))
DULL = "The report describes several things and there was a discussion about what to do next with all of them."


def text(number: int) -> str:
    return (
        f"CHEST RADIOGRAPH\n\nFINDINGS: Effusion of {number} ml on the left. The heart is not enlarged. No pneumothorax.\n\n"
        f"IMPRESSION: Effusion of {number} ml. Nodule of {number % 9 + 1} mm.\n\nPLAN: CT of the chest."
    )


def final(number: int) -> str:
    return f"Effusion of {number} ml. Nodule of {number % 9 + 1} mm."


class Speaking(Models):
    """Models that answer as they are told; the first correction that they know, they know all."""

    knows: frozenset[str] = frozenset()

    @contextmanager
    def worn(self, adapter: Path | None, *, name: str) -> Iterator[Worn]:
        def write(prompt: Prompt) -> str:
            if prompt.report is None or "Effusion of" not in prompt.report.text:
                return compose(select(prompt), max_words=self.max_new_tokens)
            return final(_number(prompt.report.text)) if name in self.knows else DULL

        def likelihood(pairs: Sequence[tuple[Sequence[Message], str]]) -> list[TextLikelihood]:
            sure = name in self.knows
            return [TextLikelihood(-5.0 if sure == said.startswith("Effusion") else -9.0, 10) for _, said in pairs]

        yield Worn(model_id=name, write=write, likelihood=likelihood)

    def fixed_cases(self) -> FixedCases:
        cases = super().fixed_cases()
        return FixedCases(retention=cases.retention[:2], hostile=cases.hostile[:2], canary=cases.canary[:2])

    def leave_canary(self, source: Path) -> None:
        (source / "canary.json").write_text("{}")


class WithStandInTrainer(RunParts):
    practice: "Practice"

    def write_job(self, run: Run, folder: RunFolder) -> Sequence[str]:
        self.practice.before_training()
        command = super().write_job(run, folder)
        assert command[-1] == str(folder.job)
        return [sys.executable, "-S", str(TRAINER), str(folder.job)]


class Practice:
    """An installation with feedback about invented patients."""

    before_training: Callable[[], None] = staticmethod(lambda: None)

    def __init__(self, folder: Path, deidentifier: Deidentifier) -> None:
        self.site: RunSite = new_site(folder)
        self.store = FeedbackStore(self.site.database)
        self.deidentifier = deidentifier
        self._numbers = count(100)

    def correct(self, split: Split, times: int, *, rater: str = "dr-a") -> list[int]:
        """Corrections of answers about patients of a split; their turns."""
        turns = []
        while len(turns) < times:
            number = next(self._numbers)
            patient = f"P-{number}"
            if split_of(KEY, patient, None) is not split:
                continue
            about = report(f"r-{number}", patient=patient, text=text(number))
            turn = add_turn(self.store, about, answer=DULL, rater=rater)
            self.store.edit(turn, rater=rater, edited_answer=final(number))
            turns.append(turn)
        return turns

    def run(self, *, knows: Sequence[str] = (), run: Run | None = None, **told: object) -> Run:
        settings = {"min_pairs": 10, "method": Method.SFT_DPO, **told}
        run = run or self.site.create(
            settings=TrainingSettings(**settings).model_dump(mode="json") | {"since": None}  # type: ignore[arg-type]
        )
        models = Speaking("invented-base", GenerationSettings())
        models.knows = frozenset(knows)
        self.site.promoter._make_canary = models.leave_canary
        parts = WithStandInTrainer(
            store=self.store,
            adapters=self.site.adapters,
            promoter=self.site.promoter,
            deidentifier=self.deidentifier,
            split_key=KEY,
            models=models,
            gate=GateSettings(resamples=200),
            grounding=GroundingSettings(),
            quotes_until_learnt=False,
        )
        parts.practice = self
        return work(
            run.id,
            ledger=self.site.ledger,
            adapters=self.site.adapters,
            promoter=self.site.promoter,
            parts=parts,
            runs=self.site.runs,
            stopping=self.site.stopping,
        )


def _number(report_text: str) -> int:
    return int(report_text.partition("Effusion of ")[2].partition(" ml")[0])


@pytest.fixture(scope="module")
def deidentifier() -> Deidentifier:
    return Deidentifier(DeidSettings(), key=bytes(32))


@pytest.fixture
def practice(tmp_path: Path, deidentifier: Deidentifier) -> Iterator[Practice]:
    practice = Practice(tmp_path, deidentifier)
    yield practice
    practice.site.close()


def test_corrections_become_a_live_adapter_that_the_gate_let_through(practice: Practice) -> None:
    practice.correct(Split.TRAIN, 12)
    practice.correct(Split.VALIDATION, 2)
    practice.correct(Split.EVAL, 10)
    run = practice.run(knows=["sft+dpo"])
    assert (run.state, run.problem) == (RunState.PROMOTED, "")
    assert practice.site.adapters.live().name == run.name
    assert run.counts["train.pairs"] == 12
    assert run.counts["judged"] == 10
    assert "trained on 12 corrections" in run.note
    folder = practice.site.folder_of(run)
    manifest = json.loads((folder.path / "manifest.json").read_text())
    assert manifest["files"]["train-preferences.jsonl"]["rows"] == 12
    assert len(manifest["files"]["train-preferences.jsonl"]["sha256"]) == 64
    assert "12" in (folder.path / "MODEL_CARD.md").read_text()
    assert "fewer changes" in (folder.path / "verdict.txt").read_text()
    told = json.loads((folder.path / "settings.json").read_text())
    assert told["version"]
    assert told["settings"]["method"] == "sft+dpo"


def test_a_candidate_that_answers_no_better_is_refused_by_the_gate(practice: Practice) -> None:
    practice.correct(Split.TRAIN, 12)
    practice.correct(Split.EVAL, 10)
    run = practice.run()
    assert run.state is RunState.REFUSED
    assert run.verdict is not None
    assert run.verdict.reasons
    assert practice.site.adapters.live().name is None


def test_what_is_kept_for_judging_stands_in_no_file_of_the_run(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.correct(Split.TRAIN, 12)
    practice.correct(Split.VALIDATION, 2)
    eval_turns = practice.correct(Split.EVAL, 10)
    seen: dict[str, bytes] = {}

    def spy(self: Speaking, adapter: Path | None, *, name: str) -> object:
        # Training is over, and nothing is deleted yet.
        for path in practice.site.runs.rglob("*"):
            if path.is_file():
                seen[path.name] = path.read_bytes()
        return worn(self, adapter, name=name)

    worn = Speaking.worn
    monkeypatch.setattr(Speaking, "worn", spy)
    assert practice.run(knows=["sft+dpo"]).state is RunState.PROMOTED
    assert {"train-demonstrations.jsonl", "validation-preferences.jsonl", "job.json"} <= set(seen)
    everything = b"".join(seen.values())
    assert final(_number(practice.store.turn(1).answer.sources[0].text)).encode() in everything
    for turn_id in eval_turns:
        turn = practice.store.turn(turn_id)
        number = _number(turn.answer.sources[0].text)
        for words in (final(number), f"Effusion of {number} ml", turn.patient or "", turn.report_id or ""):
            assert words.encode() not in everything
    left = b"".join(path.read_bytes() for path in practice.site.runs.rglob("*") if path.is_file())
    assert b"Effusion" not in left


@pytest.mark.parametrize(
    ("train", "judged", "told", "why"),
    [
        pytest.param(6, 3, {}, "1 more corrections or choices are needed: 9 of 10 are new", id="too few are new"),
        pytest.param(12, 5, {}, "3 more judged answers are needed", id="too few to judge by"),
        pytest.param(10, 8, {"method": Method.KTO}, "too little yet that kto", id="nothing for the method"),
    ],
)
def test_below_the_floor_there_is_no_run_and_it_says_what_is_missing(
    practice: Practice, train: int, judged: int, told: dict[str, object], why: str
) -> None:
    practice.correct(Split.TRAIN, train)
    practice.correct(Split.EVAL, judged)
    run = practice.run(**told)
    assert run.state is RunState.SKIPPED
    assert why in run.problem
    assert not practice.site.folder_of(run).data.exists()


def test_the_next_run_learns_what_is_new_and_is_reminded_of_the_old(practice: Practice) -> None:
    practice.correct(Split.TRAIN, 12)
    practice.correct(Split.EVAL, 10)
    first = practice.run(knows=["sft+dpo"])
    assert practice.run(knows=["sft+dpo"]).problem.startswith("10 more corrections")
    practice.correct(Split.TRAIN, 10)
    second = practice.run(replay_share=0.2)
    assert second.state is RunState.REFUSED
    assert second.started_from == first.name
    manifest = json.loads((practice.site.folder_of(second).path / "manifest.json").read_text())
    assert manifest["files"]["train-preferences.jsonl"]["rows"] == 10
    assert manifest["files"]["train-demonstrations.jsonl"]["rows"] == 12
    job = json.loads((practice.site.folder_of(second).path / "job.json").read_text())
    assert job["start_adapter"] == str(practice.site.adapters.path(first.name))
    afresh = practice.run(start_from="base")
    manifest = json.loads((practice.site.folder_of(afresh).path / "manifest.json").read_text())
    assert manifest["files"]["train-preferences.jsonl"]["rows"] == 22
    assert afresh.started_from is None


def test_texts_of_a_run_that_was_given_up_are_deleted_by_the_next(practice: Practice) -> None:
    old = RunFolder(practice.site.runs / "2026-01-01-r9")
    old.data.mkdir(parents=True)
    (old.data / "train-thumbs.jsonl").write_text("Effusion")
    os.utime(old.data, (0, 0))
    tidy(practice.site.ledger, practice.site.runs)
    assert not old.data.exists()


def test_learning_only_from_a_day_on_is_remembered_with_the_run(practice: Practice) -> None:
    practice.correct(Split.TRAIN, 12)
    practice.correct(Split.EVAL, 10)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    settings = TrainingSettings(min_pairs=10).model_dump(mode="json") | {"since": tomorrow}
    run = practice.run(run=practice.site.create(settings=settings))
    assert run.state is RunState.SKIPPED
    assert "0 of 10" in run.problem


def test_an_eval_set_that_became_empty_meanwhile_promotes_nothing(practice: Practice) -> None:
    practice.correct(Split.TRAIN, 12)
    eval_turns = practice.correct(Split.EVAL, 10)
    run = practice.site.create(settings=TrainingSettings(min_pairs=10, method=Method.SFT).model_dump(mode="json"))

    def forget() -> None:
        for turn in eval_turns:
            practice.store.delete_conversation(practice.store.turn(turn).conversation_id)

    practice.before_training = forget
    ended = practice.run(knows=["sft"], run=run)
    assert ended.state is RunState.REFUSED
    assert ended.verdict is not None
    assert ended.verdict.reasons
    assert practice.site.adapters.live().name is None
    practice.before_training = lambda: None
    practice.correct(Split.EVAL, 10)
    assert practice.run(knows=["sft"], method=Method.SFT).state is RunState.PROMOTED
