"""The adapter that is live changes while servers answer: stand-in engines in processes of their own."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import log2
from pathlib import Path

import pytest

from assistant.adapters import LIVE_FILE, Adapters
from assistant.errors import ModelUnavailable
from assistant.generation.adapter_server import AdapterServer
from assistant.generation.base import SignedStream
from assistant.generation.canary import CANARY_PROMPTS
from assistant.generation.remote import RemoteGenerator
from assistant.generation.served_adapter import ServedAdapter
from assistant.settings import GenerationSettings
from tests.assistant.generation.conftest import StartEngine, make_prompt
from tests.engines.kept import BASE_MODEL, install_voice, wait_until
from tests.engines.replies import WORDS
from tests.engines.running import PATIENCE_S, RunningEngine

QUICK = ("--first-token-ms", 1, "--tokens-per-second", 2000, "--tokens", 30)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with adapters of their own voices, and one that changes nothing. The base model is alone."""
    for name in ("r1", "r2", "r3"):
        install_voice(tmp_path, name)
    install_voice(tmp_path, "nothing", voice="")
    return tmp_path


@contextmanager
def following(
    data: Path, *engines: RunningEngine, engine: str = "vllm", linger_s: float = 0.0
) -> Iterator[tuple[RemoteGenerator, ServedAdapter, Adapters]]:
    url = ",".join(one.url for one in engines)
    given = {"backend": "remote", "url": url, "engine": engine, "model": BASE_MODEL, "connect_timeout_s": PATIENCE_S}
    settings = GenerationSettings.model_validate(given)
    adapters = Adapters(data / "adapters")
    served = ServedAdapter(settings, adapters, base_model=BASE_MODEL, data_dir=data, look_s=0.05, linger_s=linger_s)
    generator = RemoteGenerator(settings, served)
    served.start()
    try:
        yield generator, served, adapters
    finally:
        served.close()


async def collect(generator: RemoteGenerator, *, tokens: int = 30) -> tuple[str, str]:
    stream = generator.stream(make_prompt(), max_new_tokens=tokens)
    assert isinstance(stream, SignedStream)
    text = "".join([delta async for delta in stream])
    return stream.model_id, text.split()[0]


def ask(generator: RemoteGenerator) -> tuple[str, str]:
    """Who signs the answer, and its first word, which says who wrote it."""
    return asyncio.run(collect(generator))


BASE = ("stand-in", WORDS[0])


def by(name: str) -> tuple[str, str]:
    return f"stand-in+{name}", name


def wait_for_answer(generator: RemoteGenerator, answer: tuple[str, str]) -> None:
    wait_until(lambda: ask(generator) == answer, about=f"an answer by {answer[0]}")


def served_by(engine: RunningEngine) -> list[str]:
    models = engine._call("/v1/models")["data"]
    return [one["id"] for one in models][1:]


def start_vllm(start_engine: StartEngine, *more: str | float) -> RunningEngine:
    return start_engine("--engine", "vllm", *QUICK, *more)


def test_vllm_answers_with_what_is_live_and_lets_go_of_the_one_before(data: Path, start_engine: StartEngine) -> None:
    engine = start_vllm(start_engine)
    with following(data, engine) as (generator, served, adapters):
        assert ask(generator) == BASE, "also the first question, which waits for the first look"
        for name in ("r1", "r2"):
            adapters.make_live(name)
            wait_for_answer(generator, by(name))
            wait_until(lambda name=name: served_by(engine) == [name])
        for name in ("r1", None):
            adapters.roll_back()
            wait_for_answer(generator, by(name) if name else BASE)
        wait_until(lambda: served_by(engine) == [])
        assert served.problem == ""


def test_an_adapter_is_unloaded_only_after_the_last_answer_that_is_written_with_it(
    data: Path, start_engine: StartEngine
) -> None:
    may_end = data / "written"
    engine = start_engine("--engine", "vllm", *QUICK[:4], "--tokens", 600, "--hold-after", 40, "--until", may_end)
    with following(data, engine) as (generator, _, adapters):
        adapters.make_live("r1")
        wait_for_answer(generator, by("r1"))

        async def swap_meanwhile() -> None:
            running = generator.stream(make_prompt(), max_new_tokens=600)
            pieces = [await anext(running)]
            adapters.make_live("r2")
            while (await collect(generator, tokens=1)) != by("r2"):
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.3)
            assert served_by(engine) == ["r1", "r2"]
            may_end.touch()
            pieces += [piece async for piece in running]
            assert (running.model_id, pieces[0].split()[0]) == by("r1")
            assert len("".join(pieces).split()) == 600

        asyncio.run(swap_meanwhile())
        wait_until(lambda: served_by(engine) == ["r2"])


def test_an_adapter_that_somebody_else_unloaded_comes_back(
    data: Path, start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.generation.served_adapter._HEALTH_S", 0.05)
    engine = start_vllm(start_engine)
    with following(data, engine) as (generator, served, adapters):
        adapters.make_live("r1")
        wait_for_answer(generator, by("r1"))
        engine._call("/v1/unload_lora_adapter", method="POST", body={"lora_name": "r1"})
        wait_until(lambda: served_by(engine) == ["r1"] and served.problem == "")
        assert ask(generator) == by("r1")


def test_vllm_lets_go_of_what_proved_to_be_broken_once_it_was_rolled_back(
    data: Path, start_engine: StartEngine
) -> None:
    engine = start_vllm(start_engine)
    with following(data, engine) as (generator, served, adapters):
        adapters.make_live("r1")
        wait_for_answer(generator, by("r1"))
        wait_until(lambda: served_by(engine) == ["r1"])
        adapters.make_live("nothing")
        wait_until(lambda: "what its base model writes" in served.problem)
        assert served_by(engine) == ["r1", "nothing"]
        adapters.roll_back()
        wait_until(lambda: served_by(engine) == ["r1"] and served.problem == "")


def test_another_process_that_still_asks_for_the_old_one_has_a_moment(data: Path, start_engine: StartEngine) -> None:
    engine = start_vllm(start_engine)
    with following(data, engine, linger_s=60) as (generator, _, adapters):
        for name in ("r1", "r2"):
            adapters.make_live(name)
            wait_for_answer(generator, by(name))
        time.sleep(0.3)
        assert served_by(engine) == ["r1", "r2"]


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        pytest.param("nothing", "writes with it what its base model writes", id="an adapter that changes nothing"),
        pytest.param("weights", "is not what was installed", id="changed weights"),
        pytest.param("config", "could not load it, status 404", id="an adapter that the server cannot load"),
        pytest.param("base", "it was made for other, not for stand-in", id="made for another model"),
        pytest.param("canary", "canary.json cannot be read", id="a broken canary"),
    ],
)
def test_what_cannot_answer_leaves_the_one_before(
    data: Path, start_engine: StartEngine, damage: str, problem: str
) -> None:
    engine = start_vllm(start_engine)
    with following(data, engine) as (generator, served, adapters):
        adapters.make_live("r1")
        wait_for_answer(generator, by("r1"))
        engine.behave(health=503)  # nobody looks at what is live before it is damaged
        adapters.make_live(_install_damaged(data, adapters, damage))
        if damage == "weights":
            weights = adapters.path("damaged") / "adapter_model.safetensors"
            weights.chmod(0o600)
            weights.write_bytes(b"other")
        engine.behave(health=200)
        wait_until(lambda: problem in served.problem)
        assert ask(generator) == by("r1")
        adapters.make_live("r2")
        wait_for_answer(generator, by("r2"))
        assert served.problem == ""


def _install_damaged(data: Path, adapters: Adapters, damage: str) -> str:
    if damage == "nothing":
        return "nothing"
    source = data / "made" / "damaged"
    source.mkdir()
    (source / "adapter_config.json").write_text("{" if damage == "config" else "{}")
    (source / "adapter_model.safetensors").write_bytes(b"damaged")
    if damage == "canary":
        (source / "canary.json").write_text("[]")
    adapters.install(source, "damaged", base_model="other" if damage == "base" else BASE_MODEL)
    return "damaged"


def test_a_server_that_does_not_know_the_adapter_and_echoes_its_name_is_found_out(
    data: Path, start_engine: StartEngine
) -> None:
    """TGI without a keeper: it was started with `r1` and answers to `r2` as its base model."""
    engine = start_engine("--engine", "tgi", *QUICK, "--lora-modules", f"r1={data}/adapters/r1")
    with following(data, engine, engine="tgi") as (generator, served, adapters):
        adapters.make_live("r1")
        wait_for_answer(generator, by("r1"))
        adapters.make_live("r2")
        wait_until(lambda: "writes with it what its base model writes" in served.problem)
        assert "start the server with it, as docker/engine/keep.py does" in served.problem
        assert ask(generator) == by("r1")


def test_at_the_start_what_is_live_is_proven_before_it_answers(
    data: Path, start_engine: StartEngine, caplog: pytest.LogCaptureFixture
) -> None:
    engine = start_vllm(start_engine)
    Adapters(data / "adapters").make_live("r1")
    Adapters(data / "adapters").make_live("nothing")
    with following(data, engine) as (generator, served, _):
        assert ask(generator) == by("r1")
        assert "'nothing'" in served.problem
        wait_until(lambda: "the live adapter does not answer" in caplog.text)


def test_the_first_question_may_come_while_the_first_look_still_goes_on(
    data: Path, start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, answered = start_vllm(start_engine), threading.Event()

    async def tidy_up(*_: object, **__: object) -> bool:
        return await asyncio.to_thread(answered.wait, PATIENCE_S)

    monkeypatch.setattr(AdapterServer, "forget_others", tidy_up)
    Adapters(data / "adapters").make_live("r1")
    with following(data, engine) as (generator, served, _):
        wait_until(lambda: served._replicas[engine.url].proven)
        try:
            assert ask(generator) == by("r1")
        finally:
            answered.set()


def test_a_server_that_is_not_there_is_not_asked_and_comes_back_by_itself(
    data: Path, start_engine: StartEngine
) -> None:
    engine = start_vllm(start_engine)
    with following(data, engine) as (generator, served, adapters):
        adapters.make_live("r1")
        wait_for_answer(generator, by("r1"))
        engine._call("/behave", method="POST", body={"health": 503})
        adapters.make_live("r2")
        wait_until(lambda: "its health has status 503" in served.problem)
        with pytest.raises(ModelUnavailable, match="its health has status 503"):
            ask(generator)
        engine._call("/behave", method="POST", body={"health": 200})
        wait_until(lambda: served.problem == "")
        assert ask(generator) == by("r2")


def test_servers_that_are_behind_are_not_asked_while_another_is_in_step(data: Path, start_engine: StartEngine) -> None:
    """Two TGIs, of which one knows `r2`; both know `r1`."""
    folder = data / "adapters"
    one = start_engine("--engine", "tgi", *QUICK, "--lora-modules", f"r1={folder}/r1")
    two = start_engine("--engine", "tgi", *QUICK, "--lora-modules", f"r1={folder}/r1", f"r2={folder}/r2")
    with following(data, one, two, engine="tgi") as (generator, _, adapters):
        adapters.make_live("r1")
        wait_until(lambda: [ask(generator) for _ in range(4)] == [by("r1")] * 4)
        adapters.make_live("r2")
        wait_for_answer(generator, by("r2"))
        one.reset()
        assert [ask(generator) for _ in range(4)] == [by("r2")] * 4
        assert "r2" not in one.stats()["answered_as"]
        two._call("/behave", method="POST", body={"health": 503})
        adapters.make_live("r3")
        adapters.roll_back()
        wait_for_answer(generator, by("r1"))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("resting", "it rests while training has the GPU"),
        ("starting", "it is being started"),
        ("draining", "it is being restarted"),
    ],
)
def test_what_the_keeper_says_is_told(data: Path, start_engine: StartEngine, state: str, words: str) -> None:
    engine = start_engine("--engine", "tgi", *QUICK, "--lora-modules", f"r1={data}/adapters/r1")

    def report(state: str, *names: str) -> None:
        running = {engine.url: {"state": state, "adapters": names, "pid": 1}} if state != "resting" else {}
        told = {"name": "e", "state": state, "problem": "", "urls": [engine.url], "engines": running}
        written = data / "written.json"
        written.write_text(json.dumps(told))
        written.replace(data / "engine-e.json")

    report(state)
    engine.behave(health=200 if state == "draining" else 503)
    Adapters(data / "adapters").make_live("r1")
    with following(data, engine, engine="tgi") as (generator, served, adapters):
        with pytest.raises(ModelUnavailable, match=words):
            ask(generator)
        engine.behave(health=200)
        report("serving", "r1")
        wait_until(lambda: served.problem == "")
        assert ask(generator) == by("r1")
        adapters.make_live("r2")
        wait_until(lambda: "still to be started with it" in served.problem)


def test_the_word_of_a_keeper_that_is_gone_keeps_nobody_from_a_server_that_answers(
    data: Path, start_engine: StartEngine
) -> None:
    engine = start_engine("--engine", "tgi", *QUICK, "--lora-modules", f"r1={data}/adapters/r1")
    told = {"name": "e", "state": "resting", "problem": "", "urls": [engine.url], "engines": {}}
    (data / "engine-e.json").write_text(json.dumps(told))
    Adapters(data / "adapters").make_live("r1")
    with following(data, engine, engine="tgi") as (generator, served, _):
        assert ask(generator) == by("r1")
        assert served.problem == ""


def test_a_restart_that_nobody_saw_is_found_out(
    data: Path, start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TGI without a keeper, started again by hand and without its adapters between two looks at its health."""
    monkeypatch.setattr("assistant.generation.served_adapter._HEALTH_S", 0.05)
    monkeypatch.setattr("assistant.generation.adapter_server._PROVE_AGAIN_S", 0.3)
    engine = start_engine("--engine", "tgi", *QUICK, "--lora-modules", f"r1={data}/adapters/r1")
    with following(data, engine, engine="tgi") as (generator, served, adapters):
        adapters.make_live("r1")
        wait_for_answer(generator, by("r1"))
        engine.behave(forgets=True)
        wait_until(lambda: "writes with it what its base model writes" in served.problem)
        assert ask(generator) == BASE


def test_an_adapter_that_the_server_fails_with_gives_way_to_the_one_before(
    data: Path, start_engine: StartEngine
) -> None:
    engine = start_vllm(start_engine)
    engine.behave(breaks_with="r2")
    for name in ("r1", "r2"):
        Adapters(data / "adapters").make_live(name)
    with following(data, engine) as (generator, served, _):
        assert ask(generator) == by("r1")
        assert "the server fails with it, status 500" in served.problem


def test_rounding_is_not_taken_for_an_adapter(data: Path, start_engine: StartEngine) -> None:
    engine = start_engine("--engine", "tgi", *QUICK)
    engine.behave(odd=[4])  # of the second prompt, when it is asked with the adapter
    Adapters(data / "adapters").make_live("r1")
    with following(data, engine, engine="tgi") as (generator, served, _):
        assert ask(generator) == BASE
        assert "writes with it what its base model writes" in served.problem


def test_what_cannot_answer_is_seldom_tried_and_the_server_watched_all_the_same(
    data: Path, start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.generation.served_adapter._HEALTH_S", 0.05)
    engine = start_engine("--engine", "tgi", *QUICK)
    adapters = Adapters(data / "adapters")
    names = [f"old-{number}" for number in range(6)]
    for name in names:
        install_voice(data, name)
        adapters.make_live(name)
    began = time.monotonic()
    with following(data, engine, engine="tgi") as (generator, _, _):
        assert ask(generator) == BASE
        seen = wait_until(lambda: (stats := engine.stats())["health_checks"] >= 12 and stats)
        took_s = time.monotonic() - began
        a_try = 2 * len(CANARY_PROMPTS) * 3  # the live adapter and two before it
        tries = 2 + log2(took_s / 0.05 + 1)  # the first, then after 0.05, 0.1, 0.2 s and so on, and one under way
        assert seen["requests"] <= tries * a_try + 2


def test_the_first_questions_do_not_wait_for_a_server_that_hangs(
    data: Path, start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else they would wait ten minutes here."""
    monkeypatch.setattr("assistant.generation.model_server._HEALTH_S", 600.0)
    monkeypatch.setattr("assistant.generation.served_adapter._FIRST_LOOK_S", 600.0)
    engine = start_vllm(start_engine)
    with socket.socket() as silent:  # takes connections and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen(16)
        hanging = RunningEngine(f"http://127.0.0.1:{silent.getsockname()[1]}/v1")
        with following(data, hanging, engine) as (generator, _, _):
            assert [ask(generator) for _ in range(4)] == [BASE] * 4
            silent.close()  # and whoever waits for it goes


def test_looking_once_loads_nothing(data: Path, start_engine: StartEngine) -> None:
    engine = start_vllm(start_engine)
    settings = GenerationSettings(backend="remote", url=engine.url, engine="vllm", model=BASE_MODEL)
    adapters = Adapters(data / "adapters")
    served = ServedAdapter(settings, adapters, base_model=BASE_MODEL, data_dir=data)

    def look() -> str | None:
        return asyncio.run(served.look_once(engine.url))

    assert look() is None, "nothing is live"
    adapters.make_live("r1")
    assert "it is not loaded" in str(look())
    assert served_by(engine) == []
    engine._call(
        "/v1/load_lora_adapter", method="POST", body={"lora_name": "r1", "lora_path": str(adapters.path("r1"))}
    )
    assert look() is None
    adapters.make_live("nothing")
    assert "it is not loaded" in str(look())
    assert not served._threads


def test_a_damaged_live_file_changes_nothing_until_it_is_mended(data: Path, start_engine: StartEngine) -> None:
    engine = start_vllm(start_engine)
    with following(data, engine) as (generator, served, adapters):
        adapters.make_live("r1")
        wait_for_answer(generator, by("r1"))
        path = data / "adapters" / LIVE_FILE
        sound = path.read_bytes()
        path.write_text("{")
        wait_until(lambda: "live.json" in served.problem)
        assert ask(generator) == by("r1")
        path.write_bytes(sound)
        wait_until(lambda: served.problem == "")


def test_nothing_is_asked_of_the_server_while_nothing_changes(data: Path, start_engine: StartEngine) -> None:
    engine = start_vllm(start_engine)
    with following(data, engine) as (generator, served, adapters):
        adapters.make_live("r1")
        wait_for_answer(generator, by("r1"))
        wait_until(lambda: served._replicas[engine.url].tidy)
        began = time.monotonic()
        engine.reset()
        time.sleep(0.5)
        stats = engine.stats()
        assert stats["requests"] == 0
        assert stats["health_checks"] <= 2 + (time.monotonic() - began) / 5, "one was under way, the others every 5 s"
