"""Wording alone: names, compositions, and how they are compared."""

import pytest

from assistant.reading.terminology import Wording, classify, normalise
from assistant.schema import SectionKind


@pytest.mark.parametrize(
    ("heading", "kind", "wording"),
    [
        pytest.param("Past Medical History", SectionKind.HISTORY, Wording.MAIN, id="a listed name"),
        pytest.param("ASSESSMENT & PLAN:", SectionKind.DIAGNOSIS, Wording.MAIN, id="ampersand and colon"),
        pytest.param("Follow-up", SectionKind.PLAN, Wording.MAIN, id="a hyphen is no difference"),
        pytest.param("II. Findings", SectionKind.FINDINGS, Wording.MAIN, id="numbering is no part of the name"),
        pytest.param("Studies (historical)", SectionKind.RESULTS, Wording.MAIN, id="nor are parentheses"),
        pytest.param(
            "Medications / Allergies", SectionKind.MEDICATIONS, Wording.MAIN, id="two names: the first counts"
        ),
        pytest.param("Head & Neck Exam", SectionKind.EXAMINATION, Wording.PART, id="an organ system"),
        pytest.param("Indications for urgent surgery", SectionKind.HISTORY, Wording.COMPOSED, id="known words"),
        pytest.param("Zebra Findings", SectionKind.FINDINGS, Wording.UNKNOWN, id="a telling word beside an unknown"),
        pytest.param("Zebra Index", SectionKind.OTHER, Wording.UNKNOWN, id="nothing known"),
        pytest.param("", SectionKind.OTHER, Wording.UNKNOWN, id="nothing at all"),
        pytest.param("plan " * 40, SectionKind.OTHER, Wording.UNKNOWN, id="far too long"),
    ],
)
def test_classify(heading: str, kind: SectionKind, wording: Wording) -> None:
    term = classify(heading)
    assert (term.kind, term.wording) == (kind, wording)


def test_normalise_makes_spellings_equal() -> None:
    assert normalise("  PRE-OP   Diagnosis (ES) :") == normalise("Preop diagnosis")
    assert normalise("Assessment / Plan") == "assessment/plan"
