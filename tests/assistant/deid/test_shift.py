"""Dates that move together. Every date is invented."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.deid.date_layout import Order, read_dates
from assistant.deid.shift import days_back, orders_in, shift_date, with_weekdays
from assistant.schema import IdentifierSpan

TODAY = date(2026, 6, 30)
MONTH_FIRST = {"/": Order.MONTH, "-": Order.MONTH, ".": Order.DAY}

LAYOUTS: list[Callable[[date], str]] = [
    lambda d: f"{d:%m/%d/%Y}",
    lambda d: f"{d.month}/{d.day}/{d.year}",
    lambda d: f"{d.month}/{d.day}/{d:%y}",
    lambda d: f"{d:%m-%d-%Y}",
    lambda d: f"{d:%d.%m.%Y}",
    lambda d: f"{d:%Y-%m-%d}",
    lambda d: f"{d:%Y%m%d}",
    lambda d: f"{d:%Y-%m-%dT10:22:33Z}",
    lambda d: f"{d:%B} {d.day}, {d.year}",
    lambda d: f"{d:%b}. {d.day}, {d.year}",
    lambda d: f"{d:%B}".upper() + f" {d.day}, {d.year}",
    lambda d: f"{d.day} {d:%B} {d.year}",
    lambda d: f"{d:%d%b%y}".upper(),
    lambda d: f"{d:%d-%b-%Y}",
    lambda d: f"{d:%A}, {d:%B} {d.day}, {d.year}",
    lambda d: f"{d:%a} {d:%m/%d/%Y}",
]
DAYS = st.dates(date(1951, 1, 1), date(2049, 12, 31))
KEYS = st.binary(min_size=1, max_size=32)
SCOPES = st.text(max_size=20)


def moved(layout: Callable[[date], str], day: date, days: int) -> str | None:
    return shift_date(layout(day), days, orders=MONTH_FIRST, today=TODAY)


def the_day(written: str) -> date:
    [day] = {
        reading.days for reading in read_dates(written) if reading.order in (None, MONTH_FIRST.get(reading.separator))
    }
    return day[0]


def shape(written: str) -> str:
    """The layout without what a date changes: how wide numbers and words are may differ where nothing pads them."""
    return re.sub(r"[a-z]+", "a", re.sub(r"[A-Z]+", "A", re.sub(r"\d+", "9", written)))


@given(KEYS, SCOPES)
def test_days_move_and_never_by_a_year(key: bytes, scope: str) -> None:
    assert 1 <= days_back(key, scope) <= 364
    assert days_back(key, scope) == days_back(key, scope)


def test_the_key_and_the_patient_decide() -> None:
    assert len({days_back(b"one key", f"P-{number}") for number in range(50)}) > 30
    assert len({days_back(bytes([number]), "P-1") for number in range(50)}) > 30


@given(st.sampled_from(LAYOUTS), DAYS, st.integers(1, 364))
def test_the_layout_stays_and_the_day_never_does(layout: Callable[[date], str], day: date, days: int) -> None:
    written = moved(layout, day, days)
    if written is None:  # two digits of a year that would be read in another century
        assert (day - timedelta(days)).year < 1950
        return
    assert shape(written) == shape(layout(day)) or "May" in f"{layout(day)}{written}"
    assert the_day(written) == day - timedelta(days)
    assert (the_day(written).month, the_day(written).day) != (day.month, day.day)
    assert the_day(written) != day


@given(st.sampled_from(LAYOUTS), st.sampled_from(LAYOUTS), DAYS, DAYS, KEYS, SCOPES)
def test_the_interval_between_two_dates_of_a_patient_stays(
    one: Callable[[date], str], other: Callable[[date], str], first: date, second: date, key: bytes, patient: str
) -> None:
    days = days_back(key, patient)
    written = moved(one, first, days), moved(other, second, days)
    if written[0] is not None and written[1] is not None:
        assert the_day(written[0]) - the_day(written[1]) == first - second


@given(DAYS, st.integers(0, 27), st.integers(1, 364))
def test_a_range_stays_as_long(first: date, length: int, days: int) -> None:
    last = first + timedelta(length)
    written = shift_date(f"{first:%Y-%m-%d} to {last:%Y-%m-%d}", days, today=TODAY)
    if last.year > 2099 or (first - timedelta(days)).year < 1937:
        return
    assert written == f"{first - timedelta(days):%Y-%m-%d} to {last - timedelta(days):%Y-%m-%d}"


@given(st.text(alphabet="0123456789/-. ,'()TZ:MarchApilfthuSdyo\n", max_size=40), st.integers(1, 364))
def test_any_text_is_moved_or_left_to_a_placeholder(piece: str, days: int) -> None:
    written = shift_date(piece, days, today=TODAY)
    assert written is None or written != piece


@pytest.mark.parametrize(
    ("piece", "why"),
    [
        pytest.param("03/04/2019", "day and month could be swapped", id="an ambiguous order"),
        pytest.param("March 2019", "no day", id="no day"),
        pytest.param("3/14", "no year", id="no year"),
        pytest.param("last Thanksgiving", "no date", id="a holiday"),
        pytest.param("02/30/2019", "impossible", id="an impossible date"),
        pytest.param("03/14/1934", "somebody over 89", id="a birth over 89 years ago"),
    ],
)
def test_what_is_not_safe_to_move_is_masked(piece: str, why: str) -> None:
    assert shift_date(piece, 100, today=TODAY) is None, why


def test_the_text_says_which_comes_first() -> None:
    proven = orders_in(["03/14/2019", "03/04/2019", "14.03.2019", "March 3, 2019", "3/4"])
    assert proven == {"/": {Order.MONTH}, ".": {Order.DAY}}
    assert shift_date("03/04/2019", 1, orders={"/": Order.MONTH}, today=TODAY) == "03/03/2019"
    assert shift_date("03/04/2019", 1, orders={"/": Order.DAY}, today=TODAY) == "02/04/2019"
    assert shift_date("03/04/2019", 1, orders={".": Order.DAY}, today=TODAY) is None
    assert shift_date("14/03/2019", 1, orders={"/": Order.MONTH}, today=TODAY) is None, "it contradicts the text"


WEEKDAYS = [
    pytest.param("Seen Monday, ⟦March 4, 2019⟧.", "Monday, March 4, 2019", id="before it"),
    pytest.param("Seen on ⟦03/04/2019⟧ (Monday).", "03/04/2019 (Monday)", id="after it"),
    pytest.param("Seen on Monday. ⟦March 4, 2019⟧: rash.", "Monday. March 4, 2019", id="across a full stop"),
    pytest.param("Seen Friday, ⟦March 4, 2019⟧.", "March 4, 2019", id="one that contradicts the date stays out"),
    pytest.param("The sun, ⟦March 4, 2019⟧.", "March 4, 2019", id="a word that is no weekday here"),
]


@pytest.mark.parametrize(("case", "widened"), WEEKDAYS)
def test_a_date_takes_its_weekday_with_it(case: str, widened: str) -> None:
    text = case.replace("⟦", "").replace("⟧", "")
    span = IdentifierSpan(start=case.index("⟦"), end=case.index("⟧") - 1, type="DATE", score=1.0)
    [new] = with_weekdays(text, [span])
    assert text[new.start : new.end] == widened


def test_widened_spans_never_overlap() -> None:
    text = "Monday March 4, 2019 Monday March 11, 2019"
    spans = [
        IdentifierSpan(start=7, end=20, type="DATE", score=1.0),
        IdentifierSpan(start=28, end=42, type="DATE", score=1.0),
    ]
    one, other = with_weekdays(text, spans)
    assert one.end <= other.start
    assert text[other.start : other.end] == "Monday March 11, 2019"
