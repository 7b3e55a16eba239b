"""Measured values: drawn from `quantities.txt`, worded as laboratories and clinicians write them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from training.reports.chance import Chance
from training.reports.schema import Role, Statement, Value

VITALS = ("temperature", "heart rate", "blood pressure", "respiratory rate", "oxygen saturation", "weight")


class Form(StrEnum):
    """How the values of a report are set."""

    PIPES = "pipes"
    COLUMNS = "columns"
    LINES = "lines"
    SENTENCES = "sentences"
    RUN = "run"
    """`Sodium 133 (135-145), potassium 4.4 (3.5-5.1).`"""


@dataclass(frozen=True, slots=True)
class _Quantity:
    name: str
    names: tuple[str, ...]
    unit: str
    low: float | None
    high: float | None
    decimals: int
    spans: Mapping[str, tuple[float, float]]
    """`` for normal values, `-`, `+` → where values are drawn from."""


@dataclass(frozen=True, slots=True)
class Measured:
    quantity: _Quantity
    name: str
    number: float
    written: str

    @property
    def flag(self) -> str:
        low, high = self.quantity.low, self.quantity.high
        return "L" if low is not None and self.number < low else "H" if high is not None and self.number > high else ""

    @property
    def role(self) -> Role:
        return Role.ABNORMAL if self.flag else Role.NORMAL

    @property
    def limits(self) -> str:
        """`135-145`, `< 5`, `> 60`; empty without limits."""
        low, high = (
            "" if limit is None else f"{limit:.{self.quantity.decimals}f}"
            for limit in (self.quantity.low, self.quantity.high)
        )
        return f"{low}-{high}" if low and high else f"< {high}" if high else f"> {low}" if low else ""


def measure(name: str, direction: str, *, words: Chance, numbers: Chance) -> Measured:
    """Draw a value: `+` above its limits, `-` below, empty within."""
    quantity = _quantities()[name]
    low, high = quantity.spans[direction]
    step = 10**quantity.decimals
    first, last = round(low * step), round(high * step)
    number = (first + numbers.below(f"value {name}", last - first + 1)) / step
    written = f"{number:.{quantity.decimals}f}"
    if name == "blood pressure":
        written += f"/{round(number * 0.5) + numbers.below('diastolic', 12)}"
    return Measured(quantity, words.pick(f"name {name}", quantity.names), number, written)


def laboratory_names() -> tuple[tuple[str, ...], ...]:
    """For each laboratory quantity the ways in which it may be named."""
    return tuple(quantity.names for name, quantity in _quantities().items() if name not in VITALS)


def word_values(
    measured: Sequence[Measured], form: Form, *, topic: str, chance: Chance, ranges: bool, flags: bool
) -> tuple[list[Statement], list[Value]]:
    """The values as statements of one section, and as values that point at them."""
    if form is Form.RUN:
        pieces: list[tuple[str, list[Measured]]] = []
        size = 2 + chance.below(f"{topic} run", 4)
        for start in range(0, len(measured), size):
            group = list(measured[start : start + size])
            words = [_phrase(m, ranges=ranges, flags=flags) for m in group]
            words[1:] = [word[0].lower() + word[1:] if _is_word(word) else word for word in words[1:]]
            pieces.append((_closed(", ".join(words)), group))
    elif form is Form.SENTENCES:
        pieces = [(_sentence(m, chance, ranges=ranges, flags=flags), [m]) for m in measured]
    else:
        pieces = [(_row(m, form, ranges=ranges, flags=flags), [m]) for m in measured]
    statements = [
        Statement(
            text=text,
            topic=topic,
            about=group[0].quantity.name if len(group) == 1 else "",
            role=Role.ABNORMAL if any(m.flag for m in group) else Role.NORMAL,
            key=f"{topic}/" + "+".join(m.quantity.name for m in group),
        )
        for text, group in pieces
    ]
    values = [
        Value(
            name=m.name,
            value=m.number,
            unit=m.quantity.unit,
            low=m.quantity.low,
            high=m.quantity.high,
            sentence=text,
        )
        for text, group in pieces
        for m in group
    ]
    return statements, values


def _is_word(phrase: str) -> bool:
    """Whether it begins with a plain word: `Sodium`, not `BP`, `SpO2` or `Na`."""
    first = phrase.split()[0]
    return len(first) > 4 and first[1:].islower()


def _unit(measured: Measured) -> str:
    unit = measured.quantity.unit
    return "" if not unit else f"{'' if unit.startswith('/') else ' '}{unit}"


def _phrase(measured: Measured, *, ranges: bool, flags: bool) -> str:
    limits = f" ({measured.limits})" if ranges and measured.limits else ""
    flag = f" {measured.flag}" if flags and measured.flag else ""
    return f"{measured.name} {measured.written}{_unit(measured)}{flag}{limits}"


def _closed(text: str) -> str:
    """With a full stop that ends the sentence whatever follows: one capital before it would read as an initial."""
    return f"{text} today." if len(text) > 1 and text[-1].isupper() and not text[-2].isalpha() else f"{text}."


def _sentence(measured: Measured, chance: Chance, *, ranges: bool, flags: bool) -> str:
    key = f"sentence {measured.quantity.name}"
    limits = f" (reference {measured.limits})" if ranges and measured.limits else ""
    value = f"{measured.written}{_unit(measured)}"
    said = {"H": "elevated at", "L": "low at"}.get(measured.flag, "normal at") if flags else "at"
    name = measured.name
    match chance.below(key, 5):
        case 0:
            return f"{name} was {value}{limits} on this visit."
        case 1 if flags:
            return f"{name} is {said} {value}{limits or ' today'}."
        case 2:
            return f"{name} measured {value}{limits or ' today'}."
        case 3 if ranges and measured.limits:
            return f"{name} {value} ({measured.limits})."
        case _:
            return _closed(f"{name} {value}{limits}")


def _row(measured: Measured, form: Form, *, ranges: bool, flags: bool) -> str:
    cells = [measured.name, measured.written, measured.quantity.unit]
    if ranges:
        cells.append(measured.limits)
    if flags:
        cells.append(measured.flag)
    match form:
        case Form.PIPES:
            return "| " + " | ".join(cells) + " |"
        case Form.COLUMNS:
            widths = (18, 8, 9, 12, 2)
            return "".join(
                cell.ljust(max(width, len(cell) + 2)) for cell, width in zip(cells, widths, strict=False)
            ).rstrip()
        case _:
            return (
                _phrase(measured, ranges=ranges, flags=flags).replace(" ", ": ", 1)
                if " " not in measured.name
                else _phrase(measured, ranges=ranges, flags=flags)
            )


@cache
def _quantities() -> dict[str, _Quantity]:
    found: dict[str, _Quantity] = {}
    for line in (files("training.reports") / "quantities.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name, names, unit, low, high, decimals, *spans = (cell.strip() for cell in line.split("|"))
        drawn = [tuple(float(end) for end in span.split("-")) for span in spans]
        found[name] = _Quantity(
            name,
            tuple(written.strip() for written in names.split(";")),
            unit,
            float(low) if low else None,
            float(high) if high else None,
            int(decimals),
            {"": (drawn[0][0], drawn[0][1]), "-": (drawn[1][0], drawn[1][1]), "+": (drawn[2][0], drawn[2][1])},
        )
    return found
