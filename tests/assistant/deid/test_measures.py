"""Which numbers are of a value or of what is usual for one."""

import pytest

from assistant.deid.measures import is_measured, is_quantity

NUMBERS = [
    pytest.param("Hgb 12.8 g/dL (reference ⟦12.0-16.0⟧)", True, id="a reference range"),
    pytest.param("Hb 9.9 g/dL (reference 12⟦.0⟧-16.0)", True, id="a part of a range"),
    pytest.param("BUN 37 mg/dL (reference ⟦7-20⟧)", True, id="a range without a decimal and with a label"),
    pytest.param("K 3.9 mmol/L (normal range: ⟦3.5 - 5⟧.1)", True, id="a range with spaces, found in part"),
    pytest.param("Ferritin 4 (ref < ⟦14.9⟧)", True, id="a limit"),
    pytest.param("Hb 12.8 g/dL (⟦12.0-16.0⟧)", True, id="a range behind a unit"),
    pytest.param("| K | 4.1 | mmol/L | ⟦3.5-5.1⟧ |  |", True, id="a range in a table"),
    pytest.param("| Hb | ⟦13.3⟧ | g/dL |", True, id="a value in a table"),
    pytest.param("| White blood cells | ⟦23.3⟧ | K/uL |", True, id="a count in a table"),
    pytest.param("TSH ⟦2.16⟧ mIU/L", True, id="a value before its unit"),
    pytest.param("seen ⟦3.5-5.1⟧ by the team", False, id="two days with full stops"),
    pytest.param("weight 70 kg (⟦12-3⟧)", False, id="a day in brackets behind a weight"),
    pytest.param("after school (⟦3.5-5.1⟧)", False, id="a word that ends like a unit"),
    pytest.param("Our ref ⟦12-34⟧", False, id="a file number"),
    pytest.param("Reference: ⟦4417-2⟧", False, id="a file number behind a colon"),
    pytest.param("on ⟦14⟧ 2 tablets", False, id="a day before a dose"),
    pytest.param("mg/dL (reference ⟦12.03.2021⟧)", False, id="a date behind a label"),
]


@pytest.mark.parametrize(("case", "expected"), NUMBERS)
def test_values_and_ranges(case: str, expected: bool) -> None:
    before, _, rest = case.partition("⟦")
    number, _, after = rest.partition("⟧")
    assert is_measured(before + number + after, len(before), len(before) + len(number)) is expected


@pytest.mark.parametrize(
    ("word", "after", "expected"),
    [
        pytest.param("Troponin I", " | 3.44 | ng/mL |", True, id="a row of a table"),
        pytest.param("Na", " was 140 mmol/L", True, id="a sentence"),
        pytest.param("BP", " was 104/52 mmHg on this visit", True, id="a pressure"),
        pytest.param("Okaforde", " 70 kg", False, id="a person with a weight"),
        pytest.param("Okaforde", ": 9.1 pm", False, id="a person with an hour"),
        pytest.param("Okaforde", " 9.1 mmol/L", False, id="a value said by a person"),
    ],
)
def test_what_was_measured(word: str, after: str, expected: bool) -> None:
    assert is_quantity(word + after, len(word)) is expected
