"""A model server's health check, against real servers and what a keeper writes."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.ports import nobody_listens

HEALTHY = Path(__file__).parents[2] / "docker/engine/healthy.py"


class Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" and self.server.well else 503)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Server)
    server.well = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def report(tmp_path: Path, server: HTTPServer) -> Path:
    path = tmp_path / "engine-vllm.json"
    write(path, "serving", server.server_port)
    return path


def write(path: Path, state: str, port: int) -> None:
    engines = {} if state == "resting" else {f"http://engine:{port}/v1": {"state": state, "adapters": [], "pid": 7}}
    path.write_text(json.dumps({"name": "vllm", "state": state, "engines": engines}))


def is_healthy(report: Path) -> bool:
    return subprocess.run([sys.executable, "-S", HEALTHY, report], check=False, timeout=120).returncode == 0


def test_a_server_that_answers_is_healthy(report: Path) -> None:
    assert is_healthy(report)


def test_a_server_that_answers_with_an_error_is_not(report: Path, server: HTTPServer) -> None:
    server.well = False  # type: ignore[attr-defined]
    assert not is_healthy(report)


def test_a_server_that_nobody_hears_is_not(report: Path) -> None:
    with nobody_listens() as port:
        write(report, "serving", port)
        assert not is_healthy(report)


def test_a_server_that_rests_while_training_holds_the_gpu_is_healthy(report: Path) -> None:
    write(report, "resting", 0)
    assert is_healthy(report)


def test_a_server_that_still_starts_is_not(report: Path, server: HTTPServer) -> None:
    write(report, "starting", server.server_port)
    assert not is_healthy(report)


@pytest.mark.parametrize("text", [pytest.param(None, id="no report yet"), pytest.param("[]", id="a damaged report")])
def test_a_keeper_that_has_said_nothing_is_not(report: Path, text: str | None) -> None:
    report.unlink() if text is None else report.write_text(text)
    assert not is_healthy(report)
