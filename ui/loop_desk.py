"""What a person can do about learning, whichever door they come in by: see how it stands, start, stop, promote, go back."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from assistant.adapters import Live
from assistant.errors import AdapterBroken
from training.folder import RunFolder
from training.schema import Method, Run, RunState
from ui.dry_run import NothingToTrain, imagine
from ui.loop_values import Floor, LoopStatus, RunView, Week
from ui.render import count
from ui.run_progress import read_charts, read_log, read_progress
from ui.shared_gpu import quoting_now, what_a_run_means

if TYPE_CHECKING:
    from training.run_parts import Material
    from ui.wiring import Parts

_RUNS = 50
_WEEKS = 12


class LoopDesk:
    """One installation's learning loop. Safe to share between threads."""

    def __init__(self, parts: "Parts") -> None:
        self._parts = parts
        name = parts.settings.server.timezone
        self.zone = ZoneInfo(name) if name else None
        """The practice's; `None` is the computer's own."""

    # ---- seeing

    def status(self) -> LoopStatus:
        """The loop at a glance."""
        parts = self._parts
        live, problem = self._live()
        runs = parts.ledger.runs(limit=_RUNS)
        next_run_at = self._next_run()
        return LoopStatus(
            model_id=parts.model_id,
            trainable=self._parts.is_trainable,
            adapter=live.name,
            live_since=live.since,
            previous=live.previous[0] if live.previous else None,
            can_roll_back=bool(live.previous),
            problem=problem or parts.swap_problem or "",
            floor=self.floor(),
            weeks=self._weeks(),
            scheduled=self.keeps_schedule,
            paused=self.keeps_schedule and next_run_at is None,
            next_run_at=next_run_at,
            method=parts.settings.training.method,
            under_way=next((run for run in runs if not run.state.ended), None),
            runs=runs,
            quoting=quoting_now(parts),
            run_means=self.what_a_run_means(),
        )

    def open(self, name: str | None) -> RunView | None:
        """A run by its name, the latest by default; `None` if there is none yet. Raises `RunNotFound`."""
        ledger = self._parts.ledger
        run = ledger.get(name) if name is not None else next(iter(ledger.runs(limit=1)), None)
        if run is None:
            return None
        events = ledger.events(run.id)
        live, _ = self._live()
        return RunView(
            run=run,
            progress=read_progress(run, events, now=datetime.now(UTC)),
            charts=read_charts(events),
            log=read_log(events),
            live=live.name == run.name,
            promotable=run.state.ended and live.name != run.name and self._has_adapter(run),
        )

    def material(self, *, since: datetime | None = None) -> "Material":
        """What a run that began now would learn from and be judged on; nothing is written or begun.

        Raises:
            NothingToTrain
        """
        run, made_of = imagine(self._parts, since=since)
        return made_of.gather(run)

    def what_a_run_means(self) -> str:
        """How long a run that begins now keeps the assistant quoting; empty where it does not."""
        return what_a_run_means(self._parts)

    def floor(self) -> Floor:
        """New corrections and preferences against what a run needs; new is what the live adapter has not learned."""
        new = self._parts.feedback.new_since(self._learned_at())
        return Floor(new=new.total, needed=self._parts.settings.training.min_pairs)

    def _learned_at(self) -> datetime | None:
        try:
            return self._parts.promoter.learned_at()
        except AdapterBroken:
            return None

    def _live(self) -> tuple[Live, str]:
        try:
            return self._parts.adapters.live(), ""
        except AdapterBroken as error:
            return Live(), str(error)

    def _has_adapter(self, run: Run) -> bool:
        return run.name in self._parts.adapters.names() or (
            run.state is RunState.REFUSED and self._candidate(run) is not None
        )

    def _candidate(self, run: Run) -> Path | None:
        """What the gate chose among the run's candidates, or came closest; `None` where there is none any more."""
        folder = RunFolder(self._parts.data_dir / "runs" / run.name).adapter(run.chosen) if run.chosen else None
        return folder if folder is not None and folder.is_dir() else None

    def _weeks(self) -> list[Week]:
        today = datetime.now(self.zone).date()
        monday = today - timedelta(days=today.weekday())
        return [self._week(monday - timedelta(weeks=back)) for back in reversed(range(_WEEKS))]

    def _week(self, monday: date) -> Week:
        counts = self._parts.feedback.counts(
            since=self._midnight(monday), until=self._midnight(monday + timedelta(weeks=1))
        )
        return Week(
            monday=monday,
            corrections=counts.edits,
            choices=counts.choices,
            thumbs_up=counts.thumbs_up,
            thumbs_down=counts.thumbs_down,
        )

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.zone).astimezone(UTC)

    # ---- deciding

    def run_now(self, *, method: Method | None = None, since: datetime | None = None) -> Run:
        """Begin a run, in a process of its own.

        Raises:
            NothingToTrain: There is no model of ours.
            RunUnderWay
        """
        if not self._parts.is_trainable:
            raise NothingToTrain
        return self._parts.scheduler.run_now(method=method, since=since)

    def cancel(self, name: str) -> str:
        """Ask a run to stop. Raises `RunNotFound`, `RunEnded`."""
        ledger = self._parts.ledger
        run = ledger.get(name)
        ledger.ask_cancel(run.id)
        if self._parts.is_trainable:
            self._parts.launcher.stop(run)
        return f"Run {name} is being cancelled; the live model stays what it is."

    def tend(self, run: Run) -> list[str]:
        """Go on with a run whose process died. Lines of its log since the last call, where they are kept elsewhere."""
        launcher = self._parts.launcher
        launcher.resume()
        return launcher.new_output(run)

    def rest_of_log(self, run: Run) -> list[str]:
        """As `tend`, once the run has ended; waits for its process to end as well."""
        self._parts.launcher.wait()
        return self._parts.launcher.new_output(run)

    def pause(self) -> str:
        self._parts.scheduler.pause()
        return "The schedule is paused; nothing is trained by itself until it is resumed."

    def resume(self) -> str:
        self._parts.scheduler.resume()
        return "The schedule goes on."

    def promote(self, name: str, who: str, *, force: bool = False) -> str:
        """Let the adapter of a run answer. Raises `RunNotFound`, `NotPromotable`, `AdapterBroken`."""
        run = self._parts.ledger.get(name)
        self._parts.promoter.promote_by_hand(run, self._candidate(run), who=who, force=force)
        return f"{name} answers from the next question on."

    def roll_back(self, who: str) -> str:
        """Let what was live before answer again. Raises `NothingToRollBack`, `AdapterBroken`."""
        live = self._parts.promoter.roll_back(who=who)
        return f"{live.name or 'The model as it came'} answers again, from the next question on."

    # ---- what becomes of a correction

    def after_correction(self) -> str:
        """`Kept. 18 corrections this week; training on Sunday at 02:00 needs 30.`"""
        floor, when = self.floor(), self._next_run()
        have = f"Kept. {count(floor.new, 'correction')} {self._in_which_time(floor)}"
        if when is None:
            return f"{have}."
        local = when.astimezone(self.zone)
        training = f"training on {local:%A} at {local:%H:%M}"
        return f"{have}; {training} needs {floor.needed}." if floor.missing else f"{have}; enough for {training}."

    def _in_which_time(self, floor: Floor) -> str:
        """Since when the new corrections came in, in the shortest true words."""
        week_ago = datetime.now(UTC) - timedelta(days=7)
        learned_at = self._learned_at()
        if learned_at is not None and learned_at > week_ago:
            return "since the last training"
        return "this week" if self._parts.feedback.new_since(week_ago).total == floor.new else "so far"

    def _next_run(self) -> datetime | None:
        """When training begins by itself; `None` where it does not."""
        return self._parts.scheduler.next_run_at if self.keeps_schedule else None

    @property
    def keeps_schedule(self) -> bool:
        """Whether runs begin by themselves while the server is up."""
        return self._parts.is_trainable and self._parts.settings.schedule.enabled
