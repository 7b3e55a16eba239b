"""What the fused score promises."""

import pytest

from assistant.retrieval.fusion import fuse_scores

BASE = {"cosine": 0.4, "bm25": 6.0, "query_weight": 9.0}


@pytest.mark.parametrize(
    ("change", "higher"),
    [
        pytest.param({"cosine": 0.5}, True, id="nearer in meaning ranks higher"),
        pytest.param({"bm25": 7.0}, True, id="more shared words rank higher"),
        pytest.param({"query_weight": 16.0}, False, id="the same words of a longer query count less"),
        pytest.param({"spread": 2.0}, False, id="cosines of a model that spreads them wider count less"),
    ],
)
def test_fuse_scores(change: dict[str, float], higher: bool) -> None:
    assert (fuse_scores(**(BASE | change)) > fuse_scores(**BASE)) is higher


def test_a_query_of_unknown_words_is_ranked_by_meaning_alone() -> None:
    assert fuse_scores(cosine=0.4, bm25=0.0, query_weight=0.0) == 0.4
