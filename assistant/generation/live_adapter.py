"""Keeps a loaded model in step with the adapter that is live: between two answers, and only if the adapter proves itself."""

import logging
import time
from collections.abc import Callable
from math import inf

from assistant.adapters import Adapters, Live
from assistant.errors import AdapterBroken, GenerationError, ModelBroke, ModelNotFound, ModelOutOfMemory, NoSuchAdapter
from assistant.generation.canary import check_canary, make_canary, read_canary
from assistant.generation.loading import LoadedModel, add_adapter, short_name

log = logging.getLogger(__name__)

_AGAIN_S = 600.0
"""Until an adapter is tried again that found no memory: whoever had it may have left, and each try reads the base model anew."""


class LiveAdapter:
    """Belongs to the thread that owns the model; `name` and `problem` may be read from any."""

    def __init__(self, base_model: str, adapters: Adapters, *, reload: Callable[[], LoadedModel]) -> None:
        """`reload` reads the base model anew: after a failed attempt nobody knows what is left in the loaded one."""
        self._base_model = short_name(base_model)
        self._adapters = adapters
        self._reload = reload
        self._seen: Live | None = None
        self._again_at = inf
        self.name: str | None = None
        """The adapter that answers; `None` is the base model alone."""
        self.problem: str | None = None
        """Why it is not the one that is live."""

    def keep_up(self, loaded: LoadedModel) -> LoadedModel:
        """The model with the adapter that is live or, if that one cannot be worn, with the one before. Cheap if nothing changed."""
        try:
            live = self._adapters.live()
        except AdapterBroken as error:
            self._seen = None
            self._tell(error)
            return loaded
        if live == self._seen and time.monotonic() < self._again_at:
            return loaded
        self._seen, self._again_at, self.problem = live, inf, None
        for name in dict.fromkeys((live.name, *live.previous, None)):
            if name == self.name:
                break
            try:
                if name is not None:
                    loaded = self._add(loaded, name)
                    self._prove(loaded, name)
            except (AdapterBroken, NoSuchAdapter, ModelBroke) as error:
                self._tell(error)
            except (ModelNotFound, ModelOutOfMemory) as error:
                self._tell(error)
                if isinstance(error, ModelOutOfMemory):
                    self._again_at = time.monotonic() + _AGAIN_S
                self.name = None
                loaded = self._reload()
            else:
                log.info("adapter=%s answers, before it adapter=%s", name, self.name)
                self.name = name
                break
        return loaded

    def _add(self, loaded: LoadedModel, name: str) -> LoadedModel:
        """The model with `name` beside what it holds."""
        manifest = self._adapters.check(name)
        made_for = short_name(manifest.base_model)
        if made_for != self._base_model:
            raise AdapterBroken(name=name, problem=f"it was made for {made_for}, not for {self._base_model}")
        if name in _held(loaded):
            return loaded
        return add_adapter(loaded, str(self._adapters.path(name)), name=name)

    def _prove(self, loaded: LoadedModel, name: str) -> None:
        """Let go of the other adapters once this one was seen to change what the model writes."""
        canary = read_canary(self._adapters.path(name))
        if canary is None:
            make_canary(loaded, adapter=name)
        else:
            song = check_canary(loaded, canary, adapter=name)
            log.info("canary adapter=%s differs=%s as_judged=%s", name, song.differs, song.as_judged)
            if not song.differs:
                raise AdapterBroken(name=name, problem="it writes what its base model writes")
        for other in _held(loaded) - {name}:
            loaded.model.delete_adapter(other)

    def _tell(self, error: GenerationError) -> None:
        """Keep the first problem of a change: the others are of the adapters before it."""
        if self.problem is None:
            self.problem = str(error)
            log.warning("the live adapter cannot answer: %s", self.problem)


def _held(loaded: LoadedModel) -> set[str]:
    return set(getattr(loaded.model, "peft_config", ()))
