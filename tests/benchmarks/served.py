"""A Curbside server and the stand-in engine it asks, as processes of their own, and one chat with either over a bare socket."""

import asyncio
import contextlib
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPORT_ID = "asked-about"
REPORT = (Path(__file__).parents[2] / "ui" / "examples" / "discharge_summary.txt").read_text("utf-8")
QUESTION = "What antibiotics is the patient taking in week {}, and is there a pleural effusion?"
ENDS = (b"data: [DONE]", b"event: kept", b"event: error")
_SILENCE_S = 120


@dataclass(frozen=True, kw_only=True)
class Chat:
    """One answer as its client saw it."""

    first_token_s: float = float("nan")
    total_s: float = float("nan")
    tokens: int = 0
    turn_id: int | None = None
    """Of an answer that Curbside has kept."""
    problem: str = ""
    """Why it is not a whole answer of the engine's; empty if it is."""

    @property
    def tokens_per_s(self) -> float:
        return (self.tokens - 1) / (self.total_s - self.first_token_s)


@dataclass(frozen=True, kw_only=True)
class Served:
    """Where both listen."""

    engine: int
    curbside: int
    token: str
    password: str
    pid: int
    page_s: float
    """From the start to the first page."""
    ready_s: float


async def chat(port: int, path: str, body: dict, token: str, *, tokens: int) -> Chat:
    """Ask once. Lines are only kept while they come: the client must cost as little as possible."""
    payload = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(payload)}\r\nConnection: close\r\n\r\n"
    ).encode()
    started = time.perf_counter()
    lines: list[tuple[float, bytes]] = []
    problem = ""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head + payload)
        while line := await asyncio.wait_for(reader.readline(), _SILENCE_S):
            lines.append((time.perf_counter(), line))
            if line.startswith(ENDS):
                lines.append((time.perf_counter(), await reader.readline()))  # what was kept
                break
        else:
            problem = "it ended without its end"
        writer.close()
    except (OSError, TimeoutError, ValueError) as error:
        problem = type(error).__name__
    return _seen(lines, started, problem=problem, tokens=tokens)


def _seen(lines: list[tuple[float, bytes]], started: float, *, problem: str, tokens: int) -> Chat:
    status = lines[0][1].split(b" ", 2)[1].decode() if lines else "no reply"
    if status != "200":
        return Chat(problem=problem or f"status {status}")
    for _, line in lines:
        if line.startswith((b"event: error", b"event: fell_back")):
            problem = problem or line.decode().strip()
    words = [(at, len(text.split())) for at, line in lines if (text := _text(line)).strip()]
    came = sum(count for _, count in words)
    if came != tokens:
        problem = problem or f"{came} tokens instead of {tokens}"
    kept = [json.loads(line[6:]) for _, line in lines[-1:] if line.startswith(b'data: {"turn_id"')]
    return Chat(
        first_token_s=words[0][0] - started if words else float("nan"),
        total_s=words[-1][0] - started if words else float("nan"),
        tokens=came,
        turn_id=kept[0]["turn_id"] if kept else None,
        problem=problem,
    )


def _text(line: bytes) -> str:
    """The answer's text in a line of either stream: the engine's tokens are words."""
    if not line.startswith(b"data: {"):
        return ""
    data = json.loads(line[6:])
    if "choices" in data:
        return "".join(choice["delta"].get("content") or "" for choice in data["choices"])
    return data["text"] if data.keys() == {"text"} else ""


@contextlib.contextmanager
def serve(folder: Path, *, tokens: int, rate: float, first_ms: float, reports: int = 300) -> Iterator[Served]:
    """A new installation with `reports` past reports in front of an engine with a known rate, until the block ends."""
    data = ["--data", f"{folder}/data"]
    invented_reports(folder, reports)
    run = [sys.executable, "-m", "ui.cli"]
    subprocess.run([*run, "ingest", f"{folder}/past.jsonl", "--json", *data], check=True, stdout=subprocess.DEVNULL)
    engine = ["tests.engines.stand_in", "--port", "0", "--first-token-ms", str(first_ms)]
    engine += ["--tokens-per-second", str(rate), "--tokens", str(tokens)]
    with process(*engine, pattern=r"(\d{4,5})") as (_, printed):
        url = f"http://127.0.0.1:{printed.group(1)}/v1"
        started = time.perf_counter()
        command = ("ui.cli", "serve", "--port", "0", "--url", url, "--model", "stand-in", *data)
        with process(*command, pattern=r"http://127\.0\.0\.1:(\d+)") as (server, address):
            curbside = int(address.group(1))
            assert server.stdout is not None
            password = server.stdout.readline().rpartition(":")[2].strip()
            page_s = _wait_for_page(curbside, started)
            token = subprocess.run([*run, "token", *data], check=True, capture_output=True, text=True).stdout.strip()
            ready_s = _wait_until_ready(curbside, started)
            yield Served(
                engine=int(printed.group(1)), curbside=curbside, token=token, password=password,
                pid=server.pid, page_s=page_s, ready_s=ready_s,
            )  # fmt: skip


@contextlib.contextmanager
def process(*arguments: str, pattern: str) -> Iterator[tuple["subprocess.Popen[str]", "re.Match[str]"]]:
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
        file.write(json.dumps({"id": REPORT_ID, "text": REPORT}) + "\n")
        for number in range(count):
            lines = [f"HISTORY: Patient of {rng.randint(20, 89)} years with {rng.choice(['pain', 'fever', 'cough'])}."]
            lines += [f"FINDINGS: {rng.choice(finds).capitalize()} of the {rng.choice(sites)}." for _ in range(4)]
            lines += [f"MEDICATIONS: {rng.choice(drugs)} twice a day.", f"PLAN: Review in {rng.randint(1, 12)} weeks."]
            file.write(json.dumps({"id": f"p-{number}", "text": "\n".join(lines)}) + "\n")


def memory_mb(pid: int, what: str = "VmRSS") -> float:
    """Resident memory: all of it, or `RssAnon` (the process's own) or `RssFile` (pages of files)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+)", status).group(1)) / 1024  # type: ignore[union-attr]


def processor_s(pid: int) -> float:
    """Processor time that a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def _wait_for_page(port: int, started: float) -> float:
    import httpx

    httpx.get(f"http://127.0.0.1:{port}/", timeout=60).raise_for_status()
    return time.perf_counter() - started


def _wait_until_ready(port: int, started: float) -> float:
    import httpx

    while not httpx.get(f"http://127.0.0.1:{port}/health", timeout=60).json()["ready"]:
        time.sleep(0.2)
    return time.perf_counter() - started
