"""When runs begin by themselves. APScheduler keeps the schedule in the database, so that it survives and is shared.

Several processes may run this over one database: a scheduled time belongs to the first that writes it into the ledger.
Once a minute each looks whether the clock was set, whether the schedule was changed elsewhere, and whether a run was
interrupted: a process that waits for a moment would notice none of these.
"""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from assistant.database import Database
from assistant.errors import CurbsideError, RayUnavailable, StorageError
from training.errors import RunUnderWay, SlotTaken
from training.launch import Launcher
from training.schema import Method, Run, Trigger
from training.settings import ScheduleSettings
from training.tables import ScheduledJobRow

if TYPE_CHECKING:
    from apscheduler.job import Job

log = logging.getLogger(__name__)

_TRAIN = "train"
_LOOK_EVERY_S = 60.0
_AFTER_TROUBLE_S = 10.0


class Scheduler:
    """The schedule of one installation. Until `start`, it only shows and changes what is kept."""

    def __init__(
        self, *, database: Database, launcher: Launcher, settings: ScheduleSettings, timezone: str | None = None
    ) -> None:
        """`timezone`: an IANA name; `None` is the computer's own."""
        self._database, self._launcher, self._settings, self._timezone = database, launcher, settings, timezone
        self._opening = threading.Lock()
        self._scheduler: Any = None
        self._owed: datetime | None = None
        """A time that came while the database was away."""

    def start(self) -> None:
        """Begin runs when they are due, those that were missed once and at once. Returns; a thread goes on."""
        self._opened().resume()

    def stop(self) -> None:
        """Begin no more runs. A run under way goes on in its own process."""
        with self._opening:
            scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.shutdown()

    def run_forever(self, stopping: threading.Event) -> None:
        """Until `stopping` is set."""
        self.start()
        stopping.wait()
        self.stop()

    def run_now(self, *, method: Method | None = None, since: datetime | None = None) -> Run:
        """Begin a run that somebody asked for; arguments as in `Launcher.start`. Raises `RunUnderWay`."""
        return self._launcher.start(trigger=Trigger.PERSON, method=method, since=since)

    def pause(self) -> None:
        """Begin no runs by themselves, in no process, until `resume`."""
        self._opened().pause_job(_TRAIN)

    def resume(self) -> None:
        """Begin runs again, from the next time on."""
        scheduler = self._opened()
        if scheduler.get_job(_TRAIN).next_run_time is None:
            scheduler.resume_job(_TRAIN)

    @property
    def next_run_at(self) -> datetime | None:
        """Aware, in the schedule's time zone; `None` while paused."""
        return self._opened().get_job(_TRAIN).next_run_time

    @property
    def paused(self) -> bool:
        return self.next_run_at is None

    def _opened(self) -> Any:
        """APScheduler, with the schedule as it should be, processing nothing yet."""
        with self._opening:
            if self._scheduler is None:
                scheduler = self._make()
                scheduler.start(paused=True)
                self._scheduler = scheduler
            self._set_right(self._scheduler)
            return self._scheduler

    def _make(self) -> Any:
        from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore

        # Its transactions write: on SQLite they must say so when they begin.
        engine = self._database.engine.execution_options(curbside_writes=True)
        tablename = str(ScheduledJobRow.__tablename__)
        return _watchful(self._look)(
            jobstores={"default": SQLAlchemyJobStore(engine=engine, tablename=tablename)},
            executors={"default": _teller(self._due)},
            # Missed while nothing ran, however long ago: once.
            job_defaults={"coalesce": True, "misfire_grace_time": None},
            timezone=self._zone(),
        )

    def _set_right(self, scheduler: Any) -> None:
        """Keep the stored job as the settings say. One that waits for a time beyond the next was planned by a wrong clock."""
        from apscheduler.triggers.cron import CronTrigger

        zone = self._zone()
        trigger = CronTrigger(
            day_of_week=self._settings.day, hour=self._settings.hour, minute=self._settings.minute, timezone=zone
        )
        soonest = trigger.get_next_fire_time(None, datetime.now(zone))
        job: Job | None = scheduler.get_job(_TRAIN)
        if job is None:
            scheduler.add_job(scheduled_run, trigger, id=_TRAIN, replace_existing=True)
            return
        changed = repr(job.trigger) != repr(trigger)
        if job.next_run_time is None:
            soonest = None  # paused, and stays so
        elif not changed and job.next_run_time <= soonest:
            return
        if changed or job.next_run_time is not None:
            scheduler.modify_job(_TRAIN, trigger=trigger, next_run_time=soonest)

    def _due(self, slot: datetime) -> None:
        try:
            self._owed = None
            run = self._launcher.start(trigger=Trigger.SCHEDULE, slot=_first(slot))
            log.info("run=%s begins as scheduled", run.name)
        except (RunUnderWay, SlotTaken) as error:
            log.info("no run begins at this scheduled time: %s", error)
        except (StorageError, RayUnavailable):
            self._owed = slot
            raise

    def _look(self, scheduler: Any) -> None:
        self._set_right(scheduler)
        if self._owed is not None:
            self._due(self._owed)
        self._launcher.resume()

    def _zone(self) -> tzinfo | None:
        """A zone that can be stored: the computer's own as well, but where it is told by rules it has no name. Then it is
        today's offset, and the schedule follows within a minute when that changes."""
        from tzlocal import get_localzone

        if self._timezone:
            return ZoneInfo(self._timezone)
        try:
            return ZoneInfo(str(get_localzone()))
        except (ZoneInfoNotFoundError, ValueError):
            return datetime.now().astimezone().tzinfo


def _first(at: datetime) -> datetime:
    """Where clocks are set back an hour comes twice, and APScheduler's times in it with it: the first is the slot of both."""
    return at.astimezone(UTC).astimezone(at.tzinfo).replace(fold=0)


def scheduled_run() -> None:
    """What APScheduler stores the name of. It is never called: the executor tells the scheduler what is due, and since when."""


def _teller(due: Callable[[datetime], None]) -> Any:
    """An executor that runs jobs in the scheduler's own thread, and tells them the time they were due at."""
    from apscheduler.executors.base import BaseExecutor

    class Teller(BaseExecutor):
        def _do_submit_job(self, job: "Job", run_times: list[datetime]) -> None:
            try:
                due(run_times[-1])
            except CurbsideError as error:
                log.warning("a scheduled run does not begin: %s", error)
            self._run_job_success(job.id, [])

    return Teller()


def _watchful(look: Callable[[Any], None]) -> Any:
    """APScheduler that looks around once a minute, by a clock that nobody can set.

    Its own thread would sleep until the next job, and end for ever when the database fails between two of its steps.
    """
    from apscheduler.schedulers.background import BackgroundScheduler
    from apscheduler.schedulers.base import STATE_RUNNING

    class Watchful(BackgroundScheduler):
        def _process_jobs(self) -> float | None:
            if self.state != STATE_RUNNING:
                return None
            try:
                look(self)
                seconds = super()._process_jobs()
            except Exception as error:  # noqa: BLE001  a process edge: a thread that must not end
                log.warning("the schedule cannot be kept: %s", type(error).__name__)
                return _AFTER_TROUBLE_S
            return _LOOK_EVERY_S if seconds is None else min(seconds, _LOOK_EVERY_S)

    return Watchful
