"""People by what is said of them; all of them are invented."""

import pytest

from assistant.deid.names_context import find_names_in_context
from tests.assistant.deid.marking import marked_by

FOUND = [
    pytest.param("We told ⟦Grant⟧ that it can wait.", id="told somebody"),
    pytest.param("That is the ⟦Vandermeers⟧ boy.", id="the boy of a family"),
    pytest.param("⟦Reyes⟧'s creatinine is back to 1.1.", id="what somebody has"),
    pytest.param("⟦Reyes⟧' drain came out.", id="a drain that belongs to somebody"),
    pytest.param("⟦mrinal⟧ denies chest pain", id="no capital, and what only a person does"),
    pytest.param("⟦Grace⟧ is Muslim and fasts.", id="a word that is a name, and what only a person is"),
    pytest.param("lives with daughter ⟦grace⟧ since then", id="a relative in lower case"),
    pytest.param("name spelled ⟦M-E-H-R-E-T⟧ by phone", id="spelled out"),
]
KEPT = [
    "We told the family that it can wait; asked Nursing to help.",
    "Murphy's sign, Hodgkin's nodes, Penrose drain, Foley's catheter.",
    "pateint denies pain; wound looks clean; pain started today",
    "Long was the wait. May was warm. Mark is on the left.",
    "The Monday family meeting; the Medicaid family; the new baby.",
    "A B C D E approach; grade I I I",
]


@pytest.mark.parametrize("case", FOUND)
def test_people_go(case: str) -> None:
    assert marked_by(find_names_in_context)(case) == case


@pytest.mark.parametrize("case", KEPT)
def test_others_stay(case: str) -> None:
    assert marked_by(find_names_in_context)(case) == case
