"""Questions whose answers are known exactly, because the report was invented together with its truth."""

import random
import re
from collections import Counter

import pytest

from assistant.generation.selection import NO_DIFFERENCE, NOT_STATED, NOTHING_ABNORMAL
from assistant.schema import Mode
from training.reports.asking import ask, ask_changes, summary
from training.reports.writing import write_pair, write_report

SEEDS = range(300)


def test_every_answer_quotes_sentences_of_the_report_or_says_a_fixed_phrase() -> None:
    kinds: Counter[str] = Counter()
    for seed in SEEDS:
        rng = random.Random(seed)
        report = write_report(rng)
        sentences = {statement.text for statement in report.statements}
        for _ in range(3):
            task = ask(report, rng)
            kinds[task.kind] += 1
            assert set(task.sentences) <= sentences
            assert task.answer == "\n".join(task.sentences) or task.answer in (NOT_STATED, NOTHING_ABNORMAL)
            assert "{" not in task.question
    assert set(kinds) == {"summary", "section", "part", "value", "abnormal", "not stated"}


def test_a_summary_begins_with_the_diagnosis_and_stays_short() -> None:
    for seed in SEEDS:
        report = write_report(random.Random(seed))
        chosen = summary(report)
        assert 1 <= len(chosen) <= 10
        assert not report.diagnosis or chosen[0] == report.diagnosis[0]


def test_what_is_called_abnormal_is_exactly_what_the_truth_calls_so() -> None:
    for seed in SEEDS:
        report = write_report(random.Random(seed))
        task = ask(report, random.Random(seed), kind="abnormal")
        assert task.mode is Mode.ABNORMAL
        assert set(task.sentences) == set(report.abnormal)
        assert bool(task.sentences) != (task.answer == NOTHING_ABNORMAL)


def test_what_is_called_not_stated_is_nowhere_in_the_report() -> None:
    for seed in SEEDS:
        report = write_report(random.Random(seed))
        task = ask(report, random.Random(seed), kind="not stated")
        if task.answer == NOT_STATED and (asked := re.search(r"allerg|smok|family|operation", task.question.lower())):
            assert asked[0] not in report.text.lower()


def test_a_changed_value_is_told_with_both_numbers() -> None:
    for seed in SEEDS:
        _, _, changes = write_pair(random.Random(seed))
        task = ask_changes(changes, random.Random(seed))
        assert task.mode is Mode.COMPARE
        assert task.answer.count("Now:") == task.answer.count("Before:") == len(changes.changed)
        assert (task.answer == NO_DIFFERENCE) is not bool(task.sentences)


def test_one_matter_is_asked_in_many_words() -> None:
    report = write_report(random.Random(7), specialty="ward_discharge")
    questions = {ask(report, random.Random(seed), kind="summary").question for seed in range(60)}
    assert len(questions) >= 8


def test_an_unknown_kind_of_question_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="summary"):
        ask(write_report(random.Random(1)), random.Random(1), kind="poem")
