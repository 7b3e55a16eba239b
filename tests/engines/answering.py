"""The answering half of a stand-in engine: a bare `asyncio.Protocol` with chunks made beforehand, so that it spends as little of
a shared core as possible. Tokens are due at absolute times (request + first + i / rate): a late one does not delay the next.
"""

import asyncio
import json
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.engines.behaviour import STATUS_FAULTS, Behaviour, Stats
from tests.engines.replies import WORDS, frame, make_chunk, make_error, make_error_saying, make_event
from tests.engines.served import BASE, ServedAdapters

_LOOK_S = 0.01
"""How often an answer that is held looks whether it may go on."""


class Engine:
    """The behaviour, the chunks made for it, and what was seen."""

    def __init__(self, behaviour: Behaviour, adapters: dict[str, str] | None = None) -> None:
        self.behaviour = behaviour
        self.adapters = ServedAdapters(adapters or {})
        self.stats = Stats()
        self._made: dict[tuple[str, str], list[bytes]] = {}

    def names(self) -> list[str]:
        """What `/v1/models` lists: the base model first."""
        return [self.behaviour.model, *self.adapters.folders]

    def answers_as(self, model: str) -> str:
        """Who really answers to `model`."""
        return model if model in self.adapters and not self.behaviour.forgets else BASE

    def chunks(self, *, model: str, tokens: int) -> list[bytes]:
        """The framed answer of `tokens` tokens. It says that `model` wrote it, whoever did."""
        if self.behaviour.replay:
            return [frame(make_event(chunk)) for chunk in self.behaviour.replay]
        voice = "" if self.answers_as(model) == BASE else self.adapters.voice(model)
        words = [*voice.split(), *WORDS]
        made = self._made.setdefault((model, voice), [])
        while len(made) < tokens:
            made.append(frame(make_chunk(words[len(made) % len(words)] + " ", model=model, role=not made)))
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
                self._json(
                    200, {"object": "list", "data": [{"id": name, "object": "model"} for name in engine.names()]}
                )
            case "GET", "/health":
                engine.stats.health_checks += 1
                self._json(engine.behaviour.health, {})
            case "POST", "/v1/load_lora_adapter" if engine.behaviour.engine == "vllm":
                self._json(*engine.adapters.load(json.loads(body)))
            case "POST", "/v1/unload_lora_adapter" if engine.behaviour.engine == "vllm":
                self._json(*engine.adapters.unload(json.loads(body)))
            case "POST", "/behave":
                engine.behaviour = replace(engine.behaviour, **json.loads(body))
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
        model = str(request.get("model", behaviour.model))
        if behaviour.strict and model not in self._engine.names():
            self._json(404, make_error_saying(404, f"The model `{model}` does not exist.", "NotFoundError"))
        elif behaviour.capacity and stats.open_streams >= behaviour.capacity:
            stats.refused += 1
            self._json(429, make_error(429, engine=behaviour.engine))
        elif model == behaviour.breaks_with:
            self._json(500, make_error(500, engine=behaviour.engine))
        elif fault in STATUS_FAULTS:
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
        if self._engine.stats.requests in behaviour.odd:
            chunks = [frame(make_chunk("Odd ", model=model)), *chunks[1:]]
        self._streaming = True
        stats, who = self._engine.stats, self._engine.answers_as(model)
        stats.open_streams += 1
        stats.most_open = max(stats.most_open, stats.open_streams)
        stats.answered_as[who] = stats.answered_as.get(who, 0) + 1
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
            past = due > behaviour.hold_after or due == stop == behaviour.hold_after
            held = past and behaviour.until and not Path(behaviour.until).exists()
            if held:
                due = behaviour.hold_after
            if due > sent:
                self._transport.write(chunks[sent] if due == sent + 1 else b"".join(chunks[sent:due]))
            if held:
                self._timer = loop.call_later(_LOOK_S, send, due)
            elif due < stop:
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

    def _json(self, status: int, value: Any, *, extra: str = "") -> None:
        self._write_head(status, "application/json", json.dumps(value).encode(), extra=extra)

    def _write_head(self, status: int, kind: str, body: bytes, *, extra: str = "") -> None:
        head = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\n{extra}content-length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)


async def serve(
    behaviour: Behaviour, *, port: int, announce: Callable[[int], object], adapters: dict[str, str] | None = None
) -> None:
    """Answer on 127.0.0.1 until cancelled; `announce` is called with the port. After SIGTERM nothing new is taken, and what is
    under way is finished.

    Raises:
        FileNotFoundError: An adapter's folder holds none.
    """
    engine = Engine(behaviour, adapters)
    loop, told_to_end = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, told_to_end.set)
    server = await loop.create_server(lambda: Connection(engine), "127.0.0.1", port, backlog=256)
    announce(server.sockets[0].getsockname()[1])
    await told_to_end.wait()
    server.close()
    while engine.stats.open_streams:
        await asyncio.sleep(0.01)
