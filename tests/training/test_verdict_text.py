"""A verdict in words. All scores are made up."""

import re

import pytest

from tests.training.score_cases import make_quoting, make_scores
from training.gate import judge
from training.metrics import METRICS
from training.schema import Verdict
from training.settings import GateSettings
from training.verdict_text import LearnedFrom, as_text, caption, note, table_rows

LIVE = make_scores("live")
BETTER = {"edit_distance": 0.35, "rouge_l": 0.68, "preference": 0.7}


def verdict_on(tried: int = 1, **change: float | None) -> Verdict:
    scores = make_scores("new", **{**BETTER, **change})
    return judge(scores, LIVE, make_quoting(edit_distance=0.4), settings=GateSettings(), min_eval=8, tried=tried)


@pytest.mark.parametrize(
    ("change", "pattern"),
    [
        pytest.param(
            {},
            r"Promoted: its answers need 30 % \[\d\d, \d\d\] fewer changes than those of the live model in 16 questions about "
            r"reports it never saw, and nothing else got worse\.",
            id="nothing got worse",
        ),
        pytest.param(
            {"unsupported": 0.06}, r".* and nothing else got worse by more than 2 points\.", id="within the margin"
        ),
        pytest.param(
            {"unsupported": 0.2},
            r"Refused: sentences that no source supports went from 5\.0 % to 20\.0 %, and at most 2 points worse is allowed\.",
            id="one reason",
        ),
        pytest.param(
            {"unsupported": 0.2, "retention": 0.1}, r"Refused: sentences .*; and 1 more reason\.", id="two reasons"
        ),
        pytest.param(
            {"edit_distance": 0.7}, r"Refused: its answers need more changes than .*; and 1 more reason\.", id="worse"
        ),
    ],
)
def test_the_sentence(change: dict[str, float], pattern: str) -> None:
    assert re.fullmatch(pattern, verdict_on(**change).sentence), verdict_on(**change).sentence


def test_the_table_has_a_row_for_each_comparison_and_says_in_words_what_its_sign_says() -> None:
    rows = {
        row.metric: row
        for row in table_rows(verdict_on(unsupported=0.2, omitted_findings=0.11))
        if row.against == "live"
    }
    assert len(rows) == len(METRICS)
    edits = rows[METRICS["edit_distance"].words]
    assert (edits.other, edits.candidate, edits.sign, edits.word) == ("50.0 %", "35.0 %", "✓", "better")
    assert re.fullmatch(r"−15\.0 points \[−\d\d\.\d, −\d\d\.\d\]", edits.difference)
    marks = {name: (rows[METRICS[name].words].sign, rows[METRICS[name].words].word) for name in METRICS}
    assert marks["unsupported"] == ("✗", "worse")
    assert marks["omitted_findings"] == ("✓", "worse within the margin")
    assert marks["retention"] == ("✓", "same")
    assert marks["accepted_nats"] == ("·", "for information")


def test_the_terminal_shows_both_tables_and_all_reasons() -> None:
    text = as_text(verdict_on(unsupported=0.2, retention=0.1, tried=3))
    assert "98.3 % intervals by paired bootstrap over patients, wider because 3 candidates were tried." in text
    assert "- sentences that no source supports went" in text
    assert "- likeness to the right answer" in text
    heads = [line.split() for line in text.splitlines() if line.endswith("difference")]
    assert heads == [["live", "candidate", "difference"], ["quoting", "candidate", "difference"]]


def test_without_a_comparison_there_is_no_table() -> None:
    nothing = Verdict(promote=False, candidate="new", live="live", sentence="Refused: none.", reasons=("none",))
    assert as_text(nothing) == "Refused: none."
    assert caption(nothing) == "In brackets: 95 % intervals by paired bootstrap over patients."


@pytest.mark.parametrize(
    ("learned", "said"),
    [
        pytest.param(LearnedFrom(corrections=24), "trained on 24 corrections and compared", id="corrections"),
        pytest.param(LearnedFrom(corrections=1, thumbs=3), "1 correction and 3 thumbs", id="two sorts"),
        pytest.param(
            LearnedFrom(corrections=2, choices=1, accepted=4),
            "2 corrections, 1 choice and 4 accepted answers",
            id="three sorts",
        ),
    ],
)
def test_the_note_says_what_was_learned(learned: LearnedFrom, said: str) -> None:
    assert said in note(learned, verdict_on())


def test_the_note_of_a_promotion_says_how_to_undo_it() -> None:
    text = note(LearnedFrom(corrections=24), verdict_on(unsupported=0.06))
    assert "Better: words that the clinician changes, 50.0 % before and 35.0 % now; " in text
    assert "Worse: sentences that no source supports, 5.0 % before and 6.0 % now." in text
    assert "the new model answers from now on, because its answers need 30 %" in text
    assert "Roll back" in text
    assert "`curbside rollback`" in text


def test_the_note_of_a_refusal_says_that_nothing_changed() -> None:
    text = note(LearnedFrom(corrections=24), verdict_on(edit_distance=0.5))
    assert "Worse: nothing." in text
    assert "the model that you know stays, because its answers do not need clearly fewer changes" in text
    assert "There is nothing to undo." in text


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({}, id="promoted"),
        pytest.param(
            {"unsupported": 0.3, "length_ratio": 0.3, "hostile": 1.0, "identifiers": 2.0}, id="refused for much"
        ),
        pytest.param({"retention": None, "edit_distance": None}, id="not measured"),
    ],
)
def test_no_word_for_clinicians_is_a_name_of_the_program(change: dict[str, float | None]) -> None:
    verdict = verdict_on(**change)
    text = note(LearnedFrom(corrections=3), verdict) + as_text(verdict)
    assert "!" not in text
    assert not re.search(r"\b(?:nan|None|metric|bootstrapped|[a-z]+_[a-z_]+)\b", text)
