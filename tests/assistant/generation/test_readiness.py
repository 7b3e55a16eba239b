"""Whether a model server is ready: its health, and a line that it has to continue."""

import asyncio
from collections.abc import Iterator

import pytest

from assistant.generation.model_server import ModelServer
from assistant.generation.readiness import Readiness, look_at_servers, report_readiness
from assistant.settings import GenerationSettings
from tests.assistant.generation.test_remote_replicas import Adapters, make
from tests.engines.running import RunningEngine, run_stand_in
from tests.ports import nobody_listens


@pytest.fixture(scope="module")
def running() -> Iterator[RunningEngine]:
    with run_stand_in("--first-token-ms", 5, "--tokens-per-second", 500, "--tokens", 20) as engine:
        yield engine


@pytest.fixture
def engine(running: RunningEngine) -> RunningEngine:
    running.behave(health=200, fault="none", fault_after=0)
    return running


def look(*urls: str, adapters: Adapters | None = None, **settings: object) -> list[Readiness]:
    return asyncio.run(look_at_servers(make(*urls, adapters=adapters, **settings)))


def test_a_server_that_answers_is_ready_and_is_asked_for_few_tokens(engine: RunningEngine) -> None:
    (one,) = look(engine.url, engine="tgi")
    assert one.problem is None
    assert one.first_token_s is not None
    last = engine.stats()["last"]
    assert (last["max_tokens"], last["temperature"]) == (4, 0.0)


def test_problems_are_told_apart_by_server(engine: RunningEngine) -> None:
    with nobody_listens() as port:
        ready, away = look(engine.url, f"http://127.0.0.1:{port}/v1")
    assert ready.problem is None
    assert away.problem == "connection refused"
    assert away.url in str(away)


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        pytest.param({"health": 503}, "its health has status 503", id="it says that it is not well"),
        pytest.param({"fault": "500"}, "healthy, but status 500", id="it is well but fails"),
        pytest.param({"fault": "422"}, "healthy, but the model server refused", id="it is well but refuses"),
        pytest.param({"fault": "eof"}, "healthy, but the stream ended too soon", id="it ends without an end"),
        pytest.param({"fault": "no-answer"}, "healthy, but no first token within 0.3 s", id="it keeps silent"),
    ],
)
def test_what_is_wrong_is_said(
    engine: RunningEngine, monkeypatch: pytest.MonkeyPatch, behaviour: dict[str, object], problem: str
) -> None:
    if behaviour.get("fault") == "no-answer":
        monkeypatch.setattr("assistant.generation.readiness._LONGEST_S", 0.3)
    engine.behave(**behaviour)
    (one,) = look(engine.url, engine="tgi")
    assert one.problem is not None
    assert one.problem.startswith(problem)


def test_a_server_that_is_full_is_well(engine: RunningEngine) -> None:
    engine.behave(fault="429")
    (one,) = look(engine.url, engine="tgi")
    assert one.problem is None
    assert str(one) == f"{engine.url} is well, and full"


def test_a_server_without_a_health_route_is_asked_what_it_serves(engine: RunningEngine) -> None:
    engine.behave(health=404)
    assert look(engine.url, engine="openai")[0].problem is None
    assert look(engine.url, engine="vllm")[0].problem == "its health has status 404"


def test_a_server_that_waits_for_its_adapter_is_not_ready(engine: RunningEngine) -> None:
    adapters = Adapters({})
    assert look(engine.url, adapters=adapters)[0].problem == adapters.problem


def test_health_of_something_that_is_no_address_is_a_sentence() -> None:
    server = ModelServer(GenerationSettings(url="nowhere"), "nowhere")
    assert asyncio.run(server.health()) == "not an http address"


def test_the_log_names_who_is_not_ready(engine: RunningEngine, caplog: pytest.LogCaptureFixture) -> None:
    with nobody_listens() as port:
        away = f"http://127.0.0.1:{port}/v1"
        report_readiness(make(engine.url, away))
    warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warned == [f"model server not ready: {away}: connection refused"]
