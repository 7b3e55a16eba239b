"""Every value here is invented."""

import pytest

from assistant.reading.values import find_measurements, known_quantities


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Potassium 5.9 (3.5-5.0)", ("potassium", 5.9, "high", "stated range"), id="a range in brackets"),
        pytest.param("Sodium | 138 | 135-145", ("sodium", 138, "normal", "stated range"), id="a range in a column"),
        pytest.param("CRP 12 (ref <10)", ("c-reactive protein", 12, "high", "stated range"), id="an upper limit"),
        pytest.param("Hgb 9.1 L", ("hemoglobin", 9.1, "low", "flag"), id="a flag behind"),
        pytest.param("Ferritin 900 ng/mL high", ("ferritin", 900, "high", "flag"), id="a flag in words"),
        pytest.param("white count of 15,200", ("white cell count", 15200, "high", "usual range"), id="a value with a comma"),
        pytest.param("K 5.9", ("potassium", 5.9, "high", "usual range"), id="a chemical symbol"),
        pytest.param("temperature was 38.6", ("temperature", 38.6, "high", "usual range"), id="Celsius by its size"),
        pytest.param("BP of 84/40", ("blood pressure", 84.04, "low", "usual range"), id="a low blood pressure"),
        pytest.param("Zorbase 45 L 60-120", ("zorbase", 45, "low", "flag"), id="a quantity the table does not know"),
        pytest.param("Calcium 3 mmol/L", ("calcium", 3, "unknown", ""), id="a unit the table does not know"),
    ],
)  # fmt: skip
def test_a_value_is_read_and_judged(text: str, expected: tuple[str, float, str, str]) -> None:
    (found,) = find_measurements(text)
    assert (found.name, found.value, found.status, found.basis) == expected
    assert text[found.start : found.end] == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("The patient is 63 years old.", id="an age"),
        pytest.param("CA 19-9 was sent.", id="a marker's name with digits"),
        pytest.param("T12 compression, L5-S1 disk.", id="vertebrae"),
        pytest.param("Seen in room 4 at 10:30.", id="a room and a time"),
        pytest.param("Hemoglobin pending.", id="a name without its value"),
    ],
)
def test_other_numbers_are_no_measurements(text: str) -> None:
    assert find_measurements(text) == []


def test_the_table_knows_the_everyday_names() -> None:
    assert {"blood pressure", "hemoglobin", "potassium", "inr", "tsh"} <= known_quantities()
