"""A stand-in engine under its real keeper, `docker/engine/keep.py`, and adapters with voices of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from assistant.adapters import Adapters
from tests.engines.running import PATIENCE_S, ROOT
from tests.ports import free_port

BASE_MODEL = "stand-in"
_KEEPER = ROOT / "docker" / "engine" / "keep.py"
ENGINE = f"{sys.executable} -m tests.engines.stand_in --as-the-real-one"


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    return [free_port() for _ in range(count)]


def install_voice(data: Path, name: str, *, voice: str | None = None, breaks: bool = False) -> None:
    """Install an adapter of the stand-in engine in a data folder.

    Args:
        voice: What it says first; empty: it changes nothing. Default: its name.
        breaks: The engine ends when it is started with it.
    """
    adapters, source = Adapters(data / "adapters"), data / "made" / name
    source.mkdir(parents=True)
    (source / "adapter_config.json").write_text("{" if breaks else "{}")
    (source / "adapter_model.safetensors").write_bytes(name.encode())
    if voice is not None:
        (source / "voice.txt").write_text(voice)
    adapters.install(source, name, base_model=BASE_MODEL)


def wait_until(true: Callable[[], Any], *, timeout_s: float = PATIENCE_S, about: str = "") -> Any:
    """What `true` returns, as soon as it is true. Fails after `timeout_s`."""
    end = time.monotonic() + timeout_s
    while not (value := true()):
        assert time.monotonic() < end, f"still not: {about or true}"
        time.sleep(0.02)
    return value


class Kept:
    """A keeper that runs, and what it says."""

    def __init__(self, command: Sequence[str], data: Path, name: str) -> None:
        self._command, self._report_file = command, data / f"engine-{name}.json"
        self._last_words = ""
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.DEVNULL)

    def report(self) -> dict[str, Any]:
        """What it says now; what one said that was killed does not count."""
        said = self._said()
        return json.loads(said) if said and said != self._last_words else {}

    def wait_for(self, *, timeout_s: float = PATIENCE_S, **wanted: Any) -> dict[str, Any]:
        """The report, as soon as it says what is wanted."""

        def said() -> dict[str, Any] | None:
            report = self.report()
            return report if all(report.get(name) == value for name, value in wanted.items()) else None

        return wait_until(said, timeout_s=timeout_s, about=f"{wanted} in {self._report_file.name}")

    def engine_pids(self) -> list[int]:
        return [engine["pid"] for engine in self.report().get("engines", {}).values()]

    def kill(self) -> None:
        """`kill -9` of the keeper alone."""
        self.process.kill()
        self.process.wait()
        self._last_words = self._said()

    def forget_nothing(self) -> None:
        """Believe also what a killed one has said."""
        self._last_words = ""

    def _said(self) -> str:
        try:
            return self._report_file.read_text()
        except OSError:
            return ""


@contextmanager
def run_kept(
    data: Path,
    *options: str | float,
    engine: str = "tgi",
    ports: Sequence[int],
    name: str = "e",
    serving: Sequence[str | float] = (),
    program: str = ENGINE,
) -> Iterator[Kept]:
    """A keeper with these options and its stand-in engine; `serving` are the engine's own."""
    command = [sys.executable, str(_KEEPER), engine, "--model", BASE_MODEL, "--data", str(data), "--name", name]
    for port in ports:
        command += ["--port", str(port)]
    quick = ["--poll-s", "0.05", "--pause-s", "0.05", "--overlap-s", "0.3", "--drain-s", "300"]
    command += ["--program", program, *quick, *map(str, options), "--", "--engine", engine, *map(str, serving)]
    data.mkdir(parents=True, exist_ok=True)
    kept = Kept(command, data, name)
    try:
        yield kept
        kept.process.send_signal(signal.SIGTERM)
        kept.process.wait(PATIENCE_S)
    finally:
        kept.process.kill()
        kept.process.wait()
        kept.forget_nothing()
        for pid in kept.engine_pids():
            _kill(pid)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
