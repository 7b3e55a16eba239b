"""Invented messages: what a thousand of them must be like."""

import random
from itertools import islice

import pytest

from assistant.deid.tagger.labels import KINDS
from training.invented.markup import Tagged
from training.tagger.families.messages import texts

NO_IDENTIFIER = {"STATE", "COUNTRY"}
"""Labels that the policy leaves in the text."""


@pytest.fixture(scope="module")
def drawn() -> list[Tagged]:
    return list(islice(texts(random.Random(11)), 2000))


def names_nobody(tagged: Tagged) -> bool:
    return all(label in NO_IDENTIFIER for *_, label in tagged.spans)


def test_spans_are_sorted_apart_and_bounded_by_signs(drawn: list[Tagged]) -> None:
    for tagged in drawn:
        end_before = 0
        for start, end, label in tagged.spans:
            assert end_before <= start < end <= len(tagged.text)
            assert label in KINDS
            value = tagged.text[start:end]
            assert value == value.strip()
            end_before = end


def test_no_slot_or_bracket_of_a_frame_is_left(drawn: list[Tagged]) -> None:
    assert not [tagged for tagged in drawn if "{" in tagged.text or "|]" in tagged.text or "[^" in tagged.text]


def test_the_same_seed_gives_the_same_texts(drawn: list[Tagged]) -> None:
    assert list(islice(texts(random.Random(11)), 100)) == drawn[:100]


def test_texts_differ(drawn: list[Tagged]) -> None:
    assert len({tagged.text for tagged in drawn}) >= 1850


def test_the_share_that_names_nobody(drawn: list[Tagged]) -> None:
    assert 0.20 <= sum(map(names_nobody, drawn)) / len(drawn) <= 0.30


def test_every_kind_of_identifier_comes(drawn: list[Tagged]) -> None:
    assert {label for tagged in drawn for *_, label in tagged.spans} == set(KINDS)


def test_letters_and_lists_have_lines(drawn: list[Tagged]) -> None:
    assert sum("\n" in tagged.text for tagged in drawn) / len(drawn) >= 0.25


def test_people_come_by_first_name_and_in_company(drawn: list[Tagged]) -> None:
    names = [[span for span in tagged.spans if span[2] == "NAME"] for tagged in drawn]
    assert sum(len(found) >= 2 for found in names) / len(drawn) >= 0.3
