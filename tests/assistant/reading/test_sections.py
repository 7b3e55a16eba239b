"""Headings in many settings. All notes are invented."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.reading.sections import find_sections, section_at
from assistant.schema import SectionKind
from tests.stopwatch import processor_seconds


def headings(text: str) -> list[str]:
    return [section.heading for section in find_sections(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("PLAN: Rest.\n\nDIET: Soft.", ["PLAN", "DIET"], id="capitals with a colon"),
        pytest.param("PLAN:Rest.", ["PLAN"], id="no space behind the colon"),
        pytest.param("PLAN : Rest.", ["PLAN"], id="a space before the colon"),
        pytest.param("Past Medical History: Asthma.\nPlan: Rest.", ["Past Medical History", "Plan"], id="title case"),
        pytest.param("Past Medical History\nAsthma.\n\nPlan\nRest.", ["Past Medical History", "Plan"], id="own lines"),
        pytest.param("CHIEF COMPLAINT\n\nCough.\n\nPLAN\n\nRest.", ["CHIEF COMPLAINT", "PLAN"], id="blank line behind"),
        pytest.param("plan: rest. allergies: none.", ["plan", "allergies"], id="lower case in running text"),
        pytest.param("Seen today. IMPRESSION: Asthma.", ["IMPRESSION"], id="capitals inside a line"),
        pytest.param("Asthma, dose 5 mg PLAN: Rest.", ["PLAN"], id="no full stop before capitals"),
        pytest.param("Assessment & Plan: Asthma.", ["Assessment & Plan"], id="an ampersand"),
        pytest.param("PREOPERATIVE DIAGNOSIS (ES): Hernia.", ["PREOPERATIVE DIAGNOSIS (ES)"], id="parentheses"),
        pytest.param("IMPRESSION - Asthma.", ["IMPRESSION"], id="a dash instead of a colon"),
        pytest.param("## Findings\nClear.\n\n**Plan:** Rest.", ["Findings", "Plan"], id="markdown"),
        pytest.param("1. HISTORY: Cough.\n2. PLAN: Rest.", ["HISTORY", "PLAN"], id="numbered capitals"),
        pytest.param("ZEBRA INDEX: low.", ["ZEBRA INDEX"], id="unknown words in strong layout"),
        pytest.param("PMH: Asthma\nDHx: none\nImp: cold", ["PMH", "DHx", "Imp"], id="British abbreviations"),
        pytest.param("IMPRESSION ON [DATE_1]: Asthma.", ["IMPRESSION ON [DATE_1]"], id="a placeholder within"),
    ],
)
def test_a_heading_is_found(text: str, expected: list[str]) -> None:
    assert headings(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("The patient is well. He takes no drugs.", id="prose"),
        pytest.param("She takes the following medications: aspirin.", id="a sentence that ends in a colon"),
        pytest.param("THE PATIENT REPORTS THE FOLLOWING: COUGH.", id="the same in capitals"),
        pytest.param("He has a long past\nmedical history\nand is tired of it.", id="the last words of a wrapped line"),
        pytest.param("Seen at 12:30. Ratio 1:2.", id="times and ratios"),
        pytest.param("[NAME_1]: seen today.", id="a placeholder alone"),
        pytest.param("BP: 120/80\nNA+: 140", id="values"),
        pytest.param("- Examination of nose: clear.\n- Treatment: rest.", id="items of a list"),
        pytest.param("See https://example.org/plan: it helps.", id="an address"),
        pytest.param("Doctor: How are you?\nPatient: Well.", id="a dialogue"),
    ],
)
def test_what_is_no_heading_is_left_out(text: str) -> None:
    assert headings(text) == []


def test_organ_systems_belong_to_the_examination() -> None:
    text = "PHYSICAL EXAMINATION: Well.\nHEENT: Clear.\nNECK: Supple.\nPLAN: Rest."
    assert headings(text) == ["PHYSICAL EXAMINATION", "PLAN"]


def test_organ_systems_set_apart_like_other_sections_are_sections() -> None:
    text = "PHYSICAL EXAMINATION: Well.\n\nHEENT: Clear.\n\nNECK: Supple.\n\nPLAN: Rest."
    assert headings(text) == ["PHYSICAL EXAMINATION", "HEENT", "NECK", "PLAN"]


def test_the_style_of_a_note_decides_on_unknown_headings() -> None:
    styled = "Past Medical History\nAsthma.\n\nPlan\nRest.\n\nZebra Index\nLow."
    assert headings(styled) == ["Past Medical History", "Plan", "Zebra Index"]
    assert headings("Zebra Index\nLow.\n\nHe is well.") == []


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        pytest.param("PAST SURGICAL HISTORY", SectionKind.HISTORY, id="history"),
        pytest.param("Chief Complaint", SectionKind.SYMPTOMS, id="symptoms"),
        pytest.param("HEENT", SectionKind.EXAMINATION, id="examination"),
        pytest.param("INTRAOPERATIVE FINDINGS", SectionKind.FINDINGS, id="findings"),
        pytest.param("SLEEP STUDY RESULTS", SectionKind.RESULTS, id="results, composed"),
        pytest.param("MEDICATIONS AT HOME", SectionKind.MEDICATIONS, id="medications"),
        pytest.param("PRE-OP DIAGNOSES", SectionKind.DIAGNOSIS, id="diagnosis, with a hyphen"),
        pytest.param("IMPRESSION/PLAN", SectionKind.DIAGNOSIS, id="the first of two names"),
        pytest.param("CC/HPI", SectionKind.SYMPTOMS, id="two abbreviations"),
        pytest.param("DISCHARGE INSTRUCTIONS", SectionKind.PLAN, id="plan"),
        pytest.param("ANESTHESIA", SectionKind.OTHER, id="known, and none of these"),
    ],
)
def test_kind(heading: str, kind: SectionKind) -> None:
    assert [section.kind for section in find_sections(f"{heading}: text")] == [kind]


def test_a_section_reaches_to_the_next_heading() -> None:
    text = "Seen today.\n\nHISTORY:  Cough.\n\nPLAN: Rest.\n"
    history, plan = find_sections(text)
    assert text[history.start : history.end] == "HISTORY:  Cough.\n\n"
    assert text[history.body_start : history.end] == "Cough.\n\n"
    assert text[plan.body_start : plan.end] == "Rest.\n"


def test_section_at_an_offset() -> None:
    text = "Seen today.\nHISTORY: Cough.\nPLAN: Rest."
    sections = find_sections(text)
    assert section_at(sections, 3) is None
    assert section_at(sections, text.index("HISTORY")) == sections[0]
    assert section_at(sections, text.index("Cough")) == sections[0]
    assert section_at(sections, len(text) - 1) == sections[1]
    assert section_at(sections, len(text)) is None
    assert section_at((), 0) is None


_PIECES = st.sampled_from(
    [
        "HISTORY",
        "Plan",
        "past medical history",
        "HEENT",
        "Zebra Index",
        ":",
        ": ",
        "\n",
        "\n\n",
        ". ",
        " ",
        "- ",
        "1. ",
        "## ",
        "**",
        "[NAME_1]",
        "é",
        "\u2028",
        "\r",
        "\t",
        "\x00",
        "(",
        ")",
        ",",
        "x" * 90,
        "12:30",
        "😀",
        "İ",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.lists(_PIECES, max_size=40).map("".join), st.text(max_size=300)))
def test_offsets_are_valid_ordered_and_apart(text: str) -> None:
    sections = find_sections(text)
    for section in sections:
        assert 0 <= section.start < section.body_start <= section.end <= len(text)
        assert text[section.start : section.start + len(section.heading)] == section.heading
        assert section.heading == section.heading.strip()
        assert not section.heading.endswith(":")
    for earlier, later in itertools.pairwise(sections):
        assert earlier.end == later.start
    if sections:
        assert sections[-1].end == len(text)


@pytest.mark.parametrize(
    "unit",
    [
        pytest.param("a ", id="words"),
        pytest.param("HISTORY", id="one endless word"),
        pytest.param("PAST MEDICAL ", id="capitals without a colon"),
        pytest.param(". ", id="full stops"),
        pytest.param("-/&' ", id="marks"),
        pytest.param("The patient, aged 60, is well. He takes (as before) aspirin 75 mg daily ", id="prose"),
    ],
)
def test_a_line_of_five_megabytes_takes_seconds(unit: str) -> None:
    text = (unit * (5_000_000 // len(unit) + 1))[:5_000_000]
    assert processor_seconds(lambda: find_sections(text), tries=1) < 10


@pytest.mark.parametrize("unit", ["a: ", "PLAN: ", "x. plan: ", "\t:", "1. A: "], ids=lambda unit: f"repeated {unit!r}")
def test_time_grows_with_length_and_no_faster(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        return processor_seconds(lambda: find_sections(text))

    seconds(1_000)  # the list of names is read once
    assert seconds(160_000) < 4 * 4 * max(seconds(40_000), 0.01)  # quadratic time would be 16 times, with luck
