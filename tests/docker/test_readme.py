"""docker/README.md: every command names services, verbs, options, variables and files that exist."""

import re
import shlex

import pytest
from typer.main import get_command

from tests.docker.composed import DOCKER, PROFILES, example_env, services, variables
from ui.cli import app
from ui.settings import Settings

TEXT = (DOCKER / "README.md").read_text("utf-8")
SERVICES = {name for profile in PROFILES for name in services(profile)}
COMMANDS = [
    line
    for block in re.findall(r"^```\n(.*?)^```", TEXT, re.S | re.M)
    for line in block.splitlines()
    if re.match(r"[a-z./]", line)
] + [span for span in re.findall(r"`([^`\n]+)`", TEXT) if span.startswith(("docker compose ", "curbside "))]
VALUED = {"--env", "--volume", "--user", "--network", "--gpus", "--tail"}


def after_options(words: list[str]) -> list[str]:
    """Words from the first that is neither an option nor an option's value."""
    while words and words[0].startswith("-"):
        words = words[2 if words[0] in VALUED else 1 :]
    return words


def curbside_words(command: str) -> list[list[str]]:
    """Each call of `curbside` in a command line, also inside of `sh -c`, up to a redirection."""
    words = shlex.split(command, comments=True)
    calls = [words[place + 1 :] for place, word in enumerate(words) if word == "curbside"]
    calls = [call for call in calls if call and call[0].isalpha()]  # not the database of that name
    return calls + [call for word in words if " " in word for call in curbside_words(word)]


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 25


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[:70])
def test_services_exist(command: str) -> None:
    for call in re.findall(r"docker compose ([^|]*)", command):
        verb, *rest = shlex.split(call, comments=True)
        words = after_options(rest)
        if verb in ("exec", "run"):
            assert words[0] in SERVICES
        elif verb in ("stop", "restart", "up", "start", "rm", "logs"):
            assert set(words) <= SERVICES | {"NAME"}
        elif verb == "cp":
            assert words[0].partition(":")[0] in SERVICES
        else:
            assert verb in ("build", "ps", "config", "down")
            assert words == []


@pytest.mark.parametrize(
    "command", [command for command in COMMANDS if curbside_words(command)], ids=lambda command: command[:70]
)
def test_verbs_and_options_exist(command: str) -> None:
    for words in curbside_words(command):
        verb = get_command(app).commands[words[0]]  # type: ignore[attr-defined]
        known = {option for parameter in verb.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known


def test_variables_exist() -> None:
    known = {
        f"CURBSIDE_{group}__{field}".upper()
        for group, info in Settings.model_fields.items()
        for field in info.annotation.model_fields  # type: ignore[union-attr]
    }
    assert {name.removesuffix("_FILE") for name in re.findall(r"CURBSIDE_[A-Z]+__[A-Z_]*[A-Z]", TEXT)} <= known
    named = set(re.findall(r"`([A-Z_]{4,})(?:=[^`]*)?`", TEXT)) - {"HF_HUB_OFFLINE"}
    assert {name for name in named if not name.startswith("CURBSIDE_")} <= set(variables()) | set(example_env())


def test_what_to_do_is_said_of_every_container() -> None:
    table = TEXT.partition("### When something is not healthy")[2].partition("##")[0]
    said = {
        name
        for line in table.splitlines()
        for name in re.findall(r"`([a-z-]+)`", line.split("|")[1:2][0] if "|" in line else "")
    }
    assert said == SERVICES


def test_files_exist() -> None:
    for name in ("example.env", "make-secrets.sh", "compose.yaml", "Dockerfile"):
        assert name in TEXT
        assert (DOCKER / name).is_file()
