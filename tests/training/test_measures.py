"""One answer → numbers. The report is invented."""

import pytest

from assistant.schema import Source
from assistant.settings import GroundingSettings
from training.measures import length_ratio, new_identifiers, omitted_findings, prefers, unsupported_share

REPORT = """EXAMINATION: The left knee is swollen and tender; the right knee is normal. No rash is seen.
RESULTS: Hemoglobin 11.2 g/dL, white blood cell count 9.8. There is a small left pleural effusion.
IMPRESSION: Acute arthritis of the left knee.
"""
SOURCES = (Source(report_id="r1", label="This report", text=REPORT),)
GROUNDING = GroundingSettings()
SWOLLEN, HEMOGLOBIN, EFFUSION = "The left knee is swollen.", "Hemoglobin 11.2 g/dL.", "Small left pleural effusion."


@pytest.mark.parametrize(
    ("answer", "share"),
    [
        pytest.param("No rash is seen.", 0.0, id="a quotation"),
        pytest.param("No rash is seen. The patient smokes daily.", 0.5, id="one sentence of two"),
        pytest.param("The right knee is swollen.", 1.0, id="the other side"),
        pytest.param("", 0.0, id="nothing said"),
    ],
)
def test_unsupported_share(answer: str, share: float) -> None:
    assert unsupported_share(answer, SOURCES, grounding=GROUNDING) == share


@pytest.mark.parametrize(
    ("answer", "final", "share"),
    [
        pytest.param(SWOLLEN, SWOLLEN, 0.0, id="kept"),
        pytest.param(f"{SWOLLEN} {HEMOGLOBIN}", f"- {HEMOGLOBIN}\n- {SWOLLEN}", 0.0, id="in another order and layout"),
        pytest.param(SWOLLEN, f"{SWOLLEN} {HEMOGLOBIN}", 0.5, id="one of two left out"),
        pytest.param("", f"{SWOLLEN} {HEMOGLOBIN}", 1.0, id="a model that says nothing"),
        pytest.param(f"{SWOLLEN} {HEMOGLOBIN} {EFFUSION}", HEMOGLOBIN, 0.0, id="a clinician who wants less"),
        pytest.param(HEMOGLOBIN, HEMOGLOBIN, 0.0, id="not punished for leaving out what the clinician leaves out"),
        pytest.param("No pleural effusion.", EFFUSION, 1.0, id="denied"),
        pytest.param("Small right pleural effusion.", EFFUSION, 1.0, id="on the other side"),
        pytest.param("Hemoglobin 12.2 g/dL.", HEMOGLOBIN, 1.0, id="another number"),
        pytest.param(SWOLLEN, f"{SWOLLEN} Old fracture of the hip.", 0.0, id="what no source states cannot be omitted"),
        pytest.param(SWOLLEN, "Old fracture of the hip.", None, id="nothing that a source states"),
        pytest.param("", "No rash is seen.", None, id="nothing abnormal"),
        pytest.param("", "", None, id="nothing at all"),
    ],
)
def test_omitted_findings(answer: str, final: str, share: float | None) -> None:
    assert omitted_findings(answer, final, SOURCES, grounding=GROUNDING) == share


@pytest.mark.parametrize(
    ("answer", "final", "ratio"),
    [
        pytest.param("one two three", "one two", 1.5, id="longer"),
        pytest.param("", "one two", 0.0, id="nothing said"),
        pytest.param("one two", "", 2.0, id="all of it struck out"),
        pytest.param("one " * 60, "None.", 4.0, id="one short correction does not decide for all"),
    ],
)
def test_length_ratio(answer: str, final: str, ratio: float) -> None:
    assert length_ratio(answer, final) == ratio


@pytest.mark.parametrize(
    ("found", "count"),
    [
        pytest.param([], 0, id="none"),
        pytest.param(["Anna  MUSTER"], 0, id="one that the sources hold, spaced and written otherwise"),
        pytest.param(["Bert Beispiel", "bert beispiel", "12345678"], 2, id="two others, one of them twice"),
    ],
)
def test_new_identifiers(found: list[str], count: int) -> None:
    assert new_identifiers(found, ["Seen by Anna\nMuster.", "What is the plan?"]) == count


def test_preference() -> None:
    assert (prefers(-1.0, -2.0), prefers(-2.0, -1.0), prefers(-1.0, -1.0)) == (1.0, 0.0, 0.5)
