"""Keyed choices for surrogates: the same question gets the same answer under one key and scope, and never an original."""

import hashlib
import hmac
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

_TOKEN = re.compile(r"[^\W_]+")
_RANK_BYTES = 4
_MOST_CANDIDATES = 5_000
"""More than so many are taken only in a text made to be slow."""


def bare(text: str) -> str:
    """Letters and digits alone, in lower case: `(212) 555-0188` is `212.555.0188`."""
    return "".join(_TOKEN.findall(text)).casefold()


class Draw:
    """Held in memory only, with the words of the texts that it must not give out. `repr` shows none of them."""

    def __init__(self, key: bytes, scope: str) -> None:
        self._seed = hmac.digest(key, f"surrogates/{scope}".encode(), hashlib.sha256)
        self._words: set[str] = set()
        self._originals: set[str] = set()
        self._given: set[str] = set()

    def avoid(self, text: str, originals: Iterable[str]) -> None:
        """From now on, give out no word of `text`, and no number of `originals`."""
        self._words.update(_TOKEN.findall(text.casefold()))
        for original in originals:
            signs = bare(original)
            self._originals.update((signs, *_TOKEN.findall(original.casefold())))
            if signs.isdecimal() and len(signs) in (10, 11):
                # Another area before the same seven digits would still be most of somebody's number.
                self._originals.add(signs[-7:])

    def stream(self, size: int, *question: str) -> bytes:
        seed = hmac.digest(self._seed, "\x1f".join(question).encode("utf-8", "surrogatepass"), hashlib.sha256)
        return hashlib.shake_256(seed).digest(size)

    def shuffled(self, items: Sequence[T], *question: str) -> list[T]:
        """The items in an order that the question decides."""
        stream = self.stream(_RANK_BYTES * len(items), *question)
        ranks = [stream[at : at + _RANK_BYTES] for at in range(0, len(stream), _RANK_BYTES)]
        return [items[number] for number in sorted(range(len(items)), key=ranks.__getitem__)]

    def walk(self, items: Sequence[T], *question: str) -> Iterator[T]:
        """All items, from one on and in steps that the question decides: cheap where mostly the first is taken."""
        stream = self.stream(2 * _RANK_BYTES, *question)
        start, step = (
            int.from_bytes(half, "big") % len(items) for half in (stream[:_RANK_BYTES], stream[_RANK_BYTES:])
        )
        while math.gcd(step, len(items)) != 1:
            step += 1
        return (items[(start + number * step) % len(items)] for number in range(len(items)))

    def first_free(self, candidates: Iterable[str]) -> str | None:
        """The first that is no original and was not given out before; it is given out with this."""
        for candidate in islice(candidates, _MOST_CANDIDATES):
            signs = bare(candidate)
            if signs not in self._given and not self.is_original(candidate):
                self._given.add(signs)
                return candidate
        return None

    def is_original(self, candidate: str) -> bool:
        """Whether it, or a part of it, stands in a text of the conversation: a word anywhere, a number in an identifier."""
        parts = {bare(candidate), *_TOKEN.findall(candidate.casefold())}
        return any(part in (self._words if part.isalpha() else self._originals) for part in parts)
