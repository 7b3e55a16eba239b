"""What the `remote` generator adds to a model server's own time, against a stand-in engine with a known rate.

    python -m tests.benchmarks.bench_engines [--rounds 8] [--tokens 100]

Direct streaming with httpx is the baseline; both alternate in one run, at 1 and at 16 streams that start together. The
processor time a token is measured for other clients too: it is the reason for the one that `remote` uses.
`measure` and `summarise` serve other benchmarks: give them any function that yields `(seconds, tokens)`.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from assistant.generation.remote import RemoteGenerator
from assistant.schema import Message, Mode, Prompt
from assistant.settings import GenerationSettings
from tests.engines.running import run_stand_in

Stream = Callable[[], AsyncIterator[str]]
"""Starts one answer; yields its text."""

PROMPT = Prompt(
    version="bench",
    mode=Mode.QUESTION,
    question="What is the diagnosis?",
    messages=(Message(role="system", content="Answer from the report."), Message(role="user", content="word " * 800)),
    sources=(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One answer."""

    first_s: float
    """Request to first text."""
    total_s: float
    tokens: int
    """White-space separated words: the stand-in engine writes one a token."""

    @property
    def tokens_per_s(self) -> float:
        """Rate after the first token."""
        return (self.tokens - 1) / max(self.total_s - self.first_s, 1e-9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Answers that started together."""

    timings: tuple[Timing, ...]
    wall_s: float
    cpu_s: float
    """Processor time of this process."""

    @property
    def tokens_per_s(self) -> float:
        """All tokens over the time until the last answer ended."""
        return sum(timing.tokens for timing in self.timings) / self.wall_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Several bursts of one kind: what the targets are about."""

    first_median_ms: float
    first_p95_ms: float
    stream_tokens_per_s: float
    """Median over answers."""
    burst_tokens_per_s: float
    cpu_us_per_token: float


async def time_stream(start: Stream) -> Timing:
    """Time one answer."""
    began, first, tokens = time.perf_counter(), 0.0, 0
    async for text in start():
        first = first or time.perf_counter() - began
        tokens += len(text.split())
    return Timing(first_s=first, total_s=time.perf_counter() - began, tokens=tokens)


async def measure(start: Stream, *, streams: int) -> Burst:
    """Start `streams` answers together and time each."""
    began, cpu = time.perf_counter(), time.process_time()
    timings = await asyncio.gather(*(time_stream(start) for _ in range(streams)))
    return Burst(timings=tuple(timings), wall_s=time.perf_counter() - began, cpu_s=time.process_time() - cpu)


async def alternate(ways: dict[str, Stream], *, streams: int, rounds: int) -> dict[str, list[Burst]]:
    """Measure each way `rounds` times, in turn, after one unmeasured round: a slow minute of the machine hits all."""
    bursts: dict[str, list[Burst]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, start in ways.items():
            burst = await measure(start, streams=streams)
            if number:
                bursts[name].append(burst)
    return bursts


def summarise(bursts: Sequence[Burst]) -> Summary:
    """Medians over all answers, and over bursts where it is about the burst."""
    firsts = sorted(timing.first_s * 1000 for burst in bursts for timing in burst.timings)
    tokens = sum(timing.tokens for burst in bursts for timing in burst.timings)
    return Summary(
        first_median_ms=statistics.median(firsts),
        first_p95_ms=firsts[min(len(firsts) - 1, int(len(firsts) * 0.95))],
        stream_tokens_per_s=statistics.median(t.tokens_per_s for burst in bursts for t in burst.timings),
        burst_tokens_per_s=statistics.median(burst.tokens_per_s for burst in bursts),
        cpu_us_per_token=sum(burst.cpu_s for burst in bursts) / max(tokens, 1) * 1e6,
    )


def print_table(summaries: dict[str, Summary], *, baseline: str, title: str) -> None:
    """One line a way, with ratios against `baseline`."""
    base = summaries[baseline]
    print(f"\n{title}")
    print(
        f"{'':22}{'first, median':>14}{'p95':>8}{'added':>8}{'tokens/s':>10}{'ratio':>7}{'burst':>8}{'ratio':>7}{'CPU':>9}"
    )
    for name, one in summaries.items():
        print(
            f"{name:22}{one.first_median_ms:>11.1f} ms{one.first_p95_ms:>8.1f}"
            f"{one.first_median_ms - base.first_median_ms:>8.1f}{one.stream_tokens_per_s:>10.1f}"
            f"{one.stream_tokens_per_s / base.stream_tokens_per_s:>7.3f}{one.burst_tokens_per_s:>8.0f}"
            f"{one.burst_tokens_per_s / base.burst_tokens_per_s:>7.3f}{one.cpu_us_per_token:>6.0f} µs"
        )


def _body(prompt: Prompt, *, tokens: int) -> dict[str, object]:
    messages = [{"role": message.role, "content": message.content} for message in prompt.messages]
    return {"model": "bench", "messages": messages, "max_tokens": tokens, "temperature": 0, "stream": True}


def direct_httpx(url: str, *, tokens: int) -> tuple[Stream, Callable[[], object]]:
    """The baseline: httpx with one client, its lines parsed as they come. Also what closes it."""
    import httpx

    client = httpx.AsyncClient(timeout=None, limits=httpx.Limits(max_connections=None))

    async def stream() -> AsyncIterator[str]:
        async with client.stream("POST", f"{url}/chat/completions", json=_body(PROMPT, tokens=tokens)) as response:
            async for line in response.aiter_lines():
                if line.startswith("data: {"):
                    choices = json.loads(line[6:])["choices"]
                    if choices and (text := choices[0]["delta"].get("content")):
                        yield text

    return stream, client.aclose


def direct_openai(url: str, *, tokens: int) -> tuple[Stream, Callable[[], object]]:
    """The `openai` client, for its processor time."""
    import openai

    client = openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0)

    async def stream() -> AsyncIterator[str]:
        async with await client.chat.completions.create(**_body(PROMPT, tokens=tokens)) as chunks:  # type: ignore[call-overload]
            async for chunk in chunks:
                if chunk.choices and chunk.choices[0].delta.content:
                    yield chunk.choices[0].delta.content

    return stream, client.close


def through_remote(url: str, *, tokens: int) -> Stream:
    """Our generator."""
    generator = RemoteGenerator(GenerationSettings(backend="remote", url=url, model="bench"))
    return lambda: generator.stream(PROMPT, max_new_tokens=tokens)


async def _run(url: str, *, rounds: int, tokens: int) -> None:
    httpx_stream, close_httpx = direct_httpx(url, tokens=tokens)
    openai_stream, close_openai = direct_openai(url, tokens=tokens)
    ways = {
        "direct (httpx)": httpx_stream,
        "remote": through_remote(url, tokens=tokens),
        "openai client": openai_stream,
    }
    for streams in (1, 16):
        bursts = await alternate(ways, streams=streams, rounds=rounds)
        print_table(
            {name: summarise(seen) for name, seen in bursts.items()},
            baseline="direct (httpx)",
            title=f"{streams} at once, {rounds} rounds",
        )
    for close in (close_httpx, close_openai):
        await close()  # type: ignore[misc]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=100)
    given = parser.parse_args()
    with run_stand_in("--first-token-ms", 50, "--tokens-per-second", 100, "--tokens", given.tokens) as engine:
        print("engine: first token after 50 ms, then 100 tokens/s; 'CPU' is the client's processor time a token")
        asyncio.run(_run(engine.url, rounds=given.rounds, tokens=given.tokens))


if __name__ == "__main__":
    main()
