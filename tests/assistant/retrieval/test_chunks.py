"""Passages of reports. Every report here is invented."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.chunks import chunk_report, indexed_text
from assistant.schema import Report, Section, SectionKind
from assistant.sentences import split_sentences

NOTE = "ALLERGIES: None known.\nPLAN: Start aspirin. Stop ibuprofen today. See the surgeon in two weeks.\n"
SECTIONS = (
    Section(heading="ALLERGIES", kind=SectionKind.HISTORY, start=0, body_start=10, end=23),
    Section(heading="PLAN", kind=SectionKind.PLAN, start=23, body_start=28, end=len(NOTE)),
)


def test_a_passage_stays_within_its_section_and_knows_its_heading() -> None:
    chunks = chunk_report(Report(id="r1", text=NOTE, sections=SECTIONS), max_words=100)
    assert [(chunk.heading, chunk.kind, chunk.text) for chunk in chunks] == [
        ("ALLERGIES", SectionKind.HISTORY, "None known."),
        ("PLAN", SectionKind.PLAN, "Start aspirin. Stop ibuprofen today. See the surgeon in two weeks."),
    ]
    assert [chunk.id for chunk in chunks] == ["r1#0", "r1#1"]
    assert indexed_text(chunks[0]) == "ALLERGIES: None known."


def test_sentences_are_packed_but_never_cut() -> None:
    chunks = chunk_report(Report(id="r1", text=NOTE, sections=SECTIONS), max_words=6)
    assert [chunk.text for chunk in chunks[1:]] == [
        "Start aspirin. Stop ibuprofen today.",
        "See the surgeon in two weeks.",
    ]


def test_a_sentence_longer_than_a_passage_is_cut_between_words() -> None:
    chunks = chunk_report(Report(id="r1", text="one two three four five"), max_words=2)
    assert [chunk.text for chunk in chunks] == ["one two", "three four", "five"]


def test_the_passages_of_a_long_section_are_about_equally_long() -> None:
    text = " ".join(f"Sentence number {number} is here." for number in range(21))  # 105 words
    lengths = [len(chunk.text.split()) for chunk in chunk_report(Report(id="r1", text=text), max_words=100)]
    assert lengths in ([50, 55], [55, 50])


def test_text_before_between_and_after_sections_is_kept() -> None:
    text = "Seen today. PLAN: Rest. Dictated by phone."
    section = Section(heading="PLAN", kind=SectionKind.PLAN, start=12, body_start=17, end=23)
    chunks = chunk_report(Report(id="r1", text=text, sections=(section,)), max_words=50)
    assert [(chunk.heading, chunk.text) for chunk in chunks] == [
        ("", "Seen today."),
        ("PLAN", "Rest."),
        ("", "Dictated by phone."),
    ]


def test_an_empty_report_has_no_passage() -> None:
    assert chunk_report(Report(id="r1", text=" \n "), max_words=10) == []


def test_a_passage_of_no_words_is_refused() -> None:
    with pytest.raises(ValueError, match="max_words"):
        chunk_report(Report(id="r1", text="text"), max_words=0)


@st.composite
def sectioned_reports(draw: st.DrawFn) -> Report:
    text = draw(st.text(alphabet="ab. \n:1é", max_size=200))
    borders = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    sections = [
        Section(heading="H", kind=SectionKind.OTHER, start=start, body_start=min(start + 2, end), end=end)
        for start, end in itertools.pairwise(borders)
    ]
    return Report(id="r", text=text, sections=tuple(sections))


@given(sectioned_reports(), st.integers(1, 12))
def test_offsets_hold_and_nothing_under_a_heading_is_lost(report: Report, max_words: int) -> None:
    chunks = chunk_report(report, max_words=max_words)
    covered = set()
    for chunk in chunks:
        assert chunk.text == report.text[chunk.start : chunk.end] != ""
        assert len(chunk.text.split()) <= max_words
        covered.update(range(chunk.start, chunk.end))
    assert [chunk.start for chunk in chunks] == sorted(chunk.start for chunk in chunks)
    headings = {at for section in report.sections for at in range(section.start, section.body_start)}
    assert all(at in covered for at, char in enumerate(report.text) if not char.isspace() and at not in headings)
    assert not covered & headings


@given(st.text(alphabet="abc. \n", max_size=300), st.integers(5, 20))
def test_only_sentences_that_are_too_long_are_cut(text: str, max_words: int) -> None:
    ends = {chunk.end for chunk in chunk_report(Report(id="r", text=text), max_words=max_words)}
    sentences = split_sentences(text)
    for end in ends - {end for _, end in sentences}:
        assert any(s < end < e and len(text[s:e].split()) > max_words for s, e in sentences)
