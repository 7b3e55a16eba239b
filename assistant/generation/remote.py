"""`remote`: asks model servers that speak OpenAI-style chat completions (TGI, vLLM, llama.cpp, `transformers serve`).

Why aiohttp and a small event reader instead of the `openai` client: processor time. Sixteen answers at 100 tokens/s are
1,600 events a second on cores that the server shares. Measured by tests/benchmarks/bench_engines.py on two busy cores,
process time a token at 16 streams: openai 3.52 310 µs, httpx 0.28 164 µs, this 80 µs; burst tokens/s .64, 1 and 1.2 of
httpx. aiohttp comes with our other dependencies already (chromadb → kubernetes, datasets → fsspec). Choosing a server and
waiting for a turn cost a question once, and nothing a token. Proxies of the environment are not used.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from assistant.errors import GenerationError, ModelBroke, ModelNotReady, ModelOverloaded, ModelUnavailable
from assistant.generation.base import QueuedStream, Signature
from assistant.generation.loading import short_name
from assistant.generation.model_server import Cause, ModelServer, NoFirstToken
from assistant.generation.replicas import Replica, Replicas, ServedAdapters
from assistant.generation.waiting import Line, NobodyReady, Turn, WaitedTooLong
from assistant.schema import Prompt
from assistant.settings import GenerationSettings

if TYPE_CHECKING:
    from aiohttp import ClientSession

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.25, 8.0
"""Before a question goes round again once every server has failed it: doubles from the first to the longest. A server's
`Retry-After` is honoured up to the longest."""

Events = AsyncGenerator[int | Signature | str, None]


class RemoteGenerator:
    """A `Generator` over HTTP. Safe to share between tasks, threads and event loops: it keeps no socket."""

    def __init__(self, settings: GenerationSettings, adapters: ServedAdapters | None = None) -> None:
        import aiohttp  # noqa: F401  (loaded now, so that the first question does not wait for it)

        self.settings = settings
        self._adapters = adapters
        self._servers = {url: ModelServer(settings, url) for url in settings.urls}
        self._line = Line(Replicas(tuple(self._servers), concurrent=settings.concurrent, adapters=adapters))
        self._last_id: str | None = None
        self._checks: set[asyncio.Task[None]] = set()

    @property
    def model_id(self) -> str:
        """Model and adapter that answered last or else will by the settings. `remote` until a server has told its model."""
        return self._last_id or self._signed(None, None)

    @property
    def shown_urls(self) -> str:
        """The servers' addresses, without credentials."""
        return ", ".join(server.shown_url for server in self._servers.values())

    async def aclose(self) -> None:
        """Nothing is kept open between answers."""

    def stream(self, prompt: Prompt, *, max_new_tokens: int) -> QueuedStream:
        """Ask the server with the fewest answers under way; another, if it fails before its first token.

        Raises:
            ModelUnavailable: no server, no first token in time, or a status that says so; `ModelNotReady` while no server
                is proven to serve what should answer.
            ModelOverloaded: no turn within `first_token_timeout_s`.
            ModelRejected, ModelNotFound, PromptTooLong: as the server says, before the first delta.
            ModelBroke: after the first delta: silence, a broken connection, an error event, an end without an end.
        """
        return QueuedStream(self._events(prompt, max_new_tokens), self.model_id)

    async def _events(self, prompt: Prompt, max_new_tokens: int) -> Events:
        """Places in the line, then who answers, then the answer."""
        until = time.monotonic() + self.settings.first_token_timeout_s
        errors: dict[str, NoFirstToken] = {}
        rounds = 0
        async with self._session() as session:
            with self._line.turn() as turn:
                while True:
                    async for place in self._wait(turn, until):
                        yield place
                    assert turn.replica is not None
                    self._check_another()
                    url = turn.replica.url
                    try:
                        async with aclosing(self._ask(session, turn, prompt, max_new_tokens)) as events:
                            async for event in events:
                                yield event
                        return
                    except NoFirstToken as failed:
                        if failed.cause is Cause.FULL:
                            turn.refused(after_s=failed.after_s)
                            continue
                        errors[url] = failed
                    turn.failed()
                    if turn.is_exhausted:
                        rounds += 1
                        await self._go_round(turn, errors, rounds)

    def _session(self) -> "ClientSession":
        import aiohttp

        limits = aiohttp.ClientTimeout(total=None, connect=self.settings.connect_timeout_s)
        return aiohttp.ClientSession(timeout=limits, trust_env=False)

    async def _wait(self, turn: Turn, until: float) -> AsyncGenerator[int, None]:
        try:
            async for place in turn.wait(until=until):
                yield place
        except NobodyReady:
            if self._adapters is None:
                raise ModelUnavailable(url="nowhere", problem="no address is set") from None
            raise ModelNotReady(url=self.shown_urls, problem=self._adapters.problem) from None
        except WaitedTooLong:
            raise ModelOverloaded(url=self.shown_urls) from None

    async def _go_round(self, turn: Turn, errors: dict[str, NoFirstToken], rounds: int) -> None:
        """Wait a little before those are asked again that may be back. Raises what they said when it is enough."""
        again = {url: failed for url, failed in errors.items() if failed.cause is Cause.AWAY}
        if not again or rounds > self.settings.retries:
            raise _together([failed.error for failed in errors.values()])
        asked = min((failed.after_s for failed in again.values() if failed.after_s is not None), default=None)
        wait_s = _FIRST_WAIT_S * 2 ** (rounds - 1) * random.uniform(0.75, 1.25) if asked is None else asked
        await asyncio.sleep(min(wait_s, _LONGEST_WAIT_S))
        turn.tried -= again.keys()

    async def _ask(self, session: "ClientSession", turn: Turn, prompt: Prompt, max_new_tokens: int) -> Events:
        """One server's answer."""
        assert turn.replica is not None
        server = self._servers[turn.replica.url]
        async with self._named(server.url) as adapter:
            model = await self._model(session, server, adapter)
            answer = server.ask(session, prompt, model=model, max_new_tokens=max_new_tokens)
            async with aclosing(answer) as deltas:
                try:
                    first = await anext(deltas, "")
                    turn.begun()
                    self._last_id = self._signed(server, adapter)
                    yield Signature(self._last_id)
                    if first:
                        yield first
                    async for delta in deltas:
                        yield delta
                except (ModelUnavailable, ModelBroke):  # the question is lost, but others can be spared the same
                    turn.failed()
                    raise

    @asynccontextmanager
    async def _named(self, url: str) -> AsyncGenerator[str | None, None]:
        """The adapter to ask for at `url`, for as long as an answer is written with it."""
        if self._adapters is None:
            yield None
            return
        name = await self._adapters.name_at(url)
        try:
            yield name
        finally:
            self._adapters.ended(url, name)

    async def _model(self, session: "ClientSession", server: ModelServer, adapter: str | None) -> str:
        """What to put under `model`: never nothing, because TGI takes some clients' default for an adapter."""
        named = adapter or self.settings.adapter or self.settings.model
        if named:
            return named
        told = await server.first_listed(session)
        return "tgi" if self.settings.engine == "tgi" else told or "default"

    def _signed(self, server: ModelServer | None, adapter: str | None) -> str:
        base = short_name(self.settings.model or (server and server.told) or "remote")
        worn = adapter or self.settings.adapter
        return f"{base}+{short_name(worn)}" if worn else base

    # ---- health

    @property
    def urls(self) -> tuple[str, ...]:
        return tuple(self._servers)

    def server(self, url: str) -> ModelServer:
        return self._servers[url]

    def not_ready(self, url: str) -> str | None:
        """Why no question is sent to `url` although it may be healthy, or `None`."""
        if self._adapters is None or self._adapters.is_ready(url):
            return None
        return self._adapters.problem

    async def ask_one(self, url: str, prompt: Prompt, *, max_new_tokens: int) -> AsyncGenerator[str, None]:
        """One server's answer, out of turn: to see whether it is ready. Raises what `ModelServer.ask` does."""
        server = self._servers[url]
        async with self._session() as session, self._named(url) as adapter:
            model = await self._model(session, server, adapter)
            async with aclosing(server.ask(session, prompt, model=model, max_new_tokens=max_new_tokens)) as deltas:
                async for delta in deltas:
                    yield delta

    def _check_another(self) -> None:
        """Beside this question, ask a server that had failed for its health, if it is time."""
        replica = self._line.to_check()
        if replica is not None:
            task = asyncio.create_task(self._check(replica))
            self._checks.add(task)
            task.add_done_callback(self._checks.discard)

    async def _check(self, replica: Replica) -> None:
        healthy = None
        try:
            healthy = await self._servers[replica.url].health() is None
        finally:
            self._line.checked(replica, healthy=healthy)


def _together(errors: list[GenerationError]) -> GenerationError:
    """One error for the servers that all failed: the last, or, if none of them answers, what is wrong with each."""
    away = [error for error in errors if isinstance(error, ModelUnavailable)]
    if len(errors) == 1 or len(away) < len(errors):
        return errors[-1]
    return ModelUnavailable(
        url=", ".join(error.url for error in away), problem="; ".join(error.problem for error in away)
    )
