"""Days of the month alone, all invented."""

import pytest

from assistant.deid.dates_days import find_days
from tests.assistant.deid.marking import marked_by

marked = marked_by(find_days)

CASES = [
    pytest.param(
        "By the ⟦8th⟧ she was home; on the ⟦14th⟧ & ⟦15th⟧; from ⟦3rd⟧ to the ⟦9th⟧; due ⟦22nd⟧.",
        id="with a word before",
    ),
    pytest.param(
        "next depot ⟦2nd⟧ of this month; daily visits, to call ⟦27th⟧. SSG planned ⟦14th⟧.", id="of this month, planned"
    ),
    pytest.param("Mon ⟦14th⟧, Tuesday the ⟦3rd⟧", id="with a weekday"),
    pytest.param("⟦14th⟧: apyrexial\n⟦15th⟧ - home", id="as an entry"),
    pytest.param("on the ⟦twenty-second⟧ she fell; the second was worse", id="in words"),
    pytest.param(
        "Seen ⟦last Friday⟧; fell on Monday; review next Tuesday; last week.",
        id="last Friday is one day, other weekdays stay",
    ),
    pytest.param(
        "The 5th metatarsal, 4th rib, 2nd dose, 5th percentile, 3rd trimester, 2nd degree block, 21st century, her 18th birthday.",
        id="with a noun it is no day",
    ),
    pytest.param(
        "Fracture of the 5th. Weight 25th, height on the 9th centile. From the 3rd to the 5th rib. 75th & 95th.",
        id="bones and centiles stay",
    ),
]


@pytest.mark.parametrize("case", CASES)
def test_days(case: str) -> None:
    assert marked(case) == case
