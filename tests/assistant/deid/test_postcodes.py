"""Postal codes, invented; some carry a second half that no post office uses."""

import pytest

from assistant.deid.postcodes import find_postcodes
from tests.assistant.deid.marking import marked_by

FOUND = [
    pytest.param("ZIP code ⟦02139⟧", id="American, labelled"),
    pytest.param("moved to ⟦Ohio 44140⟧", id="American behind a state"),
    pytest.param("Harrogate ⟦HG3 9ZZ⟧", id="British"),
    pytest.param("blue notes, ⟦m14 9zz⟧, grav 2", id="British in lower case between commas"),
    pytest.param("Calgary ⟦T3B 0Z9⟧", id="Canadian"),
    pytest.param("Ontario ⟦K1A0B1⟧", id="Canadian without a blank behind a province"),
    pytest.param("Eircode ⟦E45 YX55⟧", id="Irish"),
    pytest.param("Wagga Wagga NSW ⟦2650⟧", id="Australian behind a state"),
    pytest.param("Mylapore, Chennai - ⟦600 004⟧", id="Indian behind a dash"),
    pytest.param("⟦1016 GV⟧ Amsterdam", id="Dutch before the town"),
    pytest.param("⟦D-10115⟧ Berlin", id="German with the country's letter"),
]
KEPT = [
    "Staged T2N0M0, then T3N1M0.",
    "Pain at L4 5TH level; T12 2HR later; C5 6TH.",
    "ACT 281 s, NT-proBNP 1820, WCC 11.2, plt - 189 000.",
    "1200 MG daily; 1500 ML Saline; 2000 KG Force.",
    "ZIP starting with 100",
]


@pytest.mark.parametrize("case", FOUND)
def test_postal_codes_go(case: str) -> None:
    assert marked_by(find_postcodes)(case) == case


@pytest.mark.parametrize("case", KEPT)
def test_stages_levels_and_doses_stay(case: str) -> None:
    assert marked_by(find_postcodes)(case) == case
