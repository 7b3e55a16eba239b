"""What every generator promises, checked on each: `quoting`, `local` on a tiny model, `remote` on a stand-in engine and
on `transformers serve`, a real server with the same tiny model; and, where their addresses are given, on a real TGI and a
real vLLM (`CURBSIDE_TEST_TGI_URL`, `CURBSIDE_TEST_VLLM_URL`, and `CURBSIDE_TEST_API_KEY`). What TGI's own tests recorded is replayed in
test_remote_faults. A new backend adds one line. Reports are invented.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from assistant.generation.base import Generator
from assistant.generation.local import LocalGenerator
from assistant.generation.quoting import QuotingGenerator
from assistant.generation.readiness import look_at_servers
from assistant.generation.remote import RemoteGenerator
from assistant.prompts import build_prompt
from assistant.schema import Mode, Prompt, Report
from assistant.settings import GenerationSettings
from tests.assistant.generation.conftest import make_prompt, make_report
from tests.assistant.generation.tiny_model import make_tiny_model
from tests.engines.running import PATIENCE_S, run_stand_in, run_transformers_serve
from tests.ports import free_port


def _local(request: pytest.FixtureRequest) -> Iterator[Generator]:
    folder: Path = request.getfixturevalue("tmp_path_factory").mktemp("models") / "tiny-llama"
    model = make_tiny_model(folder, context=8192)  # its word pieces are short, so a prompt has many
    yield LocalGenerator(GenerationSettings(backend="local", model=str(model)))


def _local_quoting(request: pytest.FixtureRequest) -> Iterator[Generator]:
    folder: Path = request.getfixturevalue("tmp_path_factory").mktemp("models") / "tiny-llama"
    model = make_tiny_model(folder, context=8192)
    yield LocalGenerator(GenerationSettings(backend="local", model=str(model), quote_only=True))


def _remote(**given: str) -> RemoteGenerator:
    settings = {"backend": "remote", "connect_timeout_s": PATIENCE_S, **given}
    return RemoteGenerator(GenerationSettings.model_validate(settings))


def _stand_in(request: pytest.FixtureRequest) -> Iterator[Generator]:
    with run_stand_in("--first-token-ms", 5, "--tokens-per-second", 500, "--echo") as engine:
        yield _remote(url=engine.url, engine="vllm")


def _transformers_serve(request: pytest.FixtureRequest) -> Iterator[Generator]:
    model: Path = request.getfixturevalue("tiny_model")
    folder: Path = request.getfixturevalue("tmp_path_factory").mktemp("serve")
    with run_transformers_serve(model, port=free_port(), home=folder, log=folder / "log.txt") as server:
        yield _remote(url=server.url, model=str(model))


def _given(engine: str) -> Callable[[pytest.FixtureRequest], Iterator[Generator]]:
    """A server that somebody runs elsewhere: none of its kind runs without a GPU."""
    variable = f"CURBSIDE_TEST_{engine.upper()}_URL"

    def make(request: pytest.FixtureRequest) -> Iterator[Generator]:
        url = os.environ.get(variable)
        if not url:
            pytest.skip(f"no {variable}=http://host:port/v1 is set")
        key = os.environ.get("CURBSIDE_TEST_API_KEY")
        given = {"backend": "remote", "url": url, "engine": engine, "api_key": key}
        yield RemoteGenerator(GenerationSettings.model_validate(given))

    return make


def _quoting(request: pytest.FixtureRequest) -> Iterator[Generator]:
    yield QuotingGenerator()


GENERATORS = [
    pytest.param(_quoting, id="quoting"),
    pytest.param(_local, id="local"),
    pytest.param(_local_quoting, id="local, quotes only"),
    pytest.param(_stand_in, id="remote, stand-in engine"),
    pytest.param(_transformers_serve, id="remote, transformers serve", marks=pytest.mark.slow),
    pytest.param(_given("tgi"), id="remote, a real TGI"),
    pytest.param(_given("vllm"), id="remote, a real vLLM"),
]


@pytest.fixture(scope="module", params=GENERATORS)
def generator(request: pytest.FixtureRequest) -> Iterator[Generator]:
    make: Callable[[pytest.FixtureRequest], Iterator[Generator]] = request.param
    yield from make(request)


async def deltas(generator: Generator, prompt: Prompt, *, max_new_tokens: int = 48) -> list[str]:
    return [delta async for delta in generator.stream(prompt, max_new_tokens=max_new_tokens)]


def ask(generator: Generator, prompt: Prompt, *, max_new_tokens: int = 48) -> str:
    return "".join(asyncio.run(deltas(generator, prompt, max_new_tokens=max_new_tokens)))


def built(report: Report, *, mode: Mode = Mode.SUMMARIZE) -> Prompt:
    return build_prompt(
        mode=mode, question="", report=report, earlier=None, sources=(), context_tokens=2048, max_new_tokens=48
    )


def test_yields_text_in_more_than_one_piece(generator: Generator) -> None:
    pieces = asyncio.run(deltas(generator, make_prompt()))
    assert all(isinstance(piece, str) and piece for piece in pieces)
    assert "".join(pieces).strip()
    if not isinstance(generator, QuotingGenerator):  # a quote may well be one piece
        assert len(pieces) > 1


def test_answers_alike_when_asked_twice(generator: Generator) -> None:
    assert ask(generator, make_prompt()) == ask(generator, make_prompt())


def test_respects_the_token_budget(generator: Generator) -> None:
    short, long = ask(generator, make_prompt(), max_new_tokens=3), ask(generator, make_prompt(), max_new_tokens=60)
    assert len(short) <= len(long)
    if not isinstance(generator, QuotingGenerator):  # it quotes whole sentences, and counts words for tokens
        assert len(short) < len(long)
        assert long.startswith(short.rstrip("\ufffd"))


def test_closing_early_stops_and_leaves_the_generator_usable(generator: Generator) -> None:
    async def close_then_ask() -> list[str]:
        stream: Any = generator.stream(make_prompt(), max_new_tokens=400)
        async with aclosing(stream) as pieces:
            async for _ in pieces:
                break
        return await asyncio.wait_for(deltas(generator, make_prompt()), timeout=PATIENCE_S)

    assert asyncio.run(close_then_ask())


def test_cancelling_the_task_stops_and_leaves_the_generator_usable(generator: Generator) -> None:
    async def cancel_then_ask() -> list[str]:
        started = asyncio.Event()

        async def read() -> None:
            async for _ in generator.stream(make_prompt(), max_new_tokens=400):
                started.set()
                await asyncio.sleep(60)

        task = asyncio.create_task(read())
        await asyncio.wait_for(started.wait(), timeout=PATIENCE_S)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await asyncio.wait_for(deltas(generator, make_prompt()), timeout=PATIENCE_S)

    assert asyncio.run(cancel_then_ask())


def test_may_be_driven_by_a_new_task_for_each_delta(generator: Generator) -> None:
    """The chat does so, to be able to stop while it waits."""

    async def step_by_step() -> str:
        stream: AsyncIterator[str] = generator.stream(make_prompt(), max_new_tokens=48)
        pieces: list[str] = []
        while (piece := await asyncio.create_task(_next(stream))) is not None:
            pieces.append(piece)
        return "".join(pieces)

    assert asyncio.run(step_by_step()) == ask(generator, make_prompt())


async def _next(stream: AsyncIterator[str]) -> str | None:
    return await anext(stream, None)


def test_model_id_is_stable_and_tells_no_path(generator: Generator) -> None:
    ask(generator, make_prompt())
    first = generator.model_id
    ask(generator, make_prompt("Another question?"))
    assert generator.model_id == first
    assert first
    assert not first.startswith("/")


def test_characters_are_never_cut_in_two(generator: Generator) -> None:
    prompt = make_prompt("Naïve 体温 37 °C ☂ 👩‍⚕️?", text="Température 37,9 °C. 体温は正常。 👩‍⚕️ noted it.")
    for piece in asyncio.run(deltas(generator, prompt, max_new_tokens=40)):
        piece.encode("utf-8")  # raises on half a surrogate pair


def test_streams_at_the_same_time_do_not_mix(generator: Generator) -> None:
    prompts = [
        make_prompt(f"What about number {number}?", text=f"FINDINGS: Number {number} is {number * 7} mm wide.")
        for number in range(5)
    ]

    async def together() -> list[str]:
        return ["".join(pieces) for pieces in await asyncio.gather(*(deltas(generator, p) for p in prompts))]

    assert asyncio.run(together()) == [ask(generator, prompt) for prompt in prompts]


@pytest.mark.parametrize("text", ["", "\n \n", "\x00"])
@pytest.mark.parametrize("mode", list(Mode))
def test_an_empty_report_does_not_crash(generator: Generator, mode: Mode, text: str) -> None:
    assert isinstance(ask(generator, built(Report(id="r", text=text), mode=mode), max_new_tokens=8), str)


def test_built_prompts_are_answered(generator: Generator) -> None:
    for mode in Mode:
        assert ask(generator, built(make_report(), mode=mode), max_new_tokens=24).strip()


def test_a_server_is_found_ready(generator: Generator) -> None:
    if not isinstance(generator, RemoteGenerator):
        return  # it is in this process
    (seen,) = asyncio.run(look_at_servers(generator))
    assert seen.problem is None
    assert seen.first_token_s is not None


def test_a_queue_before_a_server_is_not_noticed_in_the_answers(generator: Generator) -> None:
    if not isinstance(generator, RemoteGenerator):
        return
    narrow = RemoteGenerator(generator.settings.model_copy(update={"concurrent": 1}))

    async def three() -> list[str]:
        asked = (deltas(narrow, make_prompt(), max_new_tokens=8) for _ in range(3))
        return ["".join(pieces) for pieces in await asyncio.gather(*asked)]

    assert asyncio.run(three()) == [ask(generator, make_prompt(), max_new_tokens=8)] * 3
