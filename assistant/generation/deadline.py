"""How long a model server may keep silent, and what it means when it does so for longer."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from assistant.errors import GenerationError, ModelBroke, ModelUnavailable
from assistant.settings import GenerationSettings

Result = TypeVar("Result")


class Deadline:
    """Until when the next event must have come: the first token has its own limit, later ones a shorter one.

    Comments that keep a connection alive do not move it: only chunks do.
    """

    def __init__(self, settings: GenerationSettings, *, url: str) -> None:
        self._settings, self._url = settings, url
        self._loop = asyncio.get_running_loop()
        self._at = self._loop.time() + settings.first_token_timeout_s
        self.begun = False
        """Text has been passed on."""

    def move(self, *, text: bool) -> None:
        """A chunk has come. Before the first text (a role, reasoning) it can only move the deadline further out."""
        self.begun = self.begun or text
        soon = self._loop.time() + self._settings.silence_timeout_s
        self._at = soon if self.begun else max(self._at, soon)

    async def wait(self, awaitable: Awaitable[Result]) -> Result:
        """Await it, but not beyond the deadline: `ModelUnavailable` before the first text, `ModelBroke` after."""
        limit = asyncio.timeout_at(self._at)
        try:
            async with limit:
                return await awaitable
        except TimeoutError:
            if not limit.expired():  # aiohttp's own, on connecting
                raise
        if self.begun:
            raise ModelBroke(problem=f"silent for {self._settings.silence_timeout_s:g} s")
        raise ModelUnavailable(
            url=self._url, problem=f"no first token within {self._settings.first_token_timeout_s:g} s"
        )

    def broken(self, problem: str) -> GenerationError:
        """The error for a stream that failed at this point."""
        return ModelBroke(problem=problem) if self.begun else ModelUnavailable(url=self._url, problem=problem)
