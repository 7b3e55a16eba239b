"""Measured values in a report: which quantity, how much, and whether that is out of range.

The range stated beside the value wins, then the laboratory's own flag, then a table of usual adult ranges
(`reference_ranges.csv`, its sources named there). A bare number that fits no unit of the table is not judged.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9]*|\d+(?:[.,]\d+)*|[^\sA-Za-z0-9]")
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_UNIT = re.compile(
    r"[ \t]?(%|°? ?[FC]\b|(?:m?mol|m?eq|[munpk]?g|m?iu|u|units|k|x ?10)(?:/|\s?per )(?:dl|l|ml|ul|min|mm3?|hr?)\b"
    r"|umol/l\b|mm ?hg\b|fl\b|mm/hr?\b|kg/m2\b|/min\b|/ul\b|degrees? (?:fahrenheit|celsius|f|c)\b|degrees?\b"
    r"|percent\b|k\b|thousand\b)",
    re.IGNORECASE,
)
_FLAG = re.compile(r"[ \t|]*[(\[*]?[ \t]*(HH?|LL?|\*+|High|HIGH|Low|LOW|high|low|elevated|↑|↓)(?![\w])[)\]]?")
_RANGE = re.compile(
    r"[ \t|,]*[(\[]?[ \t]*(?:(?:reference|ref|normal|nl|range|is|interval|value|values)[.: ]{0,2}){0,3}"
    r"(?:(\d+(?:\.\d+)?)[ \t]{0,2}(?:-|–|to)[ \t]{0,2}(\d+(?:\.\d+)?)|(<=?|>=?)[ \t]?(\d+(?:\.\d+)?))(?![\d/])",
    re.IGNORECASE,
)
_FILLERS = frozenset(
    "of was is at are were be been count counts level levels value today approximately about around only now "
    "currently random fasting serum initial initially elevated high low decreased increased normal mildly slightly markedly "
    "measured reading readings found to back came noted 's up down still again stable rate = : ( ~ | on admission - , "
    "the from dropped fell rose".split()
)
_MAX_FILLERS = 6
_SAME_UNIT = {
    "meq/l": "mmol/l", "degreesf": "f", "degreesfahrenheit": "f", "degreesc": "c", "degreescelsius": "c", "degrees": "",
    "degree": "", "percent": "%", "k": "k/ul", "thousand": "k/ul", "iu/l": "u/l", "units/l": "u/l", "mm/hr": "mm/h",
}  # fmt: skip
_PRESSURE = re.compile(
    r"\b(?:blood pressure|bp)\b[^\d\n;]{0,30}?(\d{2,3})[ \t]{0,2}(?:/|over)[ \t]{0,2}(\d{2,3})(?!\d)", re.IGNORECASE
)
_RANGED_NUMBER = re.compile(
    r"(?<=[ \t:|=])\d{1,7}(?:\.\d{1,4})?(?![\d/.])"
    r"(?=[^\n\d]{0,24}\d{1,7}(?:\.\d{1,4})?[ \t]?[-–][ \t]?\d|[ \t|]{0,4}[(\[]?(?:HH?|LL?)[)\]])"
)
_NAME_BEFORE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9 /-]{1,40}[ \t:|=]{1,8}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One value of one quantity. Offsets cover the name up to the value, its unit, flag and stated range."""

    name: str
    """The table's name (`potassium`), or the report's own words in lower case."""
    start: int
    end: int
    value: float
    unit: str = ""
    low: float | None = None
    high: float | None = None
    status: str = "unknown"
    """`high`, `low`, `normal` or `unknown`."""
    basis: str = ""
    """What the status rests on: `stated range`, `flag`, `usual range`."""


@dataclass(frozen=True, slots=True)
class _Range:
    name: str
    unit: str
    low: float | None
    high: float | None
    least: float
    most: float


def find_measurements(text: str) -> list[Measurement]:
    """Return the measurements of `text` in order of appearance, none overlapping. Linear in `len(text)`."""
    if not _NUMBER.search(text):
        return []
    found = [*_pressures(text), *_named(text), *_ranged_rows(text)]
    found.sort(key=lambda m: (m.start, -m.end))
    kept: list[Measurement] = []
    for measurement in found:
        if not kept or measurement.start >= kept[-1].end:
            kept.append(measurement)
    return kept


@cache
def known_quantities() -> frozenset[str]:
    """The names under which the table knows a quantity, in lower case."""
    return frozenset({"blood pressure", "bp", *(name.lower() for name in _names()[0])})


def _pressures(text: str) -> Iterator[Measurement]:
    for match in _PRESSURE.finditer(text):
        systolic, diastolic = int(match[1]), int(match[2])
        if not (40 <= systolic <= 300 and 20 <= diastolic <= 200 and systolic > diastolic):
            continue
        status = (
            "high" if systolic >= 140 or diastolic >= 90 else "low" if systolic < 90 or diastolic < 50 else "normal"
        )
        yield Measurement(
            name="blood pressure", start=match.start(), end=match.end(), value=systolic + diastolic / 1000,
            unit="mmHg", status=status, basis="usual range",
        )  # fmt: skip


def _named(text: str) -> Iterator[Measurement]:
    names, lengths = _names()
    tokens = [(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]
    index = 0
    while index < len(tokens):
        for length in lengths.get(tokens[index][0].lower(), ()):
            if index + length > len(tokens):
                continue
            last_end = tokens[index + length - 1][2]
            written = text[tokens[index][1] : last_end]
            ranges = names.get(written) if len(written) <= 2 else names.get(_key(written))
            if ranges is None:
                continue
            value_index = _value_after(tokens, index + length, strict=len(written) <= 2)
            if value_index is not None:
                yield _measure(text, tokens[index][1], tokens[value_index], ranges)
                index = value_index
            break
        index += 1


def _value_after(tokens: list[tuple[str, int, int]], index: int, *, strict: bool) -> int | None:
    """The index of the number that belongs to a name ending before `index`."""
    limit = min(len(tokens), index + (1 if strict else _MAX_FILLERS))
    seen_from = False
    while index < len(tokens) and index <= limit:
        token = tokens[index][0]
        if token[0].isdigit():
            if (
                seen_from
                and index + 2 < len(tokens)
                and tokens[index + 1][0] == "to"
                and tokens[index + 2][0][0].isdigit()
            ):
                return index + 2  # "fell from 11.2 to 9.1": the later one
            followed = tokens[index + 1][0] if index + 1 < len(tokens) else ""
            return None if followed == "/" and index + 2 < len(tokens) and tokens[index + 2][0][0].isdigit() else index
        if token.lower() not in _FILLERS:
            return None
        seen_from = seen_from or token == "from"
        index += 1
    return None


def _measure(text: str, start: int, number: tuple[str, int, int], ranges: tuple[_Range, ...]) -> Measurement:
    written = _NUMBER.match(number[0])
    digits = written.group() if written else "0"
    end = number[1] + len(digits)
    value = float(digits.replace(",", ""))
    unit, low, high, flag, end = _after_value(text, end)
    spelled = _unit_key(unit)
    chosen = next((r for r in ranges if spelled and _unit_key(r.unit) == spelled), None) or next(
        (r for r in ranges if r.least <= value <= r.most and not (spelled and _other_unit(spelled, r.unit))), None
    )
    name = ranges[0].name
    if chosen and not chosen.least <= value <= chosen.most:
        chosen = None
    status, basis = _judge(value, low, high, flag, chosen)
    if basis == "usual range" and chosen:
        low, high, unit = chosen.low, chosen.high, chosen.unit
    return Measurement(
        name=name, start=start, end=end, value=value, unit=unit, low=low, high=high, status=status, basis=basis
    )


def _after_value(text: str, end: int) -> tuple[str, float | None, float | None, str, int]:
    unit = flag = ""
    low: float | None = None
    high: float | None = None
    for _ in range(2):  # unit and flag come before or after the range
        if not unit and (match := _UNIT.match(text, end)):
            unit, end = match[1].strip(), match.end()
        if not flag and (match := _FLAG.match(text, end)):
            flag, end = match[1].lower(), match.end()
        if low is None and high is None and (match := _RANGE.match(text, end, end + 80)):
            if match[1]:
                low, high = float(match[1]), float(match[2])
                if low >= high:
                    low = high = None
                    break
            else:
                bound = float(match[4])
                low, high = (None, bound) if match[3].startswith("<") else (bound, None)
            end = match.end()
            if end < len(text) and text[end] in ")]":
                end += 1
    return unit, low, high, flag, end


def _judge(value: float, low: float | None, high: float | None, flag: str, usual: _Range | None) -> tuple[str, str]:
    if flag in {"h", "hh", "high", "elevated", "↑"}:
        return "high", "flag"
    if flag in {"l", "ll", "low", "↓"}:
        return "low", "flag"
    if low is not None or high is not None:
        return _against(value, low, high), "stated range"
    if usual:
        return _against(value, usual.low, usual.high), "usual range"
    return "unknown", ""


def _against(value: float, low: float | None, high: float | None) -> str:
    if low is not None and value < low:
        return "low"
    return "high" if high is not None and value > high else "normal"


def _ranged_rows(text: str) -> Iterator[Measurement]:
    """Quantities the table does not know, where the report itself gives a range or a bracketed flag."""
    for match in _RANGED_NUMBER.finditer(text):
        name = _NAME_BEFORE.search(text, max(0, match.start() - 50), match.start())
        unit, low, high, flag, end = _after_value(text, match.end())
        if name is None or (low is None and high is None and not flag):
            continue
        value = float(match.group())
        status, basis = _judge(value, low, high, flag, None)
        yield Measurement(
            name=" ".join(name.group().lower().rstrip(" \t:|=").split()),
            start=name.start(),
            end=end,
            value=value,
            unit=unit,
            low=low,
            high=high,
            status=status,
            basis=basis,
        )


def _unit_key(unit: str) -> str:
    key = unit.lower().replace(" ", "").replace("per", "/").replace("µ", "u").replace("μ", "u").lstrip("°")
    return _SAME_UNIT.get(key, key)


def _other_unit(spelled: str, known: str) -> bool:
    """A written concentration other than the table's means that its limits do not apply."""
    return "/" in spelled and "/" in known and spelled != _unit_key(known)


def _key(name: str) -> str:
    return " ".join(name.lower().split())


@cache
def _names() -> tuple[dict[str, tuple[_Range, ...]], dict[str, tuple[int, ...]]]:
    """The table by name, and by first word how many tokens such names have, most first."""
    table: dict[str, tuple[_Range, ...]] = {}
    lengths: dict[str, set[int]] = {}
    lines = files("assistant.reading").joinpath("reference_ranges.csv").read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        entry = _Range(
            name=row["name"],
            unit=row["unit"],
            low=float(row["low"]) if row["low"] else None,
            high=float(row["high"]) if row["high"] else None,
            least=float(row["least"]),
            most=float(row["most"]),
        )
        for name in row["names"].split("|"):
            key = name if len(name) <= 2 and name[0].isupper() else _key(name)
            table[key] = (*table.get(key, ()), entry)
            words = _TOKEN.findall(name)
            lengths.setdefault(words[0].lower(), set()).add(len(words))
    return table, {word: tuple(sorted(found, reverse=True)) for word, found in lengths.items()}
