"""Hospitals, clinics and employers."""

from collections.abc import Callable

import pytest

CASES = [
    pytest.param("Treated at ⟦St. Mary's Hospital⟧ and ⟦UCLA med center⟧.", id="hospitals"),
    pytest.param("Transferred from ⟦Children's Hospital of Philadelphia⟧.", id="of a place"),
    pytest.param("Works at ⟦Acme Widgets, Inc⟧. as a clerk.", id="employers"),
    pytest.param("Seen at ⟦Houston clinic⟧ twice.", id="a clinic in lower case"),
    pytest.param("She was seen at ⟦Riverbend Clinic⟧.", id="a clinic"),
    pytest.param("⟦Alderwick Family Practice⟧, ⟦3 Mill Lane⟧\nTel: ⟦555-010-7788⟧", id="a letterhead"),
    pytest.param("Works for ⟦Qorvex-Bilby Foods, Inc⟧.", id="a company with a hyphen"),
    pytest.param("Family Practice\nEvidence-Based Practice\nPrivate Practice, 3 years", id="practice as a word stays"),
    pytest.param("Admitted to the hospital. HOSPITAL COURSE: stable. Clinic follow-up.", id="hospital as a word stays"),
    pytest.param("Seen in the Pain Clinic, Emergency Department and ICU.", id="departments stay"),
    pytest.param("Letter to ⟦Caldmere Green Surgery⟧ today.", id="a practice with the name of a road"),
    pytest.param("Strips rx to ⟦Lovatt Drug⟧.", id="a chemist"),
    pytest.param("⟦THORNE VALLEY FAMILY MEDICINE⟧\nNew patient", id="a letterhead in capitals"),
    pytest.param("Seen at ⟦Clínica San Rafael⟧ first.", id="the noun before the name"),
    pytest.param("Fell on the stairs at ⟦saint basil's⟧.", id="a saint in lower case"),
    pytest.param("Taken there via ⟦MetroQuorn EMS⟧.", id="capitals within a word"),
    pytest.param("Admitted to ⟦QRH⟧, then admitted to ICU.", id="letters for a hospital"),
    pytest.param("Hernia Surgery, General Surgery, Internal Medicine.", id="specialties stay"),
    pytest.param("Falls clinic, Physical Therapy Clinic, Pain Management Clinic.", id="clinics without a name stay"),
    pytest.param("St. John's wort was stopped; ST elevation; left main artery.", id="saints that heal stay"),
]


@pytest.mark.parametrize("case", CASES)
def test_facilities(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case
