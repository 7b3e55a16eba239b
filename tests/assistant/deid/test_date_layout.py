"""Dates read and written in their layout. Every date is invented."""

from datetime import date

import pytest

from assistant.deid.date_layout import Order, read_dates, write_dates

DAY = date(2019, 3, 14)

READ_IN_ONE_WAY = [
    "03/14/2019", "3/14/2019", "3/14/19", "14.03.2019", "2019-03-14", "2019/3/14", "20190314", "03142019", "03 14 2019", "March 14, 2019",
    "MARCH 14th, 2019", "Mar. 14, 2019", "14 March 2019", "14th of March, 2019", "14-Mar-2019", "14MAR19", "14 mar '19", "2019 Mar 14",
    "Thursday, March 14, 2019", "Thu 3/14/2019", "03/14/2019 (Thursday)", "2019-03-14T10:22:33Z", "3/14/2019 at 3:15 pm",
    "Thursday 14 March 2019", "March the 14th, 2019", "3 / 14 / 2019",
]  # fmt: skip


@pytest.mark.parametrize("written", READ_IN_ONE_WAY)
def test_a_full_date_is_read_in_one_way(written: str) -> None:
    assert [reading.days for reading in read_dates(written)] == [(DAY,)]


RANGES = [
    "03/14/2019 - 03/19/2019", "3/14-3/19/2019", "March 14-19, 2019", "Mar. 14th to the 19th, 2019", "14-19 March 2019",
    "14 March to 19 March 2019", "March 14, 2019 through March 19, 2019", "2019-03-14 to 2019-03-19", "14 March 2019 – 19 March 2019",
]  # fmt: skip


@pytest.mark.parametrize("written", RANGES)
def test_a_range_is_read_as_its_two_ends(written: str) -> None:
    assert [reading.days for reading in read_dates(written)] == [(DAY, date(2019, 3, 19))]


UNREADABLE = [
    pytest.param("March", id="a month alone"),
    pytest.param("March 2019", id="a month and a year"),
    pytest.param("3/14", id="a day without a year"),
    pytest.param("March 14", id="a written day without a year"),
    pytest.param("the 14th", id="a day alone"),
    pytest.param("Christmas", id="a holiday"),
    pytest.param("02/30/2019", id="a day that there is not"),
    pytest.param("13/13/2019", id="a month that there is not"),
    pytest.param("Friday, March 14, 2019", id="a weekday that contradicts it"),
    pytest.param("March 19-14, 2019", id="a range that runs backwards"),
    pytest.param("Oct 4, 11", id="two days that look like a day and a year"),
    pytest.param("Mar 14-19", id="a range that looks like a day and a year"),
    pytest.param("the fourteenth of March, 2019", id="a day in words"),
    pytest.param("2019-W11", id="a week"),
    pytest.param("Mrch 14, 2019", id="a misspelled month"),
    pytest.param("", id="nothing"),
    pytest.param("1" * 5_000, id="one long number"),
    pytest.param("March" + " " * 5_000 + "14, 2019", id="a long gap"),
]


@pytest.mark.parametrize("written", UNREADABLE)
def test_what_is_no_full_date_is_not_read(written: str) -> None:
    assert read_dates(written) == []


def test_day_and_month_that_could_be_swapped_are_read_both_ways() -> None:
    assert {(reading.order, reading.days) for reading in read_dates("03/04/2019")} == {
        (Order.MONTH, (date(2019, 3, 4),)),
        (Order.DAY, (date(2019, 4, 3),)),
    }


def test_a_weekday_says_which_is_the_month() -> None:
    assert [reading.order for reading in read_dates("Monday 03/04/2019")] == [Order.MONTH]
    assert [reading.order for reading in read_dates("Wednesday 03/04/2019")] == [Order.DAY]


WRITTEN = [
    pytest.param("3/14/2019", date(2019, 12, 5), "12/5/2019", id="without zeros where one field has none"),
    pytest.param("10/14/2019", date(2019, 3, 5), "03/05/2019", id="with zeros where nothing says otherwise"),
    pytest.param("03/4/2019", date(2019, 11, 5), "11/5/2019", id="each field as it was"),
    pytest.param("14.03.19", date(2018, 12, 4), "04.12.18", id="two digits of the year"),
    pytest.param("MARCH 14TH, 2019", date(2018, 5, 2), "MAY 2ND, 2018", id="capitals and ordinal"),
    pytest.param("march 14, 2019", date(2018, 5, 2), "may 2, 2018", id="lower case"),
    pytest.param("Mar. 11th, 2019", date(2018, 9, 3), "Sep. 3rd, 2018", id="an abbreviation with its full stop"),
    pytest.param("14MAR2019", date(2018, 9, 3), "03SEP2018", id="glued"),
    pytest.param("14-May-2019", date(2018, 9, 3), "03-Sep-2018", id="May as an abbreviation"),
    pytest.param("May 14, 2019", date(2018, 9, 3), "September 3, 2018", id="May as a name"),
    pytest.param("Thurs, 3/14/2019", date(2019, 3, 5), "Tues, 3/5/2019", id="a weekday's abbreviation"),
    pytest.param("THURSDAY 14 March 2019", date(2019, 3, 6), "WEDNESDAY 6 March 2019", id="a weekday in capitals"),
    pytest.param("20190314T1022", date(2018, 9, 3), "20180903T1022", id="compact, with its time"),
]


@pytest.mark.parametrize(("written", "day", "again"), WRITTEN)
def test_another_day_is_written_in_the_same_layout(written: str, day: date, again: str) -> None:
    readings = [reading for reading in read_dates(written) if reading.order is not Order.DAY or "." in written]
    assert write_dates(readings[0], [day]) == again


def test_a_range_that_its_layout_cannot_say_is_not_written() -> None:
    [reading] = read_dates("March 14-19, 2019")
    assert write_dates(reading, [date(2019, 2, 26), date(2019, 3, 3)]) is None
    [reading] = read_dates("14 March to 19 March 2019")
    assert write_dates(reading, [date(2019, 2, 26), date(2019, 3, 3)]) == "26 February to 3 March 2019"
