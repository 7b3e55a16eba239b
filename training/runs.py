"""The ledger of runs. The only SQL of this package; everything outside sees values.

One run is under way at a time, over all processes. Whoever leads it holds a lease: the number that the lock row had
when it was taken. Every write of a run checks that number in its own transaction, so that a process which was thought
dead (suspended, or behind a clock that jumped) can change nothing after another one has taken over.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from assistant.database import Database
from training.codec import event_value, finite, promotion_value, run_value, write_verdict
from training.errors import LostLease, RunEnded, RunNotFound, RunUnderWay, SlotTaken
from training.holders import is_gone, this_process
from training.schema import Method, Promotion, Run, RunEvent, RunState, Trigger, Verdict
from training.tables import PromotionRow, RunEventRow, RunRow, TrainingLockRow

LEASE_S = 180
"""How long a holder on another machine is believed to live without a sign; on this machine its process is looked at."""
RENEW_S = 20
MAX_ATTEMPTS = 3
"""A run that was begun so often and never ended is given up."""
_STARTING_S = 120
"""How long a run may wait for its process: it has torch to import."""
_STRAYED_S = 3600
"""A lease that ends later than this was written under a wrong clock."""

_Run: Any = RunRow
_Event: Any = RunEventRow
_Promotion: Any = PromotionRow
_UNDER_WAY = tuple(state.value for state in RunState if not state.ended)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to lead a run and to write about it, until somebody else takes it."""

    run_id: int
    token: int


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
    ) -> Run:
        """A new run, queued. A run whose process died without an end is closed to make room.

        Args:
            slot: The scheduled time it is started for.

        Raises:
            RunUnderWay: One at a time.
            SlotTaken: Another process was first, or the clock was set back.
        """
        with self._writing() as (session, lock):
            taken = slot and session.scalar(sa.select(_Run.name).where(_Run.slot == slot))
            if taken:
                raise SlotTaken(name=taken)
            for row in _under_way(session):
                if not self._abandoned(row, lock):
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
                created_at=now,
                seen_at=now,
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
            if self._abandoned(row, lock):
                self._end(session, row, RunState.CANCELLED)

    def interrupted(self) -> Run | None:
        """The run whose process died and that can go on from its last step; one that keeps dying is closed."""
        with self._database.session() as session:
            if not _under_way(session):
                return None
        with self._writing() as (session, lock):
            for row in _under_way(session):
                if not self._abandoned(row, lock):
                    continue
                if row.cancel_asked:
                    self._end(session, row, RunState.CANCELLED)
                elif row.attempts >= MAX_ATTEMPTS:
                    self._end(session, row, RunState.FAILED, problem=f"it was interrupted {row.attempts} times")
                else:
                    return run_value(row)
        return None

    # The lease

    def take(self, run_id: int) -> Lease:
        """Lead a run. Raises `RunNotFound`, `RunEnded`, `RunUnderWay`."""
        with self._writing() as (session, lock):
            row = _run_row(session, run_id)
            if RunState(row.state).ended:
                raise RunEnded(name=row.name, state=row.state)
            if self._held(lock):
                raise RunUnderWay(name=row.name, state=row.state)
            lock.token += 1
            lock.holder, lock.run_id = this_process(), run_id
            row.attempts += 1
            row.started_at = row.started_at or self.now()
            self._renew(lock, row)
            return Lease(run_id=run_id, token=lock.token)

    def renew(self, lease: Lease) -> bool:
        """Give a sign of life. Whether the run was asked to stop. Raises `LostLease`."""
        with self._leading(lease) as (_, lock, row):
            self._renew(lock, row)
            return row.cancel_asked

    def release(self, lease: Lease) -> None:
        """Let somebody else lead; nothing happens where somebody does already."""
        with self._writing() as (_, lock):
            if lock.token == lease.token:
                lock.holder, lock.run_id, lock.expires_at = None, None, None

    def transition(
        self,
        lease: Lease,
        state: RunState,
        *,
        counts: Mapping[str, int] | None = None,
        verdict: Verdict | None = None,
        **changes: Any,
    ) -> Run:
        """Put a run into a state, with what is known by then; an end also releases the lease.

        Args:
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
                self._end(session, row, state)
                lock.holder, lock.run_id, lock.expires_at = None, None, None
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

    def _held(self, lock: TrainingLockRow) -> bool:
        if lock.holder is None or lock.expires_at is None:
            return False
        gone = is_gone(lock.holder)
        if gone is not None:
            return not gone
        return timedelta(0) < lock.expires_at - self.now() < timedelta(seconds=_STRAYED_S)

    def _abandoned(self, row: RunRow, lock: TrainingLockRow) -> bool:
        if lock.run_id == row.id and self._held(lock):
            return False
        waited = abs(self.now() - (row.seen_at or row.created_at))
        return row.state != RunState.QUEUED.value or row.attempts > 0 or waited > timedelta(seconds=_STARTING_S)

    def _renew(self, lock: TrainingLockRow, row: RunRow) -> None:
        row.seen_at = self.now()
        lock.expires_at = self.now() + timedelta(seconds=LEASE_S)

    def _end(self, session: Session, row: RunRow, state: RunState, *, problem: str = "") -> None:
        row.state, row.ended_at = state.value, self.now()
        row.problem = problem or row.problem
        self._note(session, row.id, "state", "", {"state": row.state, "problem": row.problem})

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
