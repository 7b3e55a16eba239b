"""Bad copies keep their identifiers marked. All text is invented."""

import random

import pytest

from training.invented.markup import Tagged
from training.tagger import noise

TEXT = "Seen by Dr. Olumide Farrow, MRN 4471982, at Dunmere Clinic on 3 May 2021; afebrile, walking with her brother."
SPANS = tuple(
    (TEXT.index(value), TEXT.index(value) + len(value), label)
    for value, label in (("Olumide Farrow", "NAME"), ("4471982", "ID"), ("Dunmere Clinic", "ORGANIZATION"), ("3 May 2021", "DATE"))
)  # fmt: skip
EDITS = [noise._misread, noise._spaced, noise._glued, noise._broken, noise._mistyped, noise._unpunctuated]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__.strip("_"))
@pytest.mark.parametrize("seed", range(20))
def test_spans_follow_their_characters(edit: noise.Edit, seed: int) -> None:
    marked = noise.edited(Tagged(TEXT, SPANS), edit, random.Random(seed))
    rebuilt = edit(TEXT, random.Random(seed))
    assert marked.text == "".join(rebuilt)
    expected = ["".join(rebuilt[start:end]).strip() for start, end, _ in SPANS]
    assert [marked.text[start:end] for start, end, _ in marked.spans] == expected


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__.strip("_"))
def test_something_changes(edit: noise.Edit) -> None:
    assert any("".join(edit(TEXT, random.Random(seed))) != TEXT for seed in range(10))


def test_most_texts_stay_as_they_are() -> None:
    rng = random.Random(5)
    same = sum(noise.noisy(Tagged(TEXT, SPANS), rng).text == TEXT for _ in range(1000))
    assert 800 < same < 900


def test_an_identifier_of_which_nothing_is_left_is_no_span() -> None:
    gone = noise.edited(Tagged("a b", ((2, 3, "NAME"),)), lambda text, _: ["a", " ", ""], random.Random(1))
    assert gone == Tagged("a ")
