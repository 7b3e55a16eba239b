"""Texts are read in stretches that overlap."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from assistant.deid.windows import windows


@given(st.text(alphabet="ab \n", max_size=400))
def test_every_character_is_read_and_neighbours_overlap(text: str) -> None:
    stretches = list(windows(text, size=60, overlap=20))
    assert stretches[0][0] == 0
    assert stretches[-1][1] == len(text)
    for (start, end), (following, _) in pairwise(stretches):
        assert start < following <= end <= start + 60
