"""Which ids of files may be kept as they are. Every name and number is invented."""

import pytest

from assistant.given_ids import tells


@pytest.mark.parametrize(
    ("given", "patient", "numbers"),
    [
        pytest.param("10000032-DS-21", "10000032", [], id="the patient's number begins the id"),
        pytest.param("10000032", "10000032-DS", [], id="the id is a part of the patient"),
        pytest.param("ct_QUILLHAVEN.2", "Quillhaven, Ottilie", [], id="a name of the patient, in any case"),
        pytest.param("note-44-71-882", "", ["4471882"], id="a number masked in the report, with hyphens"),
        pytest.param("71882", "", ["MR 447-1882/71882"], id="a part of a number masked in the report"),
        pytest.param("712", "712", [], id="the patient itself, however short"),
    ],
)
def test_an_id_that_tells_the_patient(given: str, patient: str, numbers: list[str]) -> None:
    assert tells(given, patient, numbers)


@pytest.mark.parametrize(
    ("given", "patient", "numbers"),
    [
        pytest.param("note-17", "10000032", ["4471882"], id="an id that has nothing to do with it"),
        pytest.param("a", "Ottilie Brannigan", ["4471882"], id="an id too short to tell"),
        pytest.param("note-441", "", ["441"], id="a number too short to tell"),
        pytest.param("--", "", ["—"], id="no letter or digit"),
    ],
)
def test_an_id_that_tells_nothing(given: str, patient: str, numbers: list[str]) -> None:
    assert not tells(given, patient, numbers)
