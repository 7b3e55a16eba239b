"""What Curbside adds to a model server's own time: the whole pipeline through its HTTP interface against the engine alone.

    python -m tests.benchmarks.bench_chat

The engine is `tests.engines.stand_in` with a known rate: the first token after 50 ms, then 100 tokens a second, 100 tokens. Curbside
de-identifies the question, retrieves from 300 past reports, builds the prompt, grounds the answer and keeps the turn; the report asked
about is in the library (de-identifying a pasted one is measured by bench_deid). Direct and through
Curbside alternate in one run; engine, Curbside and the client are three processes on the same cores. Reports are invented by a seed.
"""

import asyncio
import contextlib
import itertools
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

TOKENS, RATE, FIRST_MS = 100, 100, 50
ROUNDS = {1: 12, 16: 5}
REPORT_ID = "asked-about"
QUESTION = "What antibiotics is the patient taking in week {}, and is there a pleural effusion?"


@dataclass(frozen=True)
class Chat:
    """One answer as its client saw it."""

    first_token_s: float
    total_s: float
    tokens: int

    @property
    def tokens_per_s(self) -> float:
        return (self.tokens - 1) / (self.total_s - self.first_token_s)


async def chat(port: int, path: str, body: dict, token: str) -> Chat:
    """Ask once over a bare socket. Lines are only kept while they come: the client must cost as little as possible."""
    payload = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(payload)}\r\nConnection: close\r\n\r\n"
    ).encode()
    started = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head + payload)
    lines: list[tuple[float, bytes]] = []
    while line := await reader.readline():
        lines.append((time.perf_counter(), line))
        if line.startswith((b"data: [DONE]", b"event: kept")):
            break
    writer.close()
    words = [(at, len(text.split())) for at, line in lines if (text := _text(line)).strip()]
    if sum(count for _, count in words) != TOKENS:
        raise SystemExit(f"{path} gave {sum(count for _, count in words)} tokens instead of {TOKENS}")
    return Chat(words[0][0] - started, words[-1][0] - started, TOKENS)


def _text(line: bytes) -> str:
    """The answer's text in a line of either stream: the engine's tokens are words."""
    if not line.startswith(b"data: {"):
        return ""
    data = json.loads(line[6:])
    if "choices" in data:
        return "".join(choice["delta"].get("content") or "" for choice in data["choices"])
    return data["text"] if data.keys() == {"text"} else ""


@contextlib.contextmanager
def process(*arguments: str, pattern: str) -> Iterator[tuple[subprocess.Popen, re.Match]]:
    """Run a server until the block ends; `pattern` is what it prints when it is up."""
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen([sys.executable, "-m", *arguments], stdout=subprocess.PIPE, stderr=log, text=True)
        assert server.stdout is not None
        try:
            for line in server.stdout:
                if found := re.search(pattern, line):
                    yield server, found
                    return
            log.seek(0)
            raise SystemExit(f"{arguments[0]} did not start: {log.read()[-2000:]}")
        finally:
            server.terminate()
            server.wait(10)


def invented_reports(folder: Path, count: int) -> None:
    """Past reports to retrieve from, put together from invented phrases."""
    rng = random.Random(7)
    sites = ["right lower lobe", "left upper lobe", "right kidney", "left hip", "liver", "lumbar spine"]
    finds = ["consolidation", "a small effusion", "a simple cyst", "a fracture", "mild oedema", "no acute change"]
    drugs = ["amoxicillin 500 mg", "metformin 850 mg", "ramipril 5 mg", "apixaban 5 mg", "furosemide 40 mg"]
    with (folder / "past.jsonl").open("w") as file:
        asked_about = (Path(__file__).parents[2] / "ui" / "examples" / "discharge_summary.txt").read_text("utf-8")
        file.write(json.dumps({"id": REPORT_ID, "text": asked_about}) + "\n")
        for number in range(count):
            lines = [f"HISTORY: Patient of {rng.randint(20, 89)} years with {rng.choice(['pain', 'fever', 'cough'])}."]
            lines += [f"FINDINGS: {rng.choice(finds).capitalize()} of the {rng.choice(sites)}." for _ in range(4)]
            lines += [f"MEDICATIONS: {rng.choice(drugs)} twice a day.", f"PLAN: Review in {rng.randint(1, 12)} weeks."]
            file.write(json.dumps({"id": f"p-{number}", "text": "\n".join(lines)}) + "\n")


async def measure(direct: int, curbside: int, token: str, count: int) -> dict[str, list[list[Chat]]]:
    """Rounds of `count` chats that start together, direct and through Curbside in turn."""
    report = (Path(__file__).parents[2] / "ui" / "examples" / "discharge_summary.txt").read_text("utf-8")
    weeks = itertools.count()  # no two questions alike: nothing is answered from a cache of questions

    def directly() -> Coroutine[None, None, Chat]:
        messages = [{"role": "user", "content": report + QUESTION.format(next(weeks))}]
        body = {"model": "stand-in", "stream": True, "messages": messages}
        return chat(direct, "/v1/chat/completions", body, "x")

    def through_curbside() -> Coroutine[None, None, Chat]:
        body = {"question": QUESTION.format(next(weeks)), "report_id": REPORT_ID}
        return chat(curbside, "/api/v1/ask", body, token)

    rounds: dict[str, list[list[Chat]]] = {"direct": [], "curbside": []}
    for number in range(ROUNDS[count] + 1):
        for name, call in (("direct", directly), ("curbside", through_curbside)):
            chats = await asyncio.gather(*(call() for _ in range(count)))
            if number:  # the first round warms up
                rounds[name].append(list(chats))
            await asyncio.sleep(0.3)
    return rounds


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def report_rows(count: int, rounds: dict[str, list[list[Chat]]], table: Table) -> None:
    figures: dict[str, tuple[float, float, float, float]] = {}
    for name, measured in rounds.items():
        firsts = [c.first_token_s * 1000 for chats in measured for c in chats]
        rates = [c.tokens_per_s for chats in measured for c in chats]
        bursts = [sum(c.tokens for c in chats) / max(c.total_s for c in chats) for chats in measured]
        figures[name] = (
            statistics.median(firsts), quantile(firsts, 0.95), statistics.median(rates), statistics.median(bursts)
        )  # fmt: skip
        table.add_row(str(count), name, *(f"{value:.1f}" for value in figures[name]))
    d, c = figures["direct"], figures["curbside"]
    table.add_row(
        str(count),
        "added / ratio",
        f"+{c[0] - d[0]:.1f}",
        f"+{c[1] - d[1]:.1f}",
        f"{c[2] / d[2]:.3f}",
        f"{c[3] / d[3]:.3f}",
    )


def memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024  # type: ignore[union-attr]


def stage_times(curbside: int, token: str) -> dict[str, float]:
    """Median milliseconds by stage, as Curbside itself tells them with each answer."""
    import httpx

    timings: dict[str, list[float]] = {}
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        for week in range(1000, 1005):
            body = {"question": QUESTION.format(week), "report_id": REPORT_ID, "stream": False}
            reply = client.post(f"http://127.0.0.1:{curbside}/api/v1/ask", json=body).json()
            for stage, ms in reply["timings_ms"].items():
                timings.setdefault(stage, []).append(ms)
    return {stage: statistics.median(values) for stage, values in timings.items()}


def main() -> None:
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        data = ["--data", f"{folder}/data"]
        invented_reports(Path(folder), 300)
        run = [sys.executable, "-m", "ui.cli"]
        subprocess.run([*run, "ingest", f"{folder}/past.jsonl", "--json", *data], check=True, stdout=subprocess.DEVNULL)
        engine = ("tests.engines.stand_in", "--port", "0", "--first-token-ms", str(FIRST_MS), "--tokens-per-second")
        with process(*engine, str(RATE), "--tokens", str(TOKENS), pattern=r"(\d{4,5})") as (_, printed):
            direct = int(printed.group(1))
            url = f"http://127.0.0.1:{direct}/v1"
            started = time.perf_counter()
            serve = ("ui.cli", "serve", "--port", "0", "--url", url, "--model", "stand-in", *data)
            with process(*serve, pattern=r"http://127\.0\.0\.1:(\d+)") as (server, address):
                curbside = int(address.group(1))
                page_s = wait_for_page(curbside, started)
                token = subprocess.run(
                    [*run, "token", *data], check=True, capture_output=True, text=True
                ).stdout.strip()
                ready_s = wait_until_ready(curbside, started)
                idle = memory_mb(server.pid)
                console.print(
                    f"start to first page {page_s:.1f} s, to ready {ready_s:.1f} s, idle {idle:.0f} MB ({os.cpu_count()} cores)"
                )
                table = Table("chats", "path", "first token p50 ms", "p95 ms", "tokens/s a chat", "burst tokens/s")
                for count in ROUNDS:
                    report_rows(count, asyncio.run(measure(direct, curbside, token, count)), table)
                console.print(table)
                stages = "  ".join(f"{stage} {ms:.1f}" for stage, ms in stage_times(curbside, token).items())
                console.print(f"where the time goes, ms, 1 chat: {stages}")
                console.print(f"memory after the load {memory_mb(server.pid):.0f} MB")


def wait_for_page(port: int, started: float) -> float:
    import httpx

    httpx.get(f"http://127.0.0.1:{port}/", timeout=60).raise_for_status()
    return time.perf_counter() - started


def wait_until_ready(port: int, started: float) -> float:
    import httpx

    while not httpx.get(f"http://127.0.0.1:{port}/health", timeout=60).json()["ready"]:
        time.sleep(0.2)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
