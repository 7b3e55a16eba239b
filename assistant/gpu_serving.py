"""The chat's part in sharing a GPU: leaves it when training asks, and comes back when training has gone, whoever died meanwhile.

For a model in this process. One on a server has its keeper there, and `generation.resting` here.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import tzinfo
from typing import Protocol

from assistant.errors import CurbsideError, ModelRests, StorageError
from assistant.gpu_lease import RENEW_S, GpuLease, Holder, Use, until
from assistant.holders import this_process

log = logging.getLogger(__name__)

_LOOK_S = 1.0


class Tenant(Protocol):
    """What has its memory on the GPU."""

    def let_go(self) -> None:
        """Finish the answer under way and give all memory back; returns when that is done."""
        ...

    def bring_back(self) -> None:
        """Load again; returns when the next question can be answered. Raises `GenerationError`."""
        ...


class ServingGpu:
    """One process's right to have a model on the GPU. Safe to share between threads."""

    def __init__(self, lease: GpuLease, *, zone: tzinfo | None = None, look_s: float = _LOOK_S) -> None:
        """
        Args:
            zone: For the times that people are told; `None` is the computer's own.
            look_s: How often it looks whether training asks.
        """
        self._lease, self._zone, self._look_s = lease, zone, look_s
        self._entering = threading.Lock()
        self._inside = False
        self._to_come_back = False
        self._training: Holder | None = None
        self._renewed = 0.0
        self._closed = threading.Event()
        self._watch: threading.Thread | None = None

    def enter(self, tenant: Tenant) -> None:
        """Call it before anything is put on the GPU, and again before each answer. Raises `ModelRests`."""
        with self._entering:
            if self._watch is None:
                # First: should the database go away below, it takes back what was written.
                self._watch = threading.Thread(target=self._keep_watch, args=(tenant,), name="gpu", daemon=True)
                self._watch.start()
            self.check()
            if self._inside:
                return
            self._lease.enter(Use.SERVING)
            self._training = self._lease.training()
            if self._training is not None:
                self._lease.leave()
            else:
                self._inside, self._renewed = True, time.monotonic()
            self.check()

    def check(self) -> None:
        """Raises `ModelRests` while training has the GPU or waits for it, as far as was seen."""
        if self._training is not None:
            raise ModelRests(until=until(self._training.expected_end, now=self._lease.now(), zone=self._zone))

    def close(self) -> None:
        """Nothing of this process is on the GPU any more."""
        self._closed.set()
        with self._entering:
            if not self._inside:
                return
            self._inside = False
            try:
                self._lease.leave()
            except StorageError as error:
                # The row ends with this process.
                log.warning("the GPU's lease cannot be given back: %s", error)

    def _keep_watch(self, tenant: Tenant) -> None:
        while not self._closed.wait(self._look_s):
            try:
                self._look(tenant)
            except StorageError as error:
                log.warning("the GPU's lease cannot be read: %s", error)
            except Exception as error:  # noqa: BLE001  a process edge: without this thread training waits in vain
                log.error("sharing the GPU: %s", type(error).__name__)

    def _look(self, tenant: Tenant) -> None:
        with self._entering:
            # Not between the two halves of `enter`, where a row is there that leaves again at once.
            holders = self._lease.holders()
            training = next((one for one in holders if one.use is Use.TRAINING), None)
            if training is None and self._training is not None:
                self._lease.tidy()
            self._training = training
            here = any(one.use is Use.SERVING and one.process == this_process() for one in holders)
        if training is not None and (self._inside or here):
            log.info("the model leaves the GPU to run=%s", training.name)
            tenant.let_go()
            with self._entering:
                self._lease.leave()
                self._inside, self._to_come_back = False, True
            log.info("the model has left the GPU")
        elif training is None and self._to_come_back:
            self._come_back(tenant)
        else:
            self._renew()

    def _renew(self) -> None:
        with self._entering:
            if self._inside and time.monotonic() - self._renewed >= RENEW_S:
                self._lease.enter(Use.SERVING)
                self._renewed = time.monotonic()

    def _come_back(self, tenant: Tenant) -> None:
        self._to_come_back = False
        try:
            tenant.bring_back()
        except ModelRests:
            self._to_come_back = True
        except CurbsideError as error:
            # The next question tries again, and is quoted if it still cannot be loaded.
            log.warning("the model does not come back: %s", error)
        else:
            log.info("the model is back on the GPU")


@contextmanager
def beside_chats(lease: GpuLease, *, zone: tzinfo | None = None) -> Iterator[Callable[[], None]]:
    """Have something on the GPU for a while, in a process without a chat. Raises `ModelRests` while training has it or waits.

    Yields what is to be called often: it raises `ModelRests`, too, once training asks.
    """

    def check() -> None:
        lease.enter(Use.SERVING)
        training = lease.training()
        if training is not None:
            raise ModelRests(until=until(training.expected_end, now=lease.now(), zone=zone))

    try:
        check()
        yield check
    finally:
        lease.leave()
