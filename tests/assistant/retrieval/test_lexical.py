"""BM25 in memory. Every text here is invented."""

import math
import random
import threading
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.retrieval import lexical
from assistant.retrieval.lexical import K1, B, LexicalIndex

WORDS = ["edema", "fever", "cough", "aspirin", "knee", "lung", "mass", "stent"]
"""Each its own stem, so that the plain formula below may use them as they are."""


def plain_bm25(query: list[str], documents: dict[str, list[str]]) -> dict[str, float]:
    """The formula, written down a second time without postings."""
    mean = max(sum(map(len, documents.values())) / max(len(documents), 1), 1)
    scores = {}
    for name, words in documents.items():
        total = 0.0
        for word in query:
            n = sum(word in other for other in documents.values())
            tf = Counter(words)[word]
            idf = math.log(1 + (len(documents) - n + 0.5) / (n + 0.5))
            total += idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * len(words) / mean)) if tf else 0
        if total:
            scores[name] = total
    return scores


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.none() | st.lists(st.sampled_from(WORDS), max_size=8)), min_size=1, max_size=25
    ),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
    st.booleans(),
)
def test_after_any_adds_and_removes_scores_are_those_of_an_index_built_anew(
    steps: list[tuple[int, list[str] | None]], query: list[str], renumber: bool
) -> None:
    index, documents = LexicalIndex(), {}
    for number, words in steps:
        name = f"r{number}#0"
        if words is None:
            index.remove([name])
            documents.pop(name, None)
        else:
            index.add([(name, " ".join(words))])
            documents[name] = words
    if renumber:
        index._renumber()
    found = dict(index.score(" ".join(query)).top(limit=100))
    assert found == pytest.approx(plain_bm25(query, documents), rel=1e-5)
    assert set(index.ids()) == set(documents)
    assert len(index) == len(documents)


def test_the_best_come_first_and_no_more_than_asked() -> None:
    index = LexicalIndex()
    index.add([("a#0", "fever"), ("b#0", "fever cough and a knee and a lung"), ("c#0", "stent")])
    scores = index.score("fever cough")
    assert [name for name, _ in scores.top(limit=5)] == ["b#0", "a#0"]
    assert len(scores.top(limit=1)) == 1
    assert scores.of(["c#0", "unknown", "b#0"]) == [0.0, 0.0, scores.top(limit=1)[0][1]]


def test_those_not_allowed_leave_their_places_to_the_next() -> None:
    index = LexicalIndex()
    index.add([(f"a#{number}", "fever fever") for number in range(500)])
    index.add([("b#0", "fever and many other words of a long text")])
    assert [name for name, _ in index.score("fever").top(limit=3, allowed=lambda name: name[0] == "b")] == ["b#0"]


@pytest.mark.parametrize("query", ["", "the and of", "unheard-of xylophone", "💊"])
def test_a_query_without_known_words_finds_nothing(query: str) -> None:
    index = LexicalIndex()
    index.add([("a#0", "fever")])
    assert index.score(query).top(limit=5) == []
    assert LexicalIndex().score(query).top(limit=5) == []


def test_scores_handed_out_survive_later_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "_MIN_DEAD_SLOTS", 0)
    index = LexicalIndex()
    index.add([(f"a#{number}", "fever") for number in range(10)] + [("b#0", "fever cough")])
    scores = index.score("cough")
    index.remove([f"a#{number}" for number in range(10)])  # renumbers
    index.add([("c#0", "cough")])
    assert [name for name, _ in scores.top(limit=3)] == ["b#0"]
    assert scores.of(["c#0"]) == [0.0]
    assert {name for name, _ in index.score("cough").top(limit=3)} == {"b#0", "c#0"}


def test_threads_may_add_remove_and_search_at_once() -> None:
    index = LexicalIndex()
    errors: list[Exception] = []

    def work(seed: int) -> None:
        chooser = random.Random(seed)
        try:
            for step in range(150):
                name = f"r{seed}#{step % 10}"
                index.add([(name, " ".join(chooser.choices(WORDS, k=20)))])
                if step % 3 == 0:
                    index.remove([name])
                for found, score in index.score("fever aspirin").top(limit=5):
                    assert found
                    assert score > 0
        except Exception as error:  # noqa: BLE001 - handed to the main thread
            errors.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    index.remove(index.ids())
    assert len(index) == 0
    assert index.score("fever").top(limit=5) == []
