"""Small charts as inline SVG, drawn with the page's own colours. Numbers → HTML, pure.

Nothing here is told by colour alone: a second line is dashed and named in the caption with its latest value, and what a
chart shows is also said in words, for those who do not see it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ui.render import attributes, safe

_WIDTH, _HEIGHT = 320, 132
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 8, 8, 20
_MOST_POINTS = 300
"""More than that are not told apart at this size."""
_BAR, _GAP, _BARS_HEIGHT = 14, 4, 22


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its name and its points `(step, value)`, in the order of the steps."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Chart:
    """Up to two curves over the same steps. The second one is dashed."""

    title: str
    lines: Sequence[Line]
    from_zero: bool = False
    """Whether the scale begins at zero: shares do, losses need not."""


def number(value: float) -> str:
    """Three digits that matter, no more than ten places: `0.42`, `1,250`, `0.0000871`."""
    if value == 0:
        return "0"
    digits = min(10, max(0, 2 - math.floor(math.log10(abs(value)))))
    written = f"{value:,.{digits}f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def chart(what: Chart) -> str:
    """A figure with caption, or nothing where there is no point to draw yet."""
    lines = [drawn for line in what.lines if (drawn := Line(line.name, _thinned(line.points))).points]
    if not lines:
        return ""
    low, high, step = _scale([y for line in lines for _, y in line.points], from_zero=what.from_zero)
    last_step = max(x for line in lines for x, _ in line.points)
    first_step = min(x for line in lines for x, _ in line.points)

    def across(x: float) -> float:
        span = last_step - first_step
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * ((x - first_step) / span if span else 0.5)

    def down(y: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - (y - low) / (high - low))

    ticks = [low + step * n for n in range(round((high - low) / step) + 1)]
    grid = "".join(
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{down(y):.1f}" y2="{down(y):.1f}"/>'
        f'<text class="tick" x="{_LEFT - 6}" y="{down(y) + 3.5:.1f}" text-anchor="end">{number(y)}</text>'
        for y in ticks
    )
    steps = (
        f'<text class="tick" x="{_LEFT}" y="{_HEIGHT - 4}">step {number(first_step)}</text>'
        f'<text class="tick" x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 4}" text-anchor="end">{number(last_step)}</text>'
    )
    curves = "".join(_curve(line, across, down, dashed=n > 0) for n, line in enumerate(lines))
    return (
        f'<figure class="chart"><figcaption><b>{safe(what.title)}</b> {_captions(lines)}</figcaption>'
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"{attributes(aria_label=_in_words(what.title, lines))}>'
        f"{grid}{steps}{curves}</svg></figure>"
    )


def _captions(lines: Sequence[Line]) -> str:
    def sample(dashed: bool) -> str:
        kind = "dashed" if dashed else "solid"
        return (
            '<svg class="sample" viewBox="0 0 20 6" aria-hidden="true">'
            f'<line class="curve {kind}" x1="0" x2="20" y1="3" y2="3"/></svg>'
        )

    return "".join(
        f"<span>{sample(n > 0)}{safe(line.name)} <b>{number(line.points[-1][1])}</b></span>"
        for n, line in enumerate(lines)
    )


def _in_words(title: str, lines: Sequence[Line]) -> str:
    told = [
        f"{line.name} from {number(line.points[0][1])} to {number(line.points[-1][1])} "
        f"at step {number(line.points[-1][0])}"
        for line in lines
    ]
    return f"{title}: {'; '.join(told)}"


def _curve(line: Line, across: Callable[[float], float], down: Callable[[float], float], *, dashed: bool) -> str:
    kind = "dashed" if dashed else "solid"
    places = [(across(x), down(y)) for x, y in line.points]
    if len(places) == 1:
        return f'<circle class="dot {kind}" cx="{places[0][0]:.1f}" cy="{places[0][1]:.1f}" r="2.5"/>'
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return f'<polyline class="curve {kind}" points="{path}"/>'


def _thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """At most so many as can be seen; the latest is always among them. A value that is no number is left out."""
    finite = [(x, y) for x, y in points if math.isfinite(x) and math.isfinite(y)]
    every = math.ceil(len(finite) / _MOST_POINTS) or 1
    return finite[::-1][::every][::-1]


def _scale(values: Sequence[float], *, from_zero: bool) -> tuple[float, float, float]:
    """Lowest and highest label of the vertical axis and the distance between two: round numbers around the values."""
    low, high = min(values), max(values)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high == low:
        around = abs(high) / 2 or 0.5
        low, high = (low - around, high + around) if not from_zero else (0.0, 1.0 if high == 0 else high)
    rough = (high - low) / 2
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= rough)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, step


def bars(values: Sequence[int], *, name: str) -> str:
    """One bar for each week, the latest on the right; a week with nothing is a dash on the base line."""
    highest = max(values, default=0) or 1
    width = len(values) * (_BAR + _GAP) - _GAP
    drawn = "".join(
        f'<rect class="{"bar" if value else "bar none"}{" now" if n == len(values) - 1 else ""}" x="{n * (_BAR + _GAP)}" '
        f'y="{_BARS_HEIGHT - _tall(value, highest):.1f}" width="{_BAR}" height="{_tall(value, highest):.1f}" rx="1.5"/>'
        for n, value in enumerate(values)
    )
    label = f"{name} a week, the latest last: {', '.join(map(str, values))}"
    return (
        f'<svg class="bars" viewBox="0 0 {width} {_BARS_HEIGHT}" preserveAspectRatio="xMinYMax" role="img"'
        f"{attributes(aria_label=label)}>{drawn}</svg>"
    )


def _tall(value: int, highest: int) -> float:
    return max(1.5, value / highest * (_BARS_HEIGHT - 2)) if value else 1.5
