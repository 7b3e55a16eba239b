"""Quotes at once, and says until when, while the model's server rests because training has its GPU."""

from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from assistant.errors import ModelRests
from assistant.generation.base import Generator
from assistant.gpu_files import read_mirror
from assistant.gpu_lease import until
from assistant.schema import Prompt


class QuotesWhileTraining:
    """A `Generator` over one whose server the keeper stops for training. Reads what the keeper reads."""

    def __init__(self, generator: Generator, data_dir: Path, *, zone: tzinfo | None = None) -> None:
        """`zone`: for the time that people are told; `None` is the computer's own."""
        self._generator, self._data_dir, self._zone = generator, data_dir, zone

    @property
    def model_id(self) -> str:
        return self._generator.model_id

    @property
    def swap_problem(self) -> str | None:
        """Why the adapter that is live does not answer, or `None`."""
        return getattr(self._generator, "swap_problem", None)

    def stream(self, prompt: Prompt, *, max_new_tokens: int) -> AsyncIterator[str]:
        """As the generator's own; raises `ModelRests` before the first delta while training has the GPU."""
        now = datetime.now(UTC)
        training = read_mirror(self._data_dir, now=now)
        if training is not None:
            return _refuse(ModelRests(until=until(training.expected_end, now=now, zone=self._zone)))
        return self._generator.stream(prompt, max_new_tokens=max_new_tokens)

    async def aclose(self) -> None:
        await self._generator.aclose()


async def _refuse(error: ModelRests) -> AsyncGenerator[str, None]:
    raise error
    yield
