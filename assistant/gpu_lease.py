"""Who has the GPU that answers and training share. The only SQL about it.

Whoever has something on the GPU has a row, written before it puts anything there and deleted after it took everything away.
Chats may be several. Training wants to be alone: it writes its row, which nobody who serves passes, and waits until
the others have gone. Each writes first and looks then, so that of two who come at once at least one sees the other.

A row is worth as much as its process: one that was killed holds nothing any more. Where nobody can look at the process
(another container, another machine) its row is believed for a while after its last sign of life.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assistant.database import Database
from assistant.gpu_files import says_training, write_mirror
from assistant.holders import is_gone, this_process
from assistant.tables import GpuLeaseRow

log = logging.getLogger(__name__)

LEASE_S = 120
"""How long a row whose process nobody can see, and the mirror, are believed without a sign. Longer than a trainer that
was told to stop may take: it holds the GPU until then."""
RENEW_S = 20
_STRAYED_S = 3600
"""A sign of life that far ahead was given under a wrong clock."""
_ROUND_S = 300
_Row: Any = GpuLeaseRow


class Use(StrEnum):
    SERVING = "serving"
    TRAINING = "training"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A process that has the GPU, or is about to."""

    process: str
    use: Use
    name: str
    """The run's, where it trains."""
    since: datetime
    expected_end: datetime | None = None


class GpuLease:
    """The lease of one installation. Safe to share between threads."""

    def __init__(self, database: Database, data_dir: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)):
        """`now`: the clock, aware."""
        self._database, self._data_dir = database, data_dir
        self.now = now

    def enter(
        self,
        use: Use,
        *,
        name: str = "",
        process: str | None = None,
        expected_end: datetime | None = None,
    ) -> None:
        """Write a row for a process (default: this one), or say of the row there that it lives and what is expected.

        A chat looks at `training` next, and leaves again if somebody trains or waits.
        """
        now = self.now()
        with self._database.session(write=True) as session:
            process = process or this_process()
            row = session.get(GpuLeaseRow, process) or GpuLeaseRow(process=process, use=use, since=now, seen_at=now)
            row.use, row.name = use, name
            row.seen_at, row.expected_end = now, expected_end
            session.add(row)

    def leave(self, *processes: str) -> None:
        """Delete the rows of these processes, or of this one."""
        with self._database.session(write=True) as session:
            session.execute(sa.delete(GpuLeaseRow).where(_Row.process.in_(processes or (this_process(),))))

    def holders(self) -> Sequence[Holder]:
        """Everybody who is alive, in the order in which they came."""
        now = self.now()
        with self._database.session() as session:
            rows = session.scalars(sa.select(GpuLeaseRow).order_by(_Row.since, _Row.process)).all()
        return [_holder(row) for row in rows if _lives(row, now)]

    def training(self) -> Holder | None:
        """Who trains, or waits to; `None` while the GPU is there to serve."""
        return next((holder for holder in self.holders() if holder.use is Use.TRAINING), None)

    def tidy(self) -> None:
        """Delete what the dead left, so that a keeper, who cannot look at processes, need not wait until it expires."""
        with self._database.session(write=True) as session:
            dead = [row for row in session.scalars(sa.select(GpuLeaseRow)) if not _lives(row, self.now())]
            for row in dead:
                session.delete(row)
        for row in dead:
            log.warning("a process ended without leaving the GPU: use=%s run=%s", row.use, row.name or "none")
        if says_training(self._data_dir) and self.training() is None:
            self.mirror(training=False)

    def mirror(self, *, training: bool, expected_end: datetime | None = None) -> None:
        """Tell the keepers of model servers."""
        expires_at = self.now() + timedelta(seconds=LEASE_S if training else 0)
        write_mirror(self._data_dir, training=training, expires_at=expires_at, expected_end=expected_end)


def until(expected_end: datetime | None, *, now: datetime, zone: tzinfo | None) -> str:
    """`until about 03:40`, in a time zone (`None` is the computer's own); rounded up, for nobody knows it to the minute."""
    if expected_end is None or expected_end <= now:
        return "until a training run has ended"
    rounded = datetime.fromtimestamp(-(-expected_end.timestamp() // _ROUND_S) * _ROUND_S, tz=UTC)
    day = "%A, %H:%M" if rounded - now > timedelta(hours=20) else "%H:%M"
    return f"until about {rounded.astimezone(zone):{day}}"


def _lives(row: GpuLeaseRow, now: datetime) -> bool:
    gone = is_gone(row.process)
    if gone is not None:
        return not gone
    return -timedelta(seconds=_STRAYED_S) < now - row.seen_at < timedelta(seconds=LEASE_S)


def _holder(row: GpuLeaseRow) -> Holder:
    return Holder(
        process=row.process,
        use=Use(row.use),
        name=row.name,
        since=row.since,
        expected_end=row.expected_end,
    )
