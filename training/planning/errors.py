"""What can be wrong with what the planner is given. Subclasses of `assistant.errors.InputError`."""

from collections.abc import Sequence

from assistant.errors import InputError

_SHOWN = 200
"""Letters of what was given."""


class UnknownModel(InputError):
    def __init__(self, *, name: str, near: Sequence[str]) -> None:
        hint = f"did you mean {', '.join(near)}? Else " if near else ""
        shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
        super().__init__(
            f"{shown!r} is neither in the catalogue nor a folder or config.json; {hint}give the path of the model's "
            "config.json (`curbside plan` without --model lists the catalogue)"
        )
        self.name, self.near = name, tuple(near)


class UnusableConfig(InputError):
    """A config.json from which no size can be computed."""

    def __init__(self, *, path: str, problem: str) -> None:
        super().__init__(f"{path} cannot be planned with: {problem}")
        self.path, self.problem = path, problem


class UnknownArchitecture(InputError):
    def __init__(self, *, architecture: str | None, known: Sequence[str]) -> None:
        what = f"the architecture {architecture[:_SHOWN]!r}" if architecture else "a config without `model_type`"
        super().__init__(
            f"the planner cannot count {what}: it would have to know which matrices a layer has. It knows "
            f"{', '.join(known)}; name a model of one of these with about as many parameters instead"
        )
        self.architecture = architecture


class MissingField(InputError):
    def __init__(self, *, architecture: str, field: str) -> None:
        super().__init__(
            f"the config ({architecture}) lacks {field!r}, or it is no positive whole number that a model could have, so nothing can "
            "be computed; take config.json as it was published with the model"
        )
        self.architecture, self.field = architecture, field


class UnknownGpu(InputError):
    def __init__(self, *, given: str, known: Sequence[str]) -> None:
        super().__init__(
            f"the GPU {given[:_SHOWN]!r} is not known; give its memory, such as 24GB, or one of {', '.join(known)} (several: --gpus 2)"
        )
        self.given = given
