"""docker/Dockerfile as stages of instructions."""

import re
from dataclasses import dataclass, field
from pathlib import Path

DOCKERFILE = Path(__file__).parents[2] / "docker" / "Dockerfile"
TARGETS = ("app", "trainer", "vllm", "tgi")


@dataclass
class Stage:
    name: str
    base: str
    """An image, or the name of a stage above."""
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [words for name, words in self.instructions if name == instruction]


def read_stages() -> dict[str, Stage]:
    """The stages in order, by name. Comments are dropped and continued lines joined."""
    lines = [line for line in DOCKERFILE.read_text("utf-8").splitlines() if not line.lstrip().startswith("#")]
    stages: dict[str, Stage] = {}
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if not line.strip():
            continue
        instruction, words = line.strip().split(maxsplit=1)
        if instruction == "FROM":
            base, name = re.fullmatch(r"(\S+) AS (\S+)", words).groups()  # type: ignore[union-attr]
            stages[name] = Stage(name, base)
        else:
            list(stages.values())[-1].instructions.append((instruction, re.sub(r"\s+", " ", words)))
    return stages


STAGES = read_stages()


def line_of(target: str) -> list[Stage]:
    """A stage and what it is made from, the first of them last. What is only copied from does not count."""
    stage = STAGES[target]
    return [stage, *(line_of(stage.base) if stage.base in STAGES else [])]
