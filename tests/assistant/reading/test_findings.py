"""Every sentence here is invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.reading.findings import find_findings
from assistant.schema import Section, SectionKind
from tests.stopwatch import processor_seconds


def labels(text: str) -> list[tuple[str, str]]:
    return [(finding.label, text[finding.start : finding.end]) for finding in find_findings(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Small left pleural effusion.", ["abnormal"], id="an abnormality stated is abnormal"),
        pytest.param("There is no pleural effusion.", ["negated"], id="no denies what follows"),
        pytest.param("No mass, nodule, or effusion.", ["negated"], id="no reaches through a list"),
        pytest.param("She denies cough and fever.", ["negated"], id="denies denies"),
        pytest.param("Pneumothorax is not seen.", ["negated"], id="a denial behind reaches back"),
        pytest.param("Pneumonia has been ruled out.", ["negated"], id="ruled out reaches back"),
        pytest.param("Lungs are clear of airspace disease.", ["negated"], id="clear of is a denial"),
        pytest.param("The heart isn't enlarged.", ["negated"], id="a contracted not denies"),
        pytest.param("The heart is normal in size.", ["normal"], id="normal is normal"),
        pytest.param("Abdomen soft, non-tender.", ["normal"], id="non-tender is normal"),
        pytest.param("Gait is not normal.", ["abnormal"], id="not normal is abnormal"),
        pytest.param("No change in the large effusion.", ["abnormal"], id="no change denies nothing"),
        pytest.param("Possible nodule at the left base.", ["uncertain"], id="possible is uncertain"),
        pytest.param("An effusion cannot be excluded.", ["uncertain"], id="cannot be excluded is uncertain"),
        pytest.param("Denies pain but has a cough.", ["negated", "abnormal"], id="but ends a denial"),
        pytest.param("Chest film to rule out pneumonia.", [], id="what is asked for is no finding"),
        pytest.param("Call if fever develops. Risk of bleeding.", [], id="what is feared is no finding"),
        pytest.param("The patient lives with a friend.", [], id="a plain sentence is no finding"),
        pytest.param("Final diagnosis pending.", [], id="diagnosis is no disease in -osis"),
        pytest.param("2. Anemia.", ["abnormal"], id="a list item is a finding"),
        pytest.param("Marked hepatosplenomegaly.", ["abnormal"], id="a Greek ending names a disease"),
    ],
)  # fmt: skip
def test_clauses_are_labelled(text: str, expected: list[str]) -> None:
    assert [label for label, _ in labels(text)] == expected


def test_a_comma_with_its_own_verb_ends_a_denial() -> None:
    assert labels("No fever, the liver is enlarged.")[0][0] == "abnormal"


@pytest.mark.parametrize(
    ("text", "abnormal"),
    [
        pytest.param("Sodium 140, potassium 5.9, chloride 101.", ["potassium 5.9"], id="a usual range"),
        pytest.param("Potassium 4.9 (3.5-4.5).", ["Potassium 4.9 (3.5-4.5)."], id="a stated range wins"),
        pytest.param("Potassium 5.3 (3.5-5.5).", [], id="a stated range may be wider"),
        pytest.param("Zorbase 45 (60-120), calm.", ["Zorbase 45 (60-120), calm."], id="an unknown quantity with a range"),
        pytest.param("WBC 9.9 H, Hgb 14.1", ["WBC 9.9 H"], id="a flag"),
        pytest.param("BP 152/94, P 88, T 98.6", ["BP 152/94"], id="blood pressure"),
        pytest.param("BP 118/76, HR 72, RR 14.", [], id="normal vital signs"),
        pytest.param("Hemoglobin fell from 11.2 to 9.1.", ["Hemoglobin fell from 11.2 to 9.1."], id="the later of two"),
        pytest.param("Creatinine 88 umol/L.", [], id="SI units have their own range"),
        pytest.param("Calcium 3 mmol/L.", [], id="an unknown unit is not judged"),
        pytest.param("BNP 331, troponin 0.03, ALT 64.5.", ["BNP 331", "ALT 64.5."], id="a decimal point ends no clause"),
        pytest.param("A 3-month-old with heart rate 150.", [], id="adult ranges are not for infants"),
    ],
)  # fmt: skip
def test_values_are_judged(text: str, abnormal: list[str]) -> None:
    assert [quote for label, quote in labels(text) if label == "abnormal"] == abnormal


def test_what_relatives_have_is_not_a_finding() -> None:
    text = "FAMILY HISTORY: Stroke and cancer.\nEXAM: Tender abdomen."
    start = text.index("EXAM")
    sections = (
        Section(heading="FAMILY HISTORY", kind=SectionKind.HISTORY, start=0, body_start=15, end=start),
        Section(heading="EXAM", kind=SectionKind.EXAMINATION, start=start, body_start=start + 5, end=len(text)),
    )
    assert [text[f.start : f.end] for f in find_findings(text, sections)] == ["Tender abdomen."]


def test_reasons_hold_no_patient_text() -> None:
    (finding,) = find_findings("Zorbase 45 (60-120)")
    assert "60" not in finding.reason


CLINICAL = st.lists(
    st.sampled_from(
        ["no", "effusion", ",", ".", "but", "potassium", "5.9", "(3.5-5.0)", "normal", "is", "\n", "H", "BP", "150/90",
         ";", "possible", "denies", "resolved", "and", "[NAME_1]", "é", "🙂", "1,000"]
    ),
    max_size=60,
).map(" ".join)  # fmt: skip


@given(st.one_of(CLINICAL, st.text(max_size=300)))
def test_findings_are_ordered_spans_inside_the_text(text: str) -> None:
    at = 0
    for finding in find_findings(text):
        assert at <= finding.start < finding.end <= len(text)
        assert finding.label in {"abnormal", "normal", "negated", "uncertain"}
        at = finding.end


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("no " * 160_000, id="one word again and again"),
        pytest.param("BP " * 160_000, id="a name without its value"),
        pytest.param("(3.5-" * 100_000, id="ranges that never close"),
        pytest.param("HR 1 (" * 80_000, id="brackets that never close"),
        pytest.param("a," * 250_000, id="nothing but commas"),
        pytest.param("1 " * 250_000, id="nothing but numbers"),
        pytest.param("x" * 500_000, id="one endless word"),
    ],
)
def test_half_a_megabyte_of_anything_takes_seconds(text: str) -> None:
    assert processor_seconds(lambda: find_findings(text), tries=1) < 10
