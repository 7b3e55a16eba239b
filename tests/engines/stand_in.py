"""A stand-in model server with a known rate and faults on demand. What it says is invented.

    python -m tests.engines.stand_in --port 0 --first-token-ms 50 --tokens-per-second 100 --tokens 100

It prints its port, answers OpenAI-style chat completions as a stream, and is the engine that the benchmarks compare
with: a bare `asyncio.Protocol` with chunks made beforehand, so that it spends as little of a shared core as possible.
Tokens are due at absolute times (request + first + i / rate): a late one does not delay the next. `GET /stats` tells
what it was asked and how many streams the other side left early, `POST /reset` forgets that.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.engines.replies import WORDS, frame, make_chunk, make_error, make_event

STATUS_FAULTS = ("400", "401", "404", "413", "422", "424", "429", "500", "503")
FAULTS = (
    "none",
    *STATUS_FAULTS,
    "in-stream-error",  # an `error` event under HTTP 200, after `--fault-after` tokens
    "in-stream-overload",  # the same, saying 429
    "garbage",  # an event that is no JSON
    "html",  # a proxy's page under HTTP 200
    "die",  # the connection is reset after `--fault-after` tokens
    "eof",  # the stream ends properly, but without finish_reason and [DONE]
    "silent",  # nothing more after `--fault-after` tokens, only keep-alive comments
    "no-answer",  # not even a status line
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How the engine answers."""

    first_token_s: float = 0.05
    tokens_per_s: float = 100.0
    tokens: int = 100
    engine: str = "tgi"
    model: str = "stand-in"
    fault: str = "none"
    fault_after: int = 3
    """Tokens before an in-stream fault."""
    fault_count: int = 0
    """So many requests meet the fault, then all is well; 0: every request."""
    retry_after: str | None = None
    """`Retry-After` of 429 and 503."""
    keep_alive_s: float = 0.0
    """A comment is sent so often while no token is due; 0: never."""
    replay: Any = None
    """A recorded reply to send instead of an invented one: a list of chunks is streamed, anything else sent whole."""
    echo: bool = False
    """Answer with the words of the last user message, so that tests see which stream is whose."""


@dataclass(slots=True, kw_only=True)
class Stats:
    """What the engine has seen."""

    requests: int = 0
    faults: int = 0
    connections: int = 0
    open_streams: int = 0
    finished: int = 0
    left_early: int = 0
    last: dict[str, Any] = field(default_factory=dict)


class Engine:
    """The behaviour, the chunks made for it, and what was seen."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.stats = Stats()
        self._made: dict[str, list[bytes]] = {}

    def chunks(self, *, model: str, tokens: int) -> list[bytes]:
        """The framed answer of `tokens` tokens."""
        if self.behaviour.replay:
            return [frame(make_event(chunk)) for chunk in self.behaviour.replay]
        made = self._made.setdefault(model, [])
        while len(made) < tokens:
            word = WORDS[len(made) % len(WORDS)]
            made.append(frame(make_chunk(word + " ", model=model, role=not made)))
        return made[:tokens]


class Connection(asyncio.Protocol):
    """One keep-alive connection: one request at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._buffer = b""
        self._transport: asyncio.Transport
        self._timer: asyncio.TimerHandle | None = None
        self._comments: asyncio.TimerHandle | None = None
        self._streaming = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._engine.stats.connections += 1

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._timer, self._comments):
            if timer:
                timer.cancel()
        if self._streaming:
            self._streaming = False
            self._engine.stats.open_streams -= 1
            self._engine.stats.left_early += 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            lines = head.split(b"\r\n")
            headers = {name.strip().lower(): value.strip() for name, _, value in (x.partition(b":") for x in lines[1:])}
            length = int(headers.get(b"content-length", b"0"))
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            method, path, _ = lines[0].split(b" ", 2)
            self._answer(method.decode(), path.decode(), rest[:length], headers)

    def _answer(self, method: str, path: str, body: bytes, headers: dict[bytes, bytes]) -> None:
        engine = self._engine
        match method, path:
            case "GET", "/v1/models":
                self._json(200, {"object": "list", "data": [{"id": engine.behaviour.model, "object": "model"}]})
            case "GET", "/health":
                self._json(200, {})
            case "GET", "/stats":
                stats = engine.stats
                self._json(200, {name: getattr(stats, name) for name in stats.__slots__})
            case "POST", "/reset":
                engine.stats = Stats(open_streams=engine.stats.open_streams)
                self._json(200, {})
            case "POST", "/v1/chat/completions":
                self._complete(json.loads(body), key=headers.get(b"authorization", b"").decode())
            case _:
                self._json(404, {"error": f"no route {path}", "error_type": "not_found"})

    def _complete(self, request: dict[str, Any], *, key: str) -> None:
        behaviour, stats = self._engine.behaviour, self._engine.stats
        stats.requests += 1
        stats.last = {name: value for name, value in request.items() if name != "messages"}
        stats.last["authorization"] = key
        stats.last["roles"] = [message["role"] for message in request["messages"]]
        fault = behaviour.fault
        if behaviour.fault_count and stats.faults >= behaviour.fault_count:
            fault = "none"
        if fault != "none":
            stats.faults += 1
        if fault in STATUS_FAULTS:
            extra = f"retry-after: {behaviour.retry_after}\r\n" if behaviour.retry_after else ""
            self._json(int(fault), make_error(int(fault), engine=behaviour.engine), extra=extra)
        elif fault == "html":
            self._write_head(200, "text/html", b"<html><body>Sign in to the proxy</body></html>")
        elif isinstance(behaviour.replay, dict):
            self._json(200, behaviour.replay)
        elif fault != "no-answer":
            self._stream(request, fault)

    def _stream(self, request: dict[str, Any], fault: str) -> None:
        behaviour, loop = self._engine.behaviour, asyncio.get_running_loop()
        model = str(request.get("model", behaviour.model))
        most = int(request.get("max_tokens") or 10**6)
        chunks = self._engine.chunks(model=model, tokens=min(behaviour.tokens, most))
        if behaviour.echo:
            words = str(request["messages"][-1]["content"]).split(" ")[:most]
            chunks = [frame(make_chunk(word + " ", model=model)) for word in words]
        self._streaming = True
        self._engine.stats.open_streams += 1
        self._transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        start = loop.time() + behaviour.first_token_s
        stop = len(chunks) if fault == "none" else min(behaviour.fault_after, len(chunks))
        if behaviour.keep_alive_s or fault == "silent":
            self._comment(behaviour.keep_alive_s or 0.05)

        def send(sent: int = 0) -> None:
            due = min(stop, int((loop.time() - start) * behaviour.tokens_per_s + 1.0001))
            if due > sent:
                self._transport.write(chunks[sent] if due == sent + 1 else b"".join(chunks[sent:due]))
            if due < stop:
                self._timer = loop.call_at(start + due / behaviour.tokens_per_s, send, due)
            elif fault == "none":
                self._finish(request, model=model, tokens=stop)
            else:
                self._break(fault)

        self._timer = loop.call_at(start, send)

    def _comment(self, every_s: float) -> None:
        self._transport.write(frame(b": keep-alive\n\n"))
        self._comments = asyncio.get_running_loop().call_later(every_s, self._comment, every_s)

    def _finish(self, request: dict[str, Any], *, model: str, tokens: int) -> None:
        tail = b""
        if not self._engine.behaviour.replay:
            reason = "length" if tokens == request.get("max_tokens") else "stop"
            tail = make_chunk("" if self._engine.behaviour.engine == "tgi" else None, model=model, finish=reason)
            if (request.get("stream_options") or {}).get("include_usage"):
                usage = {"prompt_tokens": 10, "completion_tokens": tokens, "total_tokens": 10 + tokens}
                tail += make_event({"id": "", "object": "chat.completion.chunk", "choices": [], "usage": usage})
        self._close_stream(tail + b"data: [DONE]\n\n")

    def _break(self, fault: str) -> None:
        engine = self._engine.behaviour.engine
        match fault:
            case "in-stream-error" | "in-stream-overload":
                status = 422 if fault == "in-stream-error" else 429
                done = b"data: [DONE]\n\n" if engine != "tgi" else b""
                self._close_stream(make_event(make_error(status, engine=engine, in_stream=True)) + done)
            case "garbage":
                self._close_stream(b'data: {"choices": [{"del\n\n')
            case "eof":
                self._close_stream(b"")
            case "die":
                self._left(finished=False)
                self._transport.abort()
            case _:  # silent: the comments go on
                pass

    def _close_stream(self, tail: bytes) -> None:
        self._transport.write((frame(tail) if tail else b"") + b"0\r\n\r\n")
        self._left(finished=True)

    def _left(self, *, finished: bool) -> None:
        if self._comments:
            self._comments.cancel()
        self._streaming = False
        self._engine.stats.open_streams -= 1
        self._engine.stats.finished += finished

    def _json(self, status: int, value: dict[str, Any], *, extra: str = "") -> None:
        self._write_head(status, "application/json", json.dumps(value).encode(), extra=extra)

    def _write_head(self, status: int, kind: str, body: bytes, *, extra: str = "") -> None:
        head = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\n{extra}content-length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)


async def serve(behaviour: Behaviour, *, port: int, announce: Callable[[int], object]) -> None:
    """Answer on 127.0.0.1 until cancelled; `announce` is called with the port."""
    engine = Engine(behaviour)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(engine), "127.0.0.1", port, backlog=256)
    announce(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--first-token-ms", type=float, default=50)
    parser.add_argument("--tokens-per-second", type=float, default=100)
    parser.add_argument("--tokens", type=int, default=100)
    parser.add_argument("--engine", choices=("tgi", "vllm", "openai"), default="tgi")
    parser.add_argument("--model", default="stand-in")
    parser.add_argument("--fault", choices=FAULTS, default="none")
    parser.add_argument("--fault-after", type=int, default=3)
    parser.add_argument("--fault-count", type=int, default=0)
    parser.add_argument("--retry-after")
    parser.add_argument("--keep-alive-s", type=float, default=0)
    parser.add_argument("--replay", type=Path, help="JSON file with a recorded reply, or a list of chunks")
    parser.add_argument("--echo", action="store_true")
    given = parser.parse_args(arguments)
    behaviour = Behaviour(
        first_token_s=given.first_token_ms / 1000,
        tokens_per_s=given.tokens_per_second,
        tokens=given.tokens,
        engine=given.engine,
        model=given.model,
        fault=given.fault,
        fault_after=given.fault_after,
        fault_count=given.fault_count,
        retry_after=given.retry_after,
        keep_alive_s=given.keep_alive_s,
        replay=json.loads(given.replay.read_text()) if given.replay else None,
        echo=given.echo,
    )
    try:
        asyncio.run(serve(behaviour, port=given.port, announce=lambda port: print(port, flush=True)))
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
