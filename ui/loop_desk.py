"""What a person can do about learning, whichever door they come in by: see how it stands, start, stop, promote, go back."""

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from assistant.adapters import Live
from assistant.errors import AdapterBroken
from training.schema import Run
from ui.loop_values import Floor, LoopStatus, RunView, Week
from ui.run_progress import read_charts, read_log, read_progress

if TYPE_CHECKING:
    from ui.wiring import Parts

_RUNS = 50
_WEEKS = 12


class LoopDesk:
    """One installation's learning loop. Safe to share between threads."""

    def __init__(self, parts: "Parts") -> None:
        self._parts = parts
        name = parts.settings.server.timezone
        self._zone = ZoneInfo(name) if name else None

    # ---- seeing

    def status(self) -> LoopStatus:
        """The loop at a glance."""
        parts = self._parts
        live, problem = self._live()
        runs = parts.ledger.runs(limit=_RUNS)
        return LoopStatus(
            model_id=parts.model_id,
            trainable=parts.settings.generation.backend == "local",
            adapter=live.name,
            live_since=live.since,
            previous=live.previous[0] if live.previous else None,
            can_roll_back=bool(live.previous),
            problem=problem,
            floor=self.floor(),
            weeks=self._weeks(),
            scheduled=False,
            paused=False,
            next_run_at=None,
            method=parts.settings.training.method,
            under_way=next((run for run in runs if not run.state.ended), None),
            runs=runs,
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

    def floor(self) -> Floor:
        """New corrections and preferences against what a run needs."""
        new = self._parts.feedback.new_since(None)
        return Floor(new=new.total, needed=self._parts.settings.training.min_pairs)

    def _live(self) -> tuple[Live, str]:
        try:
            return self._parts.adapters.live(), ""
        except AdapterBroken as error:
            return Live(), str(error)

    def _has_adapter(self, run: Run) -> bool:
        return run.name in self._parts.adapters.names()

    def _weeks(self) -> list[Week]:
        today = datetime.now(self._zone).date()
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
        return datetime.combine(day, time(), tzinfo=self._zone).astimezone(UTC)

    # ---- deciding

    def run_now(self, who: str) -> str:
        raise NotImplementedError

    def cancel(self, name: str) -> str:
        """Ask a run to stop. Raises `RunNotFound`, `RunEnded`."""
        run = self._parts.ledger.get(name)
        self._parts.ledger.ask_cancel(run.id)
        return f"Run {name} is being cancelled; the live model stays what it is."

    def pause(self) -> str:
        raise NotImplementedError

    def resume(self) -> str:
        raise NotImplementedError

    def promote(self, name: str, who: str) -> str:
        raise NotImplementedError

    def roll_back(self, who: str) -> str:
        raise NotImplementedError
