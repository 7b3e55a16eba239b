"""Feasts and public holidays."""

import pytest

from assistant.deid.holidays import find_holidays
from tests.assistant.deid.marking import marked_by

marked = marked_by(find_holidays)

CASES = [
    pytest.param(
        "Since ⟦Christmas Eve⟧, on ⟦Boxing Day 2022⟧, ⟦New Year's Eve⟧, ⟦xmas '21⟧, over ⟦Thanksgiving⟧, by ⟦thanksgiving⟧.",
        id="of winter",
    ),
    pytest.param(
        "⟦Easter Sunday⟧, ⟦Good Friday⟧, ⟦Ash Wednesday⟧, during ⟦Lent⟧, ⟦St. Patrick's Day⟧, ⟦Mother's Day⟧.",
        id="of the churches",
    ),
    pytest.param(
        "after ⟦Diwali⟧, ⟦Ganesh Chaturthi⟧, ⟦Eid al-Fitr⟧, since ⟦Eid⟧, ⟦Ramadan⟧, ⟦Yom Kippur⟧, ⟦Passover⟧, ⟦Lunar New Year⟧, ⟦Nowruz⟧.",
        id="of other faiths",
    ),
    pytest.param(
        "⟦Labor Day weekend⟧, ⟦ANZAC Day⟧, ⟦Heritage Day⟧, ⟦Canada Day⟧, the ⟦Fourth of July⟧, ⟦August bank holiday⟧, ⟦Waitangi Day⟧.",
        id="of states",
    ),
    pytest.param("on ⟦Commonwealth Day⟧, after ⟦St Swithin's Day⟧", id="one that no list knows, behind a preposition"),
    pytest.param(
        "Christmas disease, Christmas factor, Christmas tree rash, Easter lily, Easter Seals clinic.",
        id="diseases and plants stay",
    ),
    pytest.param(
        "EID positive, she lent him a cane, a new year of school, mother's day was long, labour day 2, on Rest Day",
        id="words stay",
    ),
]


@pytest.mark.parametrize("case", CASES)
def test_holidays(case: str) -> None:
    assert marked(case) == case
