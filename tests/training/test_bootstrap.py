"""Intervals of means. All numbers are made up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.bootstrap import Interval, fewest_clusters, interval_of_mean


def interval(values: list[float], clusters: dict[str, str] | None = None, confidence: float = 0.95) -> Interval:
    items = {f"turn-{place}": value for place, value in enumerate(values)}
    return interval_of_mean(items, clusters=clusters or {}, confidence=confidence, resamples=1000)


@pytest.mark.parametrize(
    ("confidence", "fewest"),
    [
        pytest.param(0.95, 6, id="one candidate: six patients lean one way by chance once in 64"),
        pytest.param(1 - 0.05 / 3, 7, id="three candidates"),
        pytest.param(0.9, 5, id="less sure"),
    ],
)
def test_fewest_clusters(confidence: float, fewest: int) -> None:
    assert fewest_clusters(confidence) == fewest
    assert 0.5**fewest <= (1 - confidence) / 2 < 0.5 ** (fewest - 1)


@pytest.mark.parametrize("count", [pytest.param(8, id="eight patients"), pytest.param(30, id="thirty patients")])
def test_of_bell_shaped_values_it_is_about_as_wide_as_students(count: int) -> None:
    values = np.random.default_rng(4).normal(0, 1, count)
    width = {8: 2.365, 30: 2.045}[count] * values.std(ddof=1) / count**0.5
    found = interval(list(values))
    assert found.low == pytest.approx(values.mean() - width, abs=0.2 * width)
    assert found.high == pytest.approx(values.mean() + width, abs=0.2 * width)


def test_a_higher_confidence_is_wider() -> None:
    values = list(np.random.default_rng(4).normal(0, 1, 12))
    assert interval(values, confidence=0.99).high > interval(values).high


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([0.0] * 9, id="no difference anywhere"),
        pytest.param([0.25], id="one item"),
    ],
)
def test_without_spread_there_is_no_width(values: list[float]) -> None:
    found = interval(values)
    assert found.low == found.middle == found.high == values[0]


def test_of_one_patients_items_nothing_is_known() -> None:
    found = interval([0.1, 0.5, 0.9], dict.fromkeys(("turn-0", "turn-1", "turn-2"), "patient"))
    assert (found.low, found.high, found.clusters) == (0.5, 0.5, 1)


def test_two_patients_break_nothing() -> None:
    found = interval([0.1, 0.5])
    assert (found.low, found.high) == (0.1, 0.5)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1, 1, allow_subnormal=False), min_size=2, max_size=40))
def test_the_middle_is_the_mean_and_lies_within_whatever_the_order(values: list[float]) -> None:
    clusters = {f"turn-{place}": f"patient-{place % 7}" for place in range(len(values))}
    items = {f"turn-{place}": value for place, value in enumerate(values)}
    mixed = dict(reversed(list(items.items())))
    found, again = (interval_of_mean(one, clusters=clusters, confidence=0.95, resamples=200) for one in (items, mixed))
    assert found == again
    assert found.middle == pytest.approx(sum(values) / len(values))
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9
