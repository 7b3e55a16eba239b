"""Streets, boxes and postal codes, invented."""

from collections.abc import Callable

import pytest

CASES = [
    pytest.param(
        "⟦240 Alder Street⟧\nReferring physician: none\n⟦3 Mill Lane⟧\nTel: ⟦555-010-7788⟧",
        id="a label after a street stays",
    ),
    pytest.param("Lives at ⟦1234 Elm St., Springfield, IL 62704⟧.", id="a whole address"),
    pytest.param("Mail to ⟦P.O. Box 4471, Apt. 12B⟧", id="boxes and apartments"),
    pytest.param("Staged T2N0M0, ⟦K1A 0B1⟧", id="a stage is no postal code"),
    pytest.param("He lives in ⟦Miami, FL⟧.", id="city and state"),
    pytest.param("ZIP code ⟦02139⟧; moved from ⟦Boston⟧.", id="postal codes and towns"),
    pytest.param("ZIP starting with ⟦036⟧", id="a sparse three-digit ZIP goes"),
    pytest.param("ZIP starting with 100", id="a populous three-digit ZIP stays"),
]


@pytest.mark.parametrize("case", CASES)
def test_addresses(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case
