"""The images, checked without building them: the rules that hadolint would hold, and those that matter here."""

import fnmatch
import functools
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.docker.dockerfiles import STAGES, TARGETS, Stage, line_of

ROOT = Path(__file__).parents[2]
EVERY_STAGE = [pytest.param(stage, id=name) for name, stage in STAGES.items()]
EXACT = re.compile(r"[\w./-]+:v?\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?")


@functools.cache
def sent_to_the_builder() -> frozenset[str]:
    """Tracked files that .dockerignore lets through."""
    if not (ROOT / ".git").exists():
        pytest.skip("what is tracked can be told in a checkout only")
    command = ["git", "-c", "safe.directory=*", "ls-files"]  # also where another user has checked it out
    tracked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    sent = set()
    for path in tracked:
        left_out = False
        for rule in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
            pattern = rule.removeprefix("!").removeprefix("**/")
            above = [path, *(str(folder) for folder in Path(path).parents)]
            if rule and not rule.startswith("#") and any(fnmatch.fnmatchcase(one, pattern) for one in above):
                left_out = not rule.startswith("!")
        if not left_out:
            sent.add(path)
    return frozenset(sent)


@pytest.mark.parametrize("stage", EVERY_STAGE)
def test_every_image_is_pinned(stage: Stage) -> None:
    assert stage.base in STAGES or EXACT.fullmatch(stage.base), stage.base


@pytest.mark.parametrize("stage", EVERY_STAGE)
def test_nothing_is_fetched_but_packages(stage: Stage) -> None:
    assert stage.all("ADD") == []
    assert not any(re.search(r"\b(curl|wget|git clone)\b", command) for command in stage.all("RUN"))


@pytest.mark.parametrize("stage", EVERY_STAGE)
def test_packages_come_in_the_versions_that_were_tested(stage: Stage) -> None:
    for command in stage.all("RUN"):
        assert "apt-get install" not in command or ("--no-install-recommends" in command and "rm -rf" in command)
        if "pip install" in command and "torch" not in command:
            assert "-c constraints.txt" in command
        for package in re.findall(r" ([a-z][a-z0-9_-]+(?:==\S+)?)(?= |$)", command.partition("constraints.txt")[2]):
            assert "==" in package, package


@pytest.mark.parametrize("stage", EVERY_STAGE)
def test_no_secret_is_built_in(stage: Stage) -> None:
    for words in (*stage.all("ENV"), *stage.all("ARG"), *stage.all("LABEL")):
        assert not re.search(r"(?i)secret|password|token(?!izers)|api_?key|database_url", words), words


@pytest.mark.parametrize("target", TARGETS)
def test_what_runs_is_nobody_of_importance(target: str) -> None:
    assert STAGES[target].all("USER")[-1] == "2000:2000"
    last = [name for name, _ in STAGES[target].instructions]
    assert "RUN" not in last[last.index("USER") :]


@pytest.mark.parametrize("target", TARGETS)
def test_every_image_says_how_it_is(target: str) -> None:
    (check,) = STAGES[target].all("HEALTHCHECK")
    command = json.loads(check.partition("CMD ")[2])
    assert command[0] in ("python", "python3", "curbside")


@pytest.mark.parametrize("target", TARGETS)
def test_signals_reach_the_program(target: str) -> None:
    begun = [*STAGES[target].all("ENTRYPOINT"), *STAGES[target].all("CMD")]
    assert begun
    for words in begun:  # in the form of a list, without a shell between
        assert all(isinstance(word, str) for word in json.loads(words))


@pytest.mark.parametrize("target", ["app", "trainer"])
def test_what_builds_stays_behind(target: str) -> None:
    stages = line_of(target)
    assert not any(re.search(r"pip install|apt-get|gcc|build-essential", c) for s in stages for c in s.all("RUN"))
    assert any("pip uninstall --yes pip setuptools wheel" in c for s in stages for c in s.all("RUN"))
    copied = [words for stage in stages for words in stage.all("COPY")]
    assert copied == [f"--from=build-{target} /opt/curbside /opt/curbside"]


def test_only_the_trainer_carries_cuda() -> None:
    (first, _) = STAGES["build-app"].all("RUN")
    assert "--index-url https://download.pytorch.org/whl/cpu" in first
    assert "--no-deps" in first, "from that index comes torch alone"
    assert all("download.pytorch.org" not in command for command in STAGES["build-trainer"].all("RUN"))


def test_torch_is_pinned_once() -> None:
    """`grep '^torch==' constraints.txt` in the Dockerfile must find one line."""
    pinned = [line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if line.startswith("torch==")]
    assert len(pinned) == 1


def test_the_extras_exist() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    commands = [command for stage in STAGES.values() for command in stage.all("RUN")]
    wanted = {
        extra for command in commands for found in re.findall(r"\.\[([\w,]+)\]", command) for extra in found.split(",")
    }
    assert wanted
    assert wanted <= set(extras)


def test_the_builder_is_sent_the_packages_and_nothing_else() -> None:
    sent = sent_to_the_builder()
    assert {path.split("/")[0] for path in sent} == {
        "assistant",
        "feedback",
        "training",
        "ui",
        "docker",
        "pyproject.toml",
        "constraints.txt",
        "README.md",
        "LICENSE",
    }
    assert {path for path in sent if path.startswith("docker/")} == {
        f"docker/engine/{path.name}" for path in (ROOT / "docker/engine").glob("*.py")
    }
    assert "assistant/generation/starter/weights-1.safetensors" in sent
    assert "assistant/deid/tagger/weights/en.safetensors" in sent


@pytest.mark.parametrize("stage", EVERY_STAGE)
def test_what_is_copied_is_sent(stage: Stage) -> None:
    sent = sent_to_the_builder()
    for words in stage.all("COPY"):
        *sources, _ = words.split()
        if not sources[0].startswith("--from="):
            assert all(source == "." or fnmatch.filter(sent, source) for source in sources), words


def test_every_file_of_the_packages_is_installed() -> None:
    """What setuptools would leave out of a wheel works from a checkout and is missing in the image."""
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    for path in map(Path, sent_to_the_builder()):
        if path.parts[0] in ("assistant", "feedback", "training", "ui") and path.suffix != ".py":
            inside = str(path.relative_to(path.parts[0]))
            told = [(path.name, one) for one in patterns["*"]] + [
                (inside, one) for one in patterns.get(path.parts[0], [])
            ]
            assert any(fnmatch.fnmatchcase(name, pattern) for name, pattern in told), path
