"""A run's part in sharing a GPU with the chat's model: asks for it, waits until it is free, holds it, gives it back.

Nothing here stops the model: its own process does, when it sees that training asks. See `assistant.gpu_lease`.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from pathlib import Path

from assistant.errors import StorageError
from assistant.gpu_files import EngineLocks, says_training
from assistant.gpu_lease import GpuLease, Use
from assistant.holders import process_named, this_process
from training.errors import GpuNotFree, WindowOver
from training.expected import JUDGED, LATEST, STOPPED, Expected, Past, expect, past_of, window_end
from training.runs import Ledger
from training.schema import Run, Trigger
from training.settings import ScheduleSettings

log = logging.getLogger(__name__)

_LOOK_S = 0.5
_EARLIER = 30
"""Runs that are looked at for how long one takes."""


@dataclass(kw_only=True)
class SharedGpu:
    """Belongs to the process that leads a run; `renew` may come from another thread."""

    lease: GpuLease
    data_dir: Path
    wait_s: float
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    zone: tzinfo | None = None
    """For the schedule's hours and what people are told; `None` is the computer's own."""
    _renewing: threading.Lock = field(default_factory=threading.Lock, init=False)
    _servers: EngineLocks = field(init=False)
    _processes: list[str] = field(default_factory=list, init=False)
    _run: str = field(default="", init=False)
    _expected_end: datetime | None = field(default=None, init=False)
    _closes_at: datetime | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._servers = EngineLocks(self.data_dir)

    def refusal(self, run: Run, expected: Expected) -> str:
        """Why a scheduled run may not have the GPU now, as a sentence; empty where it may."""
        if run.trigger is not Trigger.SCHEDULE or self.schedule.window_hours is None:
            return ""
        now = self.lease.now()
        remedy = "widen `CURBSIDE_SCHEDULE__WINDOW_HOURS`, or start it by hand"
        ends = window_end(self.schedule, now, zone=self.zone)
        if ends is None:
            return f"scheduled runs may have the GPU {self.schedule.window}, and now it is {now.astimezone(self.zone):%H:%M}; {remedy}"
        if now + timedelta(seconds=expected.seconds) > ends:
            return (
                f"it would take {expected.in_words}, and scheduled runs may have the GPU until {ends:%H:%M}; {remedy}"
            )
        return ""

    @contextmanager
    def taken(self, run: Run, expected: Expected, *, check: Callable[[], None]) -> Iterator[None]:
        """Have the GPU alone until the end of the block; whoever served comes back then.

        Args:
            check: Called often while it waits; what it raises ends the waiting.

        Raises:
            GpuNotFree: Somebody did not leave in time.
        """
        self._run, self._processes = run.name, [this_process()]
        if run.trigger is Trigger.SCHEDULE and self.schedule.window_hours is not None:
            now = self.lease.now()
            self._closes_at = window_end(self.schedule, now, zone=self.zone) or now
        # A guess is not told: `until about` would be a promise.
        self._expected_end = None if expected.guessed else self._after(expected.seconds)
        try:
            self.lease.tidy()
            self.renew()
            self._wait(check)
            log.info("run=%s has the GPU", run.name)
            yield
        finally:
            self._give_back()

    def check(self) -> None:
        """Raises `WindowOver` once the hours of a scheduled run have ended."""
        if self._closes_at is not None and self.lease.now() >= self._closes_at:
            raise WindowOver(name=self._run, ended=f"{self._closes_at.astimezone(self.zone):%H:%M}")

    def add(self, pid: int) -> None:
        """The trainer has it too: should this process be killed, the GPU is free when both have ended."""
        with self._renewing:
            self._processes.append(process_named(pid))
        try:
            self.renew()
        except StorageError as error:
            log.warning("the trainer's row comes with the next sign of life: %s", error)

    def expect(self, seconds: float) -> None:
        """How long it will still take; people are told with the next `renew`."""
        self._expected_end = self._after(seconds)

    def expect_at_least(self, seconds: float) -> None:
        """The same, where more than was expected is left."""
        if self._expected_end is None or self._after(seconds) > self._expected_end:
            self.expect(seconds)

    @property
    def left_s(self) -> float | None:
        """How long it would still take, also after it was given back; `None` where nothing but a guess is known."""
        if self._expected_end is None:
            return None
        return max(0.0, (self._expected_end - self.lease.now()).total_seconds())

    def renew(self) -> None:
        """Give a sign of life while it is held or waited for. Raises `StorageError`."""
        with self._renewing:
            if not self._processes:
                return
            try:
                for process in self._processes:
                    self.lease.enter(Use.TRAINING, name=self._run, process=process, expected_end=self._expected_end)
            finally:
                # Also while the database is away: those who only read files would come back.
                self.lease.mirror(training=True, expected_end=self._expected_end)

    def _after(self, seconds: float) -> datetime:
        return self.lease.now() + timedelta(seconds=seconds)

    def _wait(self, check: Callable[[], None]) -> None:
        began = time.monotonic()
        while True:
            check()
            if not says_training(self.data_dir):
                # Somebody tidied up after a run that had died, and did not see this one yet.
                self.renew()
            others = self._others()
            if not others:
                return
            if time.monotonic() - began > self.wait_s:
                raise GpuNotFree(holders=", ".join(others), seconds=self.wait_s)
            time.sleep(min(_LOOK_S, self.wait_s))

    def _others(self) -> list[str]:
        """Who is still on the GPU, in words."""
        holders = [one for one in self.lease.holders() if one.process not in self._processes]
        named = [
            f"the chat (process {one.process.split()[1]})" if one.use is Use.SERVING else f"run {one.name}"
            for one in holders
        ]
        return named + [f"server {name}" for name in self._servers.take()]

    def _give_back(self) -> None:
        with self._renewing:
            processes, self._processes, self._closes_at = self._processes, [], None
        self._servers.give_back()
        try:
            self.lease.leave(*processes)
        except StorageError as error:
            # The row ends with this process.
            log.warning("the GPU's lease cannot be given back: %s", error)
        with contextlib.suppress(StorageError):
            if self.lease.training() is None:
                self.lease.mirror(training=False)


def expected_for(ledger: Ledger, run: Run) -> Expected:
    """What this run will take, by the ledger."""
    return expect(run.counts, run.settings, earlier(ledger, base_model=run.base_model, method=run.method))


def earlier(ledger: Ledger, *, base_model: str, method: str) -> list[Past]:
    """What earlier runs of a model by a method took, the latest first."""
    alike = [one for one in ledger.runs(limit=_EARLIER) if (one.base_model, one.method) == (base_model, method)]
    for states in (JUDGED, STOPPED):
        found = (past_of(one, ledger.events(one.id, kind="state")) for one in alike if one.state in states)
        if past := list(islice(filter(None, found), LATEST)):
            return past
    return []
