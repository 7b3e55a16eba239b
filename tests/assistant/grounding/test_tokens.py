"""How text becomes tokens that can be compared. All text is invented."""

import pytest

from assistant.grounding.tokens import Vocabulary, Weight, normal_number


def keys(text: str) -> set[str]:
    return {key for token in Vocabulary().tokenize(text) for key in token.keys}


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        pytest.param("1,200.0", "1200", id="thousands and a decimal zero"),
        pytest.param("007", "7", id="leading zeros"),
        pytest.param("0.50", "0.5", id="trailing zeros"),
        pytest.param(".5", "0.5", id="no zero before the point"),
        pytest.param("120/80", "120/80", id="two values of one measurement"),
    ],
)
def test_numbers_are_written_in_one_way(raw: str, normal: str) -> None:
    assert normal_number(raw) == normal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("twenty six", "#26", id="tens and ones"),
        pytest.param("one hundred and four", "#104", id="hundreds"),
        pytest.param("nineteen sixty one", "#1961", id="a year"),
        pytest.param("two thousand five", "#2005", id="a year after 2000"),
        pytest.param("the mid eighties", "#80", id="a decade"),
        pytest.param("the twelfth week", "#12", id="an ordinal"),
        pytest.param("12th week", "#12", id="an ordinal in digits"),
        pytest.param("x3", "#3", id="times three"),
    ],
)
def test_numbers_in_words_are_numbers(text: str, value: str) -> None:
    assert value in keys(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("184mg/L", "184 mg/L", id="with and without a space"),
        pytest.param("3 grams", "3 g", id="a unit's name"),
        pytest.param("102/73 mm Hg", "102/73 mmHg", id="millimetres of mercury"),
        pytest.param("two weeks", "2 wk", id="a number word and a short unit"),
        pytest.param("sixty M G", "60 mg", id="letters as they are dictated"),
    ],
)
def test_a_number_knows_its_unit(one: str, other: str) -> None:
    first, second = Vocabulary().tokenize(one)[0], Vocabulary().tokenize(other)[0]
    assert first.unit is not None
    assert (first.keys, first.unit) == (second.keys, second.unit)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("high blood pressure", "HTN", id="an abbreviation"),
        pytest.param("short of breath", "dyspnea", id="a lay phrase"),
        pytest.param("b.i.d.", "twice a day", id="Latin with full stops"),
        pytest.param("gallbladder removal", "cholecystectomy", id="an operation in plain words"),
    ],
)
def test_words_of_one_meaning_share_a_key(one: str, other: str) -> None:
    assert {key for key in keys(one) if key.startswith("=")} & keys(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("cholecystitis", "cholecystectomy", id="a disease and an operation"),
        pytest.param("metoprolol", "metoclopramide", id="two drugs"),
        pytest.param("hypertension", "hypotension", id="high and low"),
        pytest.param("positive", "position", id="a result and a posture"),
    ],
)
def test_words_of_different_meaning_share_none(one: str, other: str) -> None:
    assert not keys(one) & keys(other)


def test_placeholders_and_codes_are_matched_as_they_are() -> None:
    tokens = Vocabulary().tokenize("[NAME_1] has an L5 lesion")
    assert [token.word for token in tokens if token.weight is Weight.EXACT] == ["[NAME_1]", "l5"]


def test_offsets_count_in_the_whole_text() -> None:
    text = "Ignored. Pulse is seventy six."
    for token in Vocabulary().tokenize(text, 9, len(text)):
        assert 9 <= token.start < token.end <= len(text)
    assert [text[t.start : t.end] for t in Vocabulary().tokenize(text, 9) if t.number] == ["seventy six"]
