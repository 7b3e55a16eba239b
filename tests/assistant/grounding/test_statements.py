"""Scopes of negation, and what a side or a number belongs to. All sentences are invented."""

import pytest

from assistant.grounding.statements import read_statement
from assistant.grounding.tokens import Vocabulary


def negated(text: str) -> set[str]:
    statement = read_statement(Vocabulary().tokenize(text))
    return {token.word for place, token in enumerate(statement.tokens) if statement.negates(place) and token.weight}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("No fever, chills or cough.", {"fever", "chills", "cough"}, id="a list"),
        pytest.param("No fever but cough.", {"fever"}, id="ends at but"),
        pytest.param("No fever, abdomen is soft.", {"fever"}, id="ends where a new clause has its verb"),
        pytest.param("Fever was denied; cough.", {"fever"}, id="after what it negates"),
        pytest.param("Allergies: none.", {"allergies"}, id="a heading with none"),
        pytest.param("A fracture is not seen.", {"fracture", "seen"}, id="not seen"),
        pytest.param("Nontender and afebrile.", {"nontender", "afebrile"}, id="words that hold their negation"),
        pytest.param("Negative for rash.", {"rash"}, id="negative for"),
        pytest.param("Not only the liver.", set(), id="not only"),
        pytest.param("She doesn't smoke.", {"smoke"}, id="a short form"),
    ],
)
def test_negation_reaches_what_it_should(text: str, words: set[str]) -> None:
    assert negated(text) == words


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        pytest.param("left elbow", {"elbow": {"left"}}, id="before its noun"),
        pytest.param("elbow on the left", {"elbow": {"left"}}, id="after its noun"),
        pytest.param("left-sided headache", {"headach": {"left"}}, id="left-sided"),
        pytest.param("left ear and right eye", {"ear": {"left"}, "eye": {"right"}}, id="each its own"),
        pytest.param("she left against advice, all right", {}, id="no side at all"),
    ],
)
def test_sides_belong_to_a_word(text: str, sides: dict[str, set[str]]) -> None:
    found = read_statement(Vocabulary().tokenize(text)).sides
    assert {key: value for key, value in found.items() if not key.startswith("=")} == sides


def test_numbers_belong_to_the_word_before_them() -> None:
    bound = read_statement(Vocabulary().tokenize("metoprolol 50 mg, lisinopril 20 mg; pulse is 76")).bound_numbers
    assert [token.word for token in bound["metoprolol"]] == ["50"]
    assert [token.word for token in bound["lisinopril"]] == ["20"]
    assert [token.word for token in bound["=hr"]] == ["76"]


@pytest.mark.parametrize(
    ("reply", "polarity"),
    [
        pytest.param(True, {True}, id="no negates the question"),
        pytest.param(False, {False}, id="yes affirms it"),
        pytest.param(None, {True, False}, id="anything else leaves it open"),
    ],
)
def test_a_question_means_what_its_reply_says(reply: bool | None, polarity: set[bool]) -> None:
    tokens = Vocabulary().tokenize("Any cough? Maybe later.")
    assert read_statement(tokens, asks=True, reply_negative=reply).polarity["cough"] == polarity
