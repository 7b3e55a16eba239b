"""Realistic surrogates: an invented name, place or number of the same kind for each identifier of one conversation or report.

They are keyed: the same key, scope and text give the same surrogates again, and nobody finds the originals without the text.
A surrogate is never the original, nor a word of the text that it stands in. Two people never get the same one.

What they tell that placeholders do not: the shape of codes, the kind of a place, a gender where a title or an unmistakable name
says it, and which names begin with the same letter. And a stored text cannot be told from an original: only the masks of the report
on the screen say which stretches are invented.
"""

import threading
from collections.abc import Callable, Sequence

from assistant.deid.surrogate_draw import Draw
from assistant.deid.surrogate_numbers import Numbers
from assistant.deid.surrogate_people import People
from assistant.deid.surrogate_places import Places

OVER_89 = "90 or older"
_CODES = frozenset("ZIP SSN MRN HEALTH_PLAN ACCOUNT LICENSE VEHICLE DEVICE BIOMETRIC ID".split())


class Surrogates:
    """Held in memory only; safe to use from several threads."""

    def __init__(self, key: bytes, scope: str, *, is_given: Callable[[str], bool] = lambda _word: False) -> None:
        """`scope` is the patient's pseudonym or the report's id; `is_given` says which words are given names."""
        self._lock = threading.Lock()
        self._draw = Draw(key, scope)
        numbers = Numbers(self._draw)
        people, places = People(self._draw, is_given), Places(self._draw, numbers)
        self._makers: dict[str, Callable[[str], str | None]] = {
            "NAME": people.get,
            "LOCATION": places.town,
            "ORGANIZATION": places.organisation,
            "ADDRESS": places.address,
            "PHONE": numbers.phone,
            "FAX": numbers.phone,
            "EMAIL": numbers.email,
            "URL": numbers.url,
            "IP": numbers.ip,
            "AGE_OVER_89": lambda _age: OVER_89,
        }
        self._numbers = numbers

    def for_text(self, text: str, found: Sequence[tuple[str, str]]) -> list[str | None]:
        """The surrogate of each identifier (type and value) of `text`; `None` where a placeholder must stand.

        That is: dates, what a reviewer masked by hand, what no table names, and what there is no surrogate left for.
        """
        with self._lock:
            self._draw.avoid(text, [value for _, value in found])
            return [self._surrogate(kind, value) for kind, value in found]

    def _surrogate(self, kind: str, value: str) -> str | None:
        if kind in self._makers:
            new = self._makers[kind](value)
        else:
            new = self._numbers.code(kind, value) if kind in _CODES else None
        return new if new and new.casefold() != value.casefold() else None
