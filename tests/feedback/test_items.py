"""Keys, and what decisions leave of what was said."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback.items import Standings, key_of, parts_of
from feedback.schema import Decision, Ruling

ACCEPT, DISCARD, WITHDRAW, RESTORE = Ruling
PAIR = "rating-1+rating-2"
START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        pytest.param("edit-12", (("edit", 12),), id="a correction"),
        pytest.param(PAIR, (("rating", 1), ("rating", 2)), id="two thumbs"),
        pytest.param("edit-1+", (), id="half a key"),
        pytest.param("turn-1", (), id="not something said"),
        pytest.param("edit-x", (), id="not a number"),
        pytest.param("edit-" + "9" * 30, (), id="no database has so many"),
    ],
)
def test_a_key_is_read_back(key: str, parts: tuple) -> None:
    assert parts_of(key) == parts
    if parts:
        assert key_of(parts[0][0], *(id for _, id in parts)) == key


@pytest.mark.parametrize(
    ("decided", "key", "withdrawn", "ruling", "since"),
    [
        pytest.param([], "edit-1", False, None, None, id="nothing was decided"),
        pytest.param([("edit-2", DISCARD)], "edit-1", False, None, None, id="something else was"),
        pytest.param([("edit-1", DISCARD), ("edit-1", ACCEPT)], "edit-1", False, ACCEPT, 2, id="the latest holds"),
        pytest.param([("edit-1", WITHDRAW), ("edit-1", ACCEPT)], "edit-1", True, ACCEPT, 2, id="accepting restores nothing"),
        pytest.param([("edit-1", WITHDRAW), ("edit-1", RESTORE)], "edit-1", False, None, 2, id="only restoring does"),
        pytest.param([("rating-2", WITHDRAW)], PAIR, True, None, None, id="a pair goes with one of its thumbs"),
        pytest.param([("rating-1", DISCARD), (PAIR, ACCEPT)], PAIR, False, DISCARD, None, id="and is not accepted over a discarded one"),
        pytest.param([("rating-1", ACCEPT)], PAIR, False, None, None, id="accepting a thumb is not accepting the pair"),
        pytest.param([(PAIR, DISCARD)], "rating-1", False, None, None, id="nor is discarding the pair discarding a thumb"),
    ],
)  # fmt: skip
def test_what_stands(decided, key: str, withdrawn: bool, ruling: Ruling | None, since: int | None) -> None:
    decisions = [
        Decision(id=n, key=about, ruling=one, rater="dr-a", created_at=START + timedelta(minutes=n))
        for n, (about, one) in enumerate(decided, 1)
    ]
    stands = Standings(decisions).of(key)
    assert (stands.withdrawn, stands.ruling) == (withdrawn, ruling)
    assert stands.since == (None if since is None else START + timedelta(minutes=since))
