"""What a check of `curbside doctor` found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    ok: bool
    value: str
    remedy: str = ""
    """What to do, where something is to be done."""


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool
    detail: str
    """The value. Never a secret."""
    remedy: str = ""
