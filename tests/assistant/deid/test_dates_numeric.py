"""Dates in digits, all invented."""

import pytest

from assistant.deid.dates_numeric import find_numeric_dates
from tests.assistant.deid.marking import marked_by

marked = marked_by(find_numeric_dates)

CASES = [
    pytest.param("DOB ⟦4/7/57⟧, seen ⟦1957/07/04⟧, ⟦1957.07.04⟧ and ⟦04.07.57⟧.", id="every order, two-digit years"),
    pytest.param("Seen ⟦4-7-57⟧ and ⟦04–07–1957⟧ and ⟦03/14-2023⟧.", id="hyphens, dashes, mixed separators"),
    pytest.param("Seen ⟦4. 7. 1957⟧, ⟦4 / 7 / 57⟧, ⟦13 /05/ 2022⟧, ⟦18- 2- 18⟧.", id="spaces around the separators"),
    pytest.param("Seen ⟦O3/l4/2O21⟧ and ⟦l0/3l/20l8⟧.", id="what a scanner makes of digits"),
    pytest.param("DOB ⟦040757⟧, dob:⟦07041957⟧, D.O.B. ⟦04 07 1957⟧, born ⟦140361⟧", id="no separator behind a label"),
    pytest.param("DOB⟦03/04/61⟧, on⟦12/3/23⟧, DOB⟦12091971⟧ and Service......⟦7.9.23⟧", id="glued to the word before"),
    pytest.param("⟦20230314⟧ 08:15, PEREIRA_⟦19820511⟧_CXR, ⟦20230314T0815⟧", id="compact"),
    pytest.param("⟦14.iii.22⟧, ⟦3/XI/2019⟧, ⟦2023-W12-3⟧, ⟦2023年3月14日⟧", id="Roman months, weeks, Chinese"),
    pytest.param("In ⟦03/2021⟧, ⟦3/2021⟧, ⟦2019-05⟧, ⟦2019/05⟧.", id="month and year"),
    pytest.param("⟦12-15/3/23⟧ and ⟦12/3/23-19/3/23⟧ and ⟦1/2/2023 to 3/2/2023⟧", id="stretches of days"),
    pytest.param(
        "At ⟦2014-02-13 09:33:20⟧, ⟦2020-01-02T10:11:12Z⟧; ⟦06/18/2023⟧ 0915, ⟦14/3/2023⟧ 09:15.",
        id="the time of a machine goes with its date, a clock time stays",
    ),
    pytest.param("In 2019, 2019-2021, 2010-11, 2019/20, since '98.", id="years stay"),
    pytest.param(
        "v2.3.10, section 1.2.10 Methods, titre 1/1920, ratio 1/1000, 10/5/20 mg, 3-2-4, 1-1-0.",
        id="versions, headings, titres, doses, depths stay",
    ),
    pytest.param(
        "L4/5/10, T12-L1-2, 192.0.2.7, 1.5-2.0, XX/XX/1950", id="levels, addresses, ranges, a year alone stay"
    ),
    pytest.param("GFR 48\nCC: cough, ⟦09/08/40⟧\nCC: fever", id="a unit on the next line is none"),
]


@pytest.mark.parametrize("case", CASES)
def test_numeric_dates(case: str) -> None:
    assert marked(case) == case
