"""Chance that depends on names, not on order: the same patient's lines are worded alike in every report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from zlib import crc32

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chance:
    seed: int

    def number(self, key: str) -> int:
        """A number of 32 bits for `key`."""
        mixed = crc32(f"{self.seed}|{key}".encode()) ^ (self.seed & 0xFFFFFFFF)
        # crc32 is linear: without stirring, keys that differ in their last letter give related numbers.
        mixed = (mixed ^ (mixed >> 16)) * 0x45D9F3B & 0xFFFFFFFF
        mixed = (mixed ^ (mixed >> 16)) * 0x45D9F3B & 0xFFFFFFFF
        return mixed ^ (mixed >> 16)

    def below(self, key: str, limit: int) -> int:
        return self.number(key) % limit

    def happens(self, key: str, share: float) -> bool:
        return self.number(key) < share * 2**32

    def pick(self, key: str, choices: Sequence[T]) -> T:
        return choices[self.number(key) % len(choices)]

    def sample(self, key: str, choices: Sequence[T], count: int) -> list[T]:
        """`count` of the choices, in their order."""
        ranked = sorted(range(len(choices)), key=lambda index: self.number(f"{key}#{index}"))
        return [choices[index] for index in sorted(ranked[:count])]


@dataclass(frozen=True, slots=True)
class Later(Chance):
    """The numbers of a later visit: half of them are what they were."""

    before: Chance

    def number(self, key: str) -> int:
        drawn = Chance.number(self, key)
        return drawn if Chance.number(self, f"{key} moves") % 2 else self.before.number(key)
