"""Whatever is killed, full, broken or set back: the live model is what it was, the ledger says what happened, the next run works."""

import contextlib
import os
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from assistant.adapters import Adapters
from assistant.errors import DiskFull
from tests.alone import alone
from tests.training.killing import Point, next_kill
from tests.training.run_site import BASE, RunSite, StandInParts, new_site
from tests.training.sharing import eventually
from training import heartbeat
from training.folder import RunFolder
from training.launch import Launcher
from training.lease import STARTING_S, Lease
from training.runs import Ledger, LiveChange
from training.scheduler import Scheduler
from training.schema import Run, RunState
from training.settings import ScheduleSettings, TrainingSettings

STEPS: list[Point] = [
    (Ledger, "take"),
    (Ledger, "transition"),
    (Ledger, "add_progress"),
    (RunFolder, "write"),
    (RunFolder, "forget_texts"),
    (Adapters, "install"),
    (Adapters, "make_live"),
    (LiveChange, "record"),
]


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.heartbeat._LOOK_S", 0.05)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RunSite]:
    site = new_site(tmp_path)
    yield site
    site.close()


def in_order(site: RunSite) -> None:
    """The ledger says what is live, and each change begins where the one before ended."""
    rows = list(reversed(site.ledger.promotions()))
    live = None
    for row in rows:
        assert row.previous == live
        live = row.adapter
    assert live == site.adapters.live().name


@pytest.mark.slow
def test_a_run_that_is_killed_before_any_of_its_steps_goes_on_from_there(tmp_path: Path) -> None:
    alone(kill_a_run_before_each_of_its_steps, tmp_path)


def kill_a_run_before_each_of_its_steps(folder: str) -> None:
    heartbeat._LOOK_S = 0.05
    site = new_site(Path(folder))

    def lead(run: Run) -> None:
        forked = RunSite(site.folder)
        forked.lead(run, StandInParts(candidates=["sft"]))
        forked.close()

    killed: list[str] = []
    while True:
        run = site.create()
        before = site.adapters.live().name
        site.database.close()
        point = next_kill(killed, STEPS, lambda run=run: lead(run), after=False)
        if point is None:
            break
        killed.append(point)
        live = site.adapters.live().name
        assert live == before or (live == run.name and point not in STEPS_BEFORE_LIVE), point
        assert not site.ledger.get(run.id).state.ended, point
        site.ledger.now = lambda: datetime.now(UTC) + timedelta(seconds=STARTING_S + 1)
        claimed = site.ledger.claim_interrupted()
        assert claimed is not None, point
        parts = StandInParts(candidates=["sft"])
        ended = site.lead(claimed, parts)
        site.ledger.now = lambda: datetime.now(UTC)
        assert (ended.id, ended.state) == (run.id, RunState.PROMOTED), (point, ended.problem)
        assert site.adapters.live().name == run.name
        assert site.texts_on_disk() == [], point
        in_order(site)
    assert site.ledger.get(run.id).state is RunState.PROMOTED
    assert len(killed) > 20
    assert set(killed) == {f"before {owner.__name__}.{name}" for owner, name in STEPS}


STEPS_BEFORE_LIVE = {"before Ledger.take", "before Adapters.install", "before Adapters.make_live"}


def test_a_full_disk_at_any_write_of_a_run_changes_nothing_that_is_live(
    site: RunSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.run(StandInParts(candidates=["sft"]))
    before = site.adapters.live().name
    real, written = os.fsync, 0
    for number in (1, 2, 4, 7, 9, 11, 13):
        written = 0

        def full(descriptor: int, number: int = number) -> None:
            nonlocal written
            written += 1
            if written >= number:
                raise OSError(28, "No space left on device")
            real(descriptor)

        monkeypatch.setattr("os.fsync", full)
        run = site.run(StandInParts(candidates=["sft"]))
        monkeypatch.setattr("os.fsync", real)
        assert run.state is RunState.FAILED
        assert "free some space" in run.problem
        assert site.adapters.live().name == before
        assert site.texts_on_disk() == []
        in_order(site)
    assert site.run().state is RunState.PROMOTED


def test_a_database_that_cannot_grow_leaves_the_run_to_be_gone_on_with(tmp_path: Path) -> None:
    alone(fill_the_database_while_a_run_is_led, tmp_path)


def fill_the_database_while_a_run_is_led(folder: str) -> None:
    heartbeat._LOOK_S = 0.05
    site = new_site(Path(folder))
    run = site.create()
    site.database.close()

    def lead() -> None:
        forked = RunSite(site.folder)

        def fill(name: str) -> None:
            """No page more for the file, and no room in those it has."""
            if name != "measure live":
                return
            sa.event.listen(forked.database.engine, "connect", cap)
            forked.database.engine.dispose()
            with forked.database.session() as session:
                token = session.scalar(sa.text("SELECT token FROM training_lock"))
            for size in (3000, 300, 30, 3, 0):
                with contextlib.suppress(DiskFull):
                    while True:
                        forked.ledger.add_event(Lease(run_id=run.id, token=token), "log", {"message": "x" * size})

        def cap(connection: sqlite3.Connection, _: object) -> None:
            connection.execute("PRAGMA max_page_count = 1")

        try:
            forked.lead(run, StandInParts(before=fill))
        except DiskFull:
            os._exit(9)

    child = os.fork()
    if child == 0:
        lead()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WEXITSTATUS(status) == 9
    assert site.adapters.live().name is None
    assert site.ledger.get(run.id).state is RunState.EVALUATING
    claimed = site.ledger.claim_interrupted()
    assert claimed is not None
    assert site.lead(claimed).state is RunState.PROMOTED


def test_a_corrupt_live_adapter_fails_the_run_before_it_is_trained_on(site: RunSite) -> None:
    first = site.run()
    weights = site.adapters.path(first.name) / "adapter_model.safetensors"
    weights.chmod(0o600)
    weights.write_bytes(weights.read_bytes()[:-1])
    parts = StandInParts()
    run = site.run(parts)
    assert run.state is RunState.FAILED
    assert "adapter_model.safetensors is not what was installed" in run.problem
    assert parts.asked == []
    assert site.adapters.live().name == first.name
    site.promoter.roll_back(who="dr-a")
    assert site.run().state is RunState.PROMOTED
    in_order(site)


@pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(days=-400)], ids=["forwards", "backwards"])
def test_a_clock_that_jumps_in_the_middle_of_a_run_changes_nothing(site: RunSite, jump: timedelta) -> None:
    offset = timedelta()
    site.ledger.now = lambda: datetime.now(UTC) + offset

    def before(name: str) -> None:
        nonlocal offset
        if name == "measure live":
            offset = jump

    run = site.run(StandInParts(before=before))
    assert run.state is RunState.PROMOTED
    assert site.run().state is RunState.PROMOTED
    in_order(site)


def schedule(site: RunSite, *, hour: int) -> tuple[Scheduler, Launcher]:
    write = f"open({str(site.folder / 'led')!r}, 'a').write('x')"
    launcher = Launcher(
        ledger=site.ledger,
        command=[sys.executable, "-S", "-c", write],
        base_model=BASE,
        settings=TrainingSettings(),
        runs=site.runs,
    )
    settings = ScheduleSettings(day="*", hour=hour)
    return Scheduler(database=site.database, launcher=launcher, settings=settings, timezone="UTC"), launcher


def test_a_scheduler_that_is_killed_anywhere_begins_each_scheduled_run_once(tmp_path: Path) -> None:
    alone(kill_a_scheduler_at_each_point, tmp_path)


def kill_a_scheduler_at_each_point(folder: str) -> None:
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore

    points: list[Point] = [(Ledger, "create"), (Launcher, "launch"), (SQLAlchemyJobStore, "update_job")]
    hour = (datetime.now(UTC).hour - 2) % 24  # once: another one would be another schedule
    killed: list[str] = []
    while True:
        site = new_site(Path(folder) / str(len(killed)))
        scheduler, _ = schedule(site, hour=hour)
        scheduler.pause()
        scheduler.stop()
        with site.database.engine.execution_options(curbside_writes=True).begin() as connection:
            # A missed time, as one that came while nothing ran.
            missed(connection)
        site.database.close()

        def run_it(site: RunSite = site) -> None:
            scheduler, launcher = schedule(RunSite(site.folder), hour=hour)
            scheduler.start()
            eventually(lambda: has_looked(scheduler))
            scheduler.stop()
            launcher.wait()

        point = next_kill(killed, points, run_it)
        scheduler, launcher = schedule(site, hour=hour)
        site.ledger.now = lambda: datetime.now(UTC) + timedelta(seconds=STARTING_S + 1)
        scheduler.start()
        eventually(lambda scheduler=scheduler: has_looked(scheduler))
        eventually((site.folder / "led").exists)
        scheduler.stop()
        launcher.wait()
        (run,) = site.ledger.runs()
        assert run.trigger == "schedule", point
        site.close()
        if point is None:
            break
        killed.append(point)
    assert set(killed) == {f"{when} {owner.__name__}.{name}" for owner, name in points for when in ("before", "after")}


def has_looked(scheduler: Scheduler) -> bool:
    """Whether it has done with the time that was missed."""
    return scheduler.next_run_at is not None and scheduler.next_run_at > datetime.now(UTC)


def missed(connection: sa.Connection) -> None:
    import pickle

    state = pickle.loads(connection.execute(sa.text("SELECT job_state FROM training_schedule")).scalar_one())
    at = state["trigger"].get_next_fire_time(None, datetime.now(UTC)) - timedelta(days=1)
    state["next_run_time"] = at
    connection.execute(
        sa.text("UPDATE training_schedule SET next_run_time = :time, job_state = :state"),
        {"time": at.timestamp(), "state": pickle.dumps(state)},
    )
