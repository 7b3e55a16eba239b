"""What a person can do about learning, over a real installation. Everything is invented."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from assistant.errors import NothingToRollBack
from tests.ui.loop_site import correct, install_adapter, keep_turn, run_through, start_nothing, verdict
from training.errors import NotPromotable, RunUnderWay
from training.schema import RunState
from ui.loop_desk import LoopDesk
from ui.wiring import Parts


@pytest.fixture
def parts(make_parts: Callable[..., Parts]) -> Iterator[Parts]:
    # Where no hour is ever left out or comes twice.
    parts = make_parts(server={"timezone": "Asia/Tokyo"}, training={"min_pairs": 3})
    start_nothing(parts)
    yield parts
    parts.scheduler.stop()
    parts.launcher.wait()


@pytest.fixture
def loop(parts: Parts) -> LoopDesk:
    return parts.loop_desk


def test_a_new_installation_quotes_and_says_how_much_is_missing(loop: LoopDesk) -> None:
    status = loop.status()
    assert (status.model_id, status.adapter, status.can_roll_back) == ("quoting", None, False)
    assert (status.floor.new, status.floor.needed, status.floor.missing) == (0, 3, 3)
    assert status.trainable
    assert loop.open(None) is None


def test_corrections_count_against_the_floor_and_in_their_week(parts: Parts, loop: LoopDesk) -> None:
    for number in (1, 2):
        correct(parts, number)
    parts.feedback.rate(keep_turn(parts, 3), rater="doctor", thumbs=1)
    status = loop.status()
    assert status.floor.missing == 1
    assert len(status.weeks) == 12
    assert (status.weeks[-1].corrections, status.weeks[-1].thumbs_up) == (2, 1)
    assert sum(week.corrections for week in status.weeks[:-1]) == 0


def test_the_next_run_is_on_the_practice_s_sunday_and_a_pause_is_kept(loop: LoopDesk) -> None:
    at = loop.status().next_run_at
    assert at is not None
    assert (at.strftime("%A %H:%M"), str(at.tzinfo)) == ("Sunday 02:00", "Asia/Tokyo")
    assert timedelta(0) < at - datetime.now(UTC) <= timedelta(days=7)
    loop.pause()
    assert loop.status().paused
    assert loop.status().next_run_at is None
    loop.resume()
    assert loop.status().next_run_at == at


@pytest.mark.parametrize(
    ("settings", "trainable", "scheduled"),
    [
        pytest.param({}, True, True, id="quoting learns with the starter"),
        pytest.param({"schedule": {"enabled": False}}, True, False, id="no schedule"),
        pytest.param({"generation": {"backend": "remote", "model": "m"}}, False, False, id="a server's model is not ours"),
        pytest.param(
            {"generation": {"backend": "local", "model": "m", "adapter": "a"}}, False, False, id="the settings name the adapter"
        ),
    ],
)  # fmt: skip
def test_what_can_be_trained(
    make_parts: Callable[..., Parts], settings: dict, trainable: bool, scheduled: bool
) -> None:
    parts = make_parts(**settings)
    status = parts.loop_desk.status()
    assert (status.trainable, status.scheduled) == (trainable, scheduled)
    if scheduled:
        parts.scheduler.stop()


def test_a_run_begins_by_hand_and_only_one_at_a_time(parts: Parts, loop: LoopDesk) -> None:
    begun = loop.run_now()
    assert loop.status().under_way == begun
    with pytest.raises(RunUnderWay):
        loop.run_now()


def test_a_run_under_way_shows_its_progress_and_can_be_cancelled(parts: Parts, loop: LoopDesk) -> None:
    run = run_through(parts, RunState.TRAINING, steps=3)
    view = loop.open(None)
    assert view is not None
    assert view.progress is not None
    assert (view.progress.step, view.progress.done) == (3, 0.5)
    assert list(view.charts) == ["SFT, from corrections"]
    loop.cancel(run.name)
    view = loop.open(run.name)
    assert view is not None
    assert view.run.cancel_asked


def test_promotion_and_rollback_change_what_answers(parts: Parts, loop: LoopDesk) -> None:
    run = run_through(parts, RunState.PROMOTED, verdict=verdict(promote=True), chosen="sft")
    install_adapter(parts, run.name)
    assert "next question" in loop.promote(run.name, "doctor")
    status = loop.status()
    assert (status.adapter, status.model_id) == (run.name, f"starter+{run.name}")
    assert status.live_since is not None
    assert status.can_roll_back
    view = loop.open(run.name)
    assert view is not None
    assert view.live
    assert not view.promotable
    assert "answers again" in loop.roll_back("doctor")
    assert loop.status().model_id == "quoting"
    assert [(p.kind, p.who) for p in parts.ledger.promotions()] == [("rollback", "doctor"), ("promote", "doctor")]
    with pytest.raises(NothingToRollBack):
        loop.roll_back("doctor")


def test_a_refused_run_goes_live_only_by_force(parts: Parts, loop: LoopDesk) -> None:
    run = run_through(parts, RunState.REFUSED, verdict=verdict(promote=False), chosen="sft")
    install_adapter(parts, run.name)
    with pytest.raises(NotPromotable, match="--force"):
        loop.promote(run.name, "doctor")
    loop.promote(run.name, "doctor", force=True)
    assert loop.status().adapter == run.name


def test_what_becomes_of_a_correction_is_said_with_the_next_training(parts: Parts, loop: LoopDesk) -> None:
    correct(parts, 1)
    assert loop.after_correction() == "Kept. 1 correction this week; training on Sunday at 02:00 needs 3."
    correct(parts, 2)
    correct(parts, 3)
    assert loop.after_correction() == "Kept. 3 corrections this week; enough for training on Sunday at 02:00."
    loop.pause()
    assert loop.after_correction() == "Kept. 3 corrections this week."


def test_what_is_learned_already_does_not_count_again(parts: Parts, loop: LoopDesk) -> None:
    for number in (1, 2, 3):
        correct(parts, number)
    run = run_through(parts, RunState.PROMOTED, verdict=verdict(promote=True), chosen="sft")
    install_adapter(parts, run.name)
    loop.promote(run.name, "doctor")
    correct(parts, 4)
    assert loop.floor().new == 1
    assert loop.after_correction() == "Kept. 1 correction since the last training; training on Sunday at 02:00 needs 3."
