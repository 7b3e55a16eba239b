"""A run's events → how far it is, its curves and its log lines."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from training.schema import Method, Run, RunEvent, RunState, Trigger
from ui.run_progress import read_charts, read_log, read_progress, stage_words

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def run(state: RunState) -> Run:
    return Run(
        id=7, name="2026-11-22-r7", state=state, method=Method.AUTO, trigger=Trigger.SCHEDULE, base_model="starter",
        started_from=None, created_at=NOW,
    )  # fmt: skip


def event(kind: str, stage: str = "", after_s: float = 0, **data: Any) -> RunEvent:
    return RunEvent(id=1, run_id=7, kind=kind, stage=stage, data=data, at=NOW + timedelta(seconds=after_s))


def test_a_run_that_trains_says_what_how_far_and_how_long() -> None:
    events = [
        event("metrics", "sft/sft", step=60, steps=60, seconds_left=400),
        event("metrics", "sft+dpo/dpo", step=10, steps=40, seconds_left=90),
    ]
    progress = read_progress(run(RunState.TRAINING), events, now=NOW + timedelta(seconds=30))
    assert progress is not None
    assert progress.doing == "training SFT + DPO, from preferences"
    assert (progress.step, progress.steps) == (10, 40)
    assert progress.done == 0.25
    assert progress.seconds_left == 60, "the half minute since the trainer said so has passed"


def test_time_left_never_runs_below_zero() -> None:
    events = [event("metrics", "sft/sft", step=1, steps=2, seconds_left=5)]
    progress = read_progress(run(RunState.TRAINING), events, now=NOW + timedelta(hours=1))
    assert progress is not None
    assert progress.seconds_left == 0


def test_a_run_that_judges_says_whom_it_asks_and_how_many_questions_are_left() -> None:
    events = [
        event("metrics", "sft/sft", step=60, steps=60),
        event("progress", "live", step=4, steps=16, seconds_left=30),
    ]
    progress = read_progress(run(RunState.EVALUATING), events, now=NOW)
    assert progress is not None
    assert (progress.doing, progress.step, progress.steps) == ("judging the live model", 4, 16)


@pytest.mark.parametrize("state", [state for state in RunState if not state.ended])
def test_every_state_under_way_has_words(state: RunState) -> None:
    progress = read_progress(run(state), [], now=NOW)
    assert progress is not None
    assert progress.doing
    assert progress.done is None


@pytest.mark.parametrize("state", [state for state in RunState if state.ended])
def test_a_run_that_has_ended_has_no_progress(state: RunState) -> None:
    assert read_progress(run(state), [event("metrics", "sft/sft", step=1, steps=2)], now=NOW) is None


def test_curves_are_grouped_by_stage_in_the_order_of_training() -> None:
    events = [
        event("metrics", "sft/sft", step=1, loss=2.0, learning_rate=1e-4),
        event("metrics", "sft/sft", step=2, eval_loss=1.9),
        event("metrics", "sft+dpo/dpo", step=1, loss=0.69, reward_accuracy=0.5, margin=0.01),
    ]
    charts = read_charts(events)
    assert {stage: [chart.title for chart in drawn] for stage, drawn in charts.items()} == {
        "SFT, from corrections": ["Loss", "Learning rate"],
        "SFT + DPO, from preferences": ["Loss", "Reward accuracy", "Reward margin"],
    }
    loss = charts["SFT, from corrections"][0]
    assert [(line.name, line.points) for line in loss.lines] == [
        ("training", [(1.0, 2.0)]),
        ("validation", [(2.0, 1.9)]),
    ]


def test_steps_that_an_interrupted_trainer_repeated_are_drawn_once() -> None:
    events = [event("metrics", "sft/sft", step=step, loss=loss) for step, loss in ((1, 2.0), (2, 1.8), (1, 2.1))]
    (chart,) = read_charts(events)["SFT, from corrections"]
    assert chart.lines[0].points == [(1.0, 2.1), (2.0, 1.8)]


def test_a_value_that_was_no_number_is_no_point() -> None:
    events = [event("metrics", "sft/sft", step=1, loss=None), event("metrics", "sft/sft", step=2, loss=1.5)]
    (chart,) = read_charts(events)["SFT, from corrections"]
    assert chart.lines[0].points == [(2.0, 1.5)]


def test_the_log_says_what_happened_and_leaves_the_numbers_to_the_curves() -> None:
    events = [
        event("state", state="training"),
        event("stage", "sft/sft", examples=48, validation=6, left_out=2),
        event("log", "sft/sft", message="going on from checkpoint-20"),
        event("metrics", "sft/sft", step=1, loss=2.0),
        event("progress", "live", step=1, steps=2),
        event("state", state="failed", problem="the disk is full"),
    ]
    assert [text for _, text in read_log(events)] == [
        "starting the trainer",
        "SFT, from corrections: 48 examples, 6 for early stopping, 2 too long and left out",
        "SFT, from corrections: going on from checkpoint-20",
        "failed (the disk is full)",
    ]


def test_an_unknown_stage_is_named_as_it_is() -> None:
    assert stage_words("orpo/orpo") == "ORPO, from orpo"
