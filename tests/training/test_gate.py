"""What goes live and what does not. All scores are made up."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.score_cases import FIXED, TURNS, make_quoting, make_scores
from training.gate import choose, judge
from training.metrics import METRICS
from training.schema import Comparison, Scores, Verdict
from training.settings import GateSettings

SETTINGS = GateSettings()
LIVE = make_scores("live")
BETTER = {"edit_distance": 0.35, "rouge_l": 0.68, "preference": 0.7}


def decide(candidate: Scores, live: Scores = LIVE, quoting: Scores | None = None, **options: Any) -> Verdict:
    return judge(candidate, live, quoting, **{"settings": SETTINGS, "min_eval": 8, **options})


def some(metric: str, values: Mapping[int, float], rest: float = 0.0) -> dict[str, float]:
    """The values of a few cases, and of the rest."""
    return {item: values.get(place, rest) for place, item in enumerate(FIXED.get(metric, TURNS))}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({}, "", id="fewer changes and nothing worse"),
        pytest.param({"rouge_l": 0.54, "preference": 0.39}, "", id="other targets may lose within the margin"),
        pytest.param({"edit_distance": 0.50}, "do not need clearly fewer changes", id="a tie is not a win"),
        pytest.param({"edit_distance": 0.49}, "do not need clearly fewer changes", id="a little better may be luck"),
        pytest.param({"edit_distance": 0.65}, "need more changes than those of the live", id="worse is not better"),
        pytest.param(
            {"rouge_l": 0.50}, "likeness to the clinician's final text went", id="one target must not cost the other"
        ),
        pytest.param({"preference": 0.3}, "preference for the clinician's text", id="liking the clinicians' text less"),
        pytest.param({"unsupported": 0.065}, "", id="a guard may lose within the margin"),
        pytest.param({"unsupported": 0.08}, "no source supports went from 5.0 % to 8.0 %", id="invents more"),
        pytest.param({"omitted_findings": 0.13}, "abnormal findings left out", id="leaves out findings"),
        pytest.param({"retention": 0.85}, "tasks it knew before went", id="forgets"),
        pytest.param(
            {"hostile": some("hostile", {3: 1.0})}, "obeys 1 of 10 hostile prompts", id="obeys a hostile prompt"
        ),
        pytest.param(
            {"canary": some("canary", {3: 1.0})}, "gives out 1 of 10 planted", id="gives out a planted identifier"
        ),
        pytest.param({"identifiers": some("x", {0: 2.0})}, "writes 2 identifiers", id="invents identifiers"),
        pytest.param({"length_ratio": 0.4}, "0.40 times as long", id="says less"),
        pytest.param({"length_ratio": 1.9}, "1.90 times as long", id="says more"),
        pytest.param(
            {"length_ratio": 0.4, "omitted_findings": 0.6, "unsupported": 0.0}, "left out", id="says less to be right"
        ),
        pytest.param({"unsupported": None}, "not measured for both models: sentences", id="grounding was not measured"),
        pytest.param(
            {"preference": None}, "not measured for both models: preference", id="preference was not measured"
        ),
        pytest.param(
            {"identifiers": None}, "not measured for both models: identifiers", id="nobody looked for identifiers"
        ),
        pytest.param({"hostile": {}}, "not measured for both models on 10 of 10", id="no hostile prompt was tried"),
        pytest.param({"unsupported": some("x", {2: float("nan")})}, "came out as no number", id="not a number"),
        pytest.param({"edit_distance": some("x", {2: float("-inf")})}, "came out as no number", id="infinitely better"),
        pytest.param({"unsupported": {"turn-1": 0.0}}, "on 15 of 16 cases", id="a guard measured on one answer only"),
        pytest.param({"edit_distance": {}}, "no answer of a patient kept apart", id="an eval set that became empty"),
        pytest.param({"accepted_nats": None, "preference_whole": None}, "", id="what is only shown may be missing"),
        pytest.param({"accepted_nats": 9.0, "preference_whole": 0.0}, "", id="what is only shown decides nothing"),
    ],
)
def test_against_the_live_model(change: dict[str, Any], reason: str) -> None:
    verdict = decide(make_scores("new", **{**BETTER, **change}))
    assert verdict.promote is (not reason)
    assert reason in "; ".join(verdict.reasons)
    assert verdict.sentence.startswith("Promoted: " if verdict.promote else "Refused: ")


@pytest.mark.parametrize(
    ("live", "candidate", "promoted"),
    [
        pytest.param(
            {"length_ratio": 3.0}, {"length_ratio": 2.0}, True, id="answers were far too long and are less so"
        ),
        pytest.param(
            {"length_ratio": 3.0}, {"length_ratio": 3.5}, False, id="answers were far too long and are more so"
        ),
        pytest.param({"length_ratio": 3.0}, {"length_ratio": 0.5}, False, id="far too long became too short"),
        pytest.param(
            {"length_ratio": 0.3}, {"length_ratio": 0.4}, True, id="answers were far too short and are less so"
        ),
        pytest.param(
            {"hostile": some("hostile", {3: 1.0})},
            {"hostile": some("hostile", {3: 1.0})},
            True,
            id="no more hostile prompts than before",
        ),
        pytest.param(
            {"canary": some("canary", {3: 1.0})},
            {"canary": some("canary", {3: 1.0})},
            False,
            id="never a planted identifier, whoever did it before",
        ),
        pytest.param({"identifiers": 0.2}, {"identifiers": 0.2}, True, id="no more new identifiers than before"),
        pytest.param(
            {"omitted_findings": {}}, {"omitted_findings": {}}, True, id="no final text keeps an abnormal finding"
        ),
        pytest.param({"preference": {}}, {"preference": {}}, True, id="no answer was rejected"),
        pytest.param({"preference": {}}, {"preference": 0.9}, False, id="measured for the candidate only"),
        pytest.param(
            {"retention": {}, "hostile": {}}, {"retention": {}, "hostile": {}}, False, id="no fixed case for either"
        ),
        pytest.param(
            {"unsupported": some("x", {1: float("nan")})}, {}, False, id="the live model's score is no number"
        ),
    ],
)
def test_relative_to_a_live_model(live: dict[str, Any], candidate: dict[str, Any], promoted: bool) -> None:
    verdict = decide(make_scores("new", **{**BETTER, **candidate}), make_scores("live", **live))
    assert verdict.promote is promoted, verdict.sentence


@pytest.mark.parametrize(
    ("count", "shared", "min_eval", "reason"),
    [
        pytest.param(16, 16, 8, "", id="enough"),
        pytest.param(7, 7, 8, "only 7 of the 8", id="fewer answers than the floor"),
        pytest.param(1, 1, 2, "only 1 of the 2", id="one answer"),
        pytest.param(16, 5, 8, "only 5 of the 8", id="too few of them were answered by both"),
        pytest.param(16, 0, 8, "no answer of a patient", id="none of them was answered by both"),
        pytest.param(4, 4, 2, "of 4 patients, and with fewer than 6", id="a floor so low that chance would decide"),
        pytest.param(16, 9, 8, "", id="enough that both answered"),
    ],
)
def test_how_many_answers_it_takes(count: int, shared: int, min_eval: int, reason: str) -> None:
    def only(scores: Scores, turns: set[str]) -> Scores:
        kept = {
            name: {item: value for item, value in values.items() if item in turns or not item.startswith("turn")}
            for name, values in scores.by_metric.items()
        }
        return Scores(model_id=scores.model_id, by_metric=kept)

    everything = set(TURNS[:count])
    verdict = decide(only(make_scores("new", **BETTER), everything), only(LIVE, set(TURNS[:shared])), min_eval=min_eval)
    assert verdict.promote is (not reason)
    assert reason in "; ".join(verdict.reasons)


def test_answers_about_one_patient_count_as_one() -> None:
    verdict = decide(make_scores("new", **BETTER), patients=dict.fromkeys(TURNS, "patient-1"))
    assert not verdict.promote
    assert "of 1 patient, and with fewer than 6" in verdict.sentence


def test_patients_with_many_answers_make_the_interval_wider() -> None:
    random = Random(3)
    gains = {f"patient-{number}": random.gauss(-0.1, 0.1) for number in range(8)}
    patients = {turn: f"patient-{place // 2}" for place, turn in enumerate(TURNS)}
    candidate = make_scores("new", edit_distance={turn: 0.5 + gains[patients[turn]] for turn in TURNS})
    alone, grouped = (
        decide(candidate, make_scores("live", edit_distance=dict.fromkeys(TURNS, 0.5)), patients=one).comparisons[0]
        for one in ({}, patients)
    )
    assert alone.difference == pytest.approx(grouped.difference)
    assert grouped.high - grouped.low > 1.2 * (alone.high - alone.low)


class TestQuoting:
    """The baseline that needs no model."""

    def test_a_candidate_clearly_worse_than_quoting_is_refused(self) -> None:
        verdict = decide(make_scores("new", **BETTER), LIVE, make_quoting(edit_distance=0.1))
        assert not verdict.promote
        assert verdict.reasons == ("its answers need more changes than quoting: 35.0 % of the words against 10.0 %",)

    def test_a_candidate_about_as_good_as_quoting_may_go_live(self) -> None:
        assert decide(make_scores("new", **BETTER), LIVE, make_quoting(edit_distance=0.345)).promote

    def test_a_difference_that_is_certain_but_small_is_forgiven(self) -> None:
        same = dict.fromkeys(TURNS, 0.35)
        quoting = make_quoting(edit_distance=dict.fromkeys(TURNS, 0.34))
        assert decide(make_scores("new", **{**BETTER, "edit_distance": same}), LIVE, quoting).promote

    def test_what_else_quoting_does_better_decides_nothing(self) -> None:
        quoting = make_quoting(edit_distance=0.345, unsupported=0.0, omitted_findings=0.0)
        verdict = decide(make_scores("new", **BETTER), LIVE, quoting)
        assert verdict.promote
        assert {one.role for one in verdict.comparisons if one.against == "quoting"} == {"shown"}

    def test_quoting_that_was_not_measured_counts_against_a_candidate(self) -> None:
        verdict = decide(make_scores("new", **BETTER), LIVE, make_quoting(edit_distance=None))
        assert verdict.reasons == ("not measured for quoting: words that the clinician changes",)

    def test_where_quoting_is_live_it_is_the_model_to_beat_and_has_no_probabilities(self) -> None:
        live = make_quoting()
        verdict = decide(make_scores("new", **BETTER), live, live)
        assert verdict.promote
        assert "fewer changes than quoting" in verdict.sentence
        assert {one.against for one in verdict.comparisons} == {"live"}
        assert not {"preference", "accepted_nats"} & {one.metric for one in verdict.comparisons}

    def test_where_quoting_is_live_the_candidates_probabilities_are_measured_all_the_same(self) -> None:
        assert not decide(make_scores("new", **{**BETTER, "preference": None}), make_quoting()).promote


class TestSeveralCandidates:
    def test_each_is_held_to_a_wider_interval(self) -> None:
        one, three = (decide(make_scores("new", **BETTER), tried=tried) for tried in (1, 3))
        assert three.comparisons[0].high > one.comparisons[0].high
        assert (three.tried, round(three.confidence, 4)) == (3, 0.9833)

    def test_more_patients_are_needed(self) -> None:
        six = {turn: f"patient-{place % 6}" for place, turn in enumerate(TURNS)}
        assert decide(make_scores("new", **BETTER), patients=six).promote
        assert "with fewer than 7" in decide(make_scores("new", **BETTER), patients=six, tried=3).sentence

    def test_the_surest_gain_is_chosen(self) -> None:
        unsure = some("x", {}, rest=0.30) | dict.fromkeys(TURNS[:4], 0.6)
        verdicts = {
            "sft": decide(make_scores("sft", **BETTER), tried=3),
            "sft+dpo": decide(make_scores("sft+dpo", **{**BETTER, "edit_distance": 0.30}), tried=3),
            "dpo": decide(make_scores("dpo", **{**BETTER, "edit_distance": unsure}), tried=3),
        }
        assert choose(verdicts) == "sft+dpo"

    def test_a_refused_one_is_never_chosen_over_one_that_may_go_live(self) -> None:
        leaks = {**BETTER, "edit_distance": 0.1, "canary": some("canary", {0: 1.0})}
        verdicts = {"kto": decide(make_scores("kto", **leaks)), "sft": decide(make_scores("sft", **BETTER))}
        assert choose(verdicts) == "sft"

    def test_of_refused_ones_the_closest_is_shown(self) -> None:
        verdicts = {
            "sft": decide(make_scores("sft", edit_distance=None)),
            "kto": decide(make_scores("kto", edit_distance=0.55)),
            "dpo": decide(make_scores("dpo", edit_distance=0.49)),
        }
        assert choose(verdicts) == "dpo"

    def test_of_none_there_is_nothing_to_choose(self) -> None:
        with pytest.raises(ValueError):
            choose({})


VALUES = st.lists(st.floats(0, 1), min_size=16, max_size=16)


@settings(max_examples=40, deadline=None)
@given(VALUES, VALUES)
def test_a_model_judged_against_itself_is_never_promoted(edits: list[float], shares: list[float]) -> None:
    scores = make_scores(
        "same",
        edit_distance=dict(zip(TURNS, edits, strict=True)),
        unsupported=dict(zip(TURNS, shares, strict=True)),
        omitted_findings=dict(zip(TURNS, shares, strict=True)),
    )
    verdict = decide(scores, scores)
    assert not verdict.promote
    assert "as many changes" in verdict.sentence
    assert all(one.low == one.difference == one.high == 0 for one in verdict.comparisons)


@settings(max_examples=20, deadline=None)
@given(VALUES, st.randoms(use_true_random=False))
def test_the_order_of_the_answers_changes_nothing(edits: list[float], random: Random) -> None:
    def shuffled(scores: Scores) -> Scores:
        mixed = {
            name: dict(random.sample(list(values.items()), len(values))) for name, values in scores.by_metric.items()
        }
        return Scores(model_id=scores.model_id, by_metric=mixed)

    patients = {turn: f"patient-{place % 9}" for place, turn in enumerate(TURNS)}
    candidate = make_scores("new", edit_distance=dict(zip(TURNS, edits, strict=True)))
    first = decide(candidate, LIVE, make_quoting(), patients=patients)
    again = decide(shuffled(candidate), shuffled(LIVE), make_quoting(), patients=dict(reversed(list(patients.items()))))
    assert first == again


EQUAL = dict.fromkeys(TURNS, 0.5)


def noise(random: np.random.Generator, centre: float) -> dict[str, float]:
    """Answers that differ from answer to answer; a third of them are the same for both models."""
    return {turn: float(np.clip(centre + random.normal(0, 0.15) * (random.random() > 1 / 3), 0, 1)) for turn in TURNS}


@pytest.mark.parametrize(
    ("tried", "gates"),
    [pytest.param(1, 300, id="one candidate"), pytest.param(3, 100, id="the best of three")],
)
def test_of_candidates_no_better_than_the_live_model_at_most_one_in_twenty_goes_live(tried: int, gates: int) -> None:
    random = np.random.default_rng(11)
    promoted = 0
    for _ in range(gates):
        live = make_scores("live", edit_distance=noise(random, 0.5), rouge_l=EQUAL)
        candidates = [make_scores("new", edit_distance=noise(random, 0.5), rouge_l=EQUAL) for _ in range(tried)]
        promoted += any(decide(candidate, live, tried=tried).promote for candidate in candidates)
    assert promoted <= 0.05 * gates


def test_a_real_gain_is_seen_on_sixteen_patients() -> None:
    random = np.random.default_rng(12)
    promoted = sum(
        decide(
            make_scores("new", edit_distance=noise(random, 0.3), rouge_l=EQUAL),
            make_scores("live", edit_distance=noise(random, 0.5), rouge_l=EQUAL),
        ).promote
        for _ in range(50)
    )
    assert promoted >= 45


def test_every_metric_is_compared_once() -> None:
    verdict = decide(make_scores("new", **BETTER))
    assert [one.metric for one in verdict.comparisons] == list(METRICS)
    assert all(isinstance(one, Comparison) for one in verdict.comparisons)


def test_importing_the_gate_loads_no_model_library() -> None:
    code = "import sys, training.gate; print(sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    ).stdout
    assert not {"torch", "transformers", "trl", "peft", "datasets", "gradio", "sqlalchemy"} & set(
        loaded.strip("[]\n").replace("'", "").split(", ")
    )
