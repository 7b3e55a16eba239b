"""What is medicine although it is written like a name; people in the texts are invented."""

import pytest

from assistant.deid.document import read
from assistant.deid.guard import is_eponym, is_vetoed
from assistant.deid.lexicon import english
from assistant.deid.spans import Found

EPONYMS = [
    pytest.param("Marfan, Ehlers-Danlos and Quillfort were considered", "quillfort", True, id="a list of eponyms"),
    pytest.param("Seen with Okaforde and Quillfort today", "quillfort", False, id="a list of people"),
    pytest.param("She speaks Quillian and French", "quillian", True, id="a language that no list knows"),
    pytest.param("Interpreter for Quillian: Mehret", "mehret", False, id="the interpreter beside the language"),
    pytest.param("Wells 4.5, Geneva 6, D-dimer 1.1", "geneva", True, id="a score among values"),
    pytest.param("Bed 4, Geneva 45M", "geneva", False, id="an age behind a name"),
    pytest.param("Addison's excluded", "addison", True, id="a possessive without its disease"),
    pytest.param("Addison's wife excluded herself", "addison", False, id="a possessive with a person"),
    pytest.param("case mgr Leanne to ring", "leanne", False, id="a noun of the next phrase"),
]


@pytest.mark.parametrize(("text", "word", "expected"), EPONYMS)
def test_eponyms(text: str, word: str, expected: bool) -> None:
    document = read(text, english())
    assert is_eponym(document, document.lowers.index(word)) is expected


@pytest.mark.parametrize(
    ("text", "kind", "vetoed"),
    [
        pytest.param("Respiratory Medicine", "ORGANIZATION", True, id="a department"),
        pytest.param("Quillfort Medicine", "ORGANIZATION", False, id="a department with a name"),
        pytest.param("General Hospital", "ORGANIZATION", False, id="the hospital of a town"),
        pytest.param("Okaforde II", "NAME", False, id="a name with a numeral"),
        pytest.param("Mallampati II", "NAME", True, id="a grade with its numeral"),
        pytest.param("long", "NAME", False, id="a word of departments that is a surname"),
    ],
)
def test_what_a_model_found_is_checked(text: str, kind: str, vetoed: bool) -> None:
    document = read(text, english())
    assert is_vetoed(document, Found(0, len(text), kind, 0.9)) is vetoed
