"""Telephone numbers and addresses of the net, all invented."""

from collections.abc import Callable

import pytest

CASES = [
    pytest.param("Call ⟦212-555-1234⟧ or ⟦(555) 123-4567 ext. 12⟧.", id="American numbers with extension"),
    pytest.param("Call ⟦555.123.4567⟧, ⟦+1 555 123 4567⟧.", id="dots and country code"),
    pytest.param("Phone: ⟦+44 20 7946 0958⟧", id="abroad"),
    pytest.param("They answer at ⟦070 4493 5104⟧.", id="national grouping"),
    pytest.param("Pager ⟦48213⟧, ext ⟦4471⟧", id="pager and extension alone"),
    pytest.param("Fax: ⟦555-010-7788⟧", id="fax"),
    pytest.param("Write to ⟦alex.river@example.test⟧ or ⟦j_doe+1@mail.example.org⟧.", id="e-mail"),
    pytest.param("See ⟦https://portal.example.org/p?id=8812⟧ or ⟦www.example.com⟧.", id="web addresses"),
    pytest.param("From ⟦203.0.113.42⟧ and ⟦2001:db8:85a3:0:0:8a2e:370:7334⟧.", id="internet addresses"),
    pytest.param(
        "BP 120/80, sodium 138, platelets 250,000, INR 2.0-3.0, ratio 3:1, 10:30 am.", id="vitals and labs stay"
    ),
    pytest.param("Gave 1000 mL over 8 hours; dose 12.5 mg; TSH 4.05; version 2.0.1", id="doses stay"),
]


@pytest.mark.parametrize("case", CASES)
def test_contacts(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case
