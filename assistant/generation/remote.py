"""`remote`: asks a model server that speaks OpenAI-style chat completions (TGI, vLLM, llama.cpp, `transformers serve`).

Why aiohttp and a small event reader instead of the `openai` client: processor time. Sixteen answers at 100 tokens/s are
1,600 events a second on cores that the server shares. Measured by tests/benchmarks/bench_engines.py on two busy cores,
process time a token at 16 streams: openai 3.52 310 µs, httpx 0.28 164 µs, this 80 µs; burst tokens/s .64, 1 and 1.2 of
httpx. aiohttp comes with our other dependencies already (chromadb → kubernetes, datasets → fsspec).

Each answer opens a connection of its own and closes it. That costs about a millisecond, and in return callers may live
on any event loop (browser, HTTP, terminal), no stale connection is ever picked up, and to stop is to hang up, which
every server understands. Proxies of the environment and redirects are not followed: a prompt goes to the address in
the settings or nowhere.
"""

import asyncio
import json
import random
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assistant.errors import GenerationError, ModelBroke, ModelRejected, ModelUnavailable
from assistant.generation.base import OTHER_ANSWER_TEMPERATURE
from assistant.generation.chat_chunks import ChunkParser
from assistant.generation.deadline import Deadline
from assistant.generation.loading import short_name
from assistant.generation.server_errors import error_in, explain, read_body
from assistant.generation.sse import EventReader
from assistant.schema import Prompt
from assistant.settings import GenerationSettings

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession
    from tenacity import RetryCallState

_RETRIED_STATUSES = frozenset({429, 502, 503, 504})
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.25, 8.0
"""Back-off doubles from the first to the longest; a server's `Retry-After` is honoured up to the longest."""
_MAX_BODY_BYTES = 2_000_000


class _Again(Exception):
    """No token has come, and the same request may succeed in a moment."""

    def __init__(self, error: GenerationError, *, after_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error, self.after_s = error, after_s


class RemoteGenerator:
    """A `Generator` over HTTP. Safe to share between tasks, threads and event loops: it keeps no socket."""

    def __init__(self, settings: GenerationSettings) -> None:
        import aiohttp  # noqa: F401  (loaded now, so that the first question does not wait for it)

        self._settings = settings
        self._url = settings.url.rstrip("/")
        self._shown_url = _without_credentials(self._url)
        self._told: str | None = None

    @property
    def model_id(self) -> str:
        """The model's name and the adapter's. Without a name in the settings: `remote` until the server has told."""
        base = short_name(self._settings.model or self._told or "remote")
        return f"{base}+{short_name(self._settings.adapter)}" if self._settings.adapter else base

    async def aclose(self) -> None:
        """Nothing is kept open between answers."""

    async def stream(self, prompt: Prompt, *, max_new_tokens: int) -> AsyncGenerator[str, None]:
        """Yield the answer as it arrives. Tokens that arrive together are one delta, so a busy loop catches up.

        Raises:
            ModelUnavailable: no connection, no first token in time, or a status that says so.
            ModelOverloaded, ModelRejected, ModelNotFound, PromptTooLong: as the server says, before the first delta.
            ModelBroke: after the first delta: silence, a broken connection, an error event, an end without an end.
        """
        import aiohttp
        from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt

        attempts = AsyncRetrying(
            stop=stop_after_attempt(self._settings.retries + 1),
            retry=retry_if_exception_type(_Again),
            wait=_wait,
            reraise=True,
        )
        limits = aiohttp.ClientTimeout(total=None, connect=self._settings.connect_timeout_s)
        async with aiohttp.ClientSession(timeout=limits, trust_env=False) as session:
            try:
                first, rest = await attempts(self._begin, session, prompt, max_new_tokens)
            except _Again as failed:
                raise failed.error from None
            async with aclosing(rest):
                if first:
                    yield first
                async for delta in rest:
                    yield delta

    async def _begin(
        self, session: "ClientSession", prompt: Prompt, max_new_tokens: int
    ) -> tuple[str, AsyncGenerator[str, None]]:
        """Ask, and wait for the first delta: up to here, and no further, a failure may be tried again."""
        deltas = self._ask(session, prompt, max_new_tokens)
        return await anext(deltas, ""), deltas

    async def _ask(self, session: "ClientSession", prompt: Prompt, max_new_tokens: int) -> AsyncGenerator[str, None]:
        """One request. Raises `_Again` only before the first delta."""
        import aiohttp

        model = await self._name(session)
        body = {
            "model": model,
            "messages": [{"role": message.role, "content": message.content} for message in prompt.messages],
            "max_tokens": max_new_tokens,
            "temperature": self._settings.temperature,
            "stream": True,
        }
        if prompt.variant:  # another answer to choose from: greedy decoding has only one
            body |= {"temperature": self._settings.temperature or OTHER_ANSWER_TEMPERATURE, "seed": prompt.variant}
        clock = Deadline(self._settings, url=self._shown_url)
        try:
            response = await clock.wait(
                session.post(
                    f"{self._url}/chat/completions",
                    data=json.dumps(body).encode(),
                    headers=self._headers(),
                    allow_redirects=False,
                )
            )
        except (aiohttp.InvalidURL, ValueError):
            raise ModelUnavailable(url=self._shown_url, problem="not an http address") from None
        except (aiohttp.ClientError, OSError) as error:
            raise _Again(self._unreachable(error)) from None
        try:
            await self._check(response, clock, model=model)
            if response.content_type == "application/json":
                yield self._whole(await self._body(response, clock), model=model)
                return
            async with aclosing(self._deltas(response, clock, model=model)) as deltas:
                async for delta in deltas:
                    yield delta
        finally:
            response.close()  # not released for reuse: an answer that is left is stopped by hanging up

    async def _deltas(self, response: "ClientResponse", clock: Deadline, *, model: str) -> AsyncGenerator[str, None]:
        reader, parser = EventReader(), ChunkParser()
        while not parser.done:
            try:
                piece = await self._read(response, clock)
                events = reader.feed(piece) if piece else reader.close()
            except ValueError:
                raise clock.broken("the server sent an event without end") from None
            text = parser.read(events)
            if parser.moved:
                clock.move(text=bool(text))
            if text:
                yield text
            if parser.failure is not None:
                raise self._failed(*parser.failure, clock=clock, model=model)
            if parser.garbled:
                raise clock.broken("the server sent something that is no answer")
            if not piece:
                if not parser.ended:
                    raise clock.broken("the stream ended too soon")
                return

    async def _read(self, response: "ClientResponse", clock: Deadline) -> bytes:
        import aiohttp

        try:
            return await clock.wait(response.content.readany())
        except (aiohttp.ClientError, OSError) as error:
            raise clock.broken(f"the connection broke, {type(error).__name__}") from None

    def _failed(self, status: int, reply: Any, *, clock: Deadline, model: str) -> Exception:
        """What an error event inside a stream means: after text it is a broken answer, before it a refusal."""
        if clock.begun:
            return ModelBroke(problem=f"the server reported an error, status {status}")
        error = explain(status=status, body=reply, url=self._shown_url, model=model)
        return _Again(error) if status in _RETRIED_STATUSES else error

    async def _check(self, response: "ClientResponse", clock: Deadline, *, model: str) -> None:
        """Raise what status and content type say, unless they promise an answer."""
        if response.status == 200:
            if response.content_type not in ("text/event-stream", "application/json"):
                raise ModelRejected(status=200, kind="a page instead of an answer: is a proxy in between?")
            return
        if 300 <= response.status < 400:
            raise ModelRejected(status=response.status, kind="a redirect; set the final address")
        body = read_body(await self._body(response, clock))
        error = explain(status=response.status, body=body, url=self._shown_url, model=model)
        if response.status in _RETRIED_STATUSES:
            raise _Again(error, after_s=_seconds(response.headers.get("Retry-After")))
        raise error

    async def _body(self, response: "ClientResponse", clock: Deadline) -> bytes:
        pieces, size = [], 0
        while size < _MAX_BODY_BYTES and (piece := await self._read(response, clock)):
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)

    def _whole(self, body: bytes, *, model: str) -> str:
        """The text of an answer in one piece, from a server that does not stream."""
        reply = read_body(body)
        if isinstance(reply, dict) and (status := error_in(reply)):
            raise explain(status=status, body=reply, url=self._shown_url, model=model)
        try:
            return reply["choices"][0]["message"]["content"] or ""
        except (LookupError, TypeError):
            raise ModelRejected(status=200, kind="no chat completion in the reply") from None

    async def _name(self, session: "ClientSession") -> str:
        """What to put under `model`: never nothing, because TGI takes some clients' default for an adapter."""
        named = self._settings.adapter or self._settings.model
        if named:
            return named
        if self._told is None:
            self._told = await self._ask_name(session)
        return "tgi" if self._settings.engine == "tgi" else self._told or "default"

    async def _ask_name(self, session: "ClientSession") -> str | None:
        import aiohttp

        try:
            async with (
                asyncio.timeout(self._settings.connect_timeout_s),
                session.get(f"{self._url}/models", headers=self._headers(), allow_redirects=False) as response,
            ):
                listed = read_body(await response.content.read(_MAX_BODY_BYTES))
                name = listed["data"][0]["id"]
                return name if isinstance(name, str) and name else None
        except (aiohttp.ClientError, OSError, ValueError, LookupError, TypeError):
            return None  # the question itself will tell what is wrong

    def _unreachable(self, error: Exception) -> ModelUnavailable:
        import aiohttp

        if isinstance(error, aiohttp.ConnectionTimeoutError):
            problem = f"no connection within {self._settings.connect_timeout_s:g} s"
        elif isinstance(error, aiohttp.ClientConnectorDNSError):
            problem = "its name is not known"
        elif isinstance(error, aiohttp.ClientConnectorError):
            refused = isinstance(error.os_error, ConnectionRefusedError)
            problem = "connection refused" if refused else "no connection"
        else:
            problem = f"the connection broke, {type(error).__name__}"
        return ModelUnavailable(url=self._shown_url, problem=problem)

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json"}
        if self._settings.api_key:
            headers["Authorization"] = f"Bearer {self._settings.api_key.get_secret_value()}"
        return headers


def _wait(state: "RetryCallState") -> float:
    """Seconds before the next attempt: what the server asked for, or twice as long each time, bounded, not in step."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.after_s if isinstance(error, _Again) else None
    if asked is not None:
        return min(asked, _LONGEST_WAIT_S)
    return min(_FIRST_WAIT_S * 2 ** (state.attempt_number - 1), _LONGEST_WAIT_S) * random.uniform(0.75, 1.25)


def _seconds(retry_after: str | None) -> float | None:
    """`Retry-After` in seconds from now: a number or an HTTP date."""
    if not retry_after:
        return None
    try:
        if retry_after.strip().isdigit():
            return float(retry_after)
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
