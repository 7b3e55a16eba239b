"""Who waits for a model server, and at which place: first come, first served, also between threads and event loops."""

import asyncio
import threading
import time
from bisect import bisect_left, insort
from collections.abc import AsyncGenerator
from contextlib import suppress
from types import TracebackType

from assistant.generation.replicas import Replica, Replicas


class NobodyReady(Exception):
    """No replica may be chosen for this turn, now or later."""


class WaitedTooLong(Exception):
    """There was no room in time."""


class Line:
    """Gives the places of `replicas` to the turns that wait, in the order in which they were first taken."""

    def __init__(self, replicas: Replicas) -> None:
        self._replicas = replicas
        self._lock = threading.Lock()
        self._waiting: list[Turn] = []
        self._given = 0

    def turn(self) -> "Turn":
        """Take a number. It is kept until the turn is over: whom a full server sent back stands where it stood."""
        with self._lock:
            self._given += 1
            return Turn(self, self._given)

    def to_check(self) -> Replica | None:
        """See `Replicas.to_check`."""
        with self._lock:
            return self._replicas.to_check()

    def checked(self, replica: Replica, *, healthy: bool | None) -> None:
        with self._lock:
            self._replicas.checked(replica, healthy=healthy)
            self._serve()

    # ---- for turns

    def _join(self, turn: "Turn") -> None:
        with self._lock:
            insort(self._waiting, turn)
            self._serve(told=turn)

    def _leave(self, turn: "Turn") -> None:
        with self._lock:
            self._take_out(turn)
            if turn.replica is not None:
                self._replicas.ended(turn.replica)
                turn.replica = None
            self._serve()

    def _look(self, turn: "Turn") -> tuple[int, float | None]:
        """The place of a turn that waits (0: it waits no more), and when to look again though nothing happens.

        Only the first looks by itself; it wakes the others.
        """
        with self._lock:
            if turn.replica is not None:
                return 0, None
            if self._replicas.ready_urls() <= turn.tried:
                raise NobodyReady
            place = bisect_left(self._waiting, turn) + 1
            return place, self._replicas.look_again_at() if place == 1 else None

    def _serve(self, told: "Turn | None" = None) -> None:
        """Give what is free, in order, and wake everybody whose place has changed. `told` knows without being woken."""
        changed = None
        at = 0
        while at < len(self._waiting):
            turn = self._waiting[at]
            turn.replica = self._replicas.choose(turn.tried)
            if turn.replica is not None:
                del self._waiting[at]
                changed = at if changed is None else changed
                if turn is not told:
                    turn.wake()
            elif not turn.tried:
                break  # no room for a turn that takes any: none for those behind it
            else:
                at += 1
        if changed is not None:
            self._wake_from(changed, told)

    def _take_out(self, turn: "Turn") -> None:
        at = bisect_left(self._waiting, turn)
        if at < len(self._waiting) and self._waiting[at] is turn:
            del self._waiting[at]
            self._wake_from(at)

    def _wake_from(self, at: int, told: "Turn | None" = None) -> None:
        for turn in self._waiting[at:]:
            if turn is not told:
                turn.wake()

    def _look_again(self) -> None:
        with self._lock:
            self._serve()


class Turn:
    """One question's stay in the line. A context manager: however it is left, its place is free again."""

    def __init__(self, line: Line, number: int) -> None:
        self._line = line
        self._number = number
        self.replica: Replica | None = None
        """Where it may ask; `None` while it waits."""
        self.tried: set[str] = set()
        """Replicas that failed this question: it is not sent there again."""
        self._woken: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __lt__(self, other: "Turn") -> bool:
        return self._number < other._number

    def __enter__(self) -> "Turn":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line._leave(self)

    async def wait(self, *, until: float) -> AsyncGenerator[int, None]:
        """Yield the place in the line whenever it changes, 1 first; 0, if it had to wait, when `replica` is there.

        Raises:
            NobodyReady
            WaitedTooLong: `until`, a moment of `time.monotonic`, has come.
        """
        self._line._join(self)
        shown: int | None = None
        while True:
            if self._woken is not None:
                self._woken.clear()
            place, look_at = self._line._look(self)
            if place == 0:
                break
            if self._woken is None:
                # Made only now: whoever finds a free place at once, as nearly all do, needs none.
                self._woken, self._loop = asyncio.Event(), asyncio.get_running_loop()
                continue
            if place != shown:
                shown = place
                yield place
            await self._sleep(until, look_at)
        if shown is not None:
            yield 0

    async def _sleep(self, until: float, look_at: float | None) -> None:
        """Until it is woken or, for the first in the line, until `look_at`."""
        assert self._woken is not None
        moment = until if look_at is None else min(until, look_at)
        try:
            async with asyncio.timeout(max(0, moment - time.monotonic())):
                await self._woken.wait()
        except TimeoutError:
            if time.monotonic() >= until:
                raise WaitedTooLong from None
            self._line._look_again()

    def wake(self) -> None:
        """From any thread, while the line's lock is held."""
        if self._loop is not None and self._woken is not None:
            with suppress(RuntimeError):  # its event loop is closed: it has left, or is about to
                self._loop.call_soon_threadsafe(self._woken.set)

    # ---- how the question fared

    def begun(self) -> None:
        """The first token has come."""
        with self._line._lock:
            assert self.replica is not None
            self._line._replicas.begun(self.replica)
            self._line._serve()

    def refused(self, *, after_s: float | None) -> None:
        """The replica has no room. The next `wait` is at the old place in the line."""
        with self._line._lock:
            assert self.replica is not None
            self._line._replicas.refused(self.replica, after_s=after_s)
        self._line._leave(self)

    def failed(self) -> None:
        """The replica failed. The next `wait` leads to another one."""
        with self._line._lock:
            assert self.replica is not None
            self._line._replicas.failed(self.replica)
            self.tried.add(self.replica.url)
        self._line._leave(self)

    @property
    def is_exhausted(self) -> bool:
        """No replica is left that has not failed this question."""
        with self._line._lock:
            return self._line._replicas.ready_urls() <= self.tried
