"""The rows of training: the ledger of runs, what happened in each, what went live, who leads the run under way.

Nothing of patients: numbers, names of metrics, settings and sentences of ours. So nothing is encrypted here.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from assistant.database import UtcTime

# A run's folder, adapter and model card carry its number: it must never mean two runs.
_IDS_ARE_NEVER_REUSED = {"sqlite_autoincrement": True}


def _now() -> datetime:
    return datetime.now(UTC)


class RunRow(SQLModel, table=True):
    """One run. Its state changes; what happened on the way is kept in its events."""

    __tablename__ = "run"  # type: ignore[assignment]
    __table_args__ = _IDS_ARE_NEVER_REUSED

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    state: str = Field(index=True)
    method: str
    trigger: str
    slot: datetime | None = Field(default=None, sa_type=UtcTime, unique=True)
    """The scheduled time that it was started for: unique, so that no slot is run twice, by whatever process or clock."""
    base_model: str
    started_from: str | None = None
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    counts: dict[str, int] = Field(default_factory=dict, sa_type=sa.JSON)
    verdict: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)
    chosen: str | None = None
    note: str = ""
    problem: str = ""
    cancel_asked: bool = False
    attempts: int = 0
    """How often a process began to lead it: a run that keeps dying is given up."""
    progress_bytes: int = 0
    """How much of the trainer's progress file is in the events, so that a line is kept once, whoever dies meanwhile."""
    created_at: datetime = Field(default_factory=_now, sa_type=UtcTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcTime)
    seen_at: datetime | None = Field(default=None, sa_type=UtcTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)


class RunEventRow(SQLModel, table=True):
    """Something that happened in a run. Append-only."""

    __tablename__ = "run_event"  # type: ignore[assignment]
    __table_args__ = _IDS_ARE_NEVER_REUSED

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(
        sa_column=sa.Column(sa.Integer, sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    kind: str
    stage: str = ""
    data: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    at: datetime = Field(default_factory=_now, sa_type=UtcTime)


class PromotionRow(SQLModel, table=True):
    """A change of what is live. Append-only: a rollback is another row."""

    __tablename__ = "promotion"  # type: ignore[assignment]
    __table_args__ = _IDS_ARE_NEVER_REUSED

    id: int | None = Field(default=None, primary_key=True)
    adapter: str | None = None
    """What went live; `None` is the base model alone."""
    previous: str | None = None
    run_id: int | None = Field(
        default=None,
        sa_column=sa.Column(sa.Integer, sa.ForeignKey("run.id", ondelete="SET NULL"), nullable=True, index=True),
    )
    kind: str
    who: str
    at: datetime = Field(default_factory=_now, sa_type=UtcTime)


class TrainingLockRow(SQLModel, table=True):
    """Who leads the run under way, over all processes. One row, made when it is first needed."""

    __tablename__ = "training_lock"  # type: ignore[assignment]

    id: int = Field(default=1, primary_key=True)
    token: int = 0
    """Goes up with every taking. A process that writes with an older one has lost the lock, whatever its clock says."""
    holder: str | None = None
    """Host, process id and the process's birth; `None` is free."""
    run_id: int | None = None
    expires_at: datetime | None = Field(default=None, sa_type=UtcTime)


class ScheduledJobRow(SQLModel, table=True):
    """APScheduler's job store, whose columns are APScheduler's. Declared here so that it is migrated like the others."""

    __tablename__ = "training_schedule"  # type: ignore[assignment]

    id: str = Field(sa_column=sa.Column(sa.Unicode(191), primary_key=True))
    next_run_time: float | None = Field(default=None, sa_column=sa.Column(sa.Float(25), index=True))
    job_state: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))
