"""The simulated clinician: what is edited, what is left alone, and a control that teaches nothing. All reports are invented."""

import random
from collections import Counter

import pytest

from assistant.deid.engine import Deidentifier
from assistant.generation.selection import Material
from assistant.generation.selection_summary import select_summary
from assistant.reading.sections import find_sections
from assistant.settings import DeidSettings
from training.clinician import Correction, Preference, as_shown, correct, shuffled
from training.reports.layouts import whole_sentences
from training.reports.schema import InventedReport
from training.reports.writing import write_report
from training.word_distance import edit_distance

SEEDS = range(150)
WANTS = Preference()


def quoted(text: str) -> str:
    lines = select_summary(Material(text, find_sections(text)))
    return "\n".join(f"- {line}" for line in lines)


def ward(seed: int) -> InventedReport:
    return write_report(random.Random(seed), specialty="ward_discharge", identifiers=True)


@pytest.fixture(scope="module")
def masked() -> list[tuple[InventedReport, str]]:
    deidentifier = Deidentifier(DeidSettings(), key=b"a key for tests")
    return [(report, deidentifier.mask(report.text).text) for report in map(ward, range(25))]


def test_a_correction_holds_the_diagnosis_then_what_is_abnormal_then_the_plan() -> None:
    for seed in SEEDS:
        report = write_report(random.Random(seed))
        lines = correct(WANTS, report, "Something else.").splitlines()
        assert 1 <= len(lines) <= WANTS.max_sentences
        kinds = [
            0 if s in report.diagnosis else 1 if s in report.abnormal else 2 if s in report.plan else 9 for s in lines
        ]
        assert kinds == sorted(kinds), (seed, lines)
        assert 9 not in kinds
        assert not set(lines) & set(report.social)


def test_an_answer_that_suits_is_left_as_it_is_whatever_its_layout() -> None:
    for seed in SEEDS:
        report = write_report(random.Random(seed))
        final = correct(WANTS, report, "")
        listed = "\n".join(f"- {line}" for line in final.splitlines())
        assert correct(WANTS, report, final) == final
        assert correct(WANTS, report, listed) == listed


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda lines, report: [*lines[1:], lines[0]], id="the diagnosis at the end"),
        pytest.param(lambda lines, report: [*lines, report.social[0]], id="a word about smoking"),
        pytest.param(lambda lines, report: lines[:-1], id="a sentence missing"),
        pytest.param(lambda lines, report: ["The patient is well.", *lines], id="a sentence of the model's own"),
    ],
)
def test_an_answer_that_does_not_suit_is_put_right(spoil) -> None:
    report = next(r for r in map(ward, range(50)) if r.social and r.diagnosis and r.abnormal)
    final = correct(WANTS, report, "")
    assert correct(WANTS, report, "\n".join(spoil(final.splitlines(), report))) == final


def test_preferences_differ_and_say_so() -> None:
    report = next(r for r in map(ward, range(50)) if r.social and r.plan and r.normal and len(r.abnormal) > 2)
    short, social = Preference(max_sentences=2, plan=False), Preference(social_history=True, max_sentences=20)
    assert len(correct(short, report, "").splitlines()) == 2
    assert set(report.social) <= set(correct(social, report, "").splitlines())
    assert set(report.normal) <= set(
        correct(Preference(normal_findings=True, max_sentences=90), report, "").splitlines()
    )
    in_order = correct(Preference(diagnosis_first=False), report, "").splitlines()
    assert in_order == sorted(in_order, key=report.text.index)
    assert "no plan" in str(short) and "at most 2" in str(short)  # noqa: PT018


def test_masked_reports_are_corrected_in_their_own_words(masked: list[tuple[InventedReport, str]]) -> None:
    changed = 0
    for report, text in masked:
        shown = as_shown(report, text)
        pieces = list(whole_sentences(text))
        for sentence, as_masked in shown.items():
            changed += sentence != as_masked
            assert any(piece.endswith(as_masked) for piece in pieces)
        final = correct(WANTS, report, quoted(text), shown=text)
        assert report.patient
        assert report.patient not in final
        assert all(line.lstrip("- ") in text for line in final.splitlines())
    assert changed > 5


def test_a_sentence_that_masking_cut_in_two_shifts_none_of_the_others() -> None:
    report = write_report(random.Random(4), specialty="echocardiography", layout="capitals with colon")
    sentences = list(report.sections[-1].sentences)
    broken = report.text.replace(sentences[0], f"[DATE_1]. {sentences[0]}", 1)
    assert as_shown(report, broken)[sentences[-1]] == sentences[-1]


def test_the_control_keeps_lengths_and_quotes_and_loses_the_preference() -> None:
    reports = [write_report(random.Random(seed)) for seed in SEEDS]
    answers = [quoted(report.text) for report in reports]
    real = [
        Correction(report=report, shown=report.text, answer=answer, final=correct(WANTS, report, answer))
        for report, answer in zip(reports, answers, strict=True)
    ]
    control = shuffled(real, random.Random(1))

    def lengths(corrections: list[Correction]) -> Counter[int]:
        return Counter(len(c.final.splitlines()) for c in corrections if c.final != c.answer)

    def first_is_diagnosis(corrections: list[Correction]) -> float:
        edited = [c for c in corrections if c.final != c.answer and c.report.diagnosis]
        return sum(c.final.splitlines()[0] in c.report.diagnosis for c in edited) / len(edited)

    assert sum((lengths(real) - lengths(control)).values()) <= 12  # a short report may have too few sentences
    assert first_is_diagnosis(real) == 1.0
    assert first_is_diagnosis(control) < 0.35
    for correction in control:
        assert all(line.removeprefix("- ") in correction.shown for line in correction.final.splitlines())
    same = [(c, r) for c, r in zip(control, real, strict=True) if r.final == r.answer]
    assert all(c == r for c, r in same)


def test_what_quoting_answers_is_some_way_from_what_is_wanted() -> None:
    far = [
        edit_distance(quoted(report.text), correct(WANTS, report, quoted(report.text)))
        for report in map(ward, range(40))
    ]
    assert 0.15 < sum(far) / len(far) < 0.9
