"""A model in this process that stops in the middle of an answer, for as long as a test needs."""

import threading

from assistant.generation.local import LocalGenerator
from tests.engines.running import PATIENCE_S


class HeldModel:
    """The model of a generator, which must be loaded. From its step number `after` on it waits until `go_on`."""

    def __init__(self, generator: LocalGenerator, *, after: int) -> None:
        assert generator._loaded is not None
        model = generator._loaded.model
        model = model.get_base_model() if hasattr(model, "get_base_model") else model
        self.steps = 0
        self._after, self._reached, self._may_go_on = after, threading.Event(), threading.Event()
        model.register_forward_hook(self._step)

    def wait(self) -> None:
        """Until it stands there."""
        assert self._reached.wait(PATIENCE_S)

    def go_on(self) -> None:
        self._may_go_on.set()

    def _step(self, *_: object) -> None:
        self.steps += 1
        if self.steps >= self._after:
            self._reached.set()
            assert self._may_go_on.wait(PATIENCE_S)
