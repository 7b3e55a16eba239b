"""Employers, schools, churches, homes: all invented but the brands."""

import pytest

from assistant.deid.employers import find_employers
from tests.assistant.deid.marking import marked_by

FOUND = [
    pytest.param("Occ: fitter, ⟦Yarrowby Steel⟧", id="an employer behind an occupation"),
    pytest.param("picker at ⟦Quillon Logistics⟧, off sick", id="a word for the trade"),
    pytest.param("roofer w/ ⟦Castellane & Sons⟧", id="a family's business"),
    pytest.param("works at ⟦quillon logistics⟧ nights", id="lower case behind a cue"),
    pytest.param("Attends ⟦St. Ibar's High School⟧", id="a school"),
    pytest.param("He goes to ⟦Mount Quarnby Baptist Church⟧", id="a church with its denomination"),
    pytest.param("transferred to ⟦HMP Fellbrook⟧", id="a prison"),
    pytest.param("resident of ⟦Rosewood Manor⟧", id="a home behind a cue"),
    pytest.param("employed by ⟦Zentava⟧ as a steward", id="a company that no list knows"),
    pytest.param("trader in ⟦Ochinda market⟧", id="a noun in lower case behind a name"),
    pytest.param("trained with the ⟦82nd Airborne⟧", id="a regiment"),
    pytest.param("studied at the ⟦University of Quarnby⟧", id="a university of a place"),
]
KEPT = [
    "Works at the hospital, attends primary school, goes to church on Sundays.",
    "Physical Therapy Clinic, Same Day Surgery, University of Medicine.",
    "She attends AA and PT, works for a farm, plays with the dog.",
    "Transferred to Acute Rehab, moved to Telemetry, back to Theatre.",
    "Retired from teaching; retired from the Army.",
    "Works as a nurse in the ICU with full PPE.",
    "House dust mite, Court ordered, Market share, School age.",
]


@pytest.mark.parametrize("case", FOUND)
def test_where_people_work_and_live_goes(case: str) -> None:
    assert marked_by(find_employers)(case) == case


@pytest.mark.parametrize("case", KEPT)
def test_words_for_such_places_stay(case: str) -> None:
    assert marked_by(find_employers)(case) == case
