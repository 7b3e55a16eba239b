"""`kill -9` at one after the other of several points of a piece of work, in a process of its own."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any

Point = tuple[Any, str]
"""Something with a method, and its name."""


def next_kill(killed: list[str], points: list[Point], work: Callable[[], object], *, after: bool = True) -> str | None:
    """Do `work` in a forked process that kills itself at the first point that is not in `killed` yet.

    Call it from a process without other threads: `tests.alone` makes one.

    A point that is passed several times counts each time. Each is counted apart from the others: a heartbeat that comes
    once more in a slow moment does not stand in for the point after it.

    Args:
        killed: Where it was killed before, as often as it was.
        points: Methods; before and after each is a point.
        after: Whether the ends of methods count, or only their beginnings.

    Returns:
        Where it was killed: `before Adapters.install`; `None` where the work ended before it came so far.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            _arm(killed, points, writing, after)
            work()
        except BaseException:  # noqa: BLE001  the edge of a forked process
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        said = file.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return said
    assert os.WEXITSTATUS(status) == 0, "the work failed by itself; its output says why"
    return None


def _arm(killed: list[str], points: list[Point], writing: int, after: bool) -> None:
    spared = Counter(killed)
    one_dies = threading.Lock()

    def pass_by(name: str) -> None:
        if not after and name.startswith("after"):
            return
        with one_dies:  # else a heartbeat at the same moment would say its name too
            spared[name] -= 1
            if spared[name] < 0:
                os.write(writing, name.encode())
                os.kill(os.getpid(), signal.SIGKILL)

    for owner, name in points:
        setattr(owner, name, _watched(getattr(owner, name), f"{owner.__name__}.{name}", pass_by))


def _watched(method: Callable[..., Any], name: str, pass_by: Callable[[str], None]) -> Callable[..., Any]:
    @wraps(method)
    def watched(*args: Any, **named: Any) -> Any:
        pass_by(f"before {name}")
        result = method(*args, **named)
        pass_by(f"after {name}")
        return result

    return watched
