"""Places and institutions; the people and addresses are invented."""

from collections.abc import Callable

import pytest

CASES = [
    pytest.param("Lives at ⟦1234 Elm St., Springfield, IL 62704⟧.", id="a whole address"),
    pytest.param("Mail to ⟦P.O. Box 4471, Apt. 12B⟧", id="boxes and apartments"),
    pytest.param("He lives in ⟦Miami, FL⟧.", id="city and state"),
    pytest.param("ZIP code ⟦02139⟧; moved from ⟦Boston⟧.", id="postal codes and towns"),
    pytest.param("A farmer from Texas who visited Mexico.", id="states and countries stay"),
    pytest.param("Treated at ⟦St. Mary's Hospital⟧ and ⟦UCLA med center⟧.", id="hospitals"),
    pytest.param(
        "Admitted to ⟦St. Luke's⟧, then ⟦Mount Sinai Hospital in New York⟧.", id="saints, and the town with it"
    ),
    pytest.param("Transferred from ⟦Children's Hospital of Philadelphia⟧.", id="of a place"),
    pytest.param("Works at ⟦Acme Widgets, Inc⟧. as a clerk.", id="employers"),
    pytest.param("Seen at ⟦Houston clinic⟧ and ⟦Riverbend Clinic⟧.", id="clinics"),
    pytest.param("Admitted to the hospital. HOSPITAL COURSE: stable. Clinic follow-up.", id="hospital as a word stays"),
    pytest.param("Seen in the Pain Clinic, Emergency Department and ICU.", id="departments stay"),
    pytest.param("Glasgow Coma Scale 15; Milwaukee brace; Ottawa ankle rules; Boston brace.", id="towns in terms stay"),
    pytest.param("Mayo scissors and Stanford type A dissection; Duke criteria.", id="institutions in terms stay"),
    pytest.param("St. John's wort was stopped; ST elevation; left main artery.", id="saints that heal stay"),
    pytest.param("ZIP starting with ⟦036⟧", id="a sparse three-digit ZIP goes"),
    pytest.param("ZIP starting with 100", id="a populous three-digit ZIP stays"),
]


@pytest.mark.parametrize("case", CASES)
def test_places(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case
