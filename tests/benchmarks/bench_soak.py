"""Ten minutes of a busy practice: does the server's memory stay what it is, and does anything fail?

    python -m tests.benchmarks.bench_soak [--minutes 10] [--people 6] [--pages 2] [--csv FILE]

People ask over HTTP, hang up in the middle, paste, upload and delete reports, rate, correct, search and delete conversations; pages
are opened, asked, stopped, rated and left. Every page is a new browser session: Gradio keeps the last 200 in memory, so as many are
opened and asked first; and the 400 latest answers are read for examples. The first third of the time is warm-up; over the rest a line is fitted to the memory that is the process's own (means
over 10 s, the interval widened for their correlation). Pages of mapped files are counted apart: the weights of the encoder, of which each new word brings
another page in, and libraries; the system takes them back when it needs them. Threads, open files and sockets are counted beside it. What is kept on disk
grows, as it should.
"""

import argparse
import asyncio
import itertools
import math
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.served import Served, memory_mb, processor_s, serve
from tests.benchmarks.soaking import Practice

TOKENS, RATE, FIRST_MS = 40, 200, 20
WARM_UP_SHARE = 1 / 3
BIN_S = 10
SESSIONS = 200
MOST_MB = 10
"""So much between the beginning and the end of the time that is judged is no growth: what a cache or a heap still takes."""
_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Sample:
    at_s: float
    memory_mb: float
    """The process's own."""
    mapped_mb: float
    """Pages of files."""
    threads: int
    files: int
    sockets: int
    answers: int
    failures: int


@dataclass(frozen=True)
class Slope:
    """A line's steepness with its 95 % interval."""

    each_hour: float
    low: float
    high: float


def sample(served: Served, practice: Practice, started: float) -> Sample:
    folder = Path(f"/proc/{served.pid}")
    links = []
    for link in (folder / "fd").iterdir():
        try:
            links.append(os.readlink(link))
        except FileNotFoundError:
            continue  # closed meanwhile
    return Sample(
        time.monotonic() - started, memory_mb(served.pid, "RssAnon"), memory_mb(served.pid, "RssFile"),
        len(list((folder / "task").iterdir())), len(links),
        sum(link.startswith("socket:") for link in links), practice.answers, len(practice.failures),
    )  # fmt: skip


def fit(samples: Sequence[Sample], *, bin_s: float = BIN_S) -> Slope:
    """MB an hour, by least squares over means of `bin_s` seconds. Neighbouring means are alike, so they count for fewer."""
    bins: dict[int, list[Sample]] = {}
    for one in samples:
        bins.setdefault(int(one.at_s // bin_s), []).append(one)
    xs = [statistics.mean(one.at_s for one in seen) / 3600 for seen in bins.values()]
    ys = [statistics.mean(one.memory_mb for one in seen) for seen in bins.values()]
    if len(xs) < 4:
        return Slope(math.nan, -math.inf, math.inf)
    slope, start = statistics.linear_regression(xs, ys)
    left = [y - (start + slope * x) for x, y in zip(xs, ys, strict=True)]
    total = sum(value**2 for value in left)
    alike = max(0.0, sum(a * b for a, b in itertools.pairwise(left)) / total) if total else 0.0
    count = max(3.0, len(xs) * (1 - alike) / (1 + alike))
    spread = sum((x - statistics.mean(xs)) ** 2 for x in xs)
    error = math.sqrt(total / (count - 2) / spread)
    reach = (1.96 + 2.4 / (count - 2)) * error  # of Student's t, close enough from three degrees of freedom on
    return Slope(slope, slope - reach, slope + reach)


def sparkline(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return "".join(_BARS[round((value - low) / ((high - low) or 1) * (len(_BARS) - 1))] for value in values)


async def soak(served: Served, *, minutes: float, people: int, pages: int) -> tuple[list[Sample], Practice]:
    practice = Practice(served)
    async with practice:
        await practice.open_sessions(SESSIONS)
        started = time.monotonic()
        work = [asyncio.ensure_future(practice.person(number)) for number in range(people)]
        work += [asyncio.ensure_future(practice.browser(number)) for number in range(pages)]
        samples: list[Sample] = []
        while time.monotonic() - started < 60 * minutes:
            samples.append(sample(served, practice, started))
            await asyncio.sleep(2)
        practice.closing = True
        await asyncio.gather(*work)
        await asyncio.sleep(5)
        samples.append(sample(served, practice, started))
    return samples, practice


def print_verdict(samples: Sequence[Sample], practice: Practice, cpu_s: float) -> bool:
    """Whether memory did not grow and nothing failed, in words, with the figures it is judged by."""
    *running, last = samples
    warm = [one for one in running if one.at_s >= WARM_UP_SHARE * running[-1].at_s]
    every = max(1, len(running) // 12)
    print(
        f"{'minute':>7}{'memory MB':>11}{'mapped MB':>11}{'threads':>9}{'files':>7}{'sockets':>9}{'answers':>9}{'failed':>8}"
    )
    for one in [*running[::every], last]:
        print(
            f"{one.at_s / 60:>7.1f}{one.memory_mb:>11.1f}{one.mapped_mb:>11.1f}{one.threads:>9}{one.files:>7}{one.sockets:>9}{one.answers:>9}{one.failures:>8}"
        )
    print(f"memory {sparkline([one.memory_mb for one in running[:: max(1, len(running) // 60)]])}")
    slope = fit(warm)
    hours = (warm[-1].at_s - warm[0].at_s) / 3600 or math.nan
    answers = (warm[-1].answers - warm[0].answers) / hours
    most = MOST_MB / hours
    grows = slope.low > 0 and slope.each_hour > most
    verdict = (
        "GROWS"
        if grows
        else "is constant"
        if slope.high < most
        else "may be constant (the interval is too wide to say)"
    )
    done = ", ".join(f"{count:,} {name}" for name, count in sorted(practice.done.items()))
    print(f"done: {done}")
    print(
        f"memory {verdict}: {slope.each_hour:+.1f} MB an hour [{slope.low:+.1f}, {slope.high:+.1f}] at "
        f"{answers:,.0f} answers an hour ({slope.each_hour * 1000 / max(answers, 1):+.2f} kB an answer); at rest afterwards "
        f"{last.memory_mb:.0f} MB, {last.threads} threads, {last.files} files, {last.sockets} sockets"
    )
    print(
        f"failed: {len(practice.failures)}; processor {cpu_s / (running[-1].at_s or 1):.2f} of {os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}"
    )
    for problem in sorted(set(practice.failures))[:5]:
        print(f"  {problem}")
    return not grows and not practice.failures


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--people", type=int, default=6, help="who ask over HTTP at the same time")
    parser.add_argument("--pages", type=int, default=2, help="pages that are open at the same time")
    parser.add_argument("--csv", type=Path, help="writes the samples there")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder), tokens=TOKENS, rate=RATE, first_ms=FIRST_MS, reports=100) as served,
    ):
        before = processor_s(served.pid)
        samples, practice = asyncio.run(soak(served, minutes=given.minutes, people=given.people, pages=given.pages))
        well = print_verdict(samples, practice, processor_s(served.pid) - before)
        if given.csv:
            lines = [
                f"{s.at_s:.1f},{s.memory_mb:.2f},{s.mapped_mb:.2f},{s.threads},{s.files},{s.sockets},{s.answers},{s.failures}"
                for s in samples
            ]
            given.csv.write_text(
                "\n".join(["at_s,memory_mb,mapped_mb,threads,files,sockets,answers,failures", *lines, ""])
            )
    if not well:
        raise SystemExit("the soak is not passed")


if __name__ == "__main__":
    main()
