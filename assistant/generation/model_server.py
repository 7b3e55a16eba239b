"""One model server at one address that speaks OpenAI-style chat completions (TGI, vLLM, llama.cpp, `transformers serve`).

Each answer opens a connection of its own and closes it. That costs about a millisecond, and in return callers may live
on any event loop (browser, HTTP, terminal), no stale connection is ever picked up, and to stop is to hang up, which
every server understands. Redirects are not followed: a prompt goes to the address in the settings or nowhere.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assistant.errors import GenerationError, ModelBroke, ModelOverloaded, ModelRejected, ModelUnavailable
from assistant.generation.base import OTHER_ANSWER_TEMPERATURE
from assistant.generation.chat_chunks import ChunkParser
from assistant.generation.deadline import Deadline
from assistant.generation.server_errors import error_in, explain, read_body
from assistant.generation.sse import EventReader
from assistant.schema import Prompt
from assistant.settings import GenerationSettings

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

MAX_BODY_BYTES = 2_000_000
_HEALTH_S = 10.0
"""Longest wait for `/health`: after a failure TGI answers it by running the model. Chosen by us."""


class Cause(Enum):
    """Why a question got no first token, as far as it decides who is asked next."""

    FULL = "full"
    """The server has no room (429): wait, then ask again."""
    AWAY = "away"
    """No connection, or a status that says so (502, 503, 504): another server, or this one in a moment."""
    BROKEN = "broken"
    """This server fails at it, another may not."""


class NoFirstToken(Exception):
    """The same question may be asked again: nothing of an answer has come."""

    def __init__(self, error: GenerationError, cause: Cause, *, after_s: float | None = None) -> None:
        """`after_s`: how long the server asked to wait."""
        super().__init__(str(error))
        self.error, self.cause, self.after_s = error, cause, after_s


class ModelServer:
    """Safe to share between tasks, threads and event loops: it keeps no socket."""

    def __init__(self, settings: GenerationSettings, url: str) -> None:
        """`url` ends in `/v1` as a rule, never in a slash."""
        self._settings = settings
        self.url = url
        self.shown_url = _without_credentials(url)
        self.told: str | None = None
        """The first model that the server lists, once it was asked."""

    async def ask(
        self, session: "ClientSession", prompt: Prompt, *, model: str, max_new_tokens: int
    ) -> AsyncGenerator[str, None]:
        """Yield the answer as it arrives. Tokens that arrive together are one delta, so a busy loop catches up.

        Raises:
            NoFirstToken: before the first delta, when another try may help.
            ModelUnavailable: no first token in time.
            ModelRejected, PromptTooLong: the question is at fault, any server would refuse it.
            ModelBroke: after the first delta: silence, a broken connection, an error event, an end without an end.
        """
        import aiohttp

        body = {
            "model": model,
            "messages": [{"role": message.role, "content": message.content} for message in prompt.messages],
            "max_tokens": max_new_tokens,
            "temperature": self._settings.temperature,
            "stream": True,
        }
        if prompt.variant:  # another answer to choose from: greedy decoding has only one
            body |= {"temperature": self._settings.temperature or OTHER_ANSWER_TEMPERATURE, "seed": prompt.variant}
        clock = Deadline(self._settings, url=self.shown_url)
        try:
            response = await clock.wait(
                session.post(
                    f"{self.url}/chat/completions",
                    data=json.dumps(body).encode(),
                    headers=self.headers(),
                    allow_redirects=False,
                )
            )
        except (aiohttp.ClientError, OSError, ValueError) as failed:
            error = ModelUnavailable(url=self.shown_url, problem=self._why_unreachable(failed))
            may_be_back = not isinstance(failed, (ValueError, aiohttp.ClientSSLError))
            raise NoFirstToken(error, Cause.AWAY if may_be_back else Cause.BROKEN) from None
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

    async def health(self) -> str | None:
        """What is wrong with the server, in words, or `None`. A server without `/health` is asked what it serves."""
        import aiohttp

        limits = aiohttp.ClientTimeout(total=_HEALTH_S, connect=self._settings.connect_timeout_s)
        try:
            async with aiohttp.ClientSession(timeout=limits, trust_env=False) as session:
                status = await self._status(session, f"{self.url.removesuffix('/v1')}/health")
                if self._settings.engine == "openai" and status in (401, 403, 404, 405):
                    status = await self._status(session, f"{self.url}/models")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ConnectionTimeoutError):
                return f"no word about its health within {_HEALTH_S:g} s"
            return self._why_unreachable(error)
        return None if status == 200 else f"its health has status {status}"

    async def _status(self, session: "ClientSession", url: str) -> int:
        async with session.get(url, headers=self.headers(), allow_redirects=False) as response:
            return response.status

    async def first_listed(self, session: "ClientSession") -> str | None:
        """The first model that the server lists (the base model), asked once; `None` if it does not tell."""
        import aiohttp

        if self.told is not None:
            return self.told
        try:
            async with (
                asyncio.timeout(self._settings.connect_timeout_s),
                session.get(f"{self.url}/models", headers=self.headers(), allow_redirects=False) as response,
            ):
                listed = read_body(await response.content.read(MAX_BODY_BYTES))
                name = listed["data"][0]["id"]
                self.told = name if isinstance(name, str) and name else None
        except (aiohttp.ClientError, OSError, ValueError, LookupError, TypeError):
            pass  # the question itself will tell what is wrong
        return self.told

    async def _deltas(self, response: "ClientResponse", clock: Deadline, *, model: str) -> AsyncGenerator[str, None]:
        reader, parser = EventReader(), ChunkParser()
        while not parser.done:
            try:
                piece = await self._read(response, clock)
                events = reader.feed(piece) if piece else reader.close()
            except ValueError:
                raise self._broken(clock, "the server sent an event without end") from None
            text = parser.read(events)
            if parser.moved:
                clock.move(text=bool(text))
            if text:
                yield text
            if parser.failure is not None:
                raise self._failed(*parser.failure, clock=clock, model=model)
            if parser.garbled:
                raise self._broken(clock, "the server sent something that is no answer")
            if not piece:
                if not parser.ended:
                    raise self._broken(clock, "the stream ended too soon")
                return

    async def _read(self, response: "ClientResponse", clock: Deadline) -> bytes:
        import aiohttp

        try:
            return await clock.wait(response.content.readany())
        except (aiohttp.ClientError, OSError) as error:
            raise self._broken(clock, f"the connection broke, {type(error).__name__}") from None

    def _broken(self, clock: Deadline, problem: str) -> Exception:
        error = clock.broken(problem)
        return error if clock.begun else NoFirstToken(error, Cause.BROKEN)

    def _failed(self, status: int, reply: Any, *, clock: Deadline, model: str) -> Exception:
        """What an error event inside a stream means: after text it is a broken answer, before it a refusal."""
        if clock.begun:
            return ModelBroke(problem=f"the server reported an error, status {status}")
        return self._refusal(status, reply, model=model)

    async def _check(self, response: "ClientResponse", clock: Deadline, *, model: str) -> None:
        """Raise what status and content type say, unless they promise an answer."""
        if response.status == 200:
            if response.content_type not in ("text/event-stream", "application/json"):
                error = ModelRejected(status=200, kind="a page instead of an answer: is a proxy in between?")
                raise NoFirstToken(error, Cause.BROKEN)
            return
        if 300 <= response.status < 400:
            error = ModelRejected(status=response.status, kind="a redirect; set the final address")
            raise NoFirstToken(error, Cause.BROKEN)
        body = read_body(await self._body(response, clock))
        raise self._refusal(response.status, body, model=model, after_s=_seconds(response.headers.get("Retry-After")))

    def _refusal(self, status: int, body: Any, *, model: str, after_s: float | None = None) -> Exception:
        error = explain(status=status, body=body, url=self.shown_url, model=model)
        if isinstance(error, ModelOverloaded):
            return NoFirstToken(error, Cause.FULL, after_s=after_s)
        if status in (502, 503, 504):
            return NoFirstToken(error, Cause.AWAY, after_s=after_s)
        if status in (401, 403, 404, 424) or status >= 500:
            return NoFirstToken(error, Cause.BROKEN)
        return error

    async def _body(self, response: "ClientResponse", clock: Deadline) -> bytes:
        pieces, size = [], 0
        while size < MAX_BODY_BYTES and (piece := await self._read(response, clock)):
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)

    def _whole(self, body: bytes, *, model: str) -> str:
        """The text of an answer in one piece, from a server that does not stream."""
        reply = read_body(body)
        if isinstance(reply, dict) and (status := error_in(reply)):
            raise self._refusal(status, reply, model=model)
        try:
            return reply["choices"][0]["message"]["content"] or ""
        except (LookupError, TypeError):
            error = ModelRejected(status=200, kind="no chat completion in the reply")
            raise NoFirstToken(error, Cause.BROKEN) from None

    def _why_unreachable(self, error: Exception) -> str:
        import aiohttp

        match error:
            case aiohttp.ConnectionTimeoutError():
                return f"no connection within {self._settings.connect_timeout_s:g} s"
            case aiohttp.ClientConnectorDNSError():
                return "its name is not known"
            case aiohttp.ClientConnectorCertificateError():  # before ValueError, which it is too
                return "its certificate is not trusted; SSL_CERT_FILE may name the one that signed it"
            case aiohttp.ClientSSLError():
                return "it speaks no TLS"
            case aiohttp.ClientConnectorError():
                return "connection refused" if isinstance(error.os_error, ConnectionRefusedError) else "no connection"
            case ValueError():
                return "not an http address"
            case _:
                return f"the connection broke, {type(error).__name__}"

    def headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json"}
        if self._settings.api_key:
            headers["Authorization"] = f"Bearer {self._settings.api_key.get_secret_value()}"
        return headers


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
