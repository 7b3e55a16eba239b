"""How long a run will take, by earlier ones, and the hours in which it may."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from training.expected import Expected, Past, expect, past_of, window_end
from training.schema import Method, Run, RunEvent, RunState, Trigger
from training.settings import ScheduleSettings

AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
RUN = Run(
    id=7, name="2026-11-22-r7", state=RunState.REFUSED, method=Method.AUTO, trigger=Trigger.SCHEDULE, base_model="starter",
    started_from=None, created_at=AT, ended_at=AT + timedelta(seconds=1320), settings={"epochs": 3.0},
    counts={"train.pairs": 30, "train.demonstrations": 10, "judged": 16},
)  # fmt: skip
BEGAN = {"queued": 0, "preparing": 5, "training": 40, "evaluating": 1000}


def events(began: dict[str, int] = BEGAN) -> list[RunEvent]:
    return [
        RunEvent(id=n, run_id=7, kind="state", stage="", data={"state": state}, at=AT + timedelta(seconds=seconds))
        for n, (state, seconds) in enumerate(began.items())
    ]


def test_a_judged_run_tells_what_an_example_and_a_question_take() -> None:
    assert past_of(RUN, events()) == Past(example_s=960 / 120, question_s=320 / 16)


@pytest.mark.parametrize(
    ("run", "began"),
    [
        pytest.param(replace(RUN, state=RunState.CANCELLED), BEGAN, id="cancelled, and nobody knows what was left"),
        pytest.param(replace(RUN, state=RunState.SKIPPED), {"queued": 0, "preparing": 5}, id="skipped"),
        pytest.param(replace(RUN, ended_at=None, state=RunState.EVALUATING), BEGAN, id="under way"),
        pytest.param(RUN, {"queued": 0}, id="without its states"),
    ],
)
def test_a_run_that_was_not_judged_tells_nothing(run: Run, began: dict[str, int]) -> None:
    assert past_of(run, events(began)) is None


@pytest.mark.parametrize(
    ("began", "took"),
    [
        pytest.param({"training": 40}, (1120 * 0.8 / 120, 1120 * 0.2 / 16), id="in training"),
        pytest.param({"training": 40, "evaluating": 400}, (360 / 120, 760 / 16), id="while it was judged"),
    ],
)
def test_a_run_that_was_stopped_tells_what_it_would_have_taken(
    began: dict[str, int], took: tuple[float, float]
) -> None:
    ended = events(began | {"failed": 960})
    ended[-1] = replace(ended[-1], data={"state": "failed", "left_s": 200.0})
    past = past_of(replace(RUN, state=RunState.FAILED, ended_at=AT + timedelta(seconds=960)), ended)
    assert past is not None
    assert (past.example_s, past.question_s) == pytest.approx(took)


@pytest.mark.parametrize(("at", "tells"), [pytest.param(1, True, id="before"), pytest.param(3, False, id="since")])
def test_a_run_that_stood_still_since_training_began_tells_nothing(at: int, tells: bool) -> None:
    happened = events()
    happened.insert(at, replace(happened[at], data={**happened[at].data, "again": True}))
    assert (past_of(RUN, happened) is not None) is tells


def test_twice_the_examples_take_twice_the_time_and_an_odd_run_does_not_count() -> None:
    past = [Past(example_s=8, question_s=20), Past(example_s=900, question_s=900), Past(example_s=8, question_s=20)]
    expected = expect({"train.pairs": 80, "judged": 32}, {"epochs": 3.0}, past)
    assert (expected.training_s, expected.judging_s, expected.guessed) == (1920, 640, False)
    assert expected.in_words == "about 43 min"


def test_without_an_earlier_run_it_is_called_a_guess() -> None:
    expected = expect({"train.pairs": 80}, {}, [])
    assert expected.guessed
    assert expected.in_words == "about 1 h (a guess: no run has been judged here yet)"


def test_hours_and_minutes() -> None:
    assert Expected(training_s=19_000, judging_s=200).in_words == "about 5 h 20 min"
    assert Expected(training_s=3, judging_s=1).in_words == "about 1 min"


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        pytest.param("2026-11-22T22:30+01:00", "2026-11-23T04:00+01:00", id="in the evening"),
        pytest.param("2026-11-23T03:59+01:00", "2026-11-23T04:00+01:00", id="after midnight"),
        pytest.param("2026-11-23T04:00+01:00", None, id="over"),
        pytest.param("2026-11-23T21:59+01:00", None, id="not yet"),
        pytest.param("2026-10-25T00:30+02:00", "2026-10-25T03:00+01:00", id="the night in which the clock is set back"),
    ],
)
def test_the_hours_for_training_are_those_of_the_practice(now: str, ends: str | None) -> None:
    schedule = ScheduleSettings(hour=22, window_hours=6)
    end = window_end(schedule, datetime.fromisoformat(now), zone=ZoneInfo("Europe/Berlin"))
    assert end == (datetime.fromisoformat(ends) if ends else None)


@pytest.mark.parametrize("zone", [pytest.param("Europe/Berlin", id="named"), pytest.param(None, id="the computer's")])
@pytest.mark.parametrize(
    ("now", "ends"),
    [
        pytest.param("2026-10-25T02:30+02:00", "2026-10-25T05:00+01:00", id="set back: the first half past two"),
        pytest.param("2026-10-25T02:30+01:00", "2026-10-25T05:00+01:00", id="and the second are in one window"),
        pytest.param("2026-03-29T03:30+02:00", "2026-03-29T07:00+02:00", id="set forward, half past three"),
        pytest.param("2026-03-29T06:59+02:00", "2026-03-29T07:00+02:00", id="set forward, in the morning"),
        pytest.param("2026-03-29T07:00+02:00", None, id="set forward, over"),
    ],
)
def test_the_hours_last_as_long_in_a_night_in_which_the_clock_is_set(
    now: str, ends: str | None, zone: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    schedule = ScheduleSettings(hour=2, window_hours=4)
    try:
        end = window_end(schedule, datetime.fromisoformat(now), zone=ZoneInfo(zone) if zone else None)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert end == (datetime.fromisoformat(ends) if ends else None)
    assert end is None or f"{end:%H:%M}" == (ends or "")[11:16]
