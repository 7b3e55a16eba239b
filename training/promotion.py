"""What is live, changed: promotion, rollback, and the ledger's row about it.

The file `live.json` says what is live; the ledger says how that came about. The file is replaced within a transaction
that holds the training lock, so that changes happen one after the other over all processes. A process that is killed
between the two leaves a change without its row; `reconcile` writes it, and so does every later change, first.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from assistant.adapters import Adapters, Live
from training.errors import LiveModelChanged, NotPromotable, RunNotFound
from training.lease import Lease
from training.runs import Ledger, LiveChange
from training.schema import Run, RunState

log = logging.getLogger(__name__)

MakeCanary = Callable[[Path], None]
"""Finds a prompt to which the adapter in a folder answers otherwise than its base model, and puts it beside the weights.
Raises `AdapterBroken` where there is none."""


def _leave_it_to_who_answers(source: Path) -> None:
    """Whatever answers proves an adapter before it wears it, with the model that it has in memory anyway."""


CURBSIDE = "curbside"
"""Who promoted, where the gate did."""
_BASE = "the base model"


class Promoter:
    """Makes the adapters of runs live, and takes that back."""

    def __init__(
        self, *, ledger: Ledger, adapters: Adapters, make_canary: MakeCanary = _leave_it_to_who_answers
    ) -> None:
        """`make_canary`: what has the model in memory, as a run does; else no model is loaded."""
        self._ledger, self._adapters, self._make_canary = ledger, adapters, make_canary

    def promote(self, run: Run, source: Path, *, lease: Lease, judged_against: str | None) -> None:
        """Make a run's candidate live. Done again after an interruption, it goes on where it was.

        Args:
            source: The candidate's folder.
            judged_against: The adapter that was live when the candidate was judged.

        Raises:
            LiveModelChanged: Something else went live meanwhile.
            LostLease, AdapterBroken, DiskFull: What was live stays so.
        """
        if self.was_live(run):
            # It went live before an interruption; whatever came after that is somebody's decision.
            return
        self._install(run, source)
        with self._ledger.changing_live() as change:
            change.check(lease)
            live = self._reconcile(change)
            if live.name != judged_against:
                raise LiveModelChanged(judged=judged_against or _BASE, live=live.name or _BASE)
            self._put(change, live, run.name, kind="promote", who=CURBSIDE)

    def promote_by_hand(self, run: Run, source: Path | None, *, who: str, force: bool = False) -> None:
        """Make the adapter of a run live again, or, with `force`, one that the gate refused.

        Args:
            source: The candidate's folder in the run's, where the run has one.

        Raises:
            NotPromotable: It has no adapter, or was refused and there is no `force`.
            AdapterBroken, DiskFull: What was live stays so.
        """
        if run.state is RunState.REFUSED and not force:
            raise NotPromotable(name=run.name, problem="the gate refused it; give `--force` to promote it anyway")
        if run.name not in self._adapters.names() and (source is None or run.state is not RunState.REFUSED):
            raise NotPromotable(name=run.name, problem=f"it is {run.state} and has no adapter; choose another run")
        if source is not None:
            self._install(run, source)
        with self._ledger.changing_live() as change:
            live = self._reconcile(change)
            if live.name != run.name:
                self._put(change, live, run.name, kind="promote", who=who)

    def roll_back(self, *, who: str) -> Live:
        """Let what was live before answer again. Raises `NothingToRollBack`, `AdapterBroken`, `DiskFull`."""
        with self._ledger.changing_live() as change:
            before = self._reconcile(change)
            now = self._adapters.roll_back()
            change.record(adapter=now.name, previous=before.name, kind="rollback", who=who)
        log.info("rolled back from=%s to=%s", before.name, now.name)
        return now

    def reconcile(self) -> None:
        """Let the ledger say what is live, whoever was killed before writing it there. The file is right."""
        with self._ledger.changing_live() as change:
            self._reconcile(change)

    def learned_at(self) -> datetime | None:
        """Since when feedback is new: the beginning of the run whose adapter is live; `None` where nothing is learned yet.

        Raises:
            AdapterBroken: Nobody knows what is live.
        """
        name = self._adapters.live().name
        if name is None:
            return None
        try:
            return self._ledger.get(name).created_at
        except RunNotFound:
            return None  # an adapter that was not made here

    def was_live(self, run: Run) -> bool:
        """Whether a run's adapter has ever gone live."""
        with self._ledger.changing_live() as change:
            self._reconcile(change)
            return change.went_live(run.id)

    def _install(self, run: Run, source: Path) -> None:
        if run.name not in self._adapters.names():
            self._make_canary(source)
            self._adapters.install(source, run.name, base_model=run.base_model)

    def _put(self, change: LiveChange, live: Live, name: str, *, kind: str, who: str) -> None:
        self._adapters.make_live(name)
        change.record(adapter=name, previous=live.name, kind=kind, who=who)
        log.info("promoted from=%s to=%s", live.name, name)

    def _reconcile(self, change: LiveChange) -> Live:
        live = self._adapters.live()
        latest = change.latest()
        known = latest.adapter if latest else None
        if live.name != known:
            change.record(adapter=live.name, previous=known, kind="found", who=CURBSIDE)
            log.warning("the ledger learnt that the live model had changed from=%s to=%s", known, live.name)
        return live
