"""Windows over word pieces: every token is judged once, in a window that the encoder can read."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from assistant.deid.tagger.windows import judged_in, windows


@given(some.lists(some.integers(1, 30), max_size=400), some.integers(70, 254))
def test_every_token_is_judged_once_and_seen_where_it_is_judged(lengths: list[int], longest: int) -> None:
    pieces = [[7] * length for length in lengths]
    parts = list(windows(pieces, begin=1, end=2, longest=longest))
    judged = [token for start, stop in judged_in(parts) for token in range(start, stop)]
    assert judged == list(range(len(pieces)))
    for part, (start, stop) in zip(parts, judged_in(parts), strict=True):
        assert part.tokens.start <= start <= stop <= part.tokens.stop
        assert len(part.pieces) <= longest + 2
        assert len(part.owners) == len(part.pieces)
        assert [part.owners[first] for first in part.firsts] == list(part.tokens)


def test_a_token_of_hundreds_of_pieces_does_not_push_the_others_out() -> None:
    (part,) = windows([[5], [6] * 500, [7]], begin=1, end=2)
    assert part.owners.count(1) == 12


@pytest.mark.parametrize("count", [1_000, 4_000])
def test_the_windows_grow_with_the_text_and_no_faster(count: int) -> None:
    parts = list(windows([[5]] * count, begin=1, end=2))
    assert sum(len(part.pieces) for part in parts) < 1.5 * count
