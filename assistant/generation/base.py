"""What every generator promises. Implementations: `quoting`, `local`, `remote`; one contract suite tests them all."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from dataclasses import dataclass
from typing import Protocol

from assistant.schema import Prompt

OTHER_ANSWER_TEMPERATURE = 0.7
"""For a prompt's `variant` 1 and up, where the settings say 0. Greedy decoding has only one answer."""


class Generator(Protocol):
    """Turns a prompt into text.

    Asynchronous, because sixteen clinicians waiting on one model server need sixteen sockets, not sixteen threads.
    """

    @property
    def model_id(self) -> str:
        """Base model and adapter, as stored with every answer: `quoting`, `mistral-7b+clin-2026w47`."""
        ...

    def stream(self, prompt: Prompt, *, max_new_tokens: int) -> AsyncIterator[str]:
        """Yield text deltas; their concatenation is the answer.

        Where the model may change while questions wait, this is a `SignedStream`; where questions queue, a `QueuedStream`.
        Closing the iterator (`aclose`, or cancelling the task) stops the work within one token.

        Raises:
            PromptTooLong: before the first delta, never after.
            GenerationError: `ModelUnavailable`, `ModelOverloaded`, `ModelRejected` before the first delta;
                `ModelBroke` after it.
        """
        ...

    async def aclose(self) -> None:
        """Let go of sockets, threads and memory. The generator is not used afterwards."""
        ...


class SignedStream:
    """Deltas that know who writes them. `model_id` is final from the first delta on."""

    def __init__(self, deltas: AsyncGenerator[str, None], model_id: str) -> None:
        self._deltas = deltas
        self.model_id = model_id

    def __aiter__(self) -> "SignedStream":
        return self

    def __anext__(self) -> Awaitable[str]:
        return anext(self._deltas)

    async def aclose(self) -> None:
        await self._deltas.aclose()


@dataclass(frozen=True, slots=True)
class Signature:
    """Who writes what follows."""

    model_id: str


class QueuedStream(SignedStream):
    """A signed stream that may have to wait for its turn, and can say at which place it stands."""

    def __init__(self, events: "AsyncGenerator[int | Signature | str, None]", model_id: str) -> None:
        """`events`: places while it waits (1 is next, 0 its turn has come), then a signature, then deltas."""
        self._events = events
        self.model_id = model_id
        self._first: str | None = None
        self._begun = False

    async def places(self) -> AsyncGenerator[int, None]:
        """The places, until the first delta is there; it is then the stream's next. May be left out."""
        async for event in self._events:
            match event:
                case int():
                    yield event
                case Signature():
                    self.model_id = event.model_id
                case str():
                    self._first = event
                    return

    def __aiter__(self) -> "QueuedStream":
        return self

    def __anext__(self) -> Awaitable[str]:
        return anext(self._events) if self._begun else self._await_first()  # type: ignore[return-value]

    async def _await_first(self) -> str:
        self._begun = True
        if self._first is None:
            async for _ in self.places():
                pass
        if self._first is None:
            raise StopAsyncIteration
        return self._first

    async def aclose(self) -> None:
        await self._events.aclose()


def author(deltas: AsyncIterator[str], generator: Generator) -> str:
    """The model that wrote `deltas`: what they say themselves or else what `generator` is."""
    return deltas.model_id if isinstance(deltas, SignedStream) else generator.model_id
