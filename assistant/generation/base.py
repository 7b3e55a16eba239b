"""What every generator promises. Implementations: `quoting`, `local`, `remote`; one contract suite tests them all."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
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

        Where the model may change while questions wait, this is a `SignedStream`.
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


def author(deltas: AsyncIterator[str], generator: Generator) -> str:
    """The model that wrote `deltas`: what they say themselves or else what `generator` is."""
    return deltas.model_id if isinstance(deltas, SignedStream) else generator.model_id
