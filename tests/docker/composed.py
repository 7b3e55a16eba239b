"""compose.yaml as Compose reads it: variables put in, profiles chosen. Enough of its rules for our own file."""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

DOCKER = Path(__file__).parents[2] / "docker"
PROFILES = ("cpu", "vllm", "tgi")

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?:(?P<operator>:-|:\?)(?P<rest>[^}]*))?\}")


def example_env() -> dict[str, str]:
    """The variables of docker/example.env."""
    lines = (DOCKER / "example.env").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def variables() -> dict[str, str]:
    """Every variable that compose.yaml reads, with what stands after its name."""
    text = (DOCKER / "compose.yaml").read_text("utf-8")
    return {found["name"]: (found["operator"] or "") for found in _VARIABLE.finditer(text)}


def composed(variables: Mapping[str, str]) -> dict[str, Any]:
    """The file with its variables put in. Raises `ValueError` where a needed one is missing, with the file's own words."""

    def put_in(found: re.Match[str]) -> str:
        value = variables.get(found["name"], "")
        if not value and found["operator"] == ":?":
            raise ValueError(found["rest"])
        return value or (found["rest"] if found["operator"] == ":-" else "")

    return yaml.safe_load(_VARIABLE.sub(put_in, (DOCKER / "compose.yaml").read_text("utf-8")))


@functools.cache
def services(profile: str) -> dict[str, dict[str, Any]]:
    """What runs in a profile, with the variables of docker/example.env."""
    found = composed(example_env() | {"COMPOSE_PROFILES": profile})["services"]
    return {name: service for name, service in found.items() if profile in service["profiles"]}


EVERYWHERE = [(profile, name) for profile in PROFILES for name in services(profile)]
"""Each service in each profile that it runs in."""
