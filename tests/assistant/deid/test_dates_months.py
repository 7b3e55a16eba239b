"""Dates with the name of a month, all invented."""

import pytest

from assistant.deid.dates_months import find_month_dates
from tests.assistant.deid.marking import marked_by

marked = marked_by(find_month_dates)

CASES = [
    pytest.param("On ⟦February 15th, 2022⟧, ⟦Jan. 5⟧, ⟦July the 4th⟧, ⟦Jul-04-1957⟧, ⟦Mar 3, 2021⟧.", id="month first"),
    pytest.param(
        "On ⟦11th March 2023⟧, ⟦15th of January 2022⟧, ⟦4 July 57⟧, ⟦2nd of Sept. '48⟧, ⟦3rd day of June 2020⟧.",
        id="day first",
    ),
    pytest.param("On ⟦Feb 14th '23⟧; ⟦Jan 22, '24⟧; ⟦4th July '57⟧.", id="short years"),
    pytest.param(
        "⟦14Mar2023⟧, ⟦04JUL57⟧, ⟦17-Feb-2023⟧, ⟦5/Apr/2019⟧, ⟦02-Jan-22⟧, ⟦14mar23⟧", id="glued and hyphened"
    ),
    pytest.param("⟦2023 Sep 19⟧ and ⟦2023-Sep-19⟧", id="year first"),
    pytest.param("Since ⟦July 1957⟧; ⟦Jul/1957⟧; ⟦March of 2021⟧; ⟦Mar '21⟧; ⟦Sept-2021⟧.", id="month and year"),
    pytest.param(
        "Stroke in ⟦July 2021⟧, fell ⟦last December⟧, back in ⟦Feb⟧, since ⟦sept⟧, in ⟦nov⟧, mid-⟦June⟧, early ⟦Oct⟧.",
        id="months alone",
    ),
    pytest.param(
        "Between ⟦June⟧ and ⟦August⟧; ⟦Sept⟧-⟦Oct 2021⟧; her ⟦March⟧ scan; in ⟦May⟧; last bled in the ⟦3rd wk of Sept⟧",
        id="two months, a month of an event",
    ),
    pytest.param(
        "Rash from ⟦Feb 3rd⟧ through the ⟦11th⟧; seen ⟦Oct. 4⟧, ⟦11⟧ and ⟦18⟧ for checks.", id="lists of days"
    ),
    pytest.param(
        "⟦3-7 May⟧, ⟦3rd/4th June⟧, ⟦27 Feb⟧ - ⟦3 Mar⟧, ⟦Feb 27⟧-⟦Mar 3⟧, the night of ⟦12/13 June⟧",
        id="stretches of days",
    ),
    pytest.param("PET ⟦FEB 9⟧: SUV. SURGERY BEFORE ⟦JUNE 19⟧. BOARD ⟦MARCH 7⟧", id="capitals"),
    pytest.param(
        "⟦2l Septernber 2O2l⟧; ⟦0ct 3, 2021⟧; ⟦Ju1y 4⟧; ⟦l5th March⟧; the ⟦24th of Deceember, 1998⟧",
        id="scanned and mistyped",
    ),
    pytest.param("le ⟦14 mars 1957⟧, ⟦3 de mayo de 2021⟧, ⟦14 Maart 2022⟧, ⟦14 März 2020⟧", id="other languages"),
    pytest.param(
        "May take 2 tablets. He may be seen. It may or may not help. To Whom It May Concern. He may 2",
        id="may is a verb",
    ),
    pytest.param(
        "March in place. March fracture. May-Thurner syndrome. Jan fed him. A mar on the skin.",
        id="words and eponyms stay",
    ),
    pytest.param(
        "OCT 300 microns, MAR reviewed, DEC 2 L, SEPT9 methylation, MARCH1, OCT4 positive, hgb 9.2 dec 3 kg",
        id="abbreviations and genes stay",
    ),
    pytest.param("Summer 2019, Q3 2022, in 2019, the 1990s, day 3, week 12.", id="seasons, quarters, years stay"),
]


@pytest.mark.parametrize("case", CASES)
def test_month_dates(case: str) -> None:
    assert marked(case) == case
