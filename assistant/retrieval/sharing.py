"""Many threads use something at once, or one has it alone."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Sharing:
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._users = 0
        self._taken = False
        self._mine = threading.local()
        """How deep this thread is in blocks of its own: it may enter again while another waits to be alone."""

    @contextmanager
    def shared(self) -> Iterator[None]:
        depth = getattr(self._mine, "depth", 0)
        with self._changed:
            self._changed.wait_for(lambda: depth or not self._taken)
            self._users += 1
        self._mine.depth = depth + 1
        try:
            yield
        finally:
            self._mine.depth = depth
            with self._changed:
                self._users -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Waits until all others have left; who comes meanwhile waits. Inside, the thread may also use what it shares."""
        with self._changed:
            self._changed.wait_for(lambda: not self._taken)
            self._taken = True
            self._changed.wait_for(lambda: not self._users)
        self._mine.depth = 1
        try:
            yield
        finally:
            self._mine.depth = 0
            with self._changed:
                self._taken = False
                self._changed.notify_all()
