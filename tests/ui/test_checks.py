"""`curbside doctor`: each check against a machine or an installation where something is wrong."""

import importlib.util
import json
import os
import re
import runpy
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.adapters import Adapters
from assistant.gpu_files import write_mirror
from tests.engines.kept import BASE_MODEL, install_voice
from tests.engines.running import RunningEngine, run_stand_in
from ui import checks_machine
from ui.checks import run_checks
from ui.checks_values import Check
from ui.settings import load_settings
from ui.wiring import Parts


@pytest.fixture
def look(tmp_path: Path) -> Iterator[Callable[..., dict[str, Check]]]:
    """All checks of the installation in a temporary folder, by name; keyword arguments are groups of settings."""
    made: list[Parts] = []

    def look_at(**groups: Any) -> dict[str, Check]:
        made.append(Parts(load_settings(data_dir=tmp_path / "data", **groups)))
        return {check.name: check for check in run_checks(made[-1])}

    yield look_at
    for parts in made:
        parts.close()


@pytest.fixture
def roomy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with memory and disk left, whatever else the real one is doing."""
    monkeypatch.setattr(checks_machine, "memory_bytes", lambda: (16_000_000_000, 8_000_000_000))
    monkeypatch.setattr(checks_machine.shutil, "disk_usage", lambda _: SimpleNamespace(free=100_000_000_000))


def installation(tmp_path: Path) -> Path:
    """One that was started once."""
    from ui.migrations import upgrade

    parts = Parts(load_settings(data_dir=tmp_path / "data"))
    upgrade(parts.database)
    parts.close()
    return tmp_path / "data"


def nvidia_smi(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A driver's program that does what a shell script says."""
    folder.mkdir(exist_ok=True)
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


# ── the machine ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("roomy")
def test_a_fresh_machine_is_well_and_nothing_is_made_by_looking(
    look: Callable[..., dict[str, Check]], tmp_path: Path
) -> None:
    found = look()
    assert {name for name, check in found.items() if not check.ok} == set()
    assert not (tmp_path / "data").exists()
    assert "cores" in found["machine"].detail


def test_what_is_told_of_memory_and_disk_is_this_machine_s(
    look: Callable[..., dict[str, Check]], tmp_path: Path
) -> None:
    total, free = checks_machine.memory_bytes()
    assert 0 < free <= total
    assert f"{total / 1e9:.1f} GB of memory" in look()["machine"].detail
    assert re.match(r"\d+\.\d GB free", look()["disk"].detail)


def test_without_a_driver_models_run_on_the_processor(
    look: Callable[..., dict[str, Check]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert look()["GPU"].ok
    needed = look(training={"quantize": "nf4"})["GPU"]
    assert not needed.ok
    assert "install the NVIDIA driver" in needed.remedy


def test_a_driver_tells_its_cards_and_what_to_plan_with(
    look: Callable[..., dict[str, Check]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nvidia_smi(tmp_path / "bin", monkeypatch, "echo 'NVIDIA L40S, 46068, 45000, 580.65.06'")
    check = look()["GPU"]
    assert check.ok
    assert "NVIDIA L40S (48.3 GB, 47.2 GB free), driver 580.65.06" in check.detail
    assert "curbside plan --gpu 'NVIDIA L40S'" in check.detail


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param("exit 9", "exit code 9", id="a driver that fails"),
        pytest.param("exec sleep 30", "does not answer within 0.3 s", id="a driver that hangs"),
    ],
)
def test_a_driver_that_does_not_work_is_told(
    script: str, said: str, look: Callable[..., dict[str, Check]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if "sleep" in script:
        monkeypatch.setattr(checks_machine, "DRIVER_TIMEOUT_S", 0.3)
    nvidia_smi(tmp_path / "bin", monkeypatch, script)
    check = look()["GPU"]
    assert not check.ok
    assert said in check.detail
    assert check.remedy


@pytest.mark.parametrize(
    ("cuda", "driver", "ok", "remedy"),
    [
        pytest.param("12.8", "550.54", True, "", id="new enough"),
        pytest.param("13.0", "550.54", False, "install driver 580 or later", id="too old for torch's CUDA"),
        pytest.param(None, "580.65", False, "install torch's build for CUDA", id="torch cannot use the GPU"),
    ],
)
def test_driver_and_torch_must_fit(
    cuda: str | None,
    driver: str,
    ok: bool,
    remedy: str,
    look: Callable[..., dict[str, Check]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    package = tmp_path / "torch"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "version.py").write_text(f"cuda: Optional[str] = {cuda!r}\n")
    spec = importlib.util.spec_from_file_location("torch", package / "__init__.py")
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: spec if name == "torch" else found(name, *rest)
    )
    nvidia_smi(tmp_path / "bin", monkeypatch, f"echo 'NVIDIA L4, 23034, 22000, {driver}'")
    check = look(generation={"backend": "local", "model": "invented/base"})["GPU"]
    assert check.ok is ok
    assert remedy in check.remedy


def test_the_build_of_torch_is_read_without_loading_it() -> None:
    spec = importlib.util.find_spec("torch")
    assert spec is not None
    assert spec.origin is not None
    assert checks_machine.torch_cuda() == runpy.run_path(str(Path(spec.origin).with_name("version.py")))["cuda"]


def test_a_disk_without_room_for_a_run_is_told(
    look: Callable[..., dict[str, Check]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # with a driver the model would not be on the processor
    (tmp_path / "model").mkdir()
    config = {
        "model_type": "llama", "vocab_size": 9, "hidden_size": 65536, "intermediate_size": 262144, "num_hidden_layers": 10_000,
        "num_attention_heads": 64, "max_position_embeddings": 2048,
    }  # fmt: skip
    (tmp_path / "model" / "config.json").write_text(json.dumps(config))
    found = look(generation={"backend": "local", "model": str(tmp_path / "model")})
    assert not found["disk"].ok
    assert "a training run and daily work need" in found["disk"].detail
    assert "free some space" in found["disk"].remedy
    assert not found["machine"].ok
    assert "smaller model" in found["machine"].remedy


def test_a_clock_that_is_behind_its_own_files_is_told(look: Callable[..., dict[str, Check]], tmp_path: Path) -> None:
    data = installation(tmp_path)
    assert look()["clock"].ok
    os.utime(data / "curbside.db", (4_118_040_000, 4_118_040_000))  # the middle of 2100
    check = look()["clock"]
    assert not check.ok
    assert "a file was written at 2100-0" in check.detail


def test_an_unknown_time_zone_is_told(look: Callable[..., dict[str, Check]]) -> None:
    check = look(server={"timezone": "Europe/Atlantis"})["clock"]
    assert not check.ok
    assert "CURBSIDE_SERVER__TIMEZONE" in check.remedy


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        pytest.param("CURBSIDE_RETREIVAL__TOP_K", "to CURBSIDE_RETRIEVAL__TOP_K", id="a mistyped group"),
        pytest.param("CURBSIDE_GENERATION__ENGIN", "to CURBSIDE_GENERATION__ENGINE", id="a mistyped field"),
        pytest.param("CURBSIDE_MODEL", "CURBSIDE_MODEL", id="a name without a group"),
        pytest.param("CURBSIDE_ABRACADABRA", "unset CURBSIDE_ABRACADABRA", id="nothing like it"),
    ],
)
def test_unknown_variables_are_told_with_the_nearest_right_name(
    name: str, remedy: str, look: Callable[..., dict[str, Check]], monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "CURBSIDE_GENERATION__ENGIN":  # of a right group: the settings themselves refuse it
        monkeypatch.setattr("ui.checks_machine.unknown_variables", lambda: [name])
    else:
        monkeypatch.setenv(name, "3")
    check = look()["variables"]
    assert not check.ok
    assert remedy in check.remedy


# ── the installation ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("roomy")
def test_an_installation_is_well(look: Callable[..., dict[str, Check]], tmp_path: Path) -> None:
    installation(tmp_path)
    found = look()
    assert {name for name, check in found.items() if not check.ok} == set()
    assert found["database"].detail == "sqlite, 0 reports"


@pytest.mark.parametrize(
    ("spoil", "name", "remedy"),
    [
        pytest.param(lambda data: data.chmod(0o755), "data folder", "chmod 700", id="a folder that others read"),
        pytest.param(
            lambda data: (data / "curbside.key").chmod(0o644), "key", "chmod 600", id="a key that others read"
        ),
        pytest.param(lambda data: (data / "curbside.key").unlink(), "key", "put back the key", id="a key that is gone"),
        pytest.param(
            lambda data: (data / "curbside.key").unlink(),
            "database",
            "put curbside.key back",
            id="and so nothing opens",
        ),
    ],
)
def test_what_is_wrong_with_an_installation_is_told_with_its_cure(
    spoil: Callable[[Path], object], name: str, remedy: str, look: Callable[..., dict[str, Check]], tmp_path: Path
) -> None:
    data = installation(tmp_path)
    spoil(data)
    check = look()[name]
    assert not check.ok
    assert remedy in check.remedy
    assert not (name == "key" and "put back" in remedy and (data / "curbside.key").exists())


# ── servers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_servers_that_are_away_are_told_without_secrets(look: Callable[..., dict[str, Check]], tmp_path: Path) -> None:
    found = look(
        storage={
            "database_url": "postgresql://curbside:hushhush@127.0.0.1:9/curbside",
            "chroma_url": "http://curbside:hushhush@127.0.0.1:9",
        },
        generation={"backend": "remote", "url": "http://curbside:hushhush@127.0.0.1:9/v1", "api_key": "sk-hushhush"},
    )
    for name, variable in (
        ("database", "CURBSIDE_STORAGE__DATABASE_URL"),
        ("index", "CURBSIDE_STORAGE__CHROMA_URL"),
        ("model", "CURBSIDE_GENERATION__URL"),
    ):
        assert not found[name].ok, name
        assert "127.0.0.1" in found[name].detail
        assert variable in found[name].remedy
    assert "hushhush" not in json.dumps([(check.detail, check.remedy) for check in found.values()])
    assert not (tmp_path / "data" / "curbside.key").exists()


def test_a_secret_in_an_error_is_not_shown(look: Callable[..., dict[str, Check]], tmp_path: Path) -> None:
    installation(tmp_path)
    url = "postgresql://curbside:hushhush@127.0.0.1:9/curbside"
    found = look(storage={"database_url": url, "chroma_url": "http://curbside:hushhush@127.0.0.1:9"})
    assert not found["database"].ok
    assert not found["index"].ok
    assert "hushhush" not in json.dumps([(check.detail, check.remedy) for check in found.values()])


def test_a_database_server_that_is_there_is_not_written_to(
    look: Callable[..., dict[str, Check]], postgres_url: str, tmp_path: Path
) -> None:
    check = look(storage={"database_url": postgres_url})["database"]
    assert check.ok
    assert "is there" in check.detail
    assert not (tmp_path / "data").exists()


def test_a_database_without_its_tables_is_told(look: Callable[..., dict[str, Check]], tmp_path: Path) -> None:
    with closing(sqlite3.connect(installation(tmp_path) / "curbside.db")) as database:
        database.execute("ALTER TABLE report RENAME TO gone")
    check = look()["database"]
    assert not check.ok
    assert "OperationalError" in check.detail
    assert check.remedy


class _Heartbeat(BaseHTTPRequestHandler):
    """Of Chroma's server only what the check asks for; `test_chroma_server.py` has the real one."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/v2/heartbeat" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


def test_a_chroma_server_that_answers_is_well(look: Callable[..., dict[str, Check]]) -> None:
    with HTTPServer(("127.0.0.1", 0), _Heartbeat) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}"
            check = look(storage={"chroma_url": url})["index"]
            wrong = look(storage={"chroma_url": f"{url}/else"})["index"]
        finally:
            server.shutdown()
            thread.join()
    assert check.ok
    assert url in check.detail
    assert not wrong.ok
    assert "404" in wrong.detail


@pytest.fixture
def engine() -> Iterator[RunningEngine]:
    with run_stand_in(
        "--engine", "vllm", "--first-token-ms", 1, "--tokens-per-second", 2000, "--tokens", 30
    ) as running:
        yield running


def served(url: str, **training: Any) -> dict[str, Any]:
    """Settings of a server whose weights are trained here."""
    return {
        "generation": {"backend": "remote", "url": url, "engine": "vllm", "model": BASE_MODEL},
        "training": {"base_model": BASE_MODEL, "gpu": "shared", **training},
    }


def test_which_adapter_a_server_answers_with_is_told_and_nothing_is_loaded(
    look: Callable[..., dict[str, Check]], tmp_path: Path, engine: RunningEngine
) -> None:
    data = installation(tmp_path)
    assert "with its base model" in look(**served(engine.url))["model"].detail
    install_voice(data, "r1")
    Adapters(data / "adapters").make_live("r1")
    found = look(**served(engine.url))["model"]
    assert not found.ok
    assert "but not with r1" in found.detail
    assert "`curbside serve` loads it" in found.remedy
    assert engine._call("/v1/models")["data"] == [{"id": "stand-in", "object": "model"}], "looking loads nothing"
    assert not any(thread.name == "served-adapter" for thread in threading.enumerate())
    told = {"lora_name": "r1", "lora_path": str(data / "adapters" / "r1")}
    engine._call("/v1/load_lora_adapter", method="POST", body=told)
    found = look(**served(engine.url))["model"]
    assert found.ok
    assert "with r1" in found.detail


def test_a_server_that_rests_for_training_is_well_and_says_until_when(
    look: Callable[..., dict[str, Check]], tmp_path: Path
) -> None:
    url, now = "http://127.0.0.1:9/v1", datetime.now(UTC)
    data = installation(tmp_path)
    told = {"name": "vllm", "state": "resting", "problem": "", "urls": [url], "engines": {}}
    (data / "engine-vllm.json").write_text(json.dumps(told))
    found = look(**served(url))["model"]
    assert not found.ok, "nobody trains, so it should be back"
    assert "its keeper's log" in found.remedy
    write_mirror(data, training=True, expires_at=now + timedelta(minutes=1), expected_end=now + timedelta(hours=1))
    found = look(**served(url))["model"]
    assert found.ok
    assert "it rests while training has the GPU, until about" in found.detail
    assert "refused" not in found.detail


def test_the_second_address_of_a_keeper_may_be_free(
    look: Callable[..., dict[str, Check]], tmp_path: Path, engine: RunningEngine
) -> None:
    free = "http://127.0.0.1:9/v1"
    data = installation(tmp_path)
    running = {engine.url: {"state": "serving", "adapters": [], "pid": 7}}
    told = {"name": "tgi", "state": "serving", "problem": "", "urls": [engine.url, free], "engines": running}
    (data / "engine-tgi.json").write_text(json.dumps(told))
    found = look(**served(f"{engine.url},{free}"))["model"]
    assert found.ok
    assert f"{free} is for the time of a change, and free" in found.detail


def test_a_ray_cluster_that_is_away_is_told(look: Callable[..., dict[str, Check]], tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="Ray is not installed (the extra `ray`)")
    installation(tmp_path)
    assert look()["training"].detail == "on this computer"
    found = look(training={"on": "ray", "ray_address": "http://127.0.0.1:9"})["training"]
    assert not found.ok
    assert "http://127.0.0.1:9" in found.detail


def test_a_server_whose_gpu_trains_as_well_is_looked_at(look: Callable[..., dict[str, Check]]) -> None:
    found = look(
        generation={"backend": "remote", "url": "http://127.0.0.1:9/v1", "engine": "vllm", "model": "/models/invented"},
        training={"base_model": "/models/invented", "gpu": "shared"},
    )["model"]
    assert not found.ok
    assert "http://127.0.0.1:9" in found.detail
