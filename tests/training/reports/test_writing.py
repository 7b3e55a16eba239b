"""What training and judging rely on: the truth of an invented report stands in its text, sentence by sentence."""

import random
import re
from collections import Counter

import pytest

from assistant.deid.engine import Deidentifier
from assistant.reading.sections import find_sections
from assistant.sentences import split_sentences
from assistant.settings import DeidSettings
from training.reports.catalogue import specialties
from training.reports.layouts import LAYOUTS
from training.reports.schema import InventedReport, Role
from training.reports.writing import write_pair, write_report

SEEDS = range(300)
_LIST_MARK = re.compile(r"(?:- |\d{1,2}\. )")


def pieces(text: str) -> list[str]:
    return [_LIST_MARK.sub("", text[start:end], count=1) for start, end in split_sentences(text)]


def stands_whole(sentence: str, heading: str, cut: list[str]) -> bool:
    """Whether the text is cut exactly there; a heading on the same line may stand before the first sentence."""
    return sentence in cut or any(
        piece.endswith(sentence) and heading and heading in piece[: -len(sentence)] and len(piece) < len(sentence) + 50
        for piece in cut
    )


@pytest.mark.parametrize("identifiers", [False, True], ids=["with placeholders", "with invented identifiers"])
def test_every_sentence_stands_whole_in_the_text(identifiers: bool) -> None:
    for seed in SEEDS:
        report = write_report(random.Random(seed), identifiers=identifiers)
        cut = pieces(report.text)
        assert report.statements
        for section in report.sections:
            for sentence in section.sentences:
                assert sentence in report.text
                assert stands_whole(sentence, section.heading, cut), (seed, report.layout, sentence)


def test_the_values_stand_in_the_sentences_that_they_name() -> None:
    for seed in SEEDS:
        report = write_report(random.Random(seed))
        roles = {statement.text: statement.role for statement in report.statements}
        for value in report.values:
            assert value.sentence in roles
            assert not value.abnormal or roles[value.sentence] is Role.ABNORMAL


def test_the_same_seed_gives_the_same_report_and_no_two_seeds_the_same() -> None:
    texts = [write_report(random.Random(seed)).text for seed in SEEDS]
    assert texts[:50] == [write_report(random.Random(seed)).text for seed in range(50)]
    assert len(set(texts)) == len(texts)


def test_all_specialties_layouts_and_styles_occur() -> None:
    reports = [write_report(random.Random(seed)) for seed in range(600)]
    assert len(specialties()) >= 8
    assert {report.specialty for report in reports} == set(specialties())
    assert {report.layout for report in reports} == {layout.name for layout in LAYOUTS}
    assert len({report.style for report in reports}) == 4


def test_a_specialty_and_a_layout_can_be_asked_for() -> None:
    report = write_report(random.Random(1), specialty="pathology", layout="no headings")
    assert (report.specialty, report.layout) == ("pathology", "no headings")
    assert {section.heading for section in report.sections} == {""}


def test_placeholders_are_numbered_as_they_appear_and_hide_every_identifier() -> None:
    for seed in SEEDS:
        report = write_report(random.Random(seed))
        named = write_report(random.Random(seed), identifiers=True)
        assert report.patient is None
        assert named.patient
        assert "⟦" not in report.text + named.text
        assert "[NAME" not in named.text
        assert named.patient not in report.text
        for kind in ("NAME", "DATE", "MRN"):
            seen = list(dict.fromkeys(re.findall(rf"\[{kind}_(\d+)\]", report.text)))
            assert seen == [str(number) for number in range(1, len(seen) + 1)]


def test_our_reader_finds_the_headings() -> None:
    found, written = 0, 0
    for seed in SEEDS:
        report = write_report(random.Random(seed))
        headings = [section.heading for section in find_sections(report.text)]
        for section in report.sections:
            if section.heading:
                written += 1
                found += any(heading.endswith(section.heading) for heading in headings)
    assert found / written > 0.97


def test_masking_neither_adds_nor_removes_a_sentence() -> None:
    deidentifier = Deidentifier(DeidSettings(), key=b"a key for tests")
    for seed in range(24):
        report = write_report(random.Random(seed), identifiers=True)
        masked = deidentifier.mask(report.text).text
        assert len(split_sentences(masked)) == len(split_sentences(report.text)), seed
        assert report.patient
        assert report.patient not in masked


def test_a_pair_is_of_one_patient_and_its_changes_stand_in_the_right_report() -> None:
    kinds: Counter[str] = Counter()
    for seed in SEEDS:
        earlier, later, changes = write_pair(random.Random(seed), identifiers=True)
        assert earlier.patient == later.patient
        old, new = sentences(earlier), sentences(later)
        for sentence in changes.new:
            assert sentence in new
        for sentence in changes.gone:
            assert sentence in old
        for now, before in changes.changed:
            assert now in new
            assert before in old
            assert now != before
        kinds += Counter(new=bool(changes.new), gone=bool(changes.gone), changed=bool(changes.changed))
    assert min(kinds.values()) > 60


def sentences(report: InventedReport) -> set[str]:
    return {statement.text for statement in report.statements}
