"""What a run's process on a Ray cluster is told, and what it makes of it. No cluster is needed for that."""

import http.server
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from assistant.errors import NotShared, RayUnavailable
from training.errors import RunUnderWay
from training.schema import RunState, Trigger
from ui.dry_run import NothingToTrain
from ui.settings import load_settings
from ui.train_on_ray import settings_there, shown_variables
from ui.training_process import next_run
from ui.wiring import Parts

URL = "postgresql+psycopg://curbside:invented-word@db/curbside"


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    parts = Parts(load_settings(data_dir=tmp_path / "data"))
    yield parts
    parts.close()


@pytest.fixture
def interrupted() -> threading.Event:
    """Set: whoever waits goes at once."""
    event = threading.Event()
    event.set()
    return event


def test_another_machine_gets_the_same_settings_and_no_secret_in_the_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = load_settings(
        data_dir=Path("data"),
        storage={"database_url": URL, "chroma_url": "http://chroma:8000"},
        generation={"api_key": SecretStr("invented-key")},
        training={"on": "ray", "lora_rank": 8},
    )
    shown = shown_variables(told)
    assert "invented" not in " ".join(shown.values())
    assert shown["CURBSIDE_STORAGE__CHROMA_URL"] == "http://chroma:8000"
    for name in ("CURBSIDE_STORAGE__DATABASE_URL", "CURBSIDE_GENERATION__API_KEY"):
        assert name not in shown
        assert stat.S_IMODE(os.stat(shown[f"{name}_FILE"]).st_mode) == 0o600
    for name, value in shown.items():
        monkeypatch.setenv(name, value)
    there = load_settings()
    assert there.storage.data_dir == (tmp_path / "data").resolve()
    storage = there.storage.model_copy(update={"data_dir": Path("data")})
    training = there.training.model_copy(update={"gpu": "auto"})
    assert there.model_copy(update={"storage": storage, "training": training}) == told


@pytest.mark.parametrize(
    ("group", "field", "address"),
    [
        pytest.param("storage", "database_url", "postgresql+psycopg://db/c?password=invented-word", id="as an option"),
        pytest.param("generation", "url", "http://a:8080/v1,http://u:invented-word@b:8080/v1", id="in one of several"),
        pytest.param("generation", "url", "http://invented-word@a:8080/v1", id="without a user"),
    ],
)
def test_a_password_in_an_address_is_a_secret_wherever_it_stands(
    tmp_path: Path, group: str, field: str, address: str
) -> None:
    shown = shown_variables(load_settings(data_dir=tmp_path, **{group: {field: address}}))
    assert "invented" not in " ".join(shown.values())
    assert Path(shown[f"CURBSIDE_{group}__{field}_FILE".upper()]).read_text() == address


@pytest.mark.parametrize(
    ("ray_address", "told"),
    [
        pytest.param("http://127.0.0.1:8265", "shared", id="on the chat's machine"),
        pytest.param("http://ray.lan:8265", "own", id="on another one"),
    ],
)
def test_whether_the_gpu_is_the_chat_s_is_decided_where_the_chat_is(
    tmp_path: Path, ray_address: str, told: str
) -> None:
    (tmp_path / "engine-vllm.json").write_text("{}")
    training = {"on": "ray", "ray_address": ray_address}
    settings = load_settings(data_dir=tmp_path, generation={"backend": "remote"}, training=training)
    assert shown_variables(settings)["CURBSIDE_TRAINING__GPU"] == told


def test_a_machine_without_the_data_folder_makes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURBSIDE_STORAGE__DATA_DIR", str(tmp_path / "elsewhere"))
    assert settings_there().training.on == "here"
    monkeypatch.setenv("CURBSIDE_TRAINING__ON", "ray")
    with pytest.raises(
        NotShared, match=r"elsewhere .*holds no curbside\.key that user \d+ can read; mount .*its owner"
    ):
        settings_there()
    assert not (tmp_path / "elsewhere").exists()


def test_next_is_a_new_run_or_the_one_that_was_interrupted(parts: Parts, interrupted: threading.Event) -> None:
    run = next_run(parts, interrupted)
    assert (run.state, run.trigger, run.base_model) == (RunState.QUEUED, Trigger.SCHEDULE, "starter")
    with pytest.raises(RunUnderWay):
        next_run(parts, interrupted)
    parts.ledger.release(parts.ledger.take(run.id))
    assert next_run(parts, interrupted).id == run.id


def test_who_only_looks_for_a_run_writes_no_secret(tmp_path: Path, interrupted: threading.Event) -> None:
    settings = load_settings(
        data_dir=tmp_path, training={"on": "ray"}, generation={"api_key": SecretStr("invented-key")}
    )
    parts = Parts(settings)
    assert next_run(parts, interrupted).state is RunState.QUEUED
    parts.close()
    assert not (tmp_path / "ray-secrets").exists()


def test_next_begins_nothing_where_nothing_can_be_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interrupted: threading.Event
) -> None:
    monkeypatch.setenv("CURBSIDE_GENERATION__BACKEND", "remote")
    with pytest.raises(NothingToTrain):
        next_run(Parts(load_settings(data_dir=tmp_path / "data")), interrupted)


def test_an_address_where_something_else_answers_is_said(tmp_path: Path) -> None:
    pytest.importorskip("ray")

    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>not Ray</html>")

        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever).start()
        address = f"http://127.0.0.1:{server.server_port}"
        parts = Parts(load_settings(data_dir=tmp_path / "data", training={"on": "ray", "ray_address": address}))
        with pytest.raises(RayUnavailable, match="does not answer"):
            parts.launcher.start()
        assert parts.ledger.runs() == []
        parts.close()
        server.shutdown()
