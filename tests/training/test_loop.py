"""A run from feedback to a live model or a refusal. The trainer, the models and the gate are stand-ins here."""

import json
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from assistant.holders import birth
from tests.training.run_site import TEXT, RunSite, StandInParts, new_site
from tests.training.sharing import eventually
from training.errors import LostLease, RunInterrupted
from training.run_parts import OnProgress
from training.schema import Run, RunState, Scores

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.heartbeat._LOOK_S", 0.05)
    monkeypatch.setattr("training.heartbeat.RENEW_S", 0.2)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RunSite]:
    site = new_site(tmp_path)
    yield site
    site.close()


def test_a_better_candidate_goes_live_step_by_step(site: RunSite) -> None:
    parts = StandInParts()
    run = site.run(parts)
    assert run.state is RunState.PROMOTED
    assert site.states(run) == ["queued", "preparing", "training", "evaluating", "promoting", "promoted"]
    assert site.adapters.live().name == run.name
    assert (run.chosen, run.note) == ("sft+dpo", "For clinicians: It needs fewer changes.")
    assert run.verdict is not None
    assert run.verdict.promote
    (promotion,) = site.ledger.promotions()
    assert (promotion.adapter, promotion.previous, promotion.run_id, promotion.who) == (
        run.name,
        None,
        run.id,
        "curbside",
    )
    assert parts.asked[-5:] == ["measure live", "measure quoting", "measure sft", "measure sft+dpo", "judge"]


def test_the_folder_explains_the_run_to_its_owner_only(site: RunSite) -> None:
    run = site.run()
    folder = site.folder_of(run)
    kept = {path.name for path in folder.path.iterdir()}
    assert kept >= {
        "settings.json",
        "manifest.json",
        "job.json",
        "scores.json",
        "verdict.json",
        "verdict.txt",
        "curves.jsonl",
        "MODEL_CARD.md",
    }
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder.path / "scores.json").stat().st_mode) == 0o600
    curves = [json.loads(line) for line in (folder.path / "curves.jsonl").read_text().splitlines()]
    assert [(line["stage"], line["step"], line["loss"]) for line in curves] == [
        ("sft/sft", 1, 1.0),
        ("sft/sft", 2, 0.5),
    ]
    card = (folder.path / "MODEL_CARD.md").read_text()
    assert run.name in card
    assert "It needs fewer changes. Table." in card
    assert (site.adapters.path(run.name) / "README.md").read_text() == card


@pytest.mark.parametrize(
    ("parts", "state"),
    [
        pytest.param(StandInParts(), RunState.PROMOTED, id="promoted"),
        pytest.param(StandInParts(better=False), RunState.REFUSED, id="refused"),
        pytest.param(StandInParts(missing="12 more corrections are needed"), RunState.SKIPPED, id="skipped"),
        pytest.param(StandInParts(acts=["fail"]), RunState.FAILED, id="failed"),
    ],
)
def test_however_a_run_ends_no_text_of_a_report_is_left(site: RunSite, parts: StandInParts, state: RunState) -> None:
    run = site.run(parts)
    assert run.state is state
    assert site.texts_on_disk() == []
    assert not site.folder_of(run).data.exists()


def test_the_texts_are_there_while_they_are_trained_on(site: RunSite) -> None:
    seen: list[list[str]] = []
    site.run(StandInParts(before=lambda name: seen.append(site.texts_on_disk()) if name == "measure live" else None))
    assert sorted(seen[0]) == ["demonstrations.jsonl", "trainer.log"]


def test_a_candidate_that_is_no_better_is_refused_with_the_reason(site: RunSite) -> None:
    run = site.run(StandInParts(better=False))
    assert run.state is RunState.REFUSED
    assert run.verdict is not None
    assert run.verdict.reasons == ("not clearly better",)
    assert site.adapters.live().name is None
    assert site.ledger.promotions() == []


def test_with_too_little_feedback_nothing_is_trained_and_the_number_is_named(site: RunSite) -> None:
    parts = StandInParts(missing="12 more corrections are needed")
    run = site.run(parts)
    assert (run.state, run.problem, run.counts) == (
        RunState.SKIPPED,
        "12 more corrections are needed",
        {"pairs": 40, "eval": 9},
    )
    assert parts.asked == ["gather"]


def test_the_next_run_goes_on_from_what_went_live(site: RunSite) -> None:
    first = site.run()
    second = site.run()
    assert (first.started_from, second.started_from) == (None, first.name)
    assert site.adapters.live().name == second.name
    assert [row.previous for row in site.ledger.promotions()] == [first.name, None]
    fresh = site.lead(site.create(settings={"start_from": "base"}))
    assert fresh.started_from is None


def test_why_a_trainer_failed_is_in_the_ledger(site: RunSite) -> None:
    run = site.run(StandInParts(acts=["fail"]))
    assert run.state is RunState.FAILED
    assert "not enough memory" in run.problem
    assert "status 3" in site.run(StandInParts(acts=["break"])).problem


def test_a_trainer_that_is_killed_is_started_again(site: RunSite) -> None:
    run = site.run(StandInParts(acts=["die", "die", "train"]))
    assert run.state is RunState.PROMOTED
    assert (site.folder_of(run).training / "starts").read_text() == "xxx"


def test_a_trainer_that_is_always_killed_ends_the_run(site: RunSite) -> None:
    run = site.run(StandInParts(acts=["die"]))
    assert run.state is RunState.FAILED
    assert "killed 3 times by signal 9 (was there enough memory?)" in run.problem


def free(site: RunSite) -> None:
    """As if the process that leads the run had died."""
    with site.database.engine.begin() as connection:
        connection.execute(text("UPDATE training_lock SET holder = replace(holder, ' ', ' 1')"))


def has_trained(site: RunSite, run_id: int) -> bool:
    """Whether the ledger has the second of a trainer's two steps, after which it lingers."""
    return len(site.ledger.events(run_id, kind="metrics")) == 2


def when_training(site: RunSite, run_id: int, act: Callable[[], object]) -> threading.Thread:
    """Do something once the trainer has said all that it says."""

    def wait() -> None:
        eventually(lambda: has_trained(site, run_id))
        act()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_a_run_can_be_cancelled_while_it_trains(site: RunSite) -> None:
    run = site.create()
    thread = when_training(site, run.id, lambda: site.ledger.ask_cancel(run.id))
    ended = site.lead(run, StandInParts(acts=["linger"]))
    thread.join()
    assert ended.state is RunState.CANCELLED
    assert site.adapters.live().name is None
    assert site.run().state is RunState.PROMOTED


def test_a_run_can_be_cancelled_between_two_questions_of_its_evaluation(site: RunSite) -> None:
    class Asking(StandInParts):
        def measure(self, run: Run, model: str, adapter: Path | None, on_progress: OnProgress) -> Scores:
            site.ledger.ask_cancel(run.id)
            eventually(lambda: on_progress(1, 2))
            return super().measure(run, model, adapter, on_progress)

    parts = Asking()
    assert site.lead(site.create(), parts).state is RunState.CANCELLED
    assert not any(name.startswith("measure") for name in parts.asked)


def test_a_process_that_is_told_to_end_leaves_the_run_to_the_next(site: RunSite) -> None:
    run = site.create()
    thread = when_training(site, run.id, site.stopping.set)
    with pytest.raises(RunInterrupted):
        site.lead(run, StandInParts(acts=["linger", "train"]))
    thread.join()
    assert site.ledger.get(run.id).state is RunState.TRAINING
    site.stopping.clear()
    claimed = site.ledger.claim_interrupted()
    assert claimed is not None
    parts = StandInParts(acts=["linger", "train"])
    assert site.lead(claimed, parts).state is RunState.PROMOTED
    assert "write_data" not in parts.asked


def test_progress_is_kept_once_although_two_processes_read_it(site: RunSite) -> None:
    run = site.create()
    thread = when_training(site, run.id, site.stopping.set)
    with pytest.raises(RunInterrupted):
        site.lead(run, StandInParts(acts=["linger", "train"]))
    thread.join()
    site.stopping.clear()
    site.lead(run, StandInParts(acts=["linger", "train"]))
    steps = [event.data["step"] for event in site.ledger.events(run.id, kind="metrics")]
    assert steps == [1, 2, 1, 2]


def test_whoever_has_lost_the_run_stops_its_trainer_and_changes_nothing(site: RunSite) -> None:
    run = site.create()

    def take_over() -> None:
        with site.database.engine.begin() as connection:
            connection.execute(text("UPDATE training_lock SET token = token + 1, holder = 'another-machine 1 x'"))

    thread = when_training(site, run.id, take_over)
    with pytest.raises(LostLease):
        site.lead(run, StandInParts(acts=["linger"]))
    thread.join()
    assert not (site.folder_of(run).training / "trainer.pid").exists()


def leader_killed_while_training(site: RunSite, run_id: int, *acts: str, grace_s: int) -> int:
    """`kill -9` of the process that leads a run; the process id of its trainer."""
    told = (str(site.folder), str(run_id), str(grace_s), *acts)
    leader = subprocess.Popen([sys.executable, "-m", "tests.training.run_site", *told], cwd=ROOT)
    try:
        eventually(lambda: has_trained(site, run_id))
        return int((site.folder_of(site.ledger.get(run_id)).training / "trainer.pid").read_text())
    finally:
        leader.kill()
        leader.wait()


@pytest.mark.parametrize("act", ["linger", "cling"])
def test_a_trainer_does_not_outlive_the_process_that_leads_it(site: RunSite, act: str) -> None:
    stray = leader_killed_while_training(site, site.create().id, act, grace_s=1)
    eventually(lambda: birth(stray) is None)


def test_a_trainer_left_behind_is_stopped_before_another_starts(site: RunSite, monkeypatch: pytest.MonkeyPatch) -> None:
    run = site.create()
    stray = leader_killed_while_training(site, run.id, "cling", "train", grace_s=200)
    monkeypatch.setattr("training.trainer_process._GRACE_S", 1)
    assert birth(stray)
    assert site.lead(run, StandInParts(acts=["cling", "train"])).state is RunState.PROMOTED
    assert birth(stray) is None


def test_another_model_that_went_live_meanwhile_is_not_overruled(site: RunSite) -> None:
    first, second = site.run(), site.run()
    run = site.create()

    def before(name: str) -> None:
        if name == "judge":
            site.promoter.roll_back(who="dr-a")

    ended = site.lead(run, StandInParts(before=before))
    assert ended.state is RunState.REFUSED
    assert f"judged against {second.name}, and {first.name} is live now" in ended.problem
    assert site.adapters.live().name == first.name


def test_scores_against_another_eval_set_are_measured_again(site: RunSite) -> None:
    run = site.create()

    def fail(name: str) -> None:
        if name == "judge":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        site.lead(run, StandInParts(before=fail))
    for digest, measured in (("e1", 0), ("e2", 4)):
        parts = StandInParts(eval_digest=digest, before=fail)
        free(site)
        with pytest.raises(KeyboardInterrupt):
            site.lead(run, parts)
        assert sum(name.startswith("measure") for name in parts.asked) == measured


def test_a_full_disk_ends_the_run_and_not_the_next(site: RunSite, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    run = site.create()
    parts = StandInParts(before=lambda name: monkeypatch.setattr("os.fsync", full) if name == "judge" else None)
    ended = site.lead(run, parts)
    assert ended.state is RunState.FAILED
    assert "the change was not saved; free some space" in ended.problem
    assert site.texts_on_disk() == []
    monkeypatch.undo()
    assert site.adapters.live().name is None
    assert site.run().state is RunState.PROMOTED


def test_what_broke_unexpectedly_is_named_by_its_kind_and_never_by_its_words(site: RunSite) -> None:
    def fail(name: str) -> None:
        if name == "judge":
            raise ValueError(TEXT)

    run = site.run(StandInParts(before=fail))
    assert (run.state, run.problem) == (RunState.FAILED, "an unexpected ValueError; nothing was changed")
