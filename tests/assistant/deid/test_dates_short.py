"""Days and months in digits without a year, all invented; and the fractions that are something else."""

import pytest

from assistant.deid.dates_short import find_short_dates
from tests.assistant.deid.marking import marked_by

marked = marked_by(find_short_dates)

CASES = [
    pytest.param(
        "Admitted on ⟦3/14⟧, discharged ⟦3/19⟧; DOS ⟦4/5⟧; LMP ⟦1/9⟧; Mon ⟦3/5⟧", id="behind a word that asks for a day"
    ),
    pytest.param("Due ⟦27/06⟧, given ⟦03/04⟧, swab ⟦10/03⟧", id="with a zero"),
    pytest.param(
        "echo ⟦11/17⟧: ef 30, CT from ⟦12/24⟧, labs ⟦2/9⟧, staples out ⟦3/2⟧, back to work ⟦3/2⟧",
        id="behind a test or an event",
    ),
    pytest.param(
        "⟦3/14⟧: called. Cr 1.2 (⟦3/16⟧) to 1.5 (⟦3/19⟧). CT ⟦3/31⟧ clear.", id="at the start of an entry, in brackets"
    ),
    pytest.param(
        "week of ⟦3/14⟧, w/c ⟦14/3⟧, stay ⟦5/12⟧-⟦5/19⟧, ⟦3/20⟧ to ⟦3/22⟧, admitted ⟦3/14-18⟧", id="stretches of days"
    ),
    pytest.param("seen on ⟦14/3⟧, ⟦15/3⟧ and ⟦16/3⟧", id="a list of days"),
    pytest.param("seen ⟦3/5⟧ at 14:30, ⟦3/5⟧ 09:15", id="with the hour"),
    pytest.param("Labs     ⟦2/7⟧     ⟦2/8⟧\nWBC      13.1    12.0", id="at the head of columns"),
    pytest.param(
        "Line placed on ⟦1/31⟧. A-line (⟦2/3⟧), Foley.", id="a doubtful one is read by the months of the sure ones"
    ),
    pytest.param("stroke in ⟦6/98⟧, CABG in ⟦3/07⟧, dob ⟦3/61⟧", id="month and short year"),
    pytest.param("noted on ⟦03-14⟧, until ⟦11-15⟧", id="with a hyphen, behind a word"),
    pytest.param(
        "Strength 5/5, 4/5 in the left leg, pain 8/10, reflexes 2/4, murmur 3/6, pulses 2/2, pupils 4/4",
        id="examinations stay",
    ),
    pytest.param(
        "1/2 tab, 3/4 of the dose, BP 120/80, T4/5, L 4/5, C5/6, 24/7 care, 3/5-4/5 strength",
        id="halves, pressures, levels stay",
    ),
    pytest.param(
        "review in 6/52, rpt bloods 3/12, 5/7 course, for 2/7, x3/52, 10/12 hx, now 2 y 9/12",
        id="weeks, months and days of British notes stay",
    ),
    pytest.param(
        "Vision 6/9, 6/60 left, 20/40, Apgar 8/9, MMSE 28/30, GCS 14/15, 2/15 nodes positive, 3/12 cores",
        id="scores stay",
    ),
    pytest.param(
        "Norco 5/325, Suboxone 8/2 film, Targin 10/5 bd, amlodipine 5/10 mg, PIP/PEEP 25/5, prone 16/8",
        id="strengths and pressures stay",
    ),
    pytest.param(
        "visit 2/6, cycle 3/6, images 4/12, session 4/10, page 1/3, stage 2/3, Gleason 3/4", id="numbered things stay"
    ),
]


@pytest.mark.parametrize("case", CASES)
def test_short_dates(case: str) -> None:
    assert marked(case) == case
