"""Dates in words, all invented."""

import pytest

from assistant.deid.dates_spoken import find_spoken_dates
from tests.assistant.deid.marking import marked_by

marked = marked_by(find_spoken_dates)

CASES = [
    pytest.param(
        "the ⟦third of June two thousand and nineteen⟧; ⟦twenty-first of March⟧; the ⟦third day of June⟧",
        id="day first",
    ),
    pytest.param(
        "⟦March twenty-first⟧; ⟦June the third⟧; ⟦july fourth nineteen fifty seven⟧; ⟦June twenty one, nineteen ninety⟧",
        id="month first",
    ),
    pytest.param("date of visit ⟦february twelfth twenty twenty four⟧ and on ⟦march fourth⟧ he", id="as dictated"),
    pytest.param(
        "date of birth ⟦oh four oh seven fifty seven⟧ ; ⟦four slash seven slash fifty seven⟧", id="figure by figure"
    ),
    pytest.param(
        "the ⟦twenty-second⟧ of this month; the second was worse; may first need rest; first line",
        id="other ordinals stay",
    ),
]


@pytest.mark.parametrize("case", CASES)
def test_spoken_dates(case: str) -> None:
    assert marked(case) == case
