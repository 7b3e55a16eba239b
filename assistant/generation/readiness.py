"""Whether model servers are ready: each is asked for its health, and to continue one line that we invented."""

import asyncio
import logging
import time
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.errors import GenerationError
from assistant.generation.model_server import Cause, NoFirstToken
from assistant.schema import Message, Mode, Prompt

if TYPE_CHECKING:
    from assistant.generation.remote import RemoteGenerator

log = logging.getLogger(__name__)

_LONGEST_S = 30
"""For the first token of a line: a server that needs longer is not ready. Chosen by us."""
_LINE = Prompt(
    version="readiness",
    mode=Mode.QUESTION,
    question="",
    messages=(Message(role="user", content="Count to three in words, one word a line."),),
    sources=(),
)
_TOKENS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What one server said."""

    url: str
    """Without credentials."""
    problem: str | None
    """In words for people; `None`: it is ready."""
    first_token_s: float | None = None
    """`None` also for a server that has no room for one more: it is ready, and busy."""

    def __str__(self) -> str:
        if self.problem is not None:
            return f"{self.url}: {self.problem}"
        if self.first_token_s is None:
            return f"{self.url} is well, and full"
        return f"{self.url} answers, first token after {self.first_token_s:.2f} s"


async def look_at_servers(generator: "RemoteGenerator") -> list[Readiness]:
    """Ask all servers at the same time; what is wrong with one is its `problem`. Takes 40 s at most."""
    return list(await asyncio.gather(*(_look_at(generator, url) for url in generator.urls)))


def report_readiness(generator: "RemoteGenerator") -> None:
    """Look, and tell the log. Called beside the first page, never before it."""
    for one in asyncio.run(look_at_servers(generator)):
        if one.problem is None:
            log.info("model server ready: %s", one)
        else:
            log.warning("model server not ready: %s", one)


async def _look_at(generator: "RemoteGenerator", url: str) -> Readiness:
    shown = generator.server(url).shown_url
    problem = await generator.server(url).health() or generator.not_ready(url)
    if problem is not None:
        return Readiness(url=shown, problem=problem)
    asked_at = time.monotonic()
    try:
        async with asyncio.timeout(_LONGEST_S):
            # An answer without a word, but with a proper end, will do: a model that thinks first is not done in so few tokens.
            async with aclosing(generator.ask_one(url, _LINE, max_new_tokens=_TOKENS)) as deltas:
                await anext(deltas, "")
    except TimeoutError:
        problem = f"healthy, but no first token within {_LONGEST_S} s"
    except NoFirstToken as failed:
        if failed.cause is Cause.FULL:
            return Readiness(url=shown, problem=None)
        problem = f"healthy, but {_said(failed.error)}"
    except GenerationError as error:
        problem = f"healthy, but {_said(error)}"
    return Readiness(url=shown, problem=problem, first_token_s=time.monotonic() - asked_at)


def _said(error: GenerationError) -> str:
    return getattr(error, "problem", None) or str(error)
