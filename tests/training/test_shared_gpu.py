"""Training and the chat's model take turns on one GPU, whoever is killed at whichever step. A locked file stands for the GPU."""

import fcntl
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import pytest

from assistant.gpu_files import read_mirror
from assistant.gpu_lease import GpuLease, Use
from tests.alone import alone
from tests.training.killing import Point, next_kill
from tests.training.run_site import RunSite, StandInParts, new_site
from tests.training.sharing import Gpu, LockedModel, chat, eventually, in_a_child, lead, shared
from training.expected import Expected
from training.lease import STARTING_S
from training.loop import RunLoop
from training.promotion import Promoter
from training.run_parts import OnProgress
from training.runs import Ledger
from training.schema import Run, RunState, Scores, Trigger
from training.settings import ScheduleSettings
from training.shared_gpu import SharedGpu


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    look_often(monkeypatch)


def look_often(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("training.heartbeat._LOOK_S", 0.05)
    patch.setattr("training.shared_gpu._LOOK_S", 0.02)
    patch.setattr("training.trainer_process._LOOK_S", 0.05)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RunSite]:
    site = new_site(tmp_path)
    yield site
    site.close()


def said_of_the_gpu(site: RunSite, run: Run) -> list[str]:
    said = (str(event.data.get("message", "")) for event in site.ledger.events(run.id, kind="log"))
    return [message for message in said if "GPU" in message]


def begun(site: RunSite) -> Run:
    """A new run; one whose process was killed, or never took the lead, is closed to make room."""
    site.ledger.now = lambda: datetime.now(UTC) + timedelta(seconds=STARTING_S + 1)
    run = site.create()
    site.ledger.now = lambda: datetime.now(UTC)
    return run


def engine(site: RunSite) -> IO[bytes]:
    """What a server has while it is on the GPU: an open file, locked."""
    lock = (site.settings.data_dir / "engine-tgi.lock").open("ab")
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return lock


def test_a_guess_of_how_long_it_takes_is_told_to_nobody(site: RunSite) -> None:
    gpu = shared(site)
    ends: list[datetime | None] = []

    def before(name: str) -> None:
        if name in ("write_job", "measure live"):
            training = gpu.lease.training()
            assert training is not None
            ends.append(training.expected_end)

    site.lead(site.create(), StandInParts(candidates=["sft"], before=before), gpu=gpu)
    assert ends == [None, None]


def test_a_run_waits_until_a_server_rests_and_lets_it_come_back(site: RunSite) -> None:
    serving = engine(site)
    data_dir = site.settings.data_dir
    back: list[IO[bytes]] = []

    def keeper() -> None:
        """As `docker/engine/keep.py`, with the engine's own time between."""
        eventually(lambda: read_mirror(data_dir, now=datetime.now(UTC)) is not None)
        time.sleep(0.4)
        serving.close()
        eventually(lambda: read_mirror(data_dir, now=datetime.now(UTC)) is None)
        back.append(engine(site))

    def before(name: str) -> None:
        if name == "write_job" or name.startswith("measure"):
            assert serving.closed
            with pytest.raises(BlockingIOError):
                engine(site)
            assert read_mirror(data_dir, now=datetime.now(UTC)) is not None

    keeping = threading.Thread(target=keeper)
    keeping.start()
    run = site.create()
    parts = StandInParts(before=before)
    assert site.lead(run, parts, gpu=shared(site)).state is RunState.PROMOTED
    keeping.join()
    back[0].close()
    assert parts.asked[-1] == "let_go", "the models of the run must have gone before the server comes back"
    waiting, free = said_of_the_gpu(site, run)
    assert waiting == "waiting until the chat's model has left the GPU"
    assert free == "the GPU is free; about 1 h (a guess: no run has been judged here yet)"


def test_a_server_that_does_not_rest_ends_the_run_and_goes_on_serving(site: RunSite) -> None:
    parts = StandInParts()
    with engine(site):
        run = site.lead(site.create(), parts, gpu=shared(site, wait_s=0.2))
    assert run.state is RunState.FAILED
    assert "server tgi did not leave the GPU within 0 seconds" in run.problem
    assert "write_job" not in parts.asked
    assert read_mirror(site.settings.data_dir, now=datetime.now(UTC)) is None
    assert GpuLease(site.database, site.settings.data_dir).holders() == []


def test_a_run_that_is_cancelled_while_it_waits_leaves_the_gpu_to_serving(site: RunSite) -> None:
    run = site.create()

    def cancel() -> None:
        eventually(lambda: bool(said_of_the_gpu(site, run)))
        site.ledger.ask_cancel(run.id)

    cancelling = threading.Thread(target=cancel)
    cancelling.start()
    with engine(site):
        assert site.lead(run, gpu=shared(site)).state is RunState.CANCELLED
    cancelling.join()
    assert said_of_the_gpu(site, run) == ["waiting until the chat's model has left the GPU"]
    assert read_mirror(site.settings.data_dir, now=datetime.now(UTC)) is None


def test_what_a_killed_keeper_wrote_last_holds_up_no_run(site: RunSite) -> None:
    engine(site).close()
    (site.settings.data_dir / "engine-tgi.json").write_text('{"state": "serving"}')
    assert site.lead(site.create(), StandInParts(candidates=["sft"]), gpu=shared(site)).state is RunState.PROMOTED


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(StandInParts(acts=["fail"]), id="the trainer fails"),
        pytest.param(StandInParts(better=False), id="the gate says no"),
        pytest.param(StandInParts(candidates=["sft"]), id="it goes live"),
    ],
)
def test_however_a_run_ends_the_gpu_is_given_back(site: RunSite, parts: StandInParts) -> None:
    lease = GpuLease(site.database, site.settings.data_dir)
    held: list[bool] = []
    parts.before = lambda name: held.append(lease.training() is not None)
    site.lead(site.create(), parts, gpu=shared(site))
    assert any(held)
    assert lease.holders() == []
    assert read_mirror(site.settings.data_dir, now=datetime.now(UTC)) is None


def test_with_too_little_feedback_nobody_is_asked_to_leave(site: RunSite) -> None:
    run = site.lead(site.create(), StandInParts(missing="12 more"), gpu=shared(site))
    assert run.state is RunState.SKIPPED
    assert not (site.settings.data_dir / "gpu.json").exists()


def test_the_time_shown_follows_a_judgement_that_takes_longer_than_expected_and_no_shorter_one(
    site: RunSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.loop._SAY_EVERY_S", 0)
    gpu = shared(site)
    ends: list[datetime] = []

    def end() -> datetime:
        gpu.renew()
        training = gpu.lease.training()
        assert training is not None
        assert training.expected_end is not None
        return training.expected_end

    class Judging(StandInParts):
        def measure(self, run: Run, model: str, adapter: Path | None, on_progress: OnProgress) -> Scores:
            ends.append(end())
            on_progress(1, 2)
            ends.append(end())
            on_progress(1, 10**8)  # at the stand-in's speed, days
            ends.append(end())
            return super().measure(run, model, adapter, lambda done, total: None)

    site.lead(site.create(), Judging(candidates=["sft"], seconds_left=1800), gpu=gpu)
    before, shorter, longer, *_ = ends
    assert shorter == before
    assert longer > before + timedelta(hours=1)


# ── the hours for training ────────────────────────────────────────────────────────────────────────────────────────────


def at_night(site: RunSite, hour: int, minute: int = 0) -> SharedGpu:
    at = datetime(2026, 11, 22, hour, minute, tzinfo=UTC)
    lease = GpuLease(site.database, site.settings.data_dir, now=lambda: at)
    schedule = ScheduleSettings(hour=2, window_hours=4)
    return SharedGpu(lease=lease, data_dir=site.settings.data_dir, wait_s=1, schedule=schedule, zone=UTC)


def hours(number: float) -> Expected:
    return Expected(training_s=number * 3000, judging_s=number * 600)


@pytest.mark.parametrize(
    ("hour", "needs", "why"),
    [
        pytest.param(2, 3, "", id="it fits"),
        pytest.param(
            4, 3, "it would take about 3 h, and scheduled runs may have the GPU until 06:00", id="it began late"
        ),
        pytest.param(10, 0.1, "have the GPU from 02:00 for 4 h, and now it is 10:00", id="missed, and begun by day"),
    ],
)
def test_a_scheduled_run_keeps_to_its_hours_and_one_by_hand_does_not(
    site: RunSite, hour: int, needs: float, why: str
) -> None:
    run = site.create(trigger=Trigger.SCHEDULE)
    said = at_night(site, hour).refusal(run, hours(needs))
    assert bool(said) is bool(why)
    assert why in said
    assert not said or "CURBSIDE_SCHEDULE__WINDOW_HOURS" in said
    assert at_night(site, hour).refusal(replace(run, trigger=Trigger.PERSON), hours(needs)) == ""


def test_a_scheduled_run_outside_its_hours_does_not_begin_and_says_why(site: RunSite) -> None:
    parts = StandInParts()
    run = site.lead(site.create(trigger=Trigger.SCHEDULE), parts, gpu=at_night(site, 12))
    assert run.state is RunState.SKIPPED
    assert "now it is 12:00" in run.problem
    assert "write_job" not in parts.asked
    parts = StandInParts(candidates=["sft"])
    assert site.lead(site.create(), parts, gpu=at_night(site, 12)).state is RunState.PROMOTED


def test_a_scheduled_run_that_takes_longer_than_its_hours_is_stopped(site: RunSite) -> None:
    at = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)
    night = at_night(site, 4)
    night.lease.now = lambda: at

    def before(name: str) -> None:
        nonlocal at
        if name == "measure live":
            at = at.replace(hour=6)

    run = site.lead(site.create(trigger=Trigger.SCHEDULE), StandInParts(before=before), gpu=night)
    assert run.state is RunState.FAILED
    assert "was stopped at 06:00" in run.problem
    assert night.lease.holders() == []


def test_one_that_was_too_long_for_its_hours_is_not_begun_again_to_be_stopped_again(site: RunSite) -> None:
    at = datetime(2026, 11, 22, 2, tzinfo=UTC)
    night = at_night(site, 2)
    night.lease.now = site.ledger.now = lambda: at

    def before(name: str) -> None:
        nonlocal at
        if name == "measure live":
            at = at.replace(hour=6)

    stopped = site.lead(
        site.create(trigger=Trigger.SCHEDULE), StandInParts(before=before, seconds_left=9 * 3600), gpu=night
    )
    assert stopped.state is RunState.FAILED
    at = datetime(2026, 11, 29, 2, tzinfo=UTC)
    parts = StandInParts()
    again = site.lead(site.create(trigger=Trigger.SCHEDULE), parts, gpu=night)
    assert again.state is RunState.SKIPPED
    assert "it would take about 9 h 12 min, and scheduled runs may have the GPU until 06:00" in again.problem
    assert "write_job" not in parts.asked


# ── whoever is killed ─────────────────────────────────────────────────────────────────────────────────────────────────

LEADER_STEPS: list[Point] = [
    (GpuLease, "enter"),
    (GpuLease, "mirror"),
    (SharedGpu, "add"),
    (Ledger, "add_progress"),
    (RunLoop, "_evaluate"),
    (Promoter, "promote"),
    (StandInParts, "let_go"),
    (GpuLease, "leave"),
]


@pytest.mark.slow
def test_the_chat_comes_back_wherever_the_process_of_a_run_is_killed(tmp_path: Path) -> None:
    alone(kill_the_process_of_a_run, tmp_path)


def kill_the_process_of_a_run(folder: str) -> None:
    look_often(pytest.MonkeyPatch())
    site, gpu = new_site(Path(folder)), Gpu(Path(folder))
    end = site.folder / "end"
    site.database.close()
    chatting = in_a_child(lambda: chat(site.folder, end.exists))
    killed: list[str] = []
    while True:
        eventually(gpu.is_served)
        run = begun(site)
        site.database.close()
        point = next_kill(killed, LEADER_STEPS, lambda run=run: lead(site.folder, run), after=False)
        eventually(gpu.is_served)
        eventually(lambda: read_mirror(site.settings.data_dir, now=datetime.now(UTC)) is None)
        if point is None:
            break
        killed.append(point)
    end.touch()
    os.waitpid(chatting, 0)
    assert site.ledger.get(run.id).state is RunState.PROMOTED
    assert set(killed) == {f"before {owner.__name__}.{name}" for owner, name in LEADER_STEPS}
    lines = gpu.lines()
    assert "OVERLAP" not in " ".join(lines)
    assert lines.count("out") >= 5, "it never left"


def test_the_chat_stays_away_as_long_as_a_trainer_outlives_its_leader(tmp_path: Path) -> None:
    alone(kill_the_leader_of_a_trainer, tmp_path)


def kill_the_leader_of_a_trainer(folder: str) -> None:
    look_often(patch := pytest.MonkeyPatch())
    patch.setattr("training.trainer_process._GRACE_S", 2)
    site, gpu = new_site(Path(folder)), Gpu(Path(folder))
    end = site.folder / "end"
    run = site.create()
    site.database.close()
    chatting = in_a_child(lambda: chat(site.folder, end.exists))
    eventually(gpu.is_served)
    leading = in_a_child(lambda: lead(site.folder, run, "cling"))
    eventually(lambda: bool(site.ledger.events(run.id, kind="metrics")))
    assert gpu.lines() == ["in", "out"]
    os.kill(leading, signal.SIGKILL)
    os.waitpid(leading, 0)
    eventually(gpu.is_served)
    end.touch()
    os.waitpid(chatting, 0)
    assert gpu.lines() == ["in", "out", "in"]


CHAT_STEPS: list[Point] = [
    (GpuLease, "enter"),
    (LockedModel, "let_go"),
    (GpuLease, "leave"),
    (LockedModel, "bring_back"),
]


@pytest.mark.slow
def test_a_run_gets_the_gpu_wherever_the_process_of_a_chat_is_killed(tmp_path: Path) -> None:
    alone(kill_the_process_of_a_chat, tmp_path)


def kill_the_process_of_a_chat(folder: str) -> None:
    look_often(pytest.MonkeyPatch())
    site, gpu = new_site(Path(folder)), Gpu(Path(folder))
    killed: list[str] = []
    while True:
        run = begun(site)
        site.database.close()
        came, gone = len(gpu.lines()), site.folder / f"chat {len(killed)} has ended"

        def lead_once_it_serves(run: Run = run, came: int = came, gone: Path = gone) -> None:
            eventually(lambda: len(gpu.lines()) > came or gone.exists())
            lead(site.folder, run)

        leading = in_a_child(lead_once_it_serves)

        def chat_until_it_is_back(came: int = came) -> None:
            chat(site.folder, lambda: gpu.lines()[came:].count("in") == 2)

        point = next_kill(killed, CHAT_STEPS, chat_until_it_is_back, after=False)
        gone.touch()
        assert os.waitpid(leading, 0)[1] == 0
        assert site.ledger.get(run.id).state is RunState.PROMOTED, point
        if point is None:
            break
        killed.append(point)
    assert set(killed) == {f"before {owner.__name__}.{name}" for owner, name in CHAT_STEPS}
    assert "OVERLAP" not in " ".join(gpu.lines())
    assert GpuLease(site.database, site.settings.data_dir).training() is None
    GpuLease(site.database, site.settings.data_dir).enter(Use.SERVING)
