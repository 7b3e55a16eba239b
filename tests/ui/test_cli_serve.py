"""What `curbside serve` makes of its options. Nothing is started."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from ui.cli import app
from ui.wiring import Parts


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Parts]:
    """The installations that would have been served."""
    parts: list[Parts] = []
    monkeypatch.setitem(sys.modules, "ui.server", SimpleNamespace(run_server=parts.append))
    return parts


def serve(tmp_path: Path, *options: str) -> None:
    CliRunner().invoke(app, ["serve", "--data", str(tmp_path), *options], catch_exceptions=False)


def test_several_servers_and_their_engine(tmp_path: Path, started: list[Parts]) -> None:
    urls = ["http://gpu-1:8080/v1", "http://gpu-2:8080/v1"]
    serve(tmp_path, "--engine", "tgi", "--url", urls[0], "--url", urls[1], "--model", "mistral-7b")
    generation = started[0].settings.generation
    assert (generation.backend, generation.engine, generation.model) == ("remote", "tgi", "mistral-7b")
    assert generation.urls == tuple(urls)


def test_one_server_without_more_is_any_that_speaks_openai_style(tmp_path: Path, started: list[Parts]) -> None:
    serve(tmp_path, "--url", "http://gpu-1:8080/v1/")
    generation = started[0].settings.generation
    assert (generation.engine, generation.urls) == ("openai", ("http://gpu-1:8080/v1",))


def test_the_variable_takes_several_too(tmp_path: Path, started: list[Parts], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURBSIDE_GENERATION__BACKEND", "remote")
    monkeypatch.setenv("CURBSIDE_GENERATION__URL", "http://a/v1, http://b/v1,")
    serve(tmp_path)
    assert started[0].settings.generation.urls == ("http://a/v1", "http://b/v1")


def test_without_a_server_the_model_runs_here(tmp_path: Path, started: list[Parts]) -> None:
    serve(tmp_path, "--model", "some/model")
    generation = started[0].settings.generation
    assert (generation.backend, generation.model) == ("local", "some/model")
