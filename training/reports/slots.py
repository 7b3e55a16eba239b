"""Sentences with slots: `A {mild;moderate} effusion of {size=8..32} mm on the {side}.`

`{a;b}` chooses, `{3..9}` and `{1.2..3.4}` are numbers, `{name=…}` keeps what it chose for `{name}`, and a bare `{name}` is
what the specialty's slots or the patient say. Braces do not nest.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from training.reports.chance import Chance

_SLOT = re.compile(r"\{([^{}]+)\}")
_RANGE = re.compile(r"(\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?)")


@dataclass(slots=True)
class Scope:
    """What the slots of one report stand for. `patient` decides words, `visit` numbers."""

    patient: Chance
    visit: Chance
    shared: Mapping[str, tuple[str, ...]]
    kept: dict[str, str] = field(default_factory=dict)

    def fill(self, template: str, key: str) -> str:
        """Fill the slots of `template`; the same `key` gives the same words for the same patient."""
        if "{" not in template:
            return template
        count = 0

        def replace(match: re.Match[str]) -> str:
            nonlocal count
            count += 1
            return self._value(match[1], f"{key}/{count}")

        return _SLOT.sub(replace, template)

    def _value(self, slot: str, key: str) -> str:
        name, equals, choices = slot.partition("=")
        if equals:
            self.kept[name] = self._value(choices, key)
            return self.kept[name]
        if found := _RANGE.fullmatch(slot):
            return self._between(found[1], found[2], key)
        if ";" in slot:
            return self.patient.pick(key, slot.split(";"))
        if slot in self.kept:
            return self.kept[slot]
        if slot in self.shared:
            self.kept[slot] = self.patient.pick(f"slot {slot}", self.shared[slot])
            if "{" in self.kept[slot]:
                self.kept[slot] = self.fill(self.kept[slot], f"slot {slot}")
            return self.kept[slot]
        raise KeyError(f"no slot is called {slot!r}; add it to the specialty's [slots]")

    def _between(self, low: str, high: str, key: str) -> str:
        decimals = len(low.partition(".")[2])
        step = 10**decimals
        first, last = round(float(low) * step), round(float(high) * step)
        return f"{(first + self.visit.below(key, last - first + 1)) / step:.{decimals}f}"
