"""`kill -9` of the server: in the middle of an answer, of a promotion, of a rollback, and while a run that it began is led."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy.orm import Session

from assistant.adapters import Adapters
from tests.alone import alone
from tests.engines.running import ROOT, run_stand_in
from tests.training.killing import Point, next_kill
from tests.ui.loop_site import install_adapter, run_through, verdict
from training.runs import LiveChange
from training.schema import RunState
from ui.settings import load_settings
from ui.wiring import Parts

REPORT = "FINDINGS: There is a small pleural effusion on the left.\nIMPRESSION: Small left pleural effusion.\n"
START_S = 180
POINTS: list[Point] = [
    (Adapters, "make_live"),
    (Adapters, "roll_back"),
    (LiveChange, "record"),
    (Session, "commit"),
    (os, "replace"),
]


@contextmanager
def serving(data: Path, url: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The real server in a process of its own, and its address. Whoever has not killed it need not."""
    command = [
        sys.executable,
        "-m",
        "ui.cli",
        "serve",
        "--data",
        str(data),
        "--port",
        "0",
        "--url",
        url,
        "--model",
        "m",
    ]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines: list[str] = []
    assert process.stdout is not None
    reading = threading.Thread(target=lines.extend, args=(iter(process.stdout.readline, ""),), daemon=True)
    reading.start()
    try:
        until = time.monotonic() + START_S
        while not (found := re.search(r"Curbside is at (http://\S+)", "".join(lines))):
            assert process.poll() is None, "".join(lines)
            assert time.monotonic() < until, "".join(lines)
            time.sleep(0.05)
        yield process, found.group(1)
    finally:
        process.kill()
        process.wait()
        reading.join()
        process.stdout.close()


def ask(address: str, token: str) -> httpx.Response:
    body = {"report": REPORT, "question": "Is there a pleural effusion?", "stream": False}
    with client(address, token) as http:
        return http.post("/ask", json=body)


def client(address: str, token: str) -> httpx.Client:
    return httpx.Client(
        base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=120, trust_env=False
    )


@pytest.mark.slow
def test_in_the_middle_of_an_answer_only_that_answer_is_lost(tmp_path: Path) -> None:
    data = tmp_path / "data"
    parts = Parts(load_settings(data_dir=data))
    parts.database  # noqa: B018  migrations run first
    parts.accounts.create_first()
    token = parts.accounts.new_token("doctor")
    parts.close()
    with run_stand_in("--first-token-ms", 20, "--tokens-per-second", 20, "--tokens", 30) as engine:
        with serving(data, engine.url) as (server, address):
            assert ask(address, token).status_code == 200
            engine.behave(until=str(tmp_path / "go-on"), hold_after=12)  # it stays under way
            body = {"report": REPORT, "question": "And on the right?"}
            with client(address, token) as http, http.stream("POST", "/ask", json=body) as answer:
                for line in answer.iter_lines():
                    if line == "event: delta":
                        server.send_signal(signal.SIGKILL)
                        break
            assert server.wait() == -signal.SIGKILL
        assert engine.wait_for(open_streams=0, timeout_s=60)["open_streams"] == 0
        engine.behave(until="")
        with serving(data, engine.url) as (_, address):
            with client(address, token) as http:
                (kept,) = http.get("/conversations").json()
                assert kept["turns"] == 1
            assert ask(address, token).json()["turn_id"]
    with sqlite3.connect(data / "curbside.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("act", ["promote", "roll_back"])
def test_in_the_middle_of_a_change_of_models_the_old_or_the_new_one_answers(tmp_path: Path, act: str) -> None:
    alone(kill_at_each_step_of_a_change, tmp_path / "data", act)


def kill_at_each_step_of_a_change(data: str, act: str) -> None:
    settings = load_settings(data_dir=Path(data))
    parts = Parts(settings)
    run = run_through(parts, RunState.PROMOTED, verdict=verdict(promote=True), chosen="sft")
    install_adapter(parts, run.name)
    parts.close()
    before, after = ("quoting", f"starter+{run.name}") if act == "promote" else (f"starter+{run.name}", "quoting")
    killed: list[str] = []
    while True:
        parts = Parts(settings)
        parts.adapters.make_live(None if act == "promote" else run.name)
        parts.promoter.reconcile()
        parts.close()

        def change() -> None:
            asked = Parts(settings)
            asked.loop_desk.promote(run.name, "doctor") if act == "promote" else asked.loop_desk.roll_back("doctor")

        point = next_kill(killed, POINTS, change)
        restarted = Parts(settings)
        status = restarted.loop_desk.status()
        assert status.model_id in (before, after), point
        restarted.promoter.reconcile()
        told = [change.adapter for change in restarted.ledger.promotions()]
        assert (told[0] if told else None) == restarted.adapters.live().name, point
        restarted.close()
        if point is None:
            assert status.model_id == after
            break
        killed.append(point)
    door = "Adapters.make_live" if act == "promote" else "Adapters.roll_back"
    assert set(killed) >= {f"{when} {name}" for when in ("before", "after") for name in (door, "LiveChange.record")}


_BEGIN = """
import os, signal, sys
from pathlib import Path
from ui.settings import load_settings
from ui.wiring import Parts
from training.launch import Launcher
parts = Parts(load_settings(data_dir=Path(sys.argv[1])))
work = f"import os, time, pathlib\\nwhile os.path.exists({sys.argv[3]!r}): time.sleep(0.02)\\npathlib.Path({sys.argv[2]!r}).touch()"
Launcher(
    ledger=parts.ledger, command=(sys.executable, "-S", "-c", work), base_model="starter",
    settings=parts.settings.training, runs=parts.data_dir / "runs",
).start()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_process_that_leads_a_run_goes_on_without_the_server_that_began_it(tmp_path: Path) -> None:
    held, done = tmp_path / "held", tmp_path / "done"
    held.touch()
    server = subprocess.run(
        [sys.executable, "-c", _BEGIN, str(tmp_path / "data"), str(done), str(held)], cwd=ROOT, check=False
    )
    assert server.returncode == -signal.SIGKILL
    assert not done.exists()
    held.unlink()
    until = time.monotonic() + 120
    while not done.exists():
        assert time.monotonic() < until, "the process ended with the server"
        time.sleep(0.02)
