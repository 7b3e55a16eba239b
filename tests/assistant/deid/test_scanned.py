"""Letters that a scanner put for digits."""

import pytest

from assistant.deid.scanned import with_digits


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        pytest.param("O3/l4/2O21", "03/14/2021", id="a date"),
        pytest.param("l/l2/2O2l", "1/12/2021", id="more letters than digits in the shape of a date"),
        pytest.param("(2O7) 555- 0l 93", "(207) 555- 01 93", id="a telephone number in pieces"),
        pytest.param("5O8-2l-77l4", "508-21-7714", id="social security"),
        pytest.param("l5th March 2O2l", "15th March 2021", id="an ordinal and a year"),
        pytest.param(
            "B12 44, S1, I10, SOB, ill, 09:30:12Z",
            "B12 44, S1, I10, SOB, ill, 09:30:12Z",
            id="words, vitamins, codes and times stay",
        ),
    ],
)
def test_letters_become_digits(text: str, corrected: str) -> None:
    assert with_digits(text) == corrected
