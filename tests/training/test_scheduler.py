"""Runs begin when they are due: once, whoever else runs a scheduler, whatever was missed, and whatever the clock says."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import TZPATH, ZoneInfo

import pytest
import sqlalchemy as sa

from assistant.database import Database, open_database
from assistant.errors import DatabaseUnavailable
from assistant.keys import load_key
from assistant.settings import StorageSettings
from tests.training.sharing import eventually
from training.errors import RunUnderWay
from training.launch import Launcher, OnScheduler
from training.runs import Ledger
from training.scheduler import Scheduler
from training.schema import Method, Run, RunState, Trigger
from training.settings import ScheduleSettings, TrainingSettings
from ui.migrations import upgrade

TODAY = datetime.now(UTC)
IN_THREE_DAYS: Any = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(TODAY + timedelta(days=3)).weekday()]
WEEKLY = ScheduleSettings(day=IN_THREE_DAYS, hour=2, minute=0)
"""No time of it comes while a test runs."""


class Site:
    """One installation's schedule, as several processes would open it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.ledger = Ledger(database)
        self._schedulers: list[Scheduler] = []
        self._launchers: list[Launcher] = []

    def open(
        self,
        settings: ScheduleSettings = WEEKLY,
        *,
        timezone: str | None = "Europe/Berlin",
        launcher: type[Launcher] = Launcher,
    ) -> Scheduler:
        """A scheduler whose runs do nothing but leave their id in a file."""
        write = f"import sys; open({str(self.folder / 'led')!r}, 'a').write(sys.argv[1] + '\\n')"
        launches = launcher(
            ledger=Ledger(self.database),
            command=[sys.executable, "-S", "-c", write],
            base_model="starter",
            settings=TrainingSettings(),
            runs=self.folder / "runs",
        )
        scheduler = Scheduler(database=self.database, launcher=launches, settings=settings, timezone=timezone)
        self._launchers.append(launches)
        self._schedulers.append(scheduler)
        return scheduler

    def planned_at(self, at: datetime | None) -> None:
        """Let the stored job wait for this time, as if the clock had said so when it was planned."""
        import pickle

        with self.database.engine.execution_options(curbside_writes=True).begin() as connection:
            state = pickle.loads(connection.execute(sa.text("SELECT job_state FROM training_schedule")).scalar_one())
            state["next_run_time"] = at
            connection.execute(
                sa.text("UPDATE training_schedule SET next_run_time = :time, job_state = :state"),
                {"time": at and at.timestamp(), "state": pickle.dumps(state)},
            )

    def runs(self, *, at_least: int = 1) -> list[Run]:
        """The runs, after a moment in which more could begin."""
        eventually(lambda: len(self.ledger.runs()) >= at_least)
        time.sleep(0.2)
        return list(self.ledger.runs())

    def led(self) -> list[int]:
        for launcher in self._launchers:
            launcher.wait()
        path = self.folder / "led"
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def end(self, run: Run) -> None:
        self.ledger.transition(self.ledger.take(run.id), RunState.SKIPPED)

    def close(self) -> None:
        for scheduler in self._schedulers:
            scheduler.stop()
        self.led()


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Iterator[Site]:
    site = Site(database, tmp_path)
    yield site
    site.close()


@pytest.fixture
def sqlite_site(tmp_path: Path) -> Iterator[Site]:
    """For what is the same on both databases."""
    settings = StorageSettings(data_dir=tmp_path / "data")
    database = open_database(settings, load_key(settings.data_dir))
    upgrade(database)
    site = Site(database, tmp_path)
    yield site
    site.close()
    database.close()


def missed(weeks: int = 1) -> datetime:
    """A time on the day of the weekly schedule that has passed; the schedule's own on that day was an hour or two earlier."""
    return (TODAY - timedelta(days=4, weeks=weeks)).replace(hour=2, minute=0, second=0, microsecond=0)


def test_the_next_run_is_shown_in_the_practices_time_zone(sqlite_site: Site) -> None:
    now = datetime.now(UTC)
    at = sqlite_site.open(ScheduleSettings(day="wed", hour=3, minute=30), timezone="America/New_York").next_run_at
    assert at is not None
    assert (at.weekday(), at.hour, at.minute, str(at.tzinfo)) == (2, 3, 30, "America/New_York")
    assert now <= at <= datetime.now(UTC) + timedelta(days=7, hours=1)


def test_every_day_is_a_schedule_too_and_the_computers_own_zone_the_default(sqlite_site: Site) -> None:
    at = sqlite_site.open(ScheduleSettings(day="*", hour=4), timezone=None).next_run_at
    assert at is not None
    assert at - datetime.now(UTC) <= timedelta(days=1, hours=1)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(":{folder}/Europe/Berlin", id="a file, as in `TZ=:/etc/localtime`"),
        pytest.param("CET-1CEST,M3.5.0,M10.5.0/3", id="rules"),
    ],
)
def test_the_computers_own_zone_is_kept_however_the_computer_is_told_it(
    sqlite_site: Site, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Berlin").write_bytes(what_is_known_of("Europe/Berlin"))
    monkeypatch.setenv("TZ", told.format(folder=tmp_path))
    monkeypatch.setattr("tzlocal.unix._cache_tz", None)
    time.tzset()
    try:
        for _ in range(2):
            at = sqlite_site.open(timezone=None).next_run_at
            assert at is not None
            assert at.hour == 2
            assert at.utcoffset() in (timedelta(hours=1), timedelta(hours=2))
    finally:
        monkeypatch.undo()
        time.tzset()


def what_is_known_of(zone: str) -> bytes:
    """The file about it, the system's or else that of the package `tzdata`."""
    there = [Path(folder, zone) for folder in TZPATH if Path(folder, zone).is_file()]
    return there[0].read_bytes() if there else files("tzdata").joinpath("zoneinfo", zone).read_bytes()


def test_missed_times_are_caught_up_once(site: Site) -> None:
    site.open().stop()
    site.open().pause()
    site.planned_at(missed(weeks=5))
    scheduler = site.open()
    scheduler.start()
    (run,) = site.runs()
    assert run.trigger is Trigger.SCHEDULE
    assert site.led() == [run.id]
    site.end(run)
    assert scheduler.next_run_at is not None
    assert scheduler.next_run_at > datetime.now(UTC)
    assert len(site.runs()) == 1


def test_of_several_schedulers_one_begins_the_run(site: Site) -> None:
    site.open().pause()
    site.planned_at(missed())
    schedulers = [site.open() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda scheduler: scheduler.start(), schedulers))
    (run,) = site.runs()
    assert site.led() == [run.id]


def test_a_time_that_had_its_run_is_not_run_again_when_the_clock_is_set_back(sqlite_site: Site) -> None:
    sqlite_site.open().pause()
    sqlite_site.planned_at(missed())
    sqlite_site.open().start()
    (run,) = sqlite_site.runs()
    sqlite_site.end(run)
    sqlite_site.close()
    sqlite_site.planned_at(missed())
    sqlite_site.open().start()
    assert sqlite_site.runs() == [sqlite_site.ledger.get(run.id)]


def test_a_time_that_comes_twice_where_clocks_are_set_back_has_one_run(sqlite_site: Site) -> None:
    """02:00 of the default schedule, in Berlin on the last Sunday of October."""
    scheduler, zone = sqlite_site.open(), ZoneInfo("Europe/Berlin")
    for fold in (0, 1):
        scheduler._due(datetime(2026, 10, 25, 2, tzinfo=zone, fold=fold))
        if not fold:
            (run,) = sqlite_site.runs()
            sqlite_site.end(run)
    assert [run.id for run in sqlite_site.runs()] == [run.id]


def test_a_time_whose_first_coming_was_missed_has_its_run_at_the_second(sqlite_site: Site) -> None:
    sqlite_site.open()._due(datetime(2026, 10, 25, 2, tzinfo=ZoneInfo("Europe/Berlin"), fold=1))
    assert len(sqlite_site.runs()) == 1


def test_a_time_planned_by_a_clock_years_ahead_is_set_right(sqlite_site: Site) -> None:
    sqlite_site.open().pause()
    sqlite_site.planned_at(datetime(2099, 1, 4, 2, tzinfo=UTC))
    scheduler = sqlite_site.open()
    scheduler.start()
    assert scheduler.next_run_at is not None
    assert scheduler.next_run_at.year < 2099


def test_no_run_begins_beside_one_that_is_under_way(sqlite_site: Site) -> None:
    scheduler = sqlite_site.open()
    run = scheduler.run_now()
    with pytest.raises(RunUnderWay, match=run.name):
        scheduler.run_now()
    scheduler.pause()
    sqlite_site.planned_at(missed())
    scheduler.start()
    assert [run.id for run in sqlite_site.runs()] == [run.id]


def test_a_pause_holds_for_every_process_until_somebody_ends_it(sqlite_site: Site) -> None:
    first = sqlite_site.open()
    first.start()
    assert not first.paused
    sqlite_site.open().pause()
    assert first.paused
    first.stop()
    second = sqlite_site.open()
    second.start()
    assert second.next_run_at is None
    second.resume()
    assert not sqlite_site.open().paused
    assert sqlite_site.ledger.runs() == []


def test_another_setting_replaces_the_stored_schedule_and_leaves_a_pause_alone(sqlite_site: Site) -> None:
    sqlite_site.open().start()
    at = sqlite_site.open(ScheduleSettings(day="fri", hour=5)).next_run_at
    assert at is not None
    assert (at.weekday(), at.hour) == (4, 5)
    sqlite_site.open().pause()
    again = sqlite_site.open(ScheduleSettings(day="mon", hour=6))
    assert again.paused
    again.resume()
    assert again.next_run_at is not None
    assert (again.next_run_at.weekday(), again.next_run_at.hour) == (0, 6)


def test_a_run_that_somebody_asks_for_takes_the_method_asked_for(sqlite_site: Site) -> None:
    run = sqlite_site.open().run_now(method=Method.SFT)
    assert (run.method, run.trigger, run.settings["method"]) == (Method.SFT, Trigger.PERSON, "sft")
    assert sqlite_site.led() == [run.id]


def test_a_run_whose_process_died_is_started_again(sqlite_site: Site) -> None:
    run = sqlite_site.open().run_now()
    ledger = sqlite_site.ledger
    ledger.take(run.id)
    with sqlite_site.database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE training_lock SET holder = replace(holder, ' ', ' 1')"))
    sqlite_site.open().start()
    eventually(lambda: len(sqlite_site.led()) == 2)
    assert sqlite_site.led() == [run.id, run.id]


def test_the_thread_survives_a_database_that_is_away(
    sqlite_site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def change(statement: str) -> None:
        with sqlite_site.database.engine.begin() as connection:
            connection.execute(sa.text(statement))

    monkeypatch.setattr("training.scheduler._AFTER_TROUBLE_S", 0.05)
    sqlite_site.open().pause()
    sqlite_site.planned_at(missed())
    change("ALTER TABLE run RENAME TO run_away")
    sqlite_site.open().start()
    eventually(lambda: "the schedule cannot be kept: OperationalError" in caplog.messages)
    change("ALTER TABLE run_away RENAME TO run")
    assert len(sqlite_site.runs()) == 1


def test_what_is_stored_can_be_read_by_another_process(sqlite_site: Site) -> None:
    sqlite_site.open().start()
    code = (
        "import pickle, sqlite3, sys, json\n"
        "state = pickle.loads(sqlite3.connect(sys.argv[1]).execute('SELECT job_state FROM training_schedule').fetchone()[0])\n"
        "print(json.dumps([state['func'], state['coalesce'], state['misfire_grace_time'], list(state['args'])]))"
    )
    path = str(sqlite_site.database.engine.url.database)
    shown = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True).stdout
    assert json.loads(shown) == ["training.scheduler:scheduled_run", True, None, []]


def test_a_time_that_came_while_the_database_was_away_is_not_lost(
    sqlite_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away(Launcher):
        asked = 0

        def start(self, **told: Any) -> Run:
            Away.asked += 1
            if Away.asked == 1:
                raise DatabaseUnavailable(problem="invented")
            return super().start(**told)

    monkeypatch.setattr("training.scheduler._LOOK_EVERY_S", 0.05)
    sqlite_site.open().pause()
    sqlite_site.planned_at(missed())
    sqlite_site.open(launcher=Away).start()
    (run,) = sqlite_site.runs()
    assert run.trigger is Trigger.SCHEDULE


def test_a_run_that_is_asked_for_where_none_begins_waits_for_the_scheduler_that_has_the_gpu(sqlite_site: Site) -> None:
    page, _ = sqlite_site.open(launcher=OnScheduler), sqlite_site.open()
    run = page.run_now()
    with pytest.raises(RunUnderWay):  # asked for twice: it still waits
        page.run_now()
    there, trainer = sqlite_site._launchers
    assert there.resume() is None
    assert (sqlite_site.ledger.get(run.id).state, sqlite_site.led()) == (RunState.QUEUED, [])
    assert trainer.resume() is not None
    assert sqlite_site.led() == [run.id]
    assert trainer.resume() is None
    assert sqlite_site.ledger.events(run.id, kind="log") == [], "nothing was interrupted"


def test_a_run_that_waits_for_a_scheduler_can_be_taken_back(sqlite_site: Site) -> None:
    run = sqlite_site.open(launcher=OnScheduler).run_now()
    sqlite_site.ledger.ask_cancel(run.id)
    assert sqlite_site.ledger.get(run.id).state is RunState.CANCELLED
    sqlite_site.open()
    assert sqlite_site._launchers[-1].resume() is None
