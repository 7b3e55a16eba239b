"""Sixty-four clinicians at once: time to the first token, tokens over direct, memory per chat, and whether anything is dropped.

    python -m tests.benchmarks.bench_load [--chats 64] [--rates 25 100] [--rounds 3] [--no-page]

The engine gives its first token after 50 ms and then RATE tokens a second to each chat, 100 tokens. 64 chats at 25 are the 1,600 tokens
a second of `bench_chat`'s 16 at 100; 64 at 100 are more than two cores carry beside the engine and the client, and show what gives then.
The same number of answers is asked of the engine directly, in turn, in the same run; all start together. `--no-page` leaves the
browser page out, whose sessions are driven through the interface that its script uses.
Memory is of the server process: before, the highest while all are open, and after, over the number of chats.
"""

import argparse
import asyncio
import math
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.bench_chat import CURBSIDE, DIRECT, FIRST_MS, TOKENS, directly, through_curbside
from tests.benchmarks.paged import PageSession, page_chat, sign_in
from tests.benchmarks.served import QUESTION, REPORT_ID, Chat, Served, memory_mb, processor_s, quantile, serve

PAGE = "page"
AskOnce = Callable[[], Awaitable[Chat]]


@dataclass
class Round:
    """Chats that started together, and what they cost the server."""

    chats: list[Chat]
    wall_s: float
    before_mb: float
    peak_mb: float
    processor_s: float


@dataclass
class Way:
    """All rounds through one door."""

    rounds: list[Round] = field(default_factory=list)

    def every(self) -> list[Chat]:
        return [chat for one in self.rounds for chat in one.chats]

    def whole(self) -> list[Chat]:
        return [chat for chat in self.every() if not chat.problem]

    @property
    def tokens_per_s(self) -> float:
        """All tokens over the time until the last answer's last token; the median round."""
        return statistics.median(
            sum(chat.tokens for chat in one.chats) / max((chat.total_s for chat in one.chats if not chat.problem), default=math.inf)
            for one in self.rounds
        )  # fmt: skip


async def together(served: Served, asks: Sequence[AskOnce]) -> Round:
    """Ask all at once."""
    before, cpu = memory_mb(served.pid), processor_s(served.pid)
    peak = before

    async def watch() -> None:
        nonlocal peak
        while True:
            peak = max(peak, memory_mb(served.pid))
            await asyncio.sleep(0.1)

    watching = asyncio.ensure_future(watch())
    started = time.perf_counter()
    chats = await asyncio.gather(*(ask() for ask in asks))
    wall = time.perf_counter() - started
    watching.cancel()
    return Round(list(chats), wall, before, peak, processor_s(served.pid) - cpu)


async def measure(served: Served, count: int, rounds: int, *, page: bool) -> dict[str, Way]:
    ways = {DIRECT: Way(), CURBSIDE: Way()}
    for number in range(rounds + 1):  # the first warms up
        for name, ask in ((DIRECT, directly), (CURBSIDE, through_curbside)):
            one = await together(served, [lambda ask=ask: ask(served)] * count)
            if number:
                ways[name].rounds.append(one)
            await asyncio.sleep(0.5)
    if page:
        ways[PAGE] = Way([await through_page(served, count)])
    return ways


async def through_page(served: Served, count: int) -> Round:
    """One round on `count` open pages, each with the report on its screen; opening them is not timed."""
    url = f"http://127.0.0.1:{served.curbside}"
    http, config = await sign_in(url, served.password)
    async with http:
        before = memory_mb(served.pid)
        pages = [PageSession(http, config, url) for _ in range(count)]
        for page in pages:
            await page.ask_for("opened", "use_report", data={"id": REPORT_ID}, seen=lambda _: None)

        def ask(page: PageSession, week: int) -> AskOnce:
            return lambda: page_chat(page, QUESTION.format(week), tokens=TOKENS)

        one = await together(served, [ask(page, 10_000 + week) for week, page in enumerate(pages)])
        one.before_mb = before
        return one


def print_ways(console: Console, ways: dict[str, Way], count: int, rate: float) -> None:
    """A row a way; the engine alone is what the others are compared with."""
    table = Table(
        "path", "first token p50 ms", "p95 ms", "tokens/s a chat", "all tokens/s", "over direct", "whole answers", "server, ms of a processor a chat",
        title=f"{count} chats at once, an engine of {rate:g} tokens/s each",
    )  # fmt: skip
    direct = ways[DIRECT].tokens_per_s
    for name, way in ways.items():
        whole = way.whole()
        firsts = [chat.first_token_s * 1000 for chat in whole] or [math.nan]
        cpu = 1000 * sum(one.processor_s for one in way.rounds) / len(way.every())
        table.add_row(
            name, f"{statistics.median(firsts):.0f}", f"{quantile(firsts, 0.95):.0f}",
            f"{statistics.median(chat.tokens_per_s for chat in whole) if whole else math.nan:.1f}",
            f"{way.tokens_per_s:.0f}", f"{way.tokens_per_s / direct:.3f}",
            f"{len(whole)} of {len(way.every())}", "" if name == DIRECT else f"{cpu:.0f}",
        )  # fmt: skip
    console.print(table)
    for name, way in ways.items():
        problems = sorted({chat.problem for chat in way.every() if chat.problem})
        if problems:
            console.print(f"{name}: {problems[:3]}")
        if name != DIRECT:
            first, last = way.rounds[0], way.rounds[-1]
            peak = max(one.peak_mb for one in way.rounds)
            console.print(
                f"memory, {name}: {first.before_mb:.0f} MB before, {peak:.0f} MB at most: "
                f"{(peak - first.before_mb) / count:.2f} MB a chat; {last.before_mb:.0f} MB before the last round"
            )


@contextmanager
def installation(rate: float) -> Iterator[Served]:
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder), tokens=TOKENS, rate=rate, first_ms=FIRST_MS) as served,
    ):
        yield served


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--chats", type=int, default=64)
    parser.add_argument(
        "--rates", type=float, nargs="+", default=[25, 100], help="tokens a second of the engine, to each chat"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-page", action="store_true")
    given = parser.parse_args()
    console = Console(width=118)
    dropped = 0
    for rate in given.rates:
        with installation(rate) as served:
            ways = asyncio.run(measure(served, given.chats, given.rounds, page=not given.no_page))
            print_ways(console, ways, given.chats, rate)
            console.print(
                f"memory afterwards {memory_mb(served.pid):.0f} MB; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n"
            )
            dropped += sum(bool(chat.problem) for way in ways.values() for chat in way.every())
    if dropped:
        raise SystemExit(f"{dropped} answers were not whole")


if __name__ == "__main__":
    main()
