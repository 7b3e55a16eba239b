"""The line before the model servers: its order, its places, and that nobody's place is lost."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import aclosing

import pytest

from assistant.generation.replicas import Replicas
from assistant.generation.waiting import Line, NobodyReady, Turn, WaitedTooLong
from tests.assistant.generation.test_replicas import Adapters, Clock

FAR = 120.0


def make_line(*urls: str, concurrent: int = 1, adapters: Adapters | None = None) -> Line:
    return Line(Replicas(urls or ("a",), concurrent=concurrent, adapters=adapters))


async def arrive(turn: Turn, places: list[int] | None = None, *, within_s: float = FAR) -> str:
    """Wait until it is the turn's turn; where it may ask."""
    async with aclosing(turn.wait(until=time.monotonic() + within_s)) as seen:
        async for place in seen:
            if places is not None:
                places.append(place)
    assert turn.replica is not None
    return turn.replica.url


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(FAR):
        while not condition():
            await asyncio.sleep(0.001)


def test_first_come_first_served_and_everybody_knows_the_place() -> None:
    async def scene() -> tuple[list[int], list[list[int]]]:
        line, order = make_line(), []
        places: list[list[int]] = [[] for _ in range(5)]

        async def question(number: int) -> None:
            with line.turn() as turn:
                await arrive(turn, places[number])
                order.append(number)
                await asyncio.sleep(0)

        with line.turn() as first:
            assert await arrive(first) == "a"
            tasks = []
            for number in range(5):
                tasks.append(asyncio.create_task(question(number)))
                await until(lambda number=number: bool(places[number]))
        await asyncio.gather(*tasks)
        return order, places

    order, places = asyncio.run(scene())
    assert order == [0, 1, 2, 3, 4]
    assert [seen[0] for seen in places] == [1, 2, 3, 4, 5]
    assert all(seen == sorted(seen, reverse=True) and seen[-1] == 0 for seen in places)


def test_who_finds_room_hears_of_no_line() -> None:
    async def scene() -> list[int]:
        places: list[int] = []
        line = make_line(concurrent=2)
        with line.turn() as one, line.turn() as other:
            await arrive(one, places)
            await arrive(other, places)
        return places

    assert asyncio.run(scene()) == []


@pytest.mark.parametrize("how", ["cancelling", "closing"])
def test_leaving_moves_those_behind_up_at_once(how: str) -> None:
    async def scene() -> tuple[list[int], str]:
        line = make_line()
        seen: list[int] = []
        leaver_seen: list[int] = []

        async def leave() -> None:
            with line.turn() as turn:
                if how == "cancelling":
                    await arrive(turn, leaver_seen)
                async with aclosing(turn.wait(until=time.monotonic() + FAR)) as places:
                    async for place in places:
                        leaver_seen.append(place)
                        await gone.wait()
                        return

        async def stay() -> str:
            with line.turn() as turn:
                return await arrive(turn, seen)

        gone = asyncio.Event()
        with line.turn() as first:
            await arrive(first)
            leaver = asyncio.create_task(leave())
            await until(lambda: bool(leaver_seen))
            staying = asyncio.create_task(stay())
            await until(lambda: seen == [2])
            leaver.cancel() if how == "cancelling" else gone.set()
            await until(lambda: seen == [2, 1])
        return seen, await staying

    assert asyncio.run(scene()) == ([2, 1, 0], "a")


def test_a_place_given_to_somebody_who_just_left_is_given_on() -> None:
    async def scene() -> str:
        line = make_line()
        with line.turn() as first:
            await arrive(first)
            second, third = line.turn(), line.turn()
            seen: list[int] = []
            waiting = asyncio.create_task(arrive(second, seen))
            await until(lambda: seen == [1])
            later = asyncio.create_task(arrive(third))
            await asyncio.sleep(0)
        waiting.cancel()  # `second` has the place by now, and nobody there to use it
        second.__exit__(None, None, None)
        with third:
            return await later

    assert asyncio.run(scene()) == "a"


def test_whom_a_full_server_sent_back_stands_where_it_stood() -> None:
    async def scene() -> list[str]:
        clock = Clock()
        clock.now = time.monotonic() + FAR  # nobody looks again by itself
        line, order = Line(Replicas(["a"], concurrent=0, clock=clock)), []

        async def second() -> None:
            with line.turn() as turn:
                await arrive(turn)
                order.append("second")

        with line.turn() as first:
            await arrive(first)
            first.refused(after_s=5)
            task = asyncio.create_task(second())
            await asyncio.sleep(0)
            places: list[int] = []
            back = asyncio.create_task(arrive(first, places))
            await until(lambda: places == [1])
            clock.now += 5
            line._look_again()
            await back
            order.append("first")
            first.begun()
        await task
        return order

    assert asyncio.run(scene()) == ["first", "second"]


def test_a_failure_leads_to_another_server_past_those_who_wait_for_any() -> None:
    async def scene() -> str:
        line = make_line("a", "b", concurrent=1)
        with line.turn() as one, line.turn() as other:
            assert await arrive(one) == "a"
            assert await arrive(other) == "b"
            one.failed()
            assert not one.is_exhausted
            waiting = asyncio.create_task(arrive(one))
            await asyncio.sleep(0.01)
            assert not waiting.done()
            other.begun()
            other.__exit__(None, None, None)
            return await waiting

    assert asyncio.run(scene()) == "b"


def test_waiting_ends_when_the_time_is_up_and_the_place_is_free() -> None:
    async def scene() -> None:
        line = make_line()
        with line.turn() as first:
            await arrive(first)
            with line.turn() as late, pytest.raises(WaitedTooLong):
                await arrive(late, within_s=0.05)
            assert not line._waiting

    asyncio.run(scene())


def test_without_a_ready_server_nobody_waits() -> None:
    async def scene() -> None:
        adapters = Adapters()
        line = make_line(adapters=adapters)
        with line.turn() as turn, pytest.raises(NobodyReady):
            await arrive(turn)
        adapters.ready.add("a")
        with line.turn() as turn:
            assert await arrive(turn) == "a"
            adapters.ready.clear()
            with line.turn() as other, pytest.raises(NobodyReady):
                await arrive(other)

    asyncio.run(scene())


def test_nobody_waits_for_a_server_that_failed_them() -> None:
    async def scene() -> None:
        adapters = Adapters("a", "b")
        line = make_line("a", "b", adapters=adapters)
        with line.turn() as one, line.turn() as other:
            await arrive(one)
            await arrive(other)
            one.failed()
            waiting = asyncio.create_task(arrive(one))
            await asyncio.sleep(0)
            adapters.ready.discard("b")
            with pytest.raises(NobodyReady):
                await waiting

    asyncio.run(asyncio.wait_for(scene(), FAR))


def test_a_server_that_becomes_ready_is_found_by_whoever_waits() -> None:
    async def scene() -> str:
        adapters = Adapters("a")
        line = make_line("a", "b", adapters=adapters)
        with line.turn() as first, line.turn() as second:
            await arrive(first)
            seen: list[int] = []
            waiting = asyncio.create_task(arrive(second, seen))
            await until(lambda: seen == [1])
            adapters.ready.add("b")
            return await waiting

    assert asyncio.run(scene()) == "b"


def test_the_line_is_one_for_all_threads_and_their_event_loops() -> None:
    line = make_line("a", "b", concurrent=1)
    under_way, most, lock = 0, 0, threading.Lock()
    answered: list[int] = []

    async def question(number: int) -> None:
        nonlocal under_way, most
        with line.turn() as turn:
            await arrive(turn)
            with lock:
                under_way += 1
                most = max(most, under_way)
            await asyncio.sleep(0.001)
            with lock:
                under_way -= 1
                answered.append(number)

    async def several(first: int) -> None:
        await asyncio.gather(*(question(first + number) for number in range(25)))

    threads = [threading.Thread(target=lambda first=first: asyncio.run(several(first))) for first in (0, 100, 200, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(FAR)
    assert len(answered) == 100
    assert most == 2
    assert not line._waiting
    assert [each.under_way for each in line._replicas._all] == [0, 0]


def test_five_hundred_in_line_cost_little() -> None:
    async def scene() -> float:
        line = make_line()

        async def question() -> None:
            with line.turn() as turn:
                await arrive(turn)

        with line.turn() as first:
            await arrive(first)
            tasks = [asyncio.create_task(question()) for _ in range(500)]
            await asyncio.sleep(0)
        started = time.thread_time()
        await asyncio.gather(*tasks)
        return time.thread_time() - started

    assert asyncio.run(scene()) < 10, "it took 0.8 s; each of 500 departures wakes all behind it"
