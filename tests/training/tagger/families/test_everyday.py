"""The family of everyday texts: spans on the text, one seed one text, nothing literal that identifies, countries and states with their own labels."""

import itertools
import random
import re

import pytest

from training.invented.cast import Cast
from training.invented.markup import pieces
from training.tagger.families import everyday
from training.tagger.families.frames import frames

FRAMES = frames("everyday")
SUBJECTS = [line.strip("[]") for line in FRAMES.lines["named"]]
# Letters or digits that stand before or behind a slot would become part of its identifier.
GLUED = re.compile(r"[^\W_]\{|\}[^\W_s]")


def test_spans_lie_on_the_text_in_order_and_do_not_overlap() -> None:
    for text in itertools.islice(everyday.texts(random.Random(1)), 1000):
        last = 0
        for start, end, _ in text.spans:
            assert last <= start < end <= len(text.text)
            assert text.text[start:end].strip() == text.text[start:end]
            last = end


def test_the_same_seed_gives_the_same_texts() -> None:
    first, second = (list(itertools.islice(everyday.texts(random.Random(3)), 50)) for _ in range(2))
    assert first == second


def test_a_tenth_names_nobody_and_texts_are_short() -> None:
    found = list(itertools.islice(everyday.texts(random.Random(2)), 2000))
    assert 0.07 < sum(not text.spans for text in found) / len(found) < 0.15
    assert sorted(len(text.text.split()) for text in found)[len(found) // 2] < 30


def test_countries_and_states_have_labels_of_their_own() -> None:
    found = itertools.islice(everyday.texts(random.Random(4)), 500)
    labels = [label for text in found for _, _, label in text.spans]
    assert labels.count("COUNTRY") > 30
    assert labels.count("STATE") > 10


def test_there_are_two_hundred_frames_at_least() -> None:
    assert sum(len(FRAMES.lines[subject]) for subject in SUBJECTS) >= 200


def test_the_whole_subject_of_each_frame_exists() -> None:
    assert set(SUBJECTS) <= set(FRAMES.lines)


@pytest.mark.parametrize("section", [*SUBJECTS, "free"])
def test_every_frame_of_a_section_fills(section: str) -> None:
    for seed in range(150):
        Cast(random.Random(seed)).fill(FRAMES.draw(section, random.Random(seed)))


def test_frames_without_identifiers_have_none() -> None:
    for seed in range(400):
        assert Cast(random.Random(seed)).fill(FRAMES.draw("free", random.Random(seed))).spans == ()


def test_nothing_literal_looks_like_the_number_or_date_of_a_person() -> None:
    for lines in FRAMES.lines.values():
        for line in lines:
            for literal, _ in pieces(line):
                assert not re.search(r"\d{4}|\d[-/.]\d+[-/.]\d{2}|@\w", literal), line


def test_no_slot_is_glued_to_a_word() -> None:
    for lines in FRAMES.lines.values():
        for line in lines:
            assert not GLUED.search(line), line
