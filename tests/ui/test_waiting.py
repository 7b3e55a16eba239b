"""A question that waits for the model server: what the page and the HTTP stream show. All people and reports are invented."""

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.engines.running import RunningEngine, run_stand_in
from ui import render_answers
from ui.checks import run_checks
from ui.cli_answers import answer, tell
from ui.handlers import AnswerHandlers
from ui.screen import ChatScreen
from ui.server import create_api
from ui.visit import Visit
from ui.wiring import Parts


@pytest.fixture(scope="module")
def engine() -> Iterator[RunningEngine]:
    with run_stand_in("--first-token-ms", 300, "--tokens-per-second", 200, "--tokens", 20) as running:
        yield running


@pytest.fixture
def parts(make_parts: Callable[..., Parts], engine: RunningEngine) -> Parts:
    """An installation that asks one server for one answer at a time."""
    engine.behave(first_token_s=0.1, fault="none")
    return make_parts(generation={"backend": "remote", "url": engine.url, "model": "invented", "concurrent": 1})


@pytest.mark.parametrize(
    ("position", "words"),
    [(1, "Next in the queue"), (2, "2nd in the queue"), (3, "3rd in the queue"), (4, "4th in the queue"),
     (11, "11th in the queue"), (12, "12th in the queue"), (21, "21st in the queue"), (113, "113th in the queue")],
)  # fmt: skip
def test_a_place_is_said_in_words(position: int, words: str) -> None:
    assert render_answers.place(position) == words


def test_the_page_shows_the_place_and_stop_leaves_the_queue(parts: Parts, engine: RunningEngine) -> None:
    engine.behave(first_token_s=60)
    handlers = AnswerHandlers(ChatScreen(parts.desk))
    first, second = Visit(rater="first"), Visit(rater="second")
    shown: list[str] = []

    async def ask(visit: Visit, seen: list[str]) -> None:
        async for screen in handlers.ask(visit, "What is the plan?"):
            seen.append(str(screen.get("live", "")))  # noqa: PERF401  (what was seen before the end counts)

    async def scene() -> None:
        answering = asyncio.create_task(ask(first, []))
        await asyncio.to_thread(engine.wait_for, open_streams=1, timeout_s=60)
        waiting = asyncio.create_task(ask(second, shown))
        while not any("Next in the queue" in live for live in shown):
            await asyncio.sleep(0.01)
        await handlers.stop(second)
        await waiting
        await handlers.stop(first)
        await answering

    asyncio.run(asyncio.wait_for(scene(), 120))
    assert second.turns[-1].answer.stopped
    assert second.turns[-1].answer.fallback is None
    assert engine.wait_for(open_streams=0)["requests"] == 1
    engine.reset()
    assert b"curbside_questions_waiting 0.0" in parts.metrics.text(reports=0)
    assert b"curbside_wait_seconds_count 1.0" in parts.metrics.text(reports=0), "also of those who leave"


def test_the_terminal_shows_the_place(parts: Parts, engine: RunningEngine) -> None:
    engine.behave(first_token_s=60)
    shown: list[str] = []

    async def scene() -> None:
        before = asyncio.create_task(answer(parts, "What is the plan?", None, None, None))
        await asyncio.to_thread(engine.wait_for, open_streams=1, timeout_s=60)
        engine.behave(first_token_s=0.01)
        asked = asyncio.create_task(
            answer(parts, "What is the plan?", None, None, None, saw=partial(tell, shown.append))
        )
        while "Next in the queue …" not in shown:
            await asyncio.sleep(0.01)
        before.cancel()
        await asked

    asyncio.run(asyncio.wait_for(scene(), 120))
    assert shown == ["Writing …", "Next in the queue …", "Writing …"]
    engine.wait_for(open_streams=0)
    engine.reset()


def test_the_http_stream_sends_the_places_while_the_server_is_full(parts: Parts, engine: RunningEngine) -> None:
    engine.behave(fault="429")
    parts.accounts.set_password("invented", "long-enough-1")
    token = parts.accounts.new_token("invented")
    with TestClient(create_api(parts), headers={"Authorization": f"Bearer {token}"}) as client:

        def ask(number: int) -> list[tuple[str, dict[str, Any]]]:
            reply = client.post("/api/v1/ask", json={"question": f"What is plan {number}?"})
            blocks = [block.split("\n") for block in reply.text.strip().split("\n\n")]
            return [(one[0].removeprefix("event: "), json.loads(one[1].removeprefix("data: "))) for one in blocks]

        with ThreadPoolExecutor(3) as pool:
            replies = [pool.submit(ask, number) for number in range(3)]
            end = time.monotonic() + 120
            # All three wait, but for the moments in which the first one asks the server again.
            while "curbside_questions_waiting 3.0" not in (said := client.get("/metrics").text):
                assert time.monotonic() < end, said
            engine.behave(fault="none")
            events = [reply.result() for reply in replies]
        metrics = client.get("/metrics").text
    assert "curbside_questions_waiting 0.0" in metrics
    waits = re.search(r"^curbside_wait_seconds_count (\S+)", metrics, re.M)
    assert waits is not None
    assert float(waits[1]) >= 3, "each waited, on a busy computer perhaps twice"
    places = [[data["position"] for name, data in one if name == "waiting"] for one in events]
    assert max(map(max, places)) in (2, 3), "the last is the second where it came while the first was asking"
    assert all(seen[-1] == 1 for seen in places)
    for one in events:
        names = [name for name, _ in one]
        assert names[-2:] == ["finished", "kept"]
        assert ("stage", {"stage": "writing", "detail": ""}) in one[names.index("waiting") :]
        assert dict(one)["finished"]["fallback"] is None


@pytest.mark.parametrize("gpu", ["own", "shared"])
def test_doctor_names_each_model_server(make_parts: Callable[..., Parts], engine: RunningEngine, gpu: str) -> None:
    away = "http://127.0.0.1:9/v1"
    engine.behave(first_token_s=0.01, fault="none")
    parts = make_parts(
        generation={"backend": "remote", "url": f"{engine.url},{away}", "engine": "tgi"}, training={"gpu": gpu}
    )
    check = next(check for check in run_checks(parts) if check.name == "model")
    assert not check.ok
    assert check.detail.startswith("1 of 2 ready; ")
    assert f"{engine.url} answers" in check.detail
    assert f"{away}: connection refused" in check.detail
