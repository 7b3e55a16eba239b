"""The ledger of runs. The only SQL of this package; everything outside sees values.

One run is under way at a time, over all processes. Whoever leads it holds a lease: the number that the lock row had
when it was taken. Every write of a run checks that number in its own transaction, so that a process which was thought
dead (suspended, or behind a clock that jumped) can change nothing after another one has taken over.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from assistant.database import Database
from training.codec import event_value, finite, promotion_value, run_value, write_verdict
from training.errors import LostLease, RunEnded, RunNotFound, RunUnderWay, SlotTaken
from training.lease import Lease, free, hold, is_abandoned, is_held, is_waiting, renew
from training.schema import Method, Promotion, Run, RunEvent, RunState, Trigger, Verdict
from training.tables import PromotionRow, RunEventRow, RunRow, TrainingLockRow

MAX_ATTEMPTS = 3
"""A run that so many processes were started for, and that none has ended, is given up."""

_Run: Any = RunRow
_Event: Any = RunEventRow
_Promotion: Any = PromotionRow
_UNDER_WAY = tuple(state.value for state in RunState if not state.ended)


class Ledger:
    """Keeps runs, their events and what went live. Safe to share between threads."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """`now`: the clock, aware."""
        self._database = database
        self.now = now

    # Runs

    def create(
        self,
        *,
        method: Method,
        trigger: Trigger,
        base_model: str,
        settings: Mapping[str, Any],
        slot: datetime | None = None,
        begins: bool = True,
    ) -> Run:
        """A new run, queued. A run whose process died without an end is closed to make room.

        Args:
            slot: The scheduled time it is started for.
            begins: Whether its process is on its way; else the run waits for whoever claims it.

        Raises:
            RunUnderWay: One at a time.
            SlotTaken: Another process was first, or the clock was set back.
        """
        with self._writing() as (session, lock):
            taken = slot and session.scalar(sa.select(_Run.name).where(_Run.slot == slot))
            if taken:
                raise SlotTaken(name=taken)
            for row in _under_way(session):
                if is_waiting(row) or not is_abandoned(row, lock, self.now()):
                    raise RunUnderWay(name=row.name, state=row.state)
                self._end(session, row, RunState.FAILED, problem="it was interrupted, and a later run took its place")
            now = self.now()
            row = RunRow(
                name=f"new {now.isoformat()}",
                state=RunState.QUEUED.value,
                method=method.value,
                trigger=trigger.value,
                slot=slot,
                base_model=base_model,
                settings=finite(dict(settings)),
                attempts=int(begins),
                created_at=now,
                seen_at=now if begins else None,
            )
            session.add(row)
            session.flush()
            row.name = f"{now:%Y-%m-%d}-r{row.id}"
            self._note(session, row.id, "state", "", {"state": row.state})
            return run_value(row)

    def get(self, run: int | str) -> Run:
        """A run by its id or its name. Raises `RunNotFound`."""
        with self._database.session() as session:
            return run_value(_run_row(session, run))

    def runs(self, *, limit: int = 50) -> Sequence[Run]:
        """The latest first."""
        with self._database.session() as session:
            return [run_value(row) for row in session.scalars(sa.select(_Run).order_by(_Run.id.desc()).limit(limit))]

    def current(self) -> Run | None:
        """The run under way, or waiting to be resumed."""
        with self._database.session() as session:
            rows = _under_way(session)
            return run_value(rows[-1]) if rows else None

    def events(self, run_id: int, *, after: int = 0, kind: str | None = None, limit: int = 10_000) -> list[RunEvent]:
        """What happened in a run after the event `after`, oldest first."""
        wanted = sa.select(_Event).where(_Event.run_id == run_id, _Event.id > after)
        if kind is not None:
            wanted = wanted.where(_Event.kind == kind)
        with self._database.session() as session:
            return [event_value(row) for row in session.scalars(wanted.order_by(_Event.id).limit(limit))]

    def ask_cancel(self, run_id: int) -> None:
        """Ask whoever leads a run to stop; a run that nobody leads ends at once. Raises `RunNotFound`, `RunEnded`."""
        with self._writing() as (session, lock):
            row = _run_row(session, run_id)
            if RunState(row.state).ended:
                raise RunEnded(name=row.name, state=row.state)
            row.cancel_asked = True
            if is_abandoned(row, lock, self.now()):
                self._end(session, row, RunState.CANCELLED)

    def claim_interrupted(self) -> Run | None:
        """The run whose process died or never came, for the caller to start a process for: nobody else is given it.

        A run that keeps dying is closed instead.
        """
        with self._database.session() as session:
            if not _under_way(session):
                return None
        with self._writing() as (session, lock):
            for row in _under_way(session):
                if not is_abandoned(row, lock, self.now()):
                    continue
                if row.cancel_asked:
                    self._end(session, row, RunState.CANCELLED)
                elif row.attempts >= MAX_ATTEMPTS:
                    self._end(session, row, RunState.FAILED, problem=f"it was interrupted {row.attempts} times")
                else:
                    if not is_waiting(row):
                        self._note(
                            session,
                            row.id,
                            "log",
                            "",
                            {"text": "its process ended too early; another one goes on with it"},
                        )
                    row.attempts += 1
                    row.seen_at = self.now()
                    free(lock)
                    return run_value(row)
        return None

    def await_start(self, run_id: int) -> None:
        """Say that the process of a run is on its way, so that nobody starts another. Nothing changes where it is there."""
        with self._writing() as (session, lock):
            row = _run_row(session, run_id)
            if lock.run_id != row.id:
                row.seen_at = self.now()

    # The lease

    def take(self, run_id: int) -> Lease:
        """Lead a run. Raises `RunNotFound`, `RunEnded`, `RunUnderWay`."""
        with self._writing() as (session, lock):
            row = _run_row(session, run_id)
            if RunState(row.state).ended:
                raise RunEnded(name=row.name, state=row.state)
            if is_held(lock, self.now()):
                raise RunUnderWay(name=row.name, state=row.state)
            if row.started_at is not None:
                self._note(session, row.id, "state", "", {"state": row.state, "again": True})
            row.started_at = row.started_at or self.now()
            return hold(lock, row, self.now())

    def renew(self, lease: Lease) -> bool:
        """Give a sign of life. Whether the run was asked to stop. Raises `LostLease`."""
        with self._leading(lease) as (_, lock, row):
            renew(lock, row, self.now())
            return row.cancel_asked

    def release(self, lease: Lease) -> None:
        """Leave a run as it stands, to be claimed; nothing happens where somebody else leads it already."""
        with self._writing() as (session, lock):
            if lock.token == lease.token:
                free(lock)
                row = _run_row(session, lease.run_id)
                row.seen_at = None
                row.attempts -= 1  # it did not die

    def transition(
        self,
        lease: Lease,
        state: RunState,
        *,
        counts: Mapping[str, int] | None = None,
        verdict: Verdict | None = None,
        left_s: float | None = None,
        **changes: Any,
    ) -> Run:
        """Put a run into a state, with what is known by then; an end also releases the lease.

        Args:
            left_s: Seconds that a run which is stopped would still have taken.
            changes: `chosen`, `note`, `problem`, `started_from`.

        Raises:
            LostLease
        """
        with self._leading(lease) as (session, lock, row):
            if counts is not None:
                row.counts = dict(counts)
            if verdict is not None:
                row.verdict = write_verdict(verdict)
            for name, value in changes.items():
                setattr(row, name, value)
            if state.ended:
                self._end(session, row, state, left_s=left_s)
                free(lock)
            elif row.state != state.value:
                row.state = state.value
                self._note(session, row.id, "state", "", {"state": state.value})
            return run_value(row)

    def add_event(self, lease: Lease, kind: str, data: Mapping[str, Any], *, stage: str = "") -> None:
        """Raises `LostLease`."""
        with self._leading(lease) as (session, _, row):
            self._note(session, row.id, kind, stage, data)

    def add_progress(self, lease: Lease, events: Sequence[tuple[str, str, Mapping[str, Any]]], *, read_to: int) -> None:
        """Keep events (kind, stage, data) that were read from the trainer's file, and how many bytes of it were read."""
        with self._leading(lease) as (session, _, row):
            row.progress_bytes = read_to
            for kind, stage, data in events:
                self._note(session, row.id, kind, stage, data)

    def progress_bytes(self, run_id: int) -> int:
        with self._database.session() as session:
            return _run_row(session, run_id).progress_bytes

    # What is live

    @contextmanager
    def changing_live(self) -> "Iterator[LiveChange]":
        """A stretch in which nobody else can change what is live or take the lease; what it records is kept at its end."""
        with self._writing() as (session, lock):
            yield LiveChange(self, session, lock)

    def promotions(self, *, limit: int = 50) -> list[Promotion]:
        """What went live, the latest first."""
        query = sa.select(_Promotion).order_by(_Promotion.id.desc()).limit(limit)
        with self._database.session() as session:
            return [promotion_value(row) for row in session.scalars(query)]

    # Within a transaction

    @contextmanager
    def _writing(self) -> Iterator[tuple[Session, TrainingLockRow]]:
        """A transaction that nobody else of training writes beside: it holds the lock row."""
        with self._database.session(write=True) as session:
            postgres = session.get_bind().dialect.name == "postgresql"
            insert = postgresql.insert(TrainingLockRow) if postgres else sqlite.insert(TrainingLockRow)
            session.execute(insert.values(id=1, token=0).on_conflict_do_nothing())
            yield session, session.get_one(TrainingLockRow, 1, with_for_update=True)

    @contextmanager
    def _leading(self, lease: Lease) -> Iterator[tuple[Session, TrainingLockRow, RunRow]]:
        with self._writing() as (session, lock):
            if lock.token != lease.token or lock.run_id != lease.run_id:
                raise LostLease(run_id=lease.run_id)
            yield session, lock, _run_row(session, lease.run_id)

    def _end(
        self, session: Session, row: RunRow, state: RunState, *, problem: str = "", left_s: float | None = None
    ) -> None:
        if session.scalar(sa.select(_Promotion.id).where(_Promotion.run_id == row.id).limit(1)) is not None:
            state = RunState.PROMOTED  # whatever happened to its process after that
        row.state, row.ended_at = state.value, self.now()
        row.problem = problem or row.problem
        told = {"state": row.state, "problem": row.problem}
        self._note(session, row.id, "state", "", told if left_s is None else told | {"left_s": left_s})

    def _note(self, session: Session, run_id: int | None, kind: str, stage: str, data: Mapping[str, Any]) -> None:
        session.add(RunEventRow(run_id=run_id or 0, kind=kind, stage=stage, data=finite(data), at=self.now()))


class LiveChange:
    """Records, within the transaction of `Ledger.changing_live`, what went live."""

    def __init__(self, ledger: Ledger, session: Session, lock: TrainingLockRow) -> None:
        self._ledger, self._session, self._lock = ledger, session, lock

    def check(self, lease: Lease) -> None:
        """Raises `LostLease`."""
        if self._lock.token != lease.token:
            raise LostLease(run_id=lease.run_id)

    def latest(self) -> Promotion | None:
        row = self._session.scalar(sa.select(_Promotion).order_by(_Promotion.id.desc()).limit(1))
        return promotion_value(row) if row else None

    def went_live(self, run_id: int) -> bool:
        """Whether a run's adapter has ever been made live."""
        return self._session.scalar(sa.select(_Promotion.id).where(_Promotion.run_id == run_id).limit(1)) is not None

    def record(self, *, adapter: str | None, previous: str | None, kind: str, who: str) -> None:
        """The run is the one that the adapter is named after, if any."""
        run_id = self._session.scalar(sa.select(_Run.id).where(_Run.name == adapter)) if adapter else None
        self._session.add(
            PromotionRow(adapter=adapter, previous=previous, run_id=run_id, kind=kind, who=who, at=self._ledger.now())
        )


def _under_way(session: Session) -> list[RunRow]:
    return list(session.scalars(sa.select(_Run).where(_Run.state.in_(_UNDER_WAY)).order_by(_Run.id)))


def _run_row(session: Session, run: int | str) -> RunRow:
    row = session.scalar(sa.select(_Run).where(_Run.id == run if isinstance(run, int) else _Run.name == run))
    if row is None:
        raise RunNotFound(name=str(run))
    return row
