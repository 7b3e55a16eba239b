"""The words here are from the list itself."""

import pytest

from assistant.reading.terms import categories_of, find_terms


@pytest.mark.parametrize(
    ("word", "category"),
    [
        pytest.param("effusion", "abnormal", id="a listed word"),
        pytest.param("effusions", "abnormal", id="a listed beginning"),
        pytest.param("hepatomegaly", "abnormal", id="a Greek ending"),
        pytest.param("didn't", "negation before", id="a contraction"),
        pytest.param("nontender", "normal", id="non- turns an abnormality into a normal state"),
        pytest.param("patchy-nodular", "abnormal", id="a part of a compound"),
        pytest.param("diagnosis", "neutral", id="an exception to an ending"),
    ],
)
def test_words_have_a_category(word: str, category: str) -> None:
    assert category in categories_of(word)


def test_a_plain_word_has_none() -> None:
    assert categories_of("table") == frozenset()


def test_the_longest_phrase_wins() -> None:
    (term,) = find_terms(["no", "significant", "interval", "change"])
    assert (term.first, term.last, term.categories) == (0, 3, frozenset({"not negation"}))
