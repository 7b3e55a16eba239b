"""The specialties as they stand in `specialties/*.txt`: which sentences a report may hold, and which go together.

    [settings]            title, orders of sections, laboratory panel, who the patients are
    [slots]               name: choice | choice
    [normal]              topic about: wording | wording      one sentence each, unless a condition speaks of the same part
    [pool history 1-3]    about: wording | wording            so many lines of these
    [healthy]             topic about: wording | wording      said where no condition is present
    [condition NAME]      topic about: wording | wording; values: CRP+ sodium-

A line with `?` before it is left out half of the time; one with `~` states nothing normal or abnormal. `common.txt` serves all specialties that see patients.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

_FOLDER = files("training.reports") / "specialties"
COMMON = "common"


@dataclass(frozen=True, slots=True)
class LineTemplate:
    key: str
    topic: str
    about: str
    wordings: tuple[str, ...]
    optional: bool
    plain: bool
    """It states nothing normal or abnormal: the size of a biopsy, the tip of a tube."""


@dataclass(frozen=True, slots=True)
class Pool:
    topic: str
    least: int
    most: int
    lines: tuple[LineTemplate, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    name: str
    lines: tuple[LineTemplate, ...]
    values: Mapping[str, str]
    """Quantity → `+` or `-`."""


@dataclass(slots=True)
class Specialty:
    name: str
    settings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    slots: dict[str, tuple[str, ...]] = field(default_factory=dict)
    normal: list[LineTemplate] = field(default_factory=list)
    healthy: list[LineTemplate] = field(default_factory=list)
    """What is said when nothing is found. Empty: reports always have a condition."""
    pools: dict[str, Pool] = field(default_factory=dict)
    conditions: dict[str, Condition] = field(default_factory=dict)


@cache
def specialties() -> tuple[str, ...]:
    """The names of all specialties."""
    names = (entry.name.removesuffix(".txt") for entry in _FOLDER.iterdir() if entry.name.endswith(".txt"))
    return tuple(sorted(name for name in names if name != COMMON))


@cache
def load_specialty(name: str) -> Specialty:
    """Read one specialty, completed by what is common to those that see patients."""
    specialty = _read(name)
    common = _read(COMMON) if name != COMMON else specialty
    specialty.slots = common.slots | specialty.slots
    for topic, pool in common.pools.items():
        specialty.pools.setdefault(topic, pool)
    own = {line.topic for line in specialty.normal}
    specialty.normal += [line for line in common.normal if line.topic not in own]
    return specialty


def _read(name: str) -> Specialty:
    specialty = Specialty(name)
    group: list[str] = []
    lines: list[LineTemplate] = []
    values: dict[str, str] = {}

    def close() -> None:
        match group:
            case ["normal"]:
                specialty.normal.extend(lines)
            case ["healthy"]:
                specialty.healthy.extend(lines)
            case ["pool", topic, count]:
                least, _, most = count.partition("-")
                specialty.pools[topic] = Pool(topic, int(least), int(most), tuple(lines))
            case ["condition", *words]:
                specialty.conditions[" ".join(words)] = Condition(" ".join(words), tuple(lines), dict(values))
            case _:
                pass

    for written in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        line = written.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            close()
            group, lines, values = line[1:-1].split(), [], {}
            continue
        head, _, rest = line.partition(":")
        choices = tuple(choice.strip() for choice in rest.split(" | "))
        if group == ["settings"]:
            specialty.settings[head] = choices
        elif group == ["slots"]:
            specialty.slots[head] = choices
        elif head == "values":
            values.update({word[:-1]: word[-1] for word in rest.split()})
        else:
            name = head.lstrip("?~")
            topic, about = (group[1], name) if group[0] == "pool" else (name.partition(" ")[0], name.partition(" ")[2])
            key = f"{' '.join(group)}/{name}/{len(lines)}"
            lines.append(LineTemplate(key, topic, about, choices, head.startswith("?"), "~" in head))
    close()
    return specialty
