"""Dates and ages through the whole engine, all invented. The forms of dates have tests of their own."""

from collections.abc import Callable

import pytest

from assistant.deid.dates_numeric import is_date

DATES = [
    pytest.param("Seen ⟦03/14/2023⟧ and ⟦2023-04-25⟧.", id="numeric"),
    pytest.param("Seen ⟦07-15-23⟧, ⟦17-Feb-2023⟧, ⟦12.11.2022⟧.", id="other separators"),
    pytest.param("On ⟦February 15th, 2022⟧ and ⟦Jan. 5⟧.", id="written with and without a year"),
    pytest.param("On ⟦11th March 2023⟧, ⟦15th of January 2022⟧.", id="day first"),
    pytest.param("On ⟦Feb 14th '23⟧ and ⟦Jan 22, '24⟧.", id="short years"),
    pytest.param("Stroke in ⟦July 2021⟧, fell ⟦last December⟧.", id="months"),
    pytest.param("At ⟦2014-02-13 09:33:20⟧ and ⟦2020-01-02T10:11:12Z⟧.", id="time stamps"),
    pytest.param("Admitted on ⟦3/14⟧, discharged ⟦3/19⟧.", id="day and month with a cue"),
    pytest.param("Seen ⟦O3/l5/2O23⟧.", id="a scanner's letters for digits"),
    pytest.param("Seen ⟦last Friday⟧; fell on Monday.", id="last Friday is one day, Monday is any"),
    pytest.param("Surgery on ⟦Christmas Day 2019⟧.", id="holidays"),
    pytest.param("Diagnosed in 2019, stable since 2020.", id="a year alone stays"),
    pytest.param("Strength 5/5, vision 20/40, BP 120/80, 3/6 murmur, 1/2 tablet.", id="fractions stay"),
    pytest.param("May take 2 tablets; may 2 be given? He may be seen.", id="may is a verb"),
    pytest.param("Dialysis on Monday, Wednesday and Friday.", id="a schedule stays"),
    pytest.param("Pain for 3 days, last month, 2 weeks ago.", id="spans of time stay"),
    pytest.param("A1-2026 is a panel code; ratio 1.5-2.0; T4-L5.", id="codes and ranges stay"),
]
AGES = [
    pytest.param("A ⟦92⟧-year-old man", id="over 89 goes"),
    pytest.param("An 89-year-old man aged 45", id="up to 89 stays"),
    pytest.param("age ⟦101⟧ and ⟦94⟧ y/o and ⟦93⟧yo", id="other ways to write it"),
    pytest.param("a ⟦ninety-two⟧ year old woman", id="in words"),
    pytest.param("weight 92 kg, 95 mg, 98%", id="other numbers stay"),
]


@pytest.mark.parametrize("case", DATES)
def test_dates(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case


@pytest.mark.parametrize("case", AGES)
def test_ages(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case


@pytest.mark.parametrize(
    ("piece", "answer"),
    [
        pytest.param("05/11/2026", True, id="a date"),
        pytest.param("2026-05-11 14", True, id="with its hour"),
        pytest.param("20260511-2299", False, id="a number that begins like one"),
    ],
)
def test_what_is_a_date(piece: str, answer: bool) -> None:
    assert is_date(piece) is answer
