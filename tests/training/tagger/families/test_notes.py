"""The family of clinical narrative: spans lie on the text, the seed decides, templates hold no literal identifiers."""

import itertools
import random
import re
from pathlib import Path

import pytest

from training.invented.cast import Cast
from training.invented.markup import pieces
from training.tagger.families import notes

LINES = [
    line
    for line in Path(notes.__file__).with_name("notes.txt").read_text("utf-8").splitlines()
    if line and line[0] not in "#["
]


def test_spans_lie_on_the_text_in_order_and_do_not_overlap() -> None:
    for text in itertools.islice(notes.texts(random.Random(1)), 300):
        last = 0
        for start, end, label in text.spans:
            assert last <= start < end <= len(text.text)
            assert text.text[start:end].strip() == text.text[start:end]
            assert label.isupper()
            last = end


def test_the_same_seed_gives_the_same_notes() -> None:
    first, second = (list(itertools.islice(notes.texts(random.Random(7)), 40)) for _ in range(2))
    assert first == second


def test_notes_differ_in_length_and_some_name_nobody() -> None:
    found = list(itertools.islice(notes.texts(random.Random(2)), 400))
    lengths = sorted(len(text.text.split()) for text in found)
    assert lengths[40] < 60
    assert lengths[-40] > 250
    assert 20 < sum(not text.spans for text in found) < 120


def test_every_template_fills() -> None:
    for number, line in enumerate(LINES):
        Cast(random.Random(number)).fill(line.replace("\\n", "\n"))


def test_templates_hold_no_run_of_digits_that_looks_like_a_number_of_a_person() -> None:
    # Outside slots, nothing is an identifier: a literal number of four digits would teach the wrong thing.
    for line in LINES:
        for literal, _ in pieces(line):
            assert not re.search(r"\d{4}|\d[-/.]\d+[-/.]\d", literal), line


@pytest.mark.parametrize("section", ["clean full", "clean short", "clean radiology"])
def test_sentences_of_medicine_hold_no_identifier(section: str) -> None:
    for line in notes._lines()[section]:
        assert Cast(random.Random(1)).fill(line).spans == (), line
