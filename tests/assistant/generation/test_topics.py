"""Headings and questions are invented."""

import pytest

from assistant.generation.topics import is_early, question_topics, section_topics
from assistant.schema import Section, SectionKind


def section(heading: str, kind: SectionKind = SectionKind.OTHER) -> Section:
    return Section(heading=heading, kind=kind, start=0, body_start=len(heading), end=len(heading))


@pytest.mark.parametrize(
    ("heading", "topics"),
    [
        pytest.param("CURRENT MEDICATIONS", {"medications"}, id="medications"),
        pytest.param("ALLERGIES TO MEDICATIONS", {"allergies"}, id="allergies to medications are no medications"),
        pytest.param("Medications and Allergies", {"medications", "allergies"}, id="a heading with two topics"),
        pytest.param("ASSESSMENT AND PLAN", {"diagnosis", "plan"}, id="assessment and plan"),
        pytest.param("Family history", {"family"}, id="family history is not the patient's history"),
        pytest.param("INDICATION FOR PROCEDURE", {"complaint"}, id="why a procedure was done is not the procedure"),
        pytest.param("ESTIMATED BLOOD LOSS", set(), id="a heading about nothing that is asked by name"),
    ],
)
def test_a_heading_names_its_topics(heading: str, topics: set[str]) -> None:
    assert section_topics(section(heading), frozenset())[0] == topics


def test_the_kind_tells_what_the_heading_does_not() -> None:
    assert section_topics(section("Thoughts", SectionKind.PLAN), frozenset()) == (frozenset({"plan"}), False)


def test_a_body_part_continues_what_stood_before() -> None:
    assert section_topics(section("LUNGS"), frozenset({"symptoms"}))[0] == {"symptoms"}
    assert section_topics(section("LUNGS"), frozenset({"plan"}))[0] == {"examination"}


@pytest.mark.parametrize(
    ("question", "named", "rest"),
    [
        pytest.param("What medications is the patient taking?", ("medications",), "taking", id="a topic by name"),
        pytest.param("Any known drug allergies?", ("allergies",), "Any", id="drug allergies are one topic"),
        pytest.param("What is wrong with the patient?", ("diagnosis",), "patient", id="a topic in plain words"),
        pytest.param("Is she on aspirin?", (), "aspirin", id="a thing is no topic"),
    ],
)
def test_a_question_names_topics(question: str, named: tuple[str, ...], rest: str) -> None:
    found, _, remaining = question_topics(question)
    assert found == named
    assert rest in remaining


def test_before_the_operation_is_early() -> None:
    assert is_early("PREOPERATIVE DIAGNOSIS")
    assert is_early("Admission diagnosis")
    assert not is_early("REASON FOR ADMISSION")
    assert not is_early("POSTOPERATIVE DIAGNOSIS")
