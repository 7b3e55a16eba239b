"""How sure a mean difference is: resampling patients, not answers, since answers about one patient are not independent.

The interval is the percentile one, widened for small samples as Hesterberg proposes (What Teachers Should Know About the
Bootstrap, The American Statistician 2015, "expanded percentile"). Simulated without any real difference, 8 to 30 patients,
aim 2.5 % on the better side: 2 to 4 % where differences are symmetric or half of the answers are the same (BCa, widened the
same way: 2 to 6 %), 5 to 10 % where a few large losses stand against many small gains (BCa: 4 to 7 %). Losses too rare to
be among the patients at all no interval can see.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

_NORMAL = NormalDist()
_TAIL_RESAMPLES = 50
"""Means that should lie beyond each end of the interval, so that which ones were drawn moves it little."""
_MOST_RESAMPLES = 50_000
_BLOCK = 2**21
"""Draws at a time."""


@dataclass(frozen=True, slots=True)
class Interval:
    middle: float
    low: float
    high: float
    clusters: int
    """Patients, or items where no patient is known. With one of them, `low` and `high` are the middle and say nothing."""


def interval_of_mean(
    values: Mapping[str, float], *, clusters: Mapping[str, str], confidence: float, resamples: int, seed: int = 17
) -> Interval:
    """The mean of `values` and its two-sided confidence interval. The order of the items changes nothing.

    Args:
        values: Item → value, finite, at least one.
        clusters: Item → what it belongs to; an item that is not there stands for itself.
        resamples: At least so many; more where a high confidence needs them.
    """
    groups: dict[str, list[float]] = {}
    for item in sorted(values):
        groups.setdefault(clusters.get(item, item), []).append(values[item])
    # Sorted and summed exactly: what is the same set must give the same last digit.
    ordered = sorted((math.fsum(group), len(group)) for group in groups.values())
    totals = np.array([total for total, _ in ordered])
    sizes = np.array([size for _, size in ordered])
    middle = math.fsum(values.values()) / len(values)
    if len(ordered) == 1 or not totals.any():
        return Interval(middle, middle, middle, len(ordered))
    tail = _expanded_tail((1 - confidence) / 2, len(ordered))
    count = max(resamples, min(math.ceil(_TAIL_RESAMPLES / max(tail, 1e-9)), _MOST_RESAMPLES))
    low, high = np.quantile(_resampled_means(totals, sizes, count, seed), [tail, 1 - tail])
    return Interval(middle, float(low), float(high), len(ordered))


def fewest_clusters(confidence: float) -> int:
    """With fewer, all would lean one way by chance alone more often than `confidence` allows: no interval can help that."""
    return math.ceil(math.log2(2 / (1 - confidence)))


def _resampled_means(totals: np.ndarray, sizes: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Means of `count` samples of as many clusters, drawn with replacement; shape (count,)."""
    random = np.random.default_rng(seed)
    rows = max(1, _BLOCK // len(totals))
    means: list[np.ndarray] = []
    for start in range(0, count, rows):
        drawn = random.integers(len(totals), size=(min(rows, count - start), len(totals)), dtype=np.int32)
        means.append(totals[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    return np.concatenate(means)


def _expanded_tail(tail: float, clusters: int) -> float:
    """The share of resampled means to cut off at each end, so that the interval is as wide as Student's would be."""
    widened = math.sqrt(clusters / (clusters - 1)) * _student(1 - tail, clusters - 1)
    return _NORMAL.cdf(-widened)


def _student(probability: float, freedom: int) -> float:
    """Quantile of Student's t: Cornish and Fisher's expansion (Abramowitz & Stegun 26.7.5), good to 0.01 from 5 degrees on."""
    z = _NORMAL.inv_cdf(probability)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return sum(term / freedom**power for power, term in enumerate(terms))
