"""Sentences of clinical prose. All notes are invented."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.sentences import split_sentences
from tests.stopwatch import processor_seconds


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param(["He is well.", "She is not!", "Is it so?", "Yes."], id="full stops and other marks"),
        pytest.param(["The mass is 4.7 cm wide.", "BP is 120/80."], id="decimals stay whole"),
        pytest.param(["Take 5 mg b.i.d. with food.", "Rest."], id="an abbreviation in the middle"),
        pytest.param(["Take 5 mg b.i.d.", "The patient agreed."], id="an abbreviation at the end"),
        pytest.param(["Take one q.6h. p.r.n. for pain.", "He is n.p.o. now."], id="dosing"),
        pytest.param(["Seen by Dr. Smith and J. Doe.", "Mrs. Roe agreed."], id="titles and initials"),
        pytest.param(["He has hepatitis C.", "The liver is large."], id="one capital at the end is no initial"),
        pytest.param(["Stool was sent for C. difficile.", "It grew E. coli."], id="names of bacteria"),
        pytest.param(["Smoker: no.", "See fig. 2 and no. 5 below."], id="no is a word, no. 5 a number"),
        pytest.param(["It took 30 min.", "The wound was closed."], id="a unit at the end"),
        pytest.param(["He was 63.", "She was 61."], id="a number at the end"),
        pytest.param(["PLAN: 1. Rest at home.", "2. Drink more."], id="a list behind a heading"),
        pytest.param(['He said "it hurts."', "(It did.)", "He left."], id="quotes and parentheses"),
    ],
)
def test_prose_is_split(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param(" \n\t\n ", [], id="white space"),
        pytest.param("He is well", ["He is well"], id="no full stop at the end"),
        pytest.param("He is well.She is not.", ["He is well.", "She is not."], id="a missing space"),
        pytest.param(
            "Mild stenosis.2. Normal valve.", ["Mild stenosis.", "2. Normal valve."], id="a missing space in a list"
        ),
        pytest.param("1. Rest.\n2. Walk.", ["1. Rest.", "2. Walk."], id="a list keeps its numbers"),
        pytest.param("- rest\n- walk", ["- rest", "- walk"], id="bullets without full stops"),
        pytest.param("Sodium 140\nPotassium 4.1\n", ["Sodium 140", "Potassium 4.1"], id="lines of values"),
        pytest.param("PLAN\nRest.", ["PLAN", "Rest."], id="a heading on its own line"),
        pytest.param("Rest\n\nwalk", ["Rest", "walk"], id="a blank line always ends"),
        pytest.param(
            "The patient is a pleasant man who came in today with a long\nhistory of asthma. He is well.",
            ["The patient is a pleasant man who came in today with a long\nhistory of asthma.", "He is well."],
            id="a wrapped line goes on in lower case",
        ),
        pytest.param(
            "Thereafter he was evaluated and it was felt by the surgeon that\nDr. Roe should see him. He agreed.",
            ["Thereafter he was evaluated and it was felt by the surgeon that\nDr. Roe should see him.", "He agreed."],
            id="a long wrapped line may go on with a capital",
        ),
    ],
)
def test_layout_is_respected(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


_PIECES = st.sampled_from(
    [
        "Dr.",
        "b.i.d.",
        "1.",
        "2)",
        "- ",
        "PLAN:",
        "He is well.",
        "c",
        "C.",
        " ",
        "\n",
        "\n\n",
        "?",
        "...",
        '"',
        "4.7",
        "é",
        "\u2028",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.lists(_PIECES, max_size=40).map("".join), st.text(max_size=300)))
def test_spans_are_ordered_and_lose_nothing_but_white_space(text: str) -> None:
    spans = split_sentences(text)
    position = 0
    for start, end in spans:
        assert position <= start < end <= len(text)
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@pytest.mark.parametrize(
    "unit", ["a ", ". ", "1. ", "e.g. ", "\n", "- \n", '."', " ", "He is well. "], ids=lambda unit: f"repeated {unit!r}"
)
def test_time_grows_with_length_and_no_faster(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        return processor_seconds(lambda: split_sentences(text))

    assert seconds(160_000) < 4 * 4 * max(seconds(40_000), 0.01)
