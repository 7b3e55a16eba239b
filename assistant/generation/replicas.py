"""Several model servers behind one list of addresses: which one answers next, and which are left alone for a while.

The fewest answers under way go first. A replica that failed is left alone for a time that doubles with each failure
and then asked for its health, by one question only and beside it; while no other is sound, questions try it themselves.
A replica that is full gets no more answers than it had, until one has begun. Nothing runs while nobody asks.
"""

import random
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from math import inf
from typing import Protocol

_FIRST_AVOIDED_S, _LONGEST_AVOIDED_S = 0.5, 30.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 8.0
"""How long a replica is left alone after a failure, and asked nothing after a refusal for lack of room: doubling from the
first to the longest. A server's own `Retry-After` is honoured up to the longest pause. Chosen by us."""
_LOOK_AT_ADAPTERS_S = 0.5


class ServedAdapters(Protocol):
    """What is known about the adapters that model servers wear. Asked before every answer, so its methods are cheap."""

    @property
    def problem(self) -> str:
        """Why no replica is ready, in words for people: `the new adapter is being loaded, until about 03:40`."""
        ...

    def is_ready(self, url: str) -> bool:
        """Whether the replica at `url` (as in the settings, no slash at its end) is proven to serve what should answer.

        Called from any thread, while a lock is held: it reads memory and asks nobody.
        """
        ...

    async def name_at(self, url: str) -> str | None:
        """The served name to put in a request to `url`; `None` means the settings' own."""
        ...

    def ended(self, url: str, name: str | None) -> None:
        """The answer that `name_at` gave `name` for is over, however it ended: told once for each call, so that an old
        adapter is let go of only when nothing is written with it any more."""
        ...


@dataclass(slots=True, eq=False, kw_only=True)
class Replica:
    """What is known about one server."""

    url: str
    room: float
    """Answers at a time."""
    under_way: int = 0
    taken_at: int = 0
    """Counts choices: of two alike, the one that was chosen longer ago is next."""
    refusals: int = 0
    """For lack of room, since an answer began."""
    paused_until: float = 0
    failures: int = 0
    """Since an answer began."""
    avoided_until: float | None = None
    """`None`: sound. Else nobody is sent there before, and after that only when its health is good."""
    being_checked: bool = False


class Replicas:
    """Chooses among servers. Belongs to a lock: `assistant.generation.waiting` holds it around every call."""

    def __init__(
        self,
        urls: Sequence[str],
        *,
        concurrent: int,
        adapters: ServedAdapters | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`concurrent`: answers at a time for each replica; 0 is no limit."""
        self._most = concurrent or inf
        self._all = [Replica(url=url, room=self._most) for url in urls]
        self._adapters = adapters
        self._clock = clock
        self._choices = 0

    def choose(self, tried: Collection[str]) -> Replica | None:
        """Take a place at the best replica that is not among `tried`; `None` while there is no room."""
        usable = [each for each in self._ready() if each.url not in tried]
        sound = [each for each in usable if each.avoided_until is None]
        now = self._clock()
        free = [each for each in sound or usable if each.under_way < each.room and each.paused_until <= now]
        if not free:
            return None
        best = min(free, key=lambda each: (each.avoided_until or 0, each.under_way, each.taken_at))
        self._choices += 1
        best.taken_at = self._choices
        best.under_way += 1
        return best

    def ready_urls(self) -> set[str]:
        """Those that may be chosen at all, now or later."""
        return {each.url for each in self._ready()}

    def look_again_at(self) -> float | None:
        """When there may be room although nobody has left; `None`: not before somebody does."""
        now = self._clock()
        moments = [each.paused_until for each in self._all if each.paused_until > now]
        if self._adapters is not None:
            moments.append(now + _LOOK_AT_ADAPTERS_S)
        return min(moments, default=None)

    def begun(self, replica: Replica) -> None:
        """The first token has come."""
        replica.failures = replica.refusals = 0
        replica.avoided_until = None
        replica.room = min(replica.room + 1, self._most)

    def ended(self, replica: Replica) -> None:
        replica.under_way -= 1

    def refused(self, replica: Replica, *, after_s: float | None) -> None:
        """It has no room for one more than the others that it is answering."""
        replica.refusals += 1
        pause = _growing(_FIRST_PAUSE_S, replica.refusals) if after_s is None else after_s
        replica.paused_until = self._clock() + min(pause, _LONGEST_PAUSE_S)
        replica.room = max(1, replica.under_way - 1)

    def failed(self, replica: Replica) -> None:
        replica.failures += 1
        replica.avoided_until = self._clock() + min(_growing(_FIRST_AVOIDED_S, replica.failures), _LONGEST_AVOIDED_S)

    def to_check(self) -> Replica | None:
        """A replica whose time is over and whose health to ask for, given to one asker only. None while no other is sound:
        then questions themselves find out."""
        if all(each.avoided_until is None for each in self._all):  # the usual case
            return None
        now = self._clock()
        ready = self._ready()
        if not any(each.avoided_until is None for each in ready):
            return None
        for each in ready:
            if each.avoided_until is not None and each.avoided_until <= now and not each.being_checked:
                each.being_checked = True
                return each
        return None

    def checked(self, replica: Replica, *, healthy: bool | None) -> None:
        """`None`: nobody knows, the check was cut off."""
        replica.being_checked = False
        if healthy:
            replica.avoided_until = None  # its failures still count: the next one keeps it away for longer
        elif healthy is not None:
            self.failed(replica)

    def _ready(self) -> list[Replica]:
        if self._adapters is None:
            return self._all
        return [each for each in self._all if self._adapters.is_ready(each.url)]


def _growing(first_s: float, times: int) -> float:
    """Twice as long each time, not in step with others."""
    return first_s * 2 ** min(times - 1, 10) * random.uniform(0.75, 1.25)
