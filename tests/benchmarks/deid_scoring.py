"""Scores of de-identification, without regard to type, on letters and digits.

A span is found only when all of its characters are covered; a document leaks when any character of any span is left.
Intervals: 95 %, bootstrap over documents.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

Spans = list[tuple[int, int]]
Find = Callable[[str], Spans]

_ROUNDS = 1000
_BEFORE, _AFTER = 25, 15
COLUMNS = (
    f"{'per cent, [95 %]':36} {'docs':>5}  {'leaking':^18}  {'spans covered':^18}  {'char recall':^18}  "
    f"{'char precision':^18}  clean touched"
)


@dataclass(frozen=True, slots=True)
class Gold:
    """One text and its identifiers as `(start, end, type)`."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


@dataclass
class Score:
    """Counts of one finder on one set."""

    rows: list[tuple[int, ...]] = field(default_factory=list)
    """A document each: has spans, leaks, spans, covered, gold characters, those hit, characters found, clean, touched."""
    by_type: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    misses: Counter[str] = field(default_factory=Counter)
    """What was missed, by the characters left."""
    alarms: Counter[str] = field(default_factory=Counter)

    def add(self, gold: Gold, found: Spans) -> None:
        text = gold.text
        covered, wanted = bytearray(len(text)), bytearray(len(text))
        for start, end in found:
            covered[start:end] = b"\1" * (end - start)
        for start, end, _ in gold.spans:
            wanted[start:end] = b"\1" * (end - start)
        signs = [at for at, character in enumerate(text) if character.isalnum()]
        whole_spans = 0
        for start, end, kind in gold.spans:
            left = sum(not covered[at] for at in range(start, end) if text[at].isalnum())
            whole_spans += not left
            self.by_type[kind][0] += 1
            self.by_type[kind][1] += not left
            if left:
                self.misses[f"{kind}: {text[max(0, start - _BEFORE) : start]}⟦{text[start:end]}⟧"] += left
        for start, end in found:
            if not any(wanted[start:end]):
                shown = f"{text[max(0, start - _BEFORE) : start]}⟦{text[start:end]}⟧{text[end : end + _AFTER]}"
                self.alarms[shown] += sum(character.isalnum() for character in text[start:end])
        hit = sum(wanted[at] and covered[at] for at in signs)
        self.rows.append(
            (
                int(bool(gold.spans)),
                int(whole_spans < len(gold.spans)),
                len(gold.spans),
                whole_spans,
                sum(wanted[at] for at in signs),
                hit,
                sum(covered[at] for at in signs),
                int(not gold.spans),
                int(not gold.spans and bool(found)),
            )
        )

    def shares(self) -> dict[str, tuple[float, float, float]]:
        """Name → per cent with interval; `nan` where there is nothing to count."""
        counts = np.array(self.rows, dtype=float).reshape(-1, 9)
        drawn = (
            np.random.default_rng(7).multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=_ROUNDS)
            if len(counts)
            else np.zeros((1, 0))
        )
        sums, all_ = drawn @ counts, counts.sum(axis=0)
        pairs = {"leak": (1, 0), "spans": (3, 2), "recall": (5, 4), "precision": (5, 6), "touched": (8, 7)}
        result = {}
        for name, (part, whole) in pairs.items():
            with np.errstate(divide="ignore", invalid="ignore"):
                low, high = (
                    np.nanpercentile(100 * sums[:, part] / sums[:, whole], [2.5, 97.5])
                    if all_[whole]
                    else (np.nan,) * 2
                )
                result[name] = (
                    float(100 * all_[part] / all_[whole]) if all_[whole] else float("nan"),
                    float(low),
                    float(high),
                )
        return result

    def line(self, name: str) -> str:
        cells = [_cell(*values) for values in self.shares().values()]
        return f"{name:36} {len(self.rows):5d}  " + "  ".join(cells)

    def types(self) -> str:
        return ", ".join(f"{kind} {100 * hit / n:.0f} ({n})" for kind, (n, hit) in sorted(self.by_type.items()))


def _cell(value: float, low: float, high: float) -> str:
    return f"{'–':^18}" if value != value else f"{value:5.1f} [{low:4.1f}, {high:5.1f}]"


def score(golds: Iterable[Gold], find: Find) -> Score:
    result = Score()
    for gold in golds:
        result.add(gold, find(gold.text))
    return result


def examples(counted: Counter[str], most: int) -> Sequence[str]:
    return [f"{size:3d} characters  {example!r}" for example, size in counted.most_common(most)]
