"""Quotes until an adapter has beaten quoting and is live; from then on the small model that wears it answers."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import TYPE_CHECKING, cast

from assistant.adapters import Adapters
from assistant.errors import AdapterBroken
from assistant.generation.base import Generator, SignedStream
from assistant.schema import Prompt

if TYPE_CHECKING:
    from assistant.generation.local import LocalGenerator


class UntilLearnt:
    """A `Generator` of two. Looks which one answers before each question; a promotion or a rollback needs no restart."""

    def __init__(
        self, quoting: Generator, learner: "Callable[[], LocalGenerator]", *, base_model: str, adapters: Adapters
    ) -> None:
        """`learner` makes the model that wears the live adapter; it is called when first needed, for it is heavy."""
        self._quoting = quoting
        self._make = learner
        self._learner: LocalGenerator | None = None
        self._base_model = base_model
        self._adapters = adapters

    @property
    def model_id(self) -> str:
        return self._active().model_id

    @property
    def swap_problem(self) -> str | None:
        """Why the adapter that is live does not answer, or `None`."""
        return self._learner.swap_problem if self._learner else None

    def stream(self, prompt: Prompt, *, max_new_tokens: int) -> SignedStream:
        active = self._active()
        deltas: AsyncIterator[str] = active.stream(prompt, max_new_tokens=max_new_tokens)
        if isinstance(deltas, SignedStream):
            return deltas
        return SignedStream(cast(AsyncGenerator[str, None], deltas), active.model_id)

    async def aclose(self) -> None:
        await self._quoting.aclose()
        if self._learner is not None:
            await self._learner.aclose()

    def _active(self) -> Generator:
        try:
            live = self._adapters.live()
        except AdapterBroken:  # `curbside doctor` says so; quoting needs no adapter
            return self._quoting
        if live.name is None or live.base_model != self._base_model:
            return self._quoting
        self._learner = self._learner or self._make()
        return self._learner
