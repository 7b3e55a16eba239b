"""Number plates, all invented."""

import pytest

from assistant.deid.plates import find_plates
from tests.assistant.deid.marking import marked_by

marked = marked_by(find_plates)

CASES = [
    pytest.param(
        "the van (⟦BX19 KWF⟧), his car ⟦191-D-12345⟧, a truck, ⟦ABC-1234⟧, taxi ⟦MH 12 AB 1234⟧, the bakkie ⟦CA 123-456⟧, reg ⟦LD19 XKP⟧",
        id="behind a word for a vehicle",
    ),
    pytest.param(
        "CD19 POS, BX19 KWF alone, car crash GCS 15, driver HR 120, plate C3-C5 (CPT 22845)",
        id="without a vehicle nothing is one",
    ),
]


@pytest.mark.parametrize("case", CASES)
def test_plates(case: str) -> None:
    assert marked(case) == case
