"""Tells the ledger that a run is alive, and the run that it was asked to stop."""

import logging
import threading
import time
from collections.abc import Callable

from assistant.errors import CurbsideError, StorageError
from training.errors import RunCancelled, RunInterrupted
from training.lease import RENEW_S, Lease
from training.runs import Ledger

log = logging.getLogger(__name__)

_LOOK_S = 1.0


class Heartbeat:
    """A thread beside a run, from `with` to its end."""

    def __init__(
        self,
        ledger: Ledger,
        lease: Lease,
        *,
        name: str,
        stopping: threading.Event | None = None,
        renew_too: Callable[[], None] = lambda: None,
    ) -> None:
        """
        Args:
            name: The run's, for the errors.
            stopping: Set when the process was told to end.
            renew_too: Whatever else wants a sign of life.
        """
        self._ledger, self._lease, self._name, self._renew_too = ledger, lease, name, renew_too
        self._stopping = stopping or threading.Event()
        self._done = threading.Event()
        self._problem: CurbsideError | None = None
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._look(renew=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def check(self) -> None:
        """Call it often. Raises `RunCancelled`, `RunInterrupted`, `LostLease`."""
        if self._problem is not None:
            raise self._problem
        if self._stopping.is_set():
            raise RunInterrupted(name=self._name)

    def _beat(self) -> None:
        renewed = time.monotonic()
        while self._problem is None and not self._done.wait(_LOOK_S):
            due = time.monotonic() - renewed >= RENEW_S
            self._look(renew=due)
            if due:
                renewed = time.monotonic()

    def _look(self, *, renew: bool) -> None:
        try:
            if renew:
                self._renew_too()
                self._ledger.renew(self._lease)
            if self._ledger.get(self._lease.run_id).cancel_asked:
                self._problem = RunCancelled(name=self._name)
        except StorageError as error:
            # A busy or full disk passes; if it does not, the lease runs out and somebody else takes over.
            log.warning("no sign of life of run %s: %s", self._name, error)
        except CurbsideError as error:
            self._problem = error
