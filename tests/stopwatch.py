"""How long work takes, whatever else the machine and the test process are doing."""

import gc
import time
from collections.abc import Callable


def processor_seconds(work: Callable[[], object], *, tries: int = 3, enough: float = 0.0) -> float:
    """The least processor time that this thread took for `work`, in seconds, of so many tries; none after `enough`.

    Threads that an earlier test left behind do not count, and the garbage collector waits: one round of it takes
    half a second in a process that has run some thousand tests.
    """
    least = _once(work)
    for _ in range(tries - 1):
        if least < enough:
            break
        least = min(least, _once(work))
    return least


def _once(work: Callable[[], object]) -> float:
    collecting = gc.isenabled()
    gc.disable()
    try:
        begun = time.thread_time()
        work()
        return time.thread_time() - begun
    finally:
        if collecting:
            gc.enable()
