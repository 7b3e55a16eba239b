"""What Curbside adds to a model server's own time: the whole pipeline through its HTTP interface against the engine alone.

    python -m tests.benchmarks.bench_chat

The engine is `tests.engines.stand_in` with a known rate: the first token after 50 ms, then 100 tokens a second, 100 tokens. Curbside
de-identifies the question, retrieves from 300 past reports, builds the prompt, grounds the answer and keeps the turn; the report asked
about is in the library (de-identifying a pasted one is measured by bench_deid). Direct and through
Curbside alternate in one run; engine, Curbside and the client are three processes on the same cores. Reports are invented by a seed.
`bench_load` does the same with 64 chats.
"""

import asyncio
import itertools
import os
import statistics
import tempfile
from collections.abc import Coroutine
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.served import QUESTION, REPORT, REPORT_ID, Chat, Served, chat, memory_mb, quantile, serve

TOKENS, RATE, FIRST_MS = 100, 100, 50
ROUNDS = {1: 12, 16: 5}
DIRECT, CURBSIDE = "direct", "curbside"
_weeks = itertools.count()  # no two questions alike: nothing is answered from a cache of questions


def directly(served: Served) -> Coroutine[None, None, Chat]:
    """The same length of prompt, asked of the engine alone."""
    messages = [{"role": "user", "content": REPORT + QUESTION.format(next(_weeks))}]
    body = {"model": "stand-in", "stream": True, "messages": messages}
    return chat(served.engine, "/v1/chat/completions", body, "x", tokens=TOKENS)


def through_curbside(served: Served) -> Coroutine[None, None, Chat]:
    body = {"question": QUESTION.format(next(_weeks)), "report_id": REPORT_ID}
    return chat(served.curbside, "/api/v1/ask", body, served.token, tokens=TOKENS)


async def measure(served: Served, count: int, rounds: int) -> dict[str, list[list[Chat]]]:
    """Rounds of `count` chats that start together, direct and through Curbside in turn. The first, which warms up, is left out."""
    seen: dict[str, list[list[Chat]]] = {DIRECT: [], CURBSIDE: []}
    for number in range(rounds + 1):
        for name, call in ((DIRECT, directly), (CURBSIDE, through_curbside)):
            chats = await asyncio.gather(*(call(served) for _ in range(count)))
            if number:
                seen[name].append(list(chats))
            await asyncio.sleep(0.3)
    return seen


def report_rows(count: int, rounds: dict[str, list[list[Chat]]], table: Table) -> None:
    """A row for each way, and what Curbside adds. Raises `SystemExit` if an answer is not whole."""
    figures: dict[str, tuple[float, float, float, float]] = {}
    for name, measured in rounds.items():
        problems = [one.problem for chats in measured for one in chats if one.problem]
        if problems:
            raise SystemExit(f"{len(problems)} answers ({name}) are not whole: {problems[0]}")
        firsts = [c.first_token_s * 1000 for chats in measured for c in chats]
        rates = [c.tokens_per_s for chats in measured for c in chats]
        bursts = [sum(c.tokens for c in chats) / max(c.total_s for c in chats) for chats in measured]
        figures[name] = (
            statistics.median(firsts), quantile(firsts, 0.95), statistics.median(rates), statistics.median(bursts)
        )  # fmt: skip
        table.add_row(str(count), name, *(f"{value:.1f}" for value in figures[name]))
    d, c = figures[DIRECT], figures[CURBSIDE]
    table.add_row(
        str(count),
        "added / ratio",
        f"+{c[0] - d[0]:.1f}",
        f"+{c[1] - d[1]:.1f}",
        f"{c[2] / d[2]:.3f}",
        f"{c[3] / d[3]:.3f}",
    )


def new_table() -> Table:
    return Table("chats", "path", "first token p50 ms", "p95 ms", "tokens/s a chat", "burst tokens/s")


def stage_times(served: Served) -> dict[str, float]:
    """Median milliseconds by stage, as Curbside itself tells them with each answer."""
    import httpx

    timings: dict[str, list[float]] = {}
    with httpx.Client(headers={"Authorization": f"Bearer {served.token}"}, timeout=60) as client:
        for _ in range(5):
            body = {"question": QUESTION.format(next(_weeks)), "report_id": REPORT_ID, "stream": False}
            reply = client.post(f"http://127.0.0.1:{served.curbside}/api/v1/ask", json=body).json()
            for stage, ms in reply["timings_ms"].items():
                timings.setdefault(stage, []).append(ms)
    return {stage: statistics.median(values) for stage, values in timings.items()}


def main() -> None:
    console = Console()
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder), tokens=TOKENS, rate=RATE, first_ms=FIRST_MS) as served,
    ):
        started = f"start to first page {served.page_s:.1f} s, to ready {served.ready_s:.1f} s"
        console.print(f"{started}, idle {memory_mb(served.pid):.0f} MB ({os.cpu_count()} cores)")
        table = new_table()
        for count, rounds in ROUNDS.items():
            report_rows(count, asyncio.run(measure(served, count, rounds)), table)
        console.print(table)
        stages = "  ".join(f"{stage} {ms:.1f}" for stage, ms in stage_times(served).items())
        console.print(f"where the time goes, ms, 1 chat: {stages}")
        console.print(f"memory after the load {memory_mb(served.pid):.0f} MB, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
