"""Ranges of offsets, held against sets of positions."""

from hypothesis import given
from hypothesis import strategies as st

from ui.ranges import Ranges

SPANS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=6)


@given(SPANS, st.integers(0, 20), st.integers(1, 8))
def test_ranges_answer_as_sets_of_positions_would(spans: list[tuple[int, int]], start: int, length: int) -> None:
    ranges, end = Ranges(spans), start + length
    inside = {position for a, b in spans for position in range(a, b)}
    asked = set(range(start, end))
    assert ranges.hold(start) is (start in inside)
    assert ranges.cover(start, end) is (asked <= inside)
    assert ranges.meet(start, end) is bool(asked & inside)
    assert {position for a, b in ranges.without(start, end) for position in range(a, b)} == asked - inside
