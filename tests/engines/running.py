"""Start and stop model servers in processes of their own, for tests and benchmarks."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0
"""For what happens at all: a busy machine may need seconds for what takes milliseconds elsewhere."""


@dataclass(frozen=True, slots=True)
class RunningEngine:
    """A server that answers at `url` (which ends in /v1)."""

    url: str
    pid: int = 0

    def stats(self) -> dict[str, Any]:
        """What a stand-in engine has seen: `requests`, `open_streams`, `finished`, `left_early`, `last`, …"""
        return self._call("/stats")

    def reset(self) -> None:
        """Make a stand-in engine forget what it has seen."""
        self._call("/reset", method="POST")

    def behave(self, **changes: Any) -> None:
        """Change a stand-in engine's behaviour while it runs: any fields of `Behaviour`."""
        self._call("/behave", method="POST", body=changes)

    def wait_for(self, *, timeout_s: float = PATIENCE_S, **wanted: Any) -> dict[str, Any]:
        """The stats, as soon as they are as wanted; whatever they are after `timeout_s`."""
        end = time.monotonic() + timeout_s
        while any((stats := self.stats())[name] != value for name, value in wanted.items()):
            if time.monotonic() > end:
                break
            time.sleep(0.01)
        return stats

    def _call(self, path: str, *, method: str = "GET", body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(self.url.removesuffix("/v1") + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
            return json.load(response)


@contextmanager
def run_stand_in(*options: str | float) -> Iterator[RunningEngine]:
    """A stand-in engine with these command line options, on a free port."""
    command = [sys.executable, "-m", "tests.engines.stand_in", *map(str, options)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield RunningEngine(f"http://127.0.0.1:{int(process.stdout.readline())}/v1", process.pid)
        finally:
            process.kill()


@contextmanager
def run_transformers_serve(model: Path, *, port: int, home: Path, log: Path) -> Iterator[RunningEngine]:
    """`transformers serve` with one model. `home` becomes its hub cache, which has to exist before it lists models."""
    (home / "hub").mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-c", "from transformers.cli.transformers import main; main()", "serve", str(model)]
    command += ["--port", str(port), "--host", "127.0.0.1", "--device", "cpu"]
    with log.open("w") as output, subprocess.Popen(command, env=environment, stdout=output, stderr=output) as process:
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}/health", process, timeout_s=180)
            yield RunningEngine(f"http://127.0.0.1:{port}/v1")
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_until_healthy(url: str, process: "subprocess.Popen[Any]", *, timeout_s: float) -> None:
    """Return when `url` answers 200. Raises `RuntimeError` if the process ends or the time does."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as response:
                if response.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise RuntimeError(f"no server at {url}, exit status {process.poll()}")
