"""Two texts, word by word. Every text here is invented."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.word_distance import edit_distance, rouge_l, words_of

WORDS = st.lists(st.sampled_from("acute gout of the left right knee 12.5 mg".split()), max_size=90).map(" ".join)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("Acute gout.", "- acute  GOUT", 0.0, id="layout, case and full stops do not count"),
        pytest.param("", " \n", 0.0, id="two empty answers are alike"),
        pytest.param("", "Acute gout", 1.0, id="all is missing"),
        pytest.param("Acute gout", "", 1.0, id="all is too much"),
        pytest.param("gout of the left knee", "gout of the right knee", 0.2, id="one word of five is another"),
        pytest.param("Hb 11.2 g", "Hb 11.3 g", 1 / 3, id="a number with its decimals is one word"),
        pytest.param("CRP 5", "CRP <5", 1 / 3, id="a sign before a number counts"),
    ],
)
def test_edit_distance(one: str, other: str, expected: float) -> None:
    assert edit_distance(one, other) == pytest.approx(expected)


@given(WORDS, WORDS)
def test_the_edit_distance_is_that_of_the_plain_table(one: str, other: str) -> None:
    a, b = words_of(one), words_of(other)
    row = list(range(len(b) + 1))
    for i, word in enumerate(a, 1):
        before, row = row, [i]
        for j, wanted in enumerate(b, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (word != wanted)))
    assert edit_distance(one, other) == pytest.approx(row[-1] / max(len(a), len(b), 1))
    assert edit_distance(one, other) == edit_distance(other, one)


@settings(deadline=None)  # the first example imports theirs
@given(WORDS.filter(bool), WORDS.filter(bool))
def test_rouge_l_is_that_of_google_research(one: str, other: str) -> None:
    from rouge_score.rouge_scorer import RougeScorer

    one, other = one.replace(".", ""), other.replace(".", "")  # theirs cuts numbers at the point
    expected = RougeScorer(["rougeL"], use_stemmer=False).score(other, one)["rougeL"].fmeasure
    assert rouge_l(one, other) == pytest.approx(expected)


def test_rouge_l_of_empty_texts() -> None:
    assert (rouge_l("", ""), rouge_l("gout", ""), rouge_l("", "gout")) == (1.0, 0.0, 0.0)
