"""The files of sentence frames, and what must not stand in them. Every name here is invented."""

import random
import re

import pytest

from assistant.deid.lexicon import COMMON, GIVEN, english
from training.tagger.families.frames import Frames, frames

FILES = [
    pytest.param(("queries", "queries_free", "queries_parts"), 250, id="queries"),
    pytest.param(("messages", "messages_free"), 150, id="messages"),
]
MEDICAL = set(
    # Words of medicine and of the language that are given names too, at the places where they stand in the frames.
    """Ann Milan Geneva Francisco Sydney Louis Hong Ross Frank Bill Grace Rusty Amber Pat Ginger Rose Jack Crystal Pierre
    Robin Lance Dawn Blake""".split()
)
_LITERAL_IDENTIFIERS = re.compile(
    r"\d{6}|\d{1,2}[/.]\d{1,2}[/.]\d{2}|@|\b(?:January|February|March|April|June|July|August|September|October|November|December)\b"
)


def lines_of(names: tuple[str, ...]) -> list[str]:
    return [re.sub(r"\{[^}]*\}", " ", line) for lines in frames(*names).lines.values() for line in lines]


def test_draws_alternatives_parts_and_capitals() -> None:
    known = Frames({"a": ["[^b], [x|y [b]|] | z"], "b": ["the {drug}"]})
    drawn = {known.draw("a", random.Random(seed)) for seed in range(40)}
    assert drawn == {"The {drug}, x | z", "The {drug}, y the {drug} | z", "The {drug},  | z"}


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("an [open bracket", id="an open bracket"),
        pytest.param("a closed] bracket", id="a closing bracket too many"),
        pytest.param("[nothing of that name]", id="a part that no section is"),
        pytest.param("[a|[nothing]]", id="such a part among alternatives"),
    ],
)
def test_refuses(line: str) -> None:
    with pytest.raises(ValueError):
        Frames({"a": [line]})


@pytest.mark.parametrize(("names", "least"), FILES)
def test_holds_enough_sentences_that_differ(names: tuple[str, ...], least: int) -> None:
    sentences = {line for line in lines_of(names) if len(line.split()) >= 4}
    assert len(sentences) >= least


@pytest.mark.parametrize(("names", "least"), FILES)
def test_no_frame_holds_a_given_name(names: tuple[str, ...], least: int) -> None:
    words = {word for line in lines_of(names) for word in re.findall(r"\b[A-Z][a-z]+\b", line)}
    kinds = english().kinds
    assert {word for word in words if kinds.get(word.lower(), 0) & (GIVEN | COMMON) == GIVEN} <= MEDICAL


@pytest.mark.parametrize(("names", "least"), FILES)
def test_no_frame_holds_a_date_number_or_address(names: tuple[str, ...], least: int) -> None:
    assert not [line for line in lines_of(names) if _LITERAL_IDENTIFIERS.search(line)]
