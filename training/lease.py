"""Who may lead the run under way: decided from the lock's row and the run's, without a database. Pure but for looking at processes.

On one machine a holder lives as long as its process, whatever a clock says. On another one it is believed for a while.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from assistant.holders import is_gone, this_process
from training.tables import RunRow, TrainingLockRow

LEASE_S = 180
"""How long a holder on another machine is believed to live without a sign."""
RENEW_S = 20
STARTING_S = 120
"""How long a process may take until it leads the run that it was started for."""
_STRAYED_S = 3600
"""A lease that ends later than this was written under a wrong clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to lead a run and to write about it, until somebody else takes it."""

    run_id: int
    token: int


def is_held(lock: TrainingLockRow, now: datetime) -> bool:
    if lock.holder is None or lock.expires_at is None:
        return False
    gone = is_gone(lock.holder)
    if gone is not None:
        return not gone
    return timedelta(0) < lock.expires_at - now < timedelta(seconds=_STRAYED_S)


def is_abandoned(row: RunRow, lock: TrainingLockRow, now: datetime) -> bool:
    """Whether nobody leads a run under way, and nobody is about to."""
    if lock.run_id == row.id:
        return not is_held(lock, now)
    return row.seen_at is None or abs(now - row.seen_at) > timedelta(seconds=STARTING_S)


def is_waiting(row: RunRow) -> bool:
    """Whether a run was asked for where none begins, and nobody has claimed it yet."""
    return not row.attempts and row.started_at is None


def hold(lock: TrainingLockRow, row: RunRow, now: datetime) -> Lease:
    """Let this process lead, and nobody with an earlier token."""
    lock.token += 1
    lock.holder, lock.run_id = this_process(), row.id
    renew(lock, row, now)
    return Lease(run_id=row.id or 0, token=lock.token)


def renew(lock: TrainingLockRow, row: RunRow, now: datetime) -> None:
    row.seen_at = now
    lock.expires_at = now + timedelta(seconds=LEASE_S)


def free(lock: TrainingLockRow) -> None:
    lock.holder, lock.run_id, lock.expires_at = None, None, None
