"""A new adapter goes live while model servers answer: no request fails, and whatever is killed, all becomes what is live.

Stand-in engines that speak the protocols of TGI and vLLM, under their real keeper, in processes of their own.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from assistant.adapters import Adapters
from assistant.errors import GenerationError, ModelBroke
from assistant.generation.base import Generator, SignedStream
from assistant.generation.model_server import ModelServer
from assistant.generation.remote import RemoteGenerator
from assistant.generation.served_adapter import ServedAdapter
from assistant.generation.vllm_adapters import VllmAdapters
from assistant.schema import Message, Mode, Prompt
from assistant.settings import GenerationSettings
from tests.alone import alone
from tests.assistant.generation.tiny_model import make_tiny_adapter, make_tiny_model
from tests.engines.kept import BASE_MODEL, Kept, free_ports, install_voice, run_kept, wait_until
from tests.engines.replies import WORDS
from tests.engines.running import RunningEngine, run_stand_in
from tests.training.killing import Point, next_kill
from training.schema import Method, RunState, Trigger
from ui.wiring import Parts

CHATS = 8
TOKENS = 40
SPEED = ("--first-token-ms", 20, "--tokens-per-second", 200, "--tokens", TOKENS)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with three adapters of their own voices; `r1` is live."""
    for name in ("r1", "r2", "r3"):
        install_voice(tmp_path, name)
    Adapters(tmp_path / "adapters").make_live("r1")
    return tmp_path


@dataclass
class Load:
    """Eight chats that ask one question after the other."""

    generator: Generator
    answers: list[tuple[str, str, int]] = field(default_factory=list)
    """Who signed, the first word, which says who wrote, and how many words there were."""
    quoted: list[str] = field(default_factory=list)
    """Why nothing came: the chat quotes then."""
    broken: list[str] = field(default_factory=list)
    """Why an answer ended in its middle."""
    _stop: threading.Event = field(default_factory=threading.Event)

    async def chat(self) -> None:
        while not self._stop.is_set():
            stream = self.generator.stream(make_prompt(), max_new_tokens=TOKENS)
            assert isinstance(stream, SignedStream)
            try:
                words = "".join([delta async for delta in stream]).split()
            except ModelBroke as error:
                self.broken.append(str(error))
            except GenerationError as error:
                self.quoted.append(str(error))
                await asyncio.sleep(0.02)
            else:
                self.answers.append((stream.model_id, words[0], len(words)))

    async def _all(self) -> None:
        await asyncio.gather(*(self.chat() for _ in range(CHATS)))

    @contextmanager
    def under_way(self) -> Iterator["Load"]:
        thread = threading.Thread(target=lambda: asyncio.run(self._all()))
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()

    def wait_for_all_by(self, name: str) -> None:
        """Until each chat could have had another answer, all of them by one adapter."""
        before = len(self.answers)
        wait_until(lambda: self._last_by(name, before), about=f"all answers by {name}: {Counter(self.answers[-20:])}")

    def _last_by(self, name: str, before: int) -> bool:
        last = self.answers[before:][-CHATS:]
        return len(last) == CHATS and all(word == name for _, word, _ in last)

    def check(self, *, cut_off: int = 0) -> None:
        """Every answer is whole and was written by whom it is signed by, but for those that a killed server was writing."""
        assert len(self.broken) <= cut_off, self.broken
        for signed, word, words in self.answers:
            assert (signed, words) == (f"stand-in+{word}", TOKENS), Counter(self.answers)


def make_prompt() -> Prompt:
    message = Message(role="user", content="Is the invented valve closed?")
    return Prompt(version="test", mode=Mode.QUESTION, question="", messages=(message,), sources=())


@contextmanager
def following(
    data: Path, *ports: int, engine: str, linger_s: float = 0.5
) -> Iterator[tuple[Load, ServedAdapter, Adapters]]:
    url = ",".join(f"http://127.0.0.1:{port}/v1" for port in ports)
    patient = {"connect_timeout_s": 60, "first_token_timeout_s": 240, "silence_timeout_s": 240}
    settings = GenerationSettings(backend="remote", url=url, engine=engine, model=BASE_MODEL, **patient)  # type: ignore[arg-type]
    adapters = Adapters(data / "adapters")
    served = ServedAdapter(settings, adapters, base_model=BASE_MODEL, data_dir=data, look_s=0.05, linger_s=linger_s)
    served.start()
    try:
        yield Load(RemoteGenerator(settings, served)), served, adapters
    finally:
        served.close()


def port_of(engine: RunningEngine) -> int:
    return int(engine.url.removesuffix("/v1").rpartition(":")[2])


def names_at(port: int) -> list[str]:
    models = RunningEngine(f"http://127.0.0.1:{port}/v1")._call("/v1/models")["data"]
    return [one["id"] for one in models][1:]


def test_vllm_swaps_under_load_and_no_request_fails(data: Path) -> None:
    [port] = free_ports(1)
    with (
        run_kept(data, engine="vllm", ports=[port], serving=SPEED) as kept,
        following(data, port, engine="vllm") as (load, served, adapters),
    ):
        kept.wait_for(state="serving")
        wait_until(lambda: served.problem == "")
        with load.under_way():
            load.wait_for_all_by("r1")
            for name in ("r2", "r3"):
                adapters.make_live(name)
                load.wait_for_all_by(name)
                wait_until(lambda name=name: names_at(port) == [name])
            adapters.roll_back()
            load.wait_for_all_by("r2")
        load.check()
        assert load.quoted == []
        wait_until(lambda: served.problem == "")


def test_tgi_restarts_under_load_and_questions_are_quoted_meanwhile(data: Path) -> None:
    [port] = free_ports(1)
    with (
        run_kept(data, ports=[port], serving=[*SPEED, "--load-s", 0.5]) as kept,
        following(data, port, engine="tgi") as (load, served, adapters),
    ):
        kept.wait_for(state="serving")
        wait_until(lambda: served.problem == "")
        with load.under_way():
            load.wait_for_all_by("r1")
            adapters.make_live("r2")
            load.wait_for_all_by("r2")
            adapters.roll_back()
            quoted = len(load.quoted)
            load.wait_for_all_by("r1")
            assert len(load.quoted) == quoted, "the one before came along, so a rollback needs no restart"
        load.check()
        assert quoted > 0
        assert any("it is being" in reason for reason in load.quoted)


def test_tgi_with_a_second_port_swaps_under_load_and_nothing_is_quoted(data: Path) -> None:
    ports = free_ports(2)
    with (
        # So long both are there: on a slow machine too the new adapter is proven before the old server goes.
        run_kept(data, "--overlap-s", 10, ports=ports, serving=SPEED) as kept,
        following(data, *ports, engine="tgi") as (load, served, adapters),
    ):
        kept.wait_for(state="serving")
        wait_until(lambda: any(served.is_ready(f"http://127.0.0.1:{port}/v1") for port in ports))
        with load.under_way():
            load.wait_for_all_by("r1")
            adapters.make_live("r2")
            load.wait_for_all_by("r2")
            wait_until(lambda: len(kept.report()["engines"]) == 1)
            load.wait_for_all_by("r2")
            wait_until(lambda: served.problem == "", about="that nothing is missing where the second address is free")
        load.check()
        assert load.quoted == []


@pytest.mark.parametrize("step", ["draining", "starting", "serving"])
@pytest.mark.parametrize("victim", ["keeper", "engine"])
def test_kill_9_in_the_middle_of_a_swap_and_all_becomes_what_is_live(data: Path, victim: str, step: str) -> None:
    [port] = free_ports(1)
    go_on = data / "go-on"
    go_on.touch()
    slow = ["--tokens", TOKENS, "--load-s", 2 if step == "starting" else 0.2, "--until", go_on, "--hold-after", 1]
    with (
        run_kept(data, ports=[port], serving=slow) as kept,
        following(data, port, engine="tgi") as (load, served, adapters),
    ):
        kept.wait_for(state="serving")
        wait_until(lambda: served.problem == "")
        go_on.unlink()
        with load.under_way():
            # In the middle of an answer each, and there they stay: it drains until they may go on.
            wait_until(lambda: RunningEngine(f"http://127.0.0.1:{port}/v1").stats()["open_streams"] == CHATS)
            adapters.make_live("r2")
            if step != "draining":
                go_on.touch()
            _kill_at(kept, victim, step)
            go_on.touch()
            if victim == "keeper":
                kept.start()
            load.wait_for_all_by("r2")
        assert adapters.live().name == "r2"
        assert kept.wait_for(state="serving")["adapters"][0] == "r2"
        wait_until(lambda: served.problem == "")
        # A server whose keeper is killed finishes what it writes; one that is killed itself cannot.
        load.check(cut_off=0 if victim == "keeper" else CHATS)


def test_kill_9_of_vllm_in_the_middle_of_a_swap_and_all_becomes_what_is_live(data: Path) -> None:
    [port] = free_ports(1)
    with (
        run_kept(data, engine="vllm", ports=[port], serving=SPEED) as kept,
        following(data, port, engine="vllm") as (load, served, adapters),
    ):
        kept.wait_for(state="serving")
        wait_until(lambda: served.problem == "")
        with load.under_way():
            load.wait_for_all_by("r1")
            adapters.make_live("r2")
            wait_until(lambda: "r2" in names_at(port))
            for pid in kept.engine_pids():
                os.kill(pid, signal.SIGKILL)
            load.wait_for_all_by("r2")
        load.check(cut_off=CHATS)
        wait_until(lambda: served.problem == "" and names_at(port) == ["r2"])


def _kill_at(kept: Kept, victim: str, step: str) -> None:
    if step == "draining":
        kept.wait_for(state=step)
    else:
        kept.wait_for(state=step, adapters=["r2", "r1"])
    if victim == "keeper":
        kept.kill()
    else:
        for pid in kept.engine_pids():
            os.kill(pid, signal.SIGKILL)


def test_kill_9_of_the_application_at_each_step_of_a_swap_and_the_next_one_finishes_it(data: Path) -> None:
    """vLLM, where the application itself loads, proves, moves on and unloads."""
    alone(kill_the_application_at_each_step, data)


def kill_the_application_at_each_step(folder: str) -> None:
    data = Path(folder)
    points: list[Point] = [
        (ServedAdapter, "_try"),
        (Adapters, "check"),
        (VllmAdapters, "listed"),
        (VllmAdapters, "load"),
        (ModelServer, "ask"),
        (VllmAdapters, "unload"),
    ]
    quick = ("--engine", "vllm", "--first-token-ms", 1, "--tokens-per-second", 2000, "--model", BASE_MODEL)
    Adapters(data / "adapters").make_live("r2")
    with run_stand_in(*quick) as engine:
        port = port_of(engine)

        def call(path: str, **body: str) -> None:
            engine._call(f"/v1/{path}", method="POST", body=body)

        def swap() -> None:
            with following(data, port, engine="vllm", linger_s=0) as (_, served, _):
                wait_until(lambda: served.problem == "" and names_at(port) == ["r2"])

        killed: list[str] = []
        while True:
            for name in names_at(port):
                call("unload_lora_adapter", lora_name=name)
            call("load_lora_adapter", lora_name="r1", lora_path=str(data / "adapters" / "r1"))
            at = next_kill(killed, points, swap, after=False)
            with following(data, port, engine="vllm", linger_s=0) as (_load, served, _):
                wait_until(lambda served=served: served.problem == "" and names_at(port) == ["r2"])
            if at is None:
                break
            killed.append(at)
        assert {"before VllmAdapters.load", "before ModelServer.ask", "before VllmAdapters.unload"} <= set(killed)
        assert len(killed) >= 8


def test_kill_9_of_one_application_at_each_step_of_a_swap_fails_no_request_of_another(data: Path) -> None:
    """Two over one vLLM, as server and terminal are."""
    points = ("VllmAdapters.load", "ModelServer.ask", "VllmAdapters.unload")
    with (
        run_stand_in("--engine", "vllm", "--model", BASE_MODEL, *SPEED) as engine,
        following(data, port_of(engine), engine="vllm", linger_s=60) as (load, served, adapters),
    ):
        wait_until(lambda: served.problem == "")
        with load.under_way():
            for name, point in zip(("r2", "r3", "r2"), points, strict=True):
                adapters.make_live(name)
                other = multiprocessing.get_context("spawn").Process(
                    target=swap_until_killed, args=(data, port_of(engine), point)
                )
                other.start()
                other.join(240)
                assert other.exitcode == -signal.SIGKILL, point
                load.wait_for_all_by(name)
        load.check()
        assert load.quoted == []


def swap_until_killed(data: Path, port: int, point: str) -> None:
    """In a process of its own: bring the server in step, and die when a method is called first."""
    owner, _, method = point.partition(".")
    setattr(globals()[owner], method, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    with following(data, port, engine="vllm", linger_s=0):
        threading.Event().wait(240)


@pytest.mark.slow
def test_a_run_of_the_weights_that_a_server_serves_is_promoted_and_served(
    make_parts: Callable[..., Parts], tmp_path: Path
) -> None:
    """Real weights and adapter here, a stand-in there: promoted by hand, proven at the server, rolled back."""
    base = make_tiny_model(tmp_path / "tiny-llama")
    with run_stand_in("--engine", "vllm", "--model", "tiny-llama", "--tokens-per-second", 2000) as engine:
        parts = make_parts(
            generation={"backend": "remote", "engine": "vllm", "url": engine.url, "model": "tiny-llama"},
            training={"base_model": str(base), "gpu": "own"},
        )
        assert parts.is_trainable
        assert ask(parts) == ("tiny-llama", WORDS[0])
        run = parts.ledger.create(
            method=Method.SFT, trigger=Trigger.PERSON, base_model=str(base), settings={"base_model": str(base)}
        )
        lease = parts.ledger.take(run.id)
        for state in (RunState.PREPARING, RunState.TRAINING, RunState.EVALUATING, RunState.REFUSED):
            run = parts.ledger.transition(lease, state)
        adapter = make_tiny_adapter(tmp_path / "made", base, seed=1)
        parts.promoter.promote_by_hand(run, adapter, who="dr-a", force=True)
        wait_until(lambda: ask(parts) == (f"tiny-llama+{run.name}", run.name))
        assert (parts.model_id, parts.swap_problem) == (f"tiny-llama+{run.name}", None)
        parts.promoter.roll_back(who="dr-a")
        wait_until(lambda: ask(parts) == ("tiny-llama", WORDS[0]))


def ask(parts: Parts) -> tuple[str, str]:
    async def collect() -> tuple[str, str]:
        stream = parts.generator.stream(make_prompt(), max_new_tokens=8)
        assert isinstance(stream, SignedStream)
        text = "".join([delta async for delta in stream])
        return stream.model_id, text.split()[0]

    return asyncio.run(collect())
