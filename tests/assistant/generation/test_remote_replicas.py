"""Several model servers, as real processes: who is asked, what a failure costs, and how a full server makes a queue."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import aclosing, suppress
from math import log2
from pathlib import Path

import pytest

from assistant.errors import ModelBroke, ModelNotReady, ModelOverloaded, ModelRejected, ModelUnavailable
from assistant.generation.remote import RemoteGenerator
from assistant.settings import GenerationSettings
from tests.assistant.generation.conftest import make_prompt
from tests.engines.running import PATIENCE_S, RunningEngine, run_stand_in
from tests.ports import nobody_listens

pytestmark = pytest.mark.usefixtures("shorter_waits")

QUICK = {"first_token_s": 0.005, "tokens_per_s": 2000, "tokens": 20, "fault": "none", "fault_after": 0, "health": 200}
SLOW = {"first_token_s": 0.1, "tokens_per_s": 100}
Pair = tuple[RunningEngine, RunningEngine]


@pytest.fixture(scope="module")
def engines() -> Iterator[Pair]:
    with run_stand_in("--engine", "vllm") as one, run_stand_in("--engine", "vllm") as other:
        yield one, other


@pytest.fixture
def pair(engines: Pair) -> Pair:
    """Two engines without faults that have seen nothing."""
    for engine in engines:
        engine.behave(**QUICK, capacity=0, fault_count=0, until="", hold_after=1)
        engine.wait_for(open_streams=0)
        engine.reset()
    return engines


def make(*urls: str, adapters: "Adapters | None" = None, **settings: object) -> RemoteGenerator:
    values = {"backend": "remote", "url": ", ".join(urls), "engine": "vllm", "model": "m", "retries": 0}
    values |= {"connect_timeout_s": PATIENCE_S, **settings}
    return RemoteGenerator(GenerationSettings.model_validate(values), adapters)


async def ask(generator: RemoteGenerator, places: list[int] | None = None) -> str:
    stream = generator.stream(make_prompt(), max_new_tokens=20)
    async with aclosing(stream):
        async for place in stream.places():
            if places is not None:
                places.append(place)
        return "".join([delta async for delta in stream])


async def many(generator: RemoteGenerator, count: int) -> tuple[list[str], list[list[int]]]:
    places: list[list[int]] = [[] for _ in range(count)]
    return list(await asyncio.gather(*(ask(generator, seen) for seen in places))), places


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where connections are refused."""
    with nobody_listens() as port:
        yield f"http://127.0.0.1:{port}/v1"


@pytest.fixture
def left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that failed is left alone for longer than any test takes."""
    monkeypatch.setattr("assistant.generation.replicas._FIRST_AVOIDED_S", 600.0)
    monkeypatch.setattr("assistant.generation.replicas._LONGEST_AVOIDED_S", 600.0)


def requests(pair: Pair) -> list[int]:
    return [engine.stats()["requests"] for engine in pair]


def test_questions_are_shared_out(pair: Pair) -> None:
    for engine in pair:
        engine.behave(**SLOW)
    texts, places = asyncio.run(many(make(pair[0].url, pair[1].url), 8))
    assert requests(pair) == [4, 4]
    assert len(set(texts)) == 1
    assert not any(places)


@pytest.mark.usefixtures("left_alone")
@pytest.mark.parametrize("fault", ["401", "404", "424", "500", "503", "garbage", "die", "eof", "html"])
def test_what_fails_before_its_first_token_is_asked_of_another(pair: Pair, fault: str) -> None:
    pair[0].behave(fault=fault)
    generator = make(pair[0].url, pair[1].url)

    async def scene() -> list[str]:
        return [await ask(generator) for _ in range(4)]

    assert all(len(text.split()) == 20 for text in asyncio.run(scene()))
    assert requests(pair) == [1, 4]  # and the one that failed is avoided


def test_a_server_that_is_not_there_is_not_noticed(pair: Pair, nobody: str) -> None:
    texts, _ = asyncio.run(many(make(nobody, pair[1].url), 10))
    assert all(len(text.split()) == 20 for text in texts)


@pytest.mark.parametrize("fault", ["400", "422"])
def test_a_question_at_fault_is_not_carried_from_server_to_server(pair: Pair, fault: str) -> None:
    for engine in pair:
        engine.behave(fault=fault)
    with pytest.raises(ModelRejected):
        asyncio.run(ask(make(pair[0].url, pair[1].url)))
    assert sum(requests(pair)) == 1


def test_after_the_first_token_no_other_is_asked(pair: Pair, tmp_path: Path) -> None:
    may_break = tmp_path / "read"
    pair[0].behave(fault="die", fault_after=3, hold_after=3, until=str(may_break))
    generator = make(pair[0].url, pair[1].url)

    async def read() -> None:
        async for _ in generator.stream(make_prompt(), max_new_tokens=20):
            may_break.touch()

    async def scene() -> str:
        with pytest.raises(ModelBroke):
            await read()
        return await ask(generator)

    assert asyncio.run(scene())
    assert requests(pair) == [1, 1]


def test_a_server_that_is_killed_takes_only_the_answers_that_it_was_writing(pair: Pair) -> None:
    pair[1].behave(**SLOW)
    with run_stand_in("--tokens-per-second", 0.01, "--tokens", 20) as killed:
        generator = make(killed.url, pair[1].url, concurrent=2)

        begun: set[int] = set()

        async def question(number: int) -> str:
            text = ""
            async for delta in generator.stream(make_prompt(), max_new_tokens=20):
                begun.add(number)
                text += delta
            return text

        async def scene() -> list[str | BaseException]:
            asked = [asyncio.create_task(question(number)) for number in range(10)]
            while not {0, 2} <= begun:  # they are shared out in turn
                await asyncio.sleep(0.01)
            os.kill(killed.pid, signal.SIGKILL)
            return await asyncio.gather(*asked, return_exceptions=True)

        results = asyncio.run(scene())
    assert [type(one) for one in results if not isinstance(one, str)] == [ModelBroke] * 2
    assert sum(isinstance(one, str) and len(one.split()) == 20 for one in results) == 8


def test_when_all_fail_each_is_named(pair: Pair, nobody: str) -> None:
    pair[1].behave(fault="500")
    with pytest.raises(ModelUnavailable, match="connection refused; status 500") as caught:
        asyncio.run(ask(make(nobody, pair[1].url)))
    assert nobody in str(caught.value)
    assert pair[1].url in str(caught.value)


def test_a_server_that_is_well_again_answers_again(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.generation.replicas._FIRST_AVOIDED_S", 0.02)
    monkeypatch.setattr("assistant.generation.replicas._LONGEST_AVOIDED_S", 0.1)
    pair[0].behave(fault="500", health=503)
    generator = make(pair[0].url, pair[1].url)

    async def scene() -> None:
        end = time.monotonic() + PATIENCE_S
        while pair[0].stats()["health_checks"] < 3:
            assert await ask(generator)
            assert time.monotonic() < end
        assert pair[0].stats()["requests"] == 1  # its health kept the questions away
        pair[0].behave(**QUICK)
        while pair[0].stats()["requests"] < 3:
            assert await ask(generator)
            assert time.monotonic() < end

    asyncio.run(scene())


def test_a_broken_server_is_not_stormed_with_checks(pair: Pair) -> None:
    pair[0].behave(fault="500", health=503)
    generator = make(pair[0].url, pair[1].url)

    async def scene() -> float:
        started = time.monotonic()
        while (took_s := time.monotonic() - started) < 1.2:
            await many(generator, 10)
        return took_s

    took_s = asyncio.run(scene())
    stats = pair[0].stats()
    # After half a second, more or less, and then after twice as long each time: as often as fits, whoever is slow.
    assert stats["health_checks"] <= log2(took_s / (0.75 * 0.5) + 1)
    assert stats["requests"] <= 10, "the first ten, before anybody knew"


def test_no_more_answers_at_a_time_than_set_and_the_others_queue(pair: Pair, tmp_path: Path) -> None:
    may_end = tmp_path / "asked"
    pair[0].behave(until=str(may_end))

    async def scene() -> tuple[list[str], list[list[int]]]:
        asked = asyncio.create_task(many(make(pair[0].url, concurrent=2), 6))
        await asyncio.to_thread(pair[0].wait_for, open_streams=2)
        may_end.touch()
        return await asked

    texts, places = asyncio.run(scene())
    assert all(len(text.split()) == 20 for text in texts)
    assert pair[0].stats()["most_open"] == 2
    assert sorted(seen[0] for seen in places if seen) == [1, 2, 3, 4]
    assert all(seen[-1] == 0 for seen in places if seen)


def test_a_full_server_makes_a_queue_and_no_error(pair: Pair, tmp_path: Path) -> None:
    may_end = tmp_path / "refused"
    pair[0].behave(until=str(may_end), capacity=2)

    async def scene() -> tuple[list[str], list[list[int]]]:
        asked = asyncio.create_task(many(make(pair[0].url, concurrent=0), 8))
        await asyncio.to_thread(_wait_until_refused, pair[0], 6)
        may_end.touch()
        return await asked

    texts, places = asyncio.run(scene())
    assert all(len(text.split()) == 20 for text in texts)
    stats = pair[0].stats()
    assert stats["most_open"] == 2
    assert stats["finished"] == 8
    assert 6 <= stats["refused"] <= 20  # six at first; later ones go singly, and ever later
    assert any(seen and seen[0] >= 1 for seen in places)


def _wait_until_refused(engine: RunningEngine, count: int) -> None:
    end = time.monotonic() + PATIENCE_S
    while engine.stats()["refused"] < count:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_queue_that_does_not_move_ends_as_overload(pair: Pair) -> None:
    pair[0].behave(first_token_s=600)
    generator = make(pair[0].url, concurrent=1)
    # For its turn, that is; for the first token the one before may wait for two minutes.
    generator.settings = generator.settings.model_copy(update={"first_token_timeout_s": 1})

    async def scene() -> None:
        first = asyncio.create_task(ask(generator))
        await asyncio.to_thread(pair[0].wait_for, open_streams=1)
        with pytest.raises(ModelOverloaded):
            await asyncio.wait_for(ask(generator), PATIENCE_S)
        first.cancel()
        with suppress(asyncio.CancelledError, ModelUnavailable):
            await first

    asyncio.run(scene())


def test_whoever_stops_while_waiting_leaves_the_queue_and_asks_nobody(pair: Pair) -> None:
    pair[0].behave(first_token_s=600)
    generator = make(pair[0].url, concurrent=1)

    async def scene() -> list[int]:
        first = asyncio.create_task(ask(generator))
        await asyncio.to_thread(pair[0].wait_for, open_streams=1)
        seen: list[int] = []
        leaver_seen: list[int] = []
        leaver = asyncio.create_task(ask(generator, leaver_seen))
        while not leaver_seen:
            await asyncio.sleep(0.001)
        last = asyncio.create_task(ask(generator, seen))
        while seen != [2]:
            await asyncio.sleep(0.001)
        leaver.cancel()
        while seen != [2, 1]:
            await asyncio.sleep(0.001)
        await asyncio.to_thread(pair[0].behave, **QUICK)
        first.cancel()
        await last
        return seen

    assert asyncio.run(asyncio.wait_for(scene(), PATIENCE_S)) == [2, 1, 0]
    assert pair[0].stats()["requests"] == 2


class Adapters:
    """Served adapters as `RemoteGenerator` asks about them."""

    problem = "the new adapter is being loaded"

    def __init__(self, names: dict[str, str | None]) -> None:
        self.names = names
        self.told: list[tuple[str, str]] = []

    def is_ready(self, url: str) -> bool:
        return url in self.names

    async def name_at(self, url: str) -> str | None:
        self.told.append(("begun", url))
        return self.names[url]

    def ended(self, url: str, name: str | None) -> None:
        assert name == self.names[url]
        self.told.append(("ended", url))


def test_each_server_is_asked_for_the_adapter_that_it_serves(pair: Pair) -> None:
    one, other = (engine.url for engine in pair)
    adapters = Adapters({one: "clin-2", other: None})
    generator = make(one, other, adapters=adapters, model="mistral-7b")

    async def scene() -> set[str]:
        ids = set()
        for _ in range(4):
            stream = generator.stream(make_prompt(), max_new_tokens=5)
            async for _delta in stream:
                ids.add(stream.model_id)
        return ids

    assert asyncio.run(scene()) == {"mistral-7b+clin-2", "mistral-7b"}
    assert [engine.stats()["last"]["model"] for engine in pair] == ["clin-2", "mistral-7b"]
    assert adapters.told.count(("begun", one)) == adapters.told.count(("ended", one)) == 2


@pytest.mark.parametrize("how", ["fails", "is left early"])
def test_an_adapter_is_let_go_of_also_when_the_answer(pair: Pair, how: str) -> None:
    url = pair[0].url
    adapters = Adapters({url: "clin-2"})
    generator = make(url, adapters=adapters)
    if how == "fails":
        pair[0].behave(fault="500")

    async def scene() -> None:
        async with aclosing(generator.stream(make_prompt(), max_new_tokens=20)) as stream:
            async for _ in stream:
                break

    with suppress(ModelUnavailable):
        asyncio.run(scene())
    assert adapters.told == [("begun", url), ("ended", url)]


def test_servers_that_are_not_ready_are_not_asked_and_the_reason_is_said(pair: Pair) -> None:
    one, other = (engine.url for engine in pair)
    adapters = Adapters({other: None})
    generator = make(one, other, adapters=adapters)
    assert len(asyncio.run(many(generator, 4))[0]) == 4
    assert requests(pair) == [0, 4]
    adapters.names.clear()
    with pytest.raises(ModelNotReady, match="the new adapter is being loaded"):
        asyncio.run(ask(generator))


def test_without_an_address_nothing_is_asked() -> None:
    with pytest.raises(ModelUnavailable, match="no address is set"):
        asyncio.run(ask(make(" ,")))


def test_an_address_that_is_given_twice_is_one_server(pair: Pair) -> None:
    generator = make(pair[0].url, f"{pair[0].url}/", concurrent=1)
    assert generator.urls == (pair[0].url,)
