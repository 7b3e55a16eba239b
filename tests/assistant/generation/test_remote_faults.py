"""Model servers on bad days, as real processes: what each fault becomes, and what is tried again."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import (
    CurbsideError,
    ModelBroke,
    ModelOverloaded,
    ModelRejected,
    ModelUnavailable,
)
from assistant.generation.remote import RemoteGenerator
from tests.assistant.generation.conftest import StartEngine, make_prompt
from tests.assistant.generation.test_remote import collect, make_generator
from tests.engines.running import PATIENCE_S, RunningEngine, run_stand_in

AS_USUAL = {
    "fault": "none",
    "fault_count": 0,
    "fault_after": 3,
    "tokens": 100,
    "replay": None,
    "engine": "tgi",
    "until": "",
    "hold_after": 1,
}


@pytest.fixture(scope="module")
def running() -> Iterator[RunningEngine]:
    with run_stand_in("--first-token-ms", 1, "--tokens-per-second", 2000) as engine:
        yield engine


@pytest.fixture
def faulty(running: RunningEngine) -> RunningEngine:
    """An engine that is told its faults while it runs."""
    running.behave(**AS_USUAL)
    running.reset()
    return running


pytestmark = pytest.mark.usefixtures("shorter_waits")


def soon_tired(generator: RemoteGenerator) -> None:
    """Let questions wait a second for their turn; for a server's word they wait as long as ever."""
    generator.settings = generator.settings.model_copy(update={"first_token_timeout_s": 1})


@pytest.mark.parametrize("engine_kind", ["tgi", "vllm"])
@pytest.mark.parametrize(
    ("fault", "error", "requests"),
    [
        pytest.param("400", ModelRejected, 1, id="400 is refused, once"),
        pytest.param("401", ModelRejected, 1, id="401 is refused, once"),
        pytest.param("422", ModelRejected, 1, id="422 is refused, once"),
        pytest.param("424", ModelUnavailable, 1, id="424 is a failure of the server, once"),
        pytest.param("500", ModelUnavailable, 1, id="500 is a failure of the server, once"),
        pytest.param("503", ModelUnavailable, 3, id="503 is tried again twice"),
        pytest.param("html", ModelRejected, 1, id="a page under 200 is no answer"),
    ],
)
def test_refusals(faulty: RunningEngine, engine_kind: str, fault: str, error: type, requests: int) -> None:
    faulty.behave(fault=fault, engine=engine_kind)
    with pytest.raises(error):
        asyncio.run(collect(make_generator(faulty.url, retries=2)))
    assert faulty.stats()["requests"] == requests


@pytest.mark.parametrize("engine_kind", ["tgi", "vllm"])
@pytest.mark.parametrize(
    ("fault", "early", "early_requests"),
    [
        pytest.param("in-stream-error", ModelRejected, 1, id="an error event"),
        pytest.param("in-stream-overload", ModelOverloaded, None, id="an event that says overloaded"),
        pytest.param("garbage", ModelUnavailable, 1, id="an event that is no JSON"),
        pytest.param("die", ModelUnavailable, 1, id="a connection that dies"),
        pytest.param("eof", ModelUnavailable, 1, id="an end without finish_reason"),
    ],
)
def test_faults_in_a_stream(
    faulty: RunningEngine, tmp_path: Path, engine_kind: str, fault: str, early: type, early_requests: int | None
) -> None:
    may_break = tmp_path / "read"  # what a connection that dies had brought before counts only if it was read by then
    faulty.behave(fault=fault, engine=engine_kind, fault_after=3, hold_after=3, until=str(may_break))
    seen: list[str] = []

    async def ask() -> None:
        async for delta in make_generator(faulty.url).stream(make_prompt(), max_new_tokens=100):
            seen.append(delta)
            if len("".join(seen).split()) == 3:
                may_break.touch()

    with pytest.raises(ModelBroke):
        asyncio.run(ask())
    assert "".join(seen).split() == ["The", "gauge", "reads"]
    assert faulty.stats()["requests"] == 1  # never again after the first token

    faulty.reset()
    faulty.behave(fault_after=0)
    generator = make_generator(faulty.url)
    if early_requests is None:
        soon_tired(generator)
    with pytest.raises(early):
        asyncio.run(collect(generator))
    assert early_requests is None or faulty.stats()["requests"] == early_requests


@pytest.mark.parametrize("fault", ["429", "503", "in-stream-overload"])
def test_overload_that_passes_is_not_noticed(faulty: RunningEngine, fault: str) -> None:
    faulty.behave(fault=fault, fault_count=2, fault_after=0, tokens=4)
    assert len(asyncio.run(collect(make_generator(faulty.url, retries=2))).split()) == 4
    assert faulty.stats()["requests"] == 3


def test_no_retries_means_one_request(start_engine: StartEngine) -> None:
    engine = start_engine("--fault", "503")
    with pytest.raises(ModelUnavailable):
        asyncio.run(collect(make_generator(engine.url, retries=0)))
    assert engine.stats()["requests"] == 1


def test_a_server_that_stays_full_is_asked_less_and_less_until_the_time_is_up(start_engine: StartEngine) -> None:
    engine = start_engine("--fault", "429")
    generator = make_generator(engine.url, retries=0)
    soon_tired(generator)
    started = time.monotonic()
    with pytest.raises(ModelOverloaded):
        asyncio.run(collect(generator))
    assert time.monotonic() - started >= 1
    assert engine.stats()["requests"] <= 6, "after 0, 0.05, 0.15, 0.35 and 0.75 s at the soonest"


@pytest.mark.parametrize(
    ("retry_after", "least_s"),
    [
        pytest.param("1", 0.95, id="the server's wait is kept"),
        pytest.param("86400", 0.25, id="a day is not waited"),
        pytest.param("Wed, 21 Oct 2015 07:28:00 GMT", 0, id="a date in the past means now"),
        pytest.param("soon", 0, id="nonsense falls back to our own wait"),
    ],
)
def test_retry_after(
    start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch, retry_after: str, least_s: float
) -> None:
    if retry_after == "86400":
        monkeypatch.setattr("assistant.generation.replicas._LONGEST_PAUSE_S", 0.3)
    engine = start_engine("--fault", "429", "--fault-count", 1, "--retry-after", retry_after, "--tokens", 2)
    started = time.monotonic()
    assert asyncio.run(asyncio.wait_for(collect(make_generator(engine.url)), PATIENCE_S))
    assert time.monotonic() - started >= least_s


def recorded(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "tgi").glob("*.json"))


def _kind(reply: object) -> str:
    if isinstance(reply, list):
        return "stream"
    return "whole" if isinstance(reply, dict) and "choices" in reply else "other"


def test_recorded_replies_of_tgi_are_read(faulty: RunningEngine, shared_data: Path) -> None:
    """Every reply that TGI's own tests recorded: streams, answers in one piece, and replies of another route."""
    if not recorded(shared_data):
        pytest.skip("no recorded replies of TGI in ../shared/data/tgi")
    read = {"stream": 0, "whole": 0, "other": 0}
    for path in recorded(shared_data):
        reply = json.loads(path.read_text())
        kind = _kind(reply)
        faulty.behave(replay=reply)
        generator = make_generator(faulty.url, engine="tgi")
        if kind == "other":
            with pytest.raises(CurbsideError) as caught:
                asyncio.run(collect(generator))
            assert isinstance(caught.value, ModelRejected), path.name
        elif kind == "stream":
            expected = "".join(c["choices"][0]["delta"]["content"] or "" for c in reply if c["choices"])
            assert asyncio.run(collect(generator)) == expected, path.name
        else:
            assert asyncio.run(collect(generator)) == reply["choices"][0]["message"]["content"], path.name
        read[kind] += 1
    assert min(read.values()) >= 2, read
