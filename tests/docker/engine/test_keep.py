"""The keeper of a model server, with a stand-in engine as its server: real processes, files, signals."""

import json
import os
import signal
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.adapters import Adapters
from assistant.gpu_files import EngineLocks
from tests.engines.kept import ENGINE, free_ports, install_voice, run_kept, wait_until
from tests.engines.running import PATIENCE_S, RunningEngine

_IS_ENDING = 4
"""PF_EXITING of Linux: it runs nothing of its program any more."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with three adapters; `r1` is live."""
    for name in ("r1", "r2", "r3"):
        install_voice(tmp_path, name)
    Adapters(tmp_path / "adapters").make_live("r1")
    return tmp_path


def make_live(data: Path, name: str | None) -> None:
    Adapters(data / "adapters").make_live(name)


def hold_gpu(data: Path, *, holder: str = "training", expires_in_s: float = 540) -> None:
    expires = datetime.now(UTC) + timedelta(seconds=expires_in_s)
    written = data / "gpu.json.written"
    written.write_text(json.dumps({"holder": holder, "expires_at": expires.isoformat()}))
    written.replace(data / "gpu.json")


def is_well(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=PATIENCE_S):
            return True
    except OSError:
        return False


def ask(port: int, *, model: str, tokens: int = 30) -> str:
    """The raw events of an answer, to its end."""
    body = {"model": model, "messages": [{"role": "user", "content": "?"}], "max_tokens": tokens, "stream": True}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/chat/completions", data=json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as reply:
        return reply.read().decode()


def first_word(port: int, *, model: str) -> str:
    event = ask(port, model=model, tokens=1).partition("data: ")[2].partition("\n")[0]
    return json.loads(event)["choices"][0]["delta"]["content"].strip()


class Answer:
    """An answer that is being written, in a thread, by a server that was started with `until` and the file `written` here."""

    def __init__(self, data: Path, port: int, *, model: str) -> None:
        self._engine = RunningEngine(f"http://127.0.0.1:{port}/v1")
        self._written = data / "written"
        self._written.unlink(missing_ok=True)
        self.text = ""
        self._thread = threading.Thread(target=lambda: setattr(self, "text", ask(port, model=model)))
        self._thread.start()
        self._engine.wait_for(open_streams=1)

    def ends_whole(self) -> bool:
        """Let it be written to its end; whether all of it came."""
        self._written.touch()
        self._thread.join()
        return self.text.endswith("data: [DONE]\n\n")


@contextmanager
def watched(one: int, other: int) -> Iterator[list[bool]]:
    """Whether any of two servers was well, asked all the time meanwhile, while each changes once at most.

    One is asked again after the other: both may have changed between the first two questions.
    """
    seen: list[bool] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen.append(any(map(is_well, (one, other, one))))
            time.sleep(0.01)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


@pytest.mark.parametrize(
    ("engine", "says"), [("tgi", "LORA_ADAPTERS={0}"), ("vllm", "--enable-lora --lora-modules {1}")]
)
def test_a_server_is_started_with_the_live_adapter_and_those_before(data: Path, engine: str, says: str) -> None:
    make_live(data, "r2")
    make_live(data, None)
    make_live(data, "r3")
    told = data / "told"
    program = data / "program"
    program.write_text(
        f"#!/bin/sh\necho LORA_ADAPTERS=$LORA_ADAPTERS $VLLM_ALLOW_RUNTIME_LORA_UPDATING $* > {told}\nsleep 60\n"
    )
    program.chmod(0o700)
    named = [f"{name}={data}/adapters/{name}" for name in ("r3", "r2", "r1")]
    with run_kept(data, engine=engine, ports=[9], program=str(program), serving=["--own", "option"]):
        words = wait_until(lambda: told.exists() and told.read_text())
    assert says.format(",".join(named), " ".join(named)) in words
    assert "--port=9" in words
    assert words.endswith("--own option\n")
    assert (" True " in words) == (engine == "vllm")
    assert ("--model-id=stand-in" if engine == "tgi" else "True stand-in") in words


def test_an_adapter_of_another_model_is_left_out(tmp_path: Path) -> None:
    install_voice(tmp_path, "r1")
    source = tmp_path / "made" / "r1"
    adapters = Adapters(tmp_path / "adapters")
    adapters.install(source, "other", base_model="some-other-model")
    adapters.make_live("r1")
    adapters.make_live("other")
    [port] = free_ports(1)
    with run_kept(tmp_path, ports=[port]) as kept:
        report = kept.wait_for(state="serving", adapters=["r1"])
    assert report["problem"] == "other is live, and is missing or was made for another model than stand-in"


def test_tgi_restarts_for_a_new_adapter_once_the_answers_under_way_are_written(data: Path) -> None:
    [port] = free_ports(1)
    with run_kept(data, ports=[port], serving=["--until", str(data / "written")]) as kept:
        kept.wait_for(state="serving", adapters=["r1"])
        answer = Answer(data, port, model="r1")
        make_live(data, "r2")
        kept.wait_for(state="draining")
        assert answer.ends_whole()
        report = kept.wait_for(state="serving", adapters=["r2", "r1"])
        assert (first_word(port, model="r2"), report["problem"]) == ("r2", "")
        [before] = kept.engine_pids()
        Adapters(data / "adapters").roll_back()
        time.sleep(0.5)
        assert kept.engine_pids() == [before], "what it holds already needs no restart"


def test_vllm_is_not_restarted_for_an_adapter(data: Path) -> None:
    [port] = free_ports(1)
    with run_kept(data, engine="vllm", ports=[port]) as kept:
        kept.wait_for(state="serving", adapters=["r1"])
        before = kept.engine_pids()
        make_live(data, "r2")
        time.sleep(0.5)
        assert kept.engine_pids() == before


def test_with_a_second_port_the_new_one_is_well_before_the_old_one_ends(data: Path) -> None:
    ports = free_ports(2)
    urls = [f"http://tgi:{port}/v1" for port in (8080, 8081)]
    given = ["--url", urls[0], "--url", urls[1]]
    with run_kept(data, *given, ports=ports, serving=["--load-s", 0.3]) as kept:
        assert list(kept.wait_for(state="serving", adapters=["r1"])["engines"]) == [urls[0]]
        with watched(*ports) as seen:
            make_live(data, "r2")
            wait_until(lambda: list(kept.report()["engines"]) == [urls[1]])
        with watched(*ports) as again:
            make_live(data, "r3")
            wait_until(lambda: list(kept.report()["engines"]) == [urls[0]])
        assert all(seen + again)
        assert kept.report()["adapters"] == ["r3", "r2", "r1"]


def test_without_memory_for_a_second_one_it_drains_and_restarts(data: Path) -> None:
    ports = free_ports(2)
    with run_kept(data, "--second-gb", 1000, ports=ports) as kept:
        kept.wait_for(state="serving", adapters=["r1"])
        make_live(data, "r2")
        kept.wait_for(state="serving", adapters=["r2", "r1"])
        assert not is_well(ports[1])


@pytest.mark.parametrize("count", [pytest.param(1, id="restarted"), pytest.param(2, id="side by side")])
def test_an_adapter_that_the_server_dies_of_leaves_those_before_and_is_named(data: Path, count: int) -> None:
    install_voice(data, "broken", breaks=True)
    ports = free_ports(count)
    with run_kept(data, ports=ports) as kept:
        kept.wait_for(state="serving", adapters=["r1"])
        with watched(ports[0], ports[-1]) as seen:
            make_live(data, "broken")
            problem = "the server ended whenever it was started with broken, which is left out"
            kept.wait_for(state="serving", adapters=["r1"], problem=problem)
        assert all(seen) or count == 1
        make_live(data, "r2")
        assert kept.wait_for(state="serving", adapters=["r2"])["problem"] == ""


def test_it_rests_while_training_holds_the_gpu_and_no_longer_than_the_lease(data: Path) -> None:
    [port] = free_ports(1)
    hold_gpu(data)
    with run_kept(data, ports=[port]) as kept:
        kept.wait_for(state="resting")
        hold_gpu(data, holder="serving")
        kept.wait_for(state="serving", adapters=["r1"])
        hold_gpu(data)
        assert kept.wait_for(state="resting")["engines"] == {}
        assert not is_well(port)
        hold_gpu(data, expires_in_s=1)
        kept.wait_for(state="serving", adapters=["r1"])
        (data / "gpu.json").write_text("{")
        time.sleep(0.3)
        assert kept.report()["state"] == "serving"


def test_a_killed_server_and_a_killed_keeper_come_back_with_what_is_live(data: Path) -> None:
    [port] = free_ports(1)
    with run_kept(data, ports=[port]) as kept:
        kept.wait_for(state="serving")
        [first] = kept.engine_pids()
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: kept.engine_pids() not in ([first], []) and kept.report()["state"] == "serving")
        [second] = kept.engine_pids()
        kept.kill()
        wait_until(lambda: _is_gone(second), about="a server that nobody keeps ends")
        make_live(data, "r2")
        kept.start()
        kept.wait_for(state="serving", adapters=["r2", "r1"])


def test_told_to_end_it_lets_the_answer_be_written_and_leaves_no_process(data: Path) -> None:
    """The program leaves a worker in a group of its own behind, as TGI's launcher does with its shards."""
    [port] = free_ports(1)
    program = data / "program"
    program.write_text(
        "import os, subprocess, sys\n"
        f"worker = subprocess.Popen(['sleep', '600'], process_group=0)\nopen('{data}/worker', 'w').write(str(worker.pid))\n"
        f"os.execv(sys.executable, [*{ENGINE.split()}, *sys.argv[1:]])\n"
    )
    serving = ["--until", str(data / "written")]
    with run_kept(data, ports=[port], program=f"{sys.executable} {program}", serving=serving) as kept:
        kept.wait_for(state="serving")
        answer = Answer(data, port, model="r1")
        [pid] = kept.engine_pids()
        kept.process.send_signal(signal.SIGTERM)
        kept.wait_for(state="draining")
        assert answer.ends_whole()
        assert kept.process.wait(PATIENCE_S) == 0
        worker = int((data / "worker").read_text())
        wait_until(lambda: _is_gone(pid) and _is_gone(worker))
        assert kept.report() == {}, "nobody is told for ever what a server did last that is not kept any more"


def test_the_next_keeper_waits_for_what_a_killed_one_left_and_blames_no_adapter_for_it(data: Path) -> None:
    [port] = free_ports(1)
    program = data / "program"
    program.write_text(
        f"#!/bin/sh\ntrap 'while [ ! -e {data}/go ]; do sleep 0.05; done; kill $!; exit' TERM\n{ENGINE} $* &\nwait $!\n"
    )
    program.chmod(0o700)
    with run_kept(data, ports=[port], program=str(program)) as kept:
        kept.wait_for(state="serving")
        [left] = kept.engine_pids()
        kept.kill()
        kept.start()
        report = kept.wait_for(state="starting", engines={})
        assert report["problem"].startswith("engine-e.lock is held by a run, or by a server that a killed keeper left")
        assert is_well(port), "what is left answers what it was asked"
        (data / "go").touch()
        kept.wait_for(state="serving", adapters=["r1"], problem="")
        assert kept.engine_pids() != [left]


def test_wherever_a_keeper_is_killed_its_servers_end_and_the_next_one_serves(data: Path) -> None:
    ports = free_ports(2)
    slow = ["--load-s", 0.5, "--until", str(data / "written")]
    with run_kept(data, "--overlap-s", 60, ports=ports, serving=slow) as kept:

        def starting() -> None:
            wait_until(kept.engine_pids)

        def draining_for_training() -> None:
            kept.wait_for(state="serving")
            answers.append(Answer(data, ports[0], model="r1"))
            hold_gpu(data)
            kept.wait_for(state="draining")

        def resting() -> None:
            hold_gpu(data)
            kept.wait_for(state="resting")

        def two_servers() -> None:
            kept.wait_for(state="serving")
            make_live(data, "r2")
            wait_until(lambda: len(kept.engine_pids()) == 2)

        answers: list[Answer] = []
        for reach in (starting, draining_for_training, resting, two_servers):
            reach()
            pids = kept.engine_pids()
            kept.kill()
            assert all(answer.ends_whole() for answer in answers)
            run = EngineLocks(data)
            wait_until(lambda run=run: run.take() == [], about=f"the GPU is free after {reach.__name__}")
            assert all(map(_is_gone, pids)), "a run was told that the GPU is free while a server was on it"
            run.give_back()
            hold_gpu(data, holder="serving")
            kept.start()
        kept.wait_for(state="serving", adapters=["r2", "r1"])


def test_what_was_left_out_is_tried_again_after_the_next_training(data: Path) -> None:
    install_voice(data, "broken", breaks=True)
    [port] = free_ports(1)
    with run_kept(data, ports=[port]) as kept:
        make_live(data, "broken")
        kept.wait_for(state="serving", adapters=["r1"])
        config = data / "adapters" / "broken" / "adapter_config.json"
        config.chmod(0o600)
        config.write_text("{}")
        hold_gpu(data)
        kept.wait_for(state="resting")
        hold_gpu(data, holder="serving")
        kept.wait_for(state="serving", adapters=["broken", "r1"], problem="")


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(None, id="nothing was written, for the disk is full"),
        pytest.param(-3600, id="it has expired, for the clock was set"),
        pytest.param(3600, id="it expires in an hour, for the clock was set back"),
    ],
)
def test_whatever_is_told_of_a_run_the_lock_decides(data: Path, told: int | None) -> None:
    [port] = free_ports(1)
    if told is not None:
        hold_gpu(data, expires_in_s=told)
    (data / "engine-e.lock").touch()
    run = EngineLocks(data)
    assert run.take() == []
    with run_kept(data, ports=[port]) as kept:
        kept.wait_for(state="starting", engines={})
        time.sleep(0.3)
        assert kept.engine_pids() == []
        run.give_back()
        kept.wait_for(state="serving")
        assert run.take() == ["e"]


def test_what_could_not_be_reported_is_reported_later(data: Path) -> None:
    [port] = free_ports(1)
    (data / "engine-e.json").mkdir()
    with run_kept(data, ports=[port]) as kept:
        wait_until(lambda: is_well(port))
        time.sleep(0.3)
        (data / "engine-e.json").rmdir()
        kept.wait_for(state="serving")


def test_of_two_servers_of_one_folder_one_restarts_after_the_other(data: Path) -> None:
    ports = free_ports(2)
    slow = ["--load-s", 0.5]
    with (
        run_kept(data, ports=ports[:1], name="a", serving=slow) as one,
        run_kept(data, ports=ports[1:], name="b", serving=slow) as two,
    ):
        for kept in (one, two):
            kept.wait_for(state="serving", adapters=["r1"])
        with watched(*ports) as seen:
            make_live(data, "r2")
            for kept in (one, two):
                kept.wait_for(state="serving", adapters=["r2", "r1"])
        assert all(seen)


def test_no_child_stays_a_zombie(data: Path) -> None:
    [port] = free_ports(1)
    with run_kept(data, ports=[port]) as kept:
        kept.wait_for(state="serving")
        [first] = kept.engine_pids()
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: kept.engine_pids() not in ([first], []))
        assert not Path(f"/proc/{first}").exists()


def test_a_folder_that_nothing_can_be_locked_in_is_named(data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (data / "engine-e.lock").mkdir()
    with run_kept(data, ports=[9]) as kept:
        assert kept.process.wait(PATIENCE_S) == 1
    assert f"{data}/engine-e.lock cannot be locked: Is a directory; this folder must be" in capfd.readouterr().err


def test_a_program_that_is_not_there_is_named(data: Path) -> None:
    with run_kept(data, ports=[9], program="no-such-server") as kept:
        assert kept.process.wait(PATIENCE_S) == 1


def _is_gone(pid: int) -> bool:
    """Ended; a zombie of another parent's has ended too, and so has what lets go of its files and memory just now."""
    try:
        state, *told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return state == "Z" or bool(int(told[5]) & _IS_ENDING)
    except OSError:
        return True
