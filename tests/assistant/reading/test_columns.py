"""Guessing columns and reading dates."""

from datetime import date

import pytest

from assistant.errors import MissingColumn
from assistant.reading.columns import Columns, choose_columns, parse_date


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(["Text ID", "Text"], {"text": "Text"}, id="the text, not its number"),
        pytest.param(["", "description", "transcription"], {"text": "transcription"}, id="a transcription"),
        pytest.param(["Note ID", "Report Text", "MRN", "Report-Date"],
                     {"text": "Report Text", "id": "Note ID", "patient": "MRN", "date": "Report-Date"}, id="any spelling"),
        pytest.param(["Befund"], {"text": "Befund"}, id="the only column"),
    ],
)  # fmt: skip
def test_columns_are_guessed(names: list[str], expected: dict[str, str]) -> None:
    assert choose_columns(names, Columns()) == expected


def test_a_named_column_is_never_replaced_by_a_guess() -> None:
    with pytest.raises(MissingColumn, match="'body'"):
        choose_columns(["text"], Columns(text="body"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("2024-01-31", date(2024, 1, 31), id="ISO"),
        pytest.param("2024-01-31 08:15", date(2024, 1, 31), id="ISO with a time"),
        pytest.param("20240131", date(2024, 1, 31), id="without hyphens"),
        pytest.param(20240131, date(2024, 1, 31), id="as a number"),
        pytest.param("31.1.2024", date(2024, 1, 31), id="full stops: day first"),
        pytest.param("2/3/2024", date(2024, 2, 3), id="slashes: month first"),
        pytest.param("31/1/2024", date(2024, 1, 31), id="slashes: day first where it must be"),
        pytest.param("1/31/24", date(2024, 1, 31), id="two digits of this century"),
        pytest.param("1/31/85", date(1985, 1, 31), id="two digits of the last one"),
        pytest.param("31-Jan-2024", date(2024, 1, 31), id="month in letters"),
        pytest.param("Jan. 31st, 2024", date(2024, 1, 31), id="American"),
        pytest.param("2 September 2024", date(2024, 9, 2), id="full month"),
        pytest.param("2024-02-30", None, id="a day that is not in the calendar"),
        pytest.param("3 Foo 2024", None, id="a month that is not"),
        pytest.param("99999999", None, id="a number"),
        pytest.param("soon", None, id="a word"),
        pytest.param("", None, id="nothing"),
        pytest.param(None, None, id="null"),
        pytest.param([2024], None, id="a list"),
        pytest.param("0001-01-01", None, id="a year without reports"),
    ],
)
def test_dates(value: object, expected: date | None) -> None:
    assert parse_date(value) == expected
