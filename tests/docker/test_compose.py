"""The containers, checked without an engine: who may reach whom, what each may do, and that every name means something."""

import functools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from tests.docker.composed import DOCKER, EVERYWHERE, PROFILES, composed, example_env, services, variables
from tests.docker.dockerfiles import STAGES
from ui.cli import app
from ui.settings import load_settings, unknown_variables

ROOT = DOCKER.parent
OURS = {"app", "app-cpu", "trainer", "vllm", "tgi", "chroma"}
WITH_A_GPU = {"trainer", "vllm", "tgi"}
EACH = pytest.mark.parametrize(
    ("profile", "name"), [pytest.param(*one, id=f"{one[1]} in {one[0]}") for one in EVERYWHERE]
)
IN_EACH_PROFILE = pytest.mark.parametrize("profile", PROFILES)
FILE = composed(example_env())


@IN_EACH_PROFILE
def test_a_profile_runs_what_it_promises(profile: str) -> None:
    server = {"front", "app", "trainer", "chroma", "postgres", profile}
    assert set(services(profile)) == ({"front", "app-cpu"} if profile == "cpu" else server)


@EACH
def test_each_is_pinned(profile: str, name: str) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    service = services(profile)[name]
    if name not in OURS:
        assert re.fullmatch(r"[\w./-]+:[\w.-]*\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}", service["image"])
        return
    assert service["image"] == f"curbside/{service['build']['target']}:{version}"
    assert service["pull_policy"] == "never", "nobody else's image may come under our name"
    assert service["build"]["target"] in STAGES
    assert (DOCKER / service["build"]["context"] / service["build"]["dockerfile"]).samefile(DOCKER / "Dockerfile")


@EACH
def test_each_may_do_little(profile: str, name: str) -> None:
    service = services(profile)[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "front" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert not {"privileged", "network_mode", "pid", "ipc", "devices", "userns_mode"} & set(service)
    assert service["ulimits"]["core"] == 0
    assert all("docker.sock" not in str(mount) for mount in service["volumes"])


@EACH
def test_each_is_bounded_and_comes_back(profile: str, name: str) -> None:
    service = services(profile)[name]
    limits = service["deploy"]["resources"]["limits"]
    assert re.fullmatch(r"\d+[mg]", limits["memory"])
    assert limits["pids"] > 0
    assert service["restart"] == "unless-stopped"
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    assert all(re.search(r"size=\d+[mg]", mount) for mount in service.get("tmpfs", []))


@EACH
def test_each_says_how_it_is(profile: str, name: str) -> None:
    service = services(profile)[name]
    if "healthcheck" not in service:
        assert STAGES[service["build"]["target"]].all("HEALTHCHECK")
        assert name != "chroma", "it runs from the app's image, whose check asks the app"


@EACH
def test_each_starts_when_what_it_needs_is_well(profile: str, name: str) -> None:
    for needed, how in services(profile)[name].get("depends_on", {}).items():
        assert needed in services(profile)
        assert how == {"condition": "service_healthy"}


def test_the_order_of_starts() -> None:
    needs = {name: set(service.get("depends_on", {})) for name, service in services("vllm").items()}
    assert needs["app"] == {"postgres", "chroma"}
    assert needs["trainer"] == {"app"}, "the app brings the tables up to date"
    assert needs["vllm"] == {"app"}, "the app owns the volumes; it does not wait for the model, it quotes meanwhile"


@EACH
def test_only_the_front_touches_the_outside(profile: str, name: str) -> None:
    service = services(profile)[name]
    inside = {network for network in service["networks"] if (FILE["networks"][network] or {}).get("internal")}
    if name == "front":
        assert set(service["networks"]) - inside == {"edge"}
        assert inside == {"front"}
    else:
        assert inside == set(service["networks"])
        assert "ports" not in service


def test_who_reaches_whom() -> None:
    within = {name: set(service["networks"]) for name, service in services("vllm").items()}
    assert within["vllm"] == {"engine"}, "the model server sees neither database nor index"
    assert within["postgres"] == within["chroma"] == {"store"}
    assert within["trainer"] == {"store", "engine"}
    assert [name for name in within if "front" in within[name]] == ["front", "app"]


@EACH
def test_every_name_is_declared_and_every_mounted_file_is_there(profile: str, name: str) -> None:
    service = services(profile)[name]
    assert set(service["networks"]) <= set(FILE["networks"])
    assert set(service.get("secrets", [])) <= set(FILE["secrets"])
    for mount in service["volumes"]:
        if mount["type"] == "volume":
            assert mount["source"] in FILE["volumes"]
        elif mount["target"] != "/models":  # which people bring along
            assert (DOCKER / mount["source"]).exists()
            assert mount["read_only"] is True
    for own in service.get("env_file", []):
        assert own == {"path": "curbside.env", "required": False}


def test_nothing_is_declared_in_vain() -> None:
    every = [service for profile in PROFILES for service in services(profile).values()]
    mounts = {mount["source"] for service in every for mount in service["volumes"] if mount["type"] == "volume"}
    assert mounts == set(FILE["volumes"])
    assert {network for service in every for network in service["networks"]} == set(FILE["networks"])
    assert {secret for service in every for secret in service.get("secrets", [])} == set(FILE["secrets"])
    assert set(variables()) >= set(example_env()) >= {name for name, how in variables().items() if how == ":?"}


@pytest.mark.parametrize("engine", ["vllm", "tgi"])
def test_the_model_server_sees_no_key_no_account_and_no_report(engine: str) -> None:
    mounts = {mount["target"]: mount for mount in services(engine)[engine]["volumes"]}
    assert set(mounts) == {"/data/adapters", "/data/engine", "/models"}
    assert mounts["/data/adapters"]["read_only"] is True
    ours = {mount["target"]: mount["source"] for mount in services(engine)["app"]["volumes"]}
    assert all(ours[target] == mounts[target]["source"] for target in ("/data/adapters", "/data/engine"))
    assert "secrets" not in services(engine)[engine]


def test_what_shares_a_folder_is_the_same_user() -> None:
    users = {service["user"] for name, service in services("vllm").items() if name in OURS}
    assert users == set(STAGES["app"].all("USER")) == {"2000:2000"}


def test_app_and_trainer_keep_one_installation() -> None:
    app_service, trainer = services("tgi")["app"], services("tgi")["trainer"]
    ours = {(m["target"], m["source"]) for m in app_service["volumes"]}
    assert ours <= {(m["target"], m["source"]) for m in trainer["volumes"]}
    differing = set(app_service["environment"].items()) ^ set(trainer["environment"].items())
    assert {name for name, _ in differing} == {"CURBSIDE_TRAINING__ON"}


@IN_EACH_PROFILE
def test_only_what_computes_has_the_gpu(profile: str) -> None:
    reserved = {
        name: service["deploy"]["resources"]["reservations"]["devices"]
        for name, service in services(profile).items()
        if "reservations" in service["deploy"]["resources"]
    }
    assert set(reserved) == WITH_A_GPU & set(services(profile))
    for devices in reserved.values():
        assert devices == [{"driver": "nvidia", "device_ids": ["0"], "capabilities": ["gpu"]}]


@EACH
def test_no_hub_is_asked(profile: str, name: str) -> None:
    if name in OURS - {"chroma"}:
        environment = services(profile)[name]["environment"]
        assert environment["HF_HUB_OFFLINE"] == environment["TRANSFORMERS_OFFLINE"] == "1"


@EACH
def test_no_secret_stands_in_the_file(profile: str, name: str) -> None:
    for variable, value in services(profile)[name].get("environment", {}).items():
        if re.search(r"PASSWORD|SECRET|TOKEN(?!S)|API_KEY|DATABASE_URL", variable):
            assert variable.endswith("_FILE")
            assert value.removeprefix("/run/secrets/") in services(profile)[name]["secrets"]


@EACH
def test_the_settings_are_settings(profile: str, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    target = services(profile)[name].get("build", {}).get("target")
    built_in = " ".join(words for stage in ("runtime", target) if stage in STAGES for words in STAGES[stage].all("ENV"))
    given = dict(re.findall(r"(CURBSIDE_\w+)=(\S+)", built_in)) | services(profile)[name].get("environment", {})
    (tmp_path / "secret").write_text("postgresql+psycopg://curbside:invented@postgres/curbside")
    for variable, value in given.items():
        if variable.startswith("CURBSIDE_"):
            monkeypatch.setenv(variable, str(tmp_path / "secret") if variable.endswith("_FILE") else str(value))
    settings = load_settings()
    assert unknown_variables() == []
    if target in ("app", "trainer") and name != "chroma":
        assert settings.storage.data_dir == Path("/data")
    if name in ("app", "trainer"):
        assert settings.storage.database_url is not None
        assert settings.generation.engine == profile
        assert settings.generation.model == settings.training.base_model == f"/models/{example_env()['MODEL']}"


@EACH
def test_the_command_is_a_command(profile: str, name: str) -> None:
    service = services(profile)[name]
    words = service.get("command", [])
    words = shlex.split(words) if isinstance(words, str) else words
    if words[:1] == ["curbside"]:
        assert words[1] in get_command(app).commands  # type: ignore[attr-defined]
        assert words[1:] == json.loads(STAGES[service["build"]["target"]].all("CMD")[0])[1:]
    elif words[:1] == ["chroma"]:
        told = _help_of(str(Path(sys.executable).with_name("chroma")), "run")
        assert all(word.partition("=")[0] in told for word in words[2:])
    elif name in ("vllm", "tgi"):
        told = _help_of(sys.executable, str(DOCKER / "engine/keep.py"))
        assert json.loads(STAGES[name].all("ENTRYPOINT")[0]) == ["python3", "/engine/keep.py", name]
        assert all(word.partition("=")[0] in told for word in words[: words.index("--")])
        assert f"--url={services(profile)['app']['environment']['CURBSIDE_GENERATION__URL']}" in words
    else:
        assert name in ("front", "postgres")


@functools.cache
def _help_of(*command: str) -> str:
    return subprocess.run([*command, "--help"], capture_output=True, text=True, check=True).stdout


def test_a_missing_choice_is_named() -> None:
    for name in ("SITE_NAME", "TIMEZONE", "COMPOSE_PROFILES"):
        with pytest.raises(ValueError, match=r"docker/\.env"):
            composed({key: value for key, value in example_env().items() if key != name})


def test_the_front_speaks_to_whichever_app_runs() -> None:
    caddyfile = (DOCKER / "caddy/Caddyfile").read_text("utf-8")
    assert "reverse_proxy app:7860" in caddyfile
    published = services("cpu")["front"]["ports"]
    assert ("protocols h1 h2\n" in caddyfile) == (not any(port.endswith("/udp") for port in published))
    assert services("cpu")["app-cpu"]["networks"]["front"]["aliases"] == ["app"]
    assert set(re.findall(r"\{\$(\w+)\}", caddyfile)) == set(services("cpu")["front"]["environment"])


def test_the_file_is_as_the_specification_says() -> None:
    """With the Compose specification's own schema (github.com/compose-spec/compose-spec, Apache-2.0), named by a variable."""
    path = os.environ.get("COMPOSE_SPEC_SCHEMA")
    if path is None:
        pytest.skip("COMPOSE_SPEC_SCHEMA names no file: the specification's schema/compose-spec.json")
    jsonschema: Any = pytest.importorskip("jsonschema")
    jsonschema.validate(
        yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8")), json.loads(Path(path).read_text("utf-8"))
    )


@IN_EACH_PROFILE
def test_compose_itself_reads_it(profile: str, tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("the compose plugin of Docker is not installed")
    variables_file = tmp_path / "env"
    variables_file.write_text("".join(f"{k}={v}\n" for k, v in (example_env() | {"COMPOSE_PROFILES": profile}).items()))
    told = subprocess.run(
        [docker, "compose", "--env-file", variables_file, "-f", DOCKER / "compose.yaml", "config", "--format=json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(json.loads(told.stdout)["services"]) == set(services(profile))
