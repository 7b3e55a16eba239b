"""A browser session without a browser: signs in, and sends and reads what the page's script sends and reads."""

import asyncio
import json
import secrets
import time
from collections.abc import Callable
from typing import Any

import aiohttp

from tests.benchmarks.served import Chat
from tests.engines.replies import WORDS

_SILENCE_S = 120
_RARE = "gauge"
"""The second of the engine's words, and none of the page's."""


class PageSession:
    """One open page. Handlers are asked by the region (or element) that would trigger them and the name of the event."""

    def __init__(self, http: aiohttp.ClientSession, config: dict[str, Any], url: str) -> None:
        self._http, self._url = http, url
        self._hash = secrets.token_hex(6)
        components = {part["props"].get("elem_id"): part["id"] for part in config["components"]}
        self._names = {number: name for name, number in components.items() if name}
        self._handlers = {
            (self._names.get(target), event): handler
            for handler in config["dependencies"]
            for target, event in handler["targets"]
        }

    async def ask_for(
        self, region: str, event: str, *values: Any, data: dict[str, Any] | None = None, seen: Callable[[Any], object]
    ) -> None:
        """Trigger an event and read to its end. `seen` gets each update's `data`. Raises `RuntimeError` if it failed."""
        wanted = await self.send(region, event, *values, data=data)
        async with self._http.get(
            f"{self._url}/gradio_api/queue/data", params={"session_hash": self._hash}
        ) as messages:
            while line := await asyncio.wait_for(messages.content.readline(), _SILENCE_S):
                if not line.startswith(b"data: "):
                    continue
                message = json.loads(line[6:])
                if message.get("event_id") != wanted:
                    continue
                if message["msg"] in ("process_generating", "process_completed") and message.get("success", True):
                    seen(message["output"].get("data", []))
                if message["msg"] == "process_completed":
                    if not message["success"]:
                        raise RuntimeError("the handler failed")
                    return
        raise RuntimeError("the stream of updates ended")

    async def send(self, region: str, event: str, *values: Any, data: dict[str, Any] | None = None) -> str:
        """Trigger an event beside one that is being read; the event's id."""
        handler = self._handlers[region, event]
        body = {
            "data": [None, *values],
            "event_data": data,
            "fn_index": handler["id"],
            "session_hash": self._hash,
            "trigger_id": handler["targets"][0][0],
        }
        async with self._http.post(f"{self._url}/gradio_api/queue/join", json=body) as joined:
            if joined.status != 200:
                raise RuntimeError(f"queue/join gave status {joined.status}")
            return (await joined.json())["event_id"]


async def sign_in(url: str, password: str, *, name: str = "doctor") -> tuple[aiohttp.ClientSession, dict[str, Any]]:
    """A client with the cookie of `name`, and the page's configuration. Close the client."""
    http = aiohttp.ClientSession(
        cookie_jar=aiohttp.CookieJar(unsafe=True),  # a cookie of an address without a name
        timeout=aiohttp.ClientTimeout(total=None),
        connector=aiohttp.TCPConnector(limit=0),
        read_bufsize=2**22,
    )
    async with http.post(f"{url}/login", data={"username": name, "password": password}) as reply:
        if reply.status != 200:
            raise SystemExit(f"sign-in gave status {reply.status}")
    async with http.get(f"{url}/config") as reply:
        return http, await reply.json()


async def page_chat(session: PageSession, question: str, *, tokens: int) -> Chat:
    """Ask on the page. The words are the engine's, so that the last screen shows whether all of them came."""
    started = time.perf_counter()
    first: list[float] = []
    last: list[Any] = []

    def seen(updates: Any) -> None:
        if not first and _RARE in json.dumps(updates, ensure_ascii=False):
            first.append(time.perf_counter() - started)
        last[:] = [updates]

    problem = ""
    try:
        await session.ask_for("ask", "click", question, seen=seen)
    except (aiohttp.ClientError, TimeoutError, RuntimeError) as error:
        problem = f"{type(error).__name__}: {error}"
    came = json.dumps(last, ensure_ascii=False).count(_RARE)
    wanted = sum(WORDS[number % len(WORDS)] == _RARE for number in range(tokens))
    if came < wanted:
        problem = problem or f"{came} of {wanted} {_RARE}s on the last screen"
    return Chat(
        first_token_s=first[0] if first else float("nan"),
        total_s=time.perf_counter() - started,
        tokens=tokens if not problem else 0,
        problem=problem,
    )
