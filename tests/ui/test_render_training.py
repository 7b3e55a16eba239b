"""The Training tab's HTML: what it says of each state of the loop, and which buttons it offers. Everything is invented."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.ui.loop_site import verdict
from tests.ui.test_render import HOSTILE, Page
from training.schema import Method, Run, RunState, Trigger
from ui import render_run, render_training
from ui.loop_values import Floor, LoopStatus, Progress, RunView, Week
from ui.render_curves import Chart, Line
from ui.run_counts import in_words

AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
RUN = Run(
    id=7, name="2026-11-22-r7", state=RunState.PROMOTED, method=Method.AUTO, trigger=Trigger.SCHEDULE, base_model="starter",
    started_from=None, created_at=AT, started_at=AT, ended_at=AT + timedelta(minutes=41),
)  # fmt: skip
STATUS = LoopStatus(
    model_id="starter+2026-11-22-r7", trainable=True, adapter="2026-11-22-r7", live_since=AT, previous="2026-11-15-r6",
    can_roll_back=True, floor=Floor(new=18, needed=30), scheduled=True, next_run_at=datetime(2026, 11, 29, 1, 0, tzinfo=UTC),
    method=Method.AUTO, weeks=(Week(monday=AT.date(), corrections=5), Week(monday=AT.date(), corrections=18, thumbs_up=2)),
)  # fmt: skip


def text(html: str) -> str:
    return " ".join(Page(html).text.split())


def buttons(html: str) -> list[str]:
    return [str(a["data-act"]) for tag, a in Page(html).elements if tag == "button" and a.get("data-act")]


def test_what_is_live_what_came_in_and_the_next_run_are_said_in_the_practice_s_time() -> None:
    said = text(render_training.live_panel(STATUS, zone=BERLIN))
    for part in (
        "starter+2026-11-22-r7", "live since 22 Nov 2026, 02:00", "18 of 30 corrections; 12 more until a run",
        "Sunday 29 Nov 2026, 02:00 (Europe/Berlin)",
    ):  # fmt: skip
        assert part in said


@pytest.mark.parametrize(
    ("change", "words", "offered"),
    [
        pytest.param({}, "Sunday 29 Nov", ["roll_back", "run_now", "pause"], id="as usual"),
        pytest.param(
            {"paused": True, "next_run_at": None}, "Nothing is trained by itself", ["roll_back", "run_now", "resume"], id="paused"
        ),
        pytest.param({"under_way": RUN}, "is under way", ["roll_back", "pause"], id="a run is under way"),
        pytest.param({"scheduled": False}, "the scheduler does not run here", ["roll_back", "run_now"], id="no schedule"),
        pytest.param(
            {"trainable": False, "scheduled": False, "can_roll_back": False}, "no model here to train", [], id="a server's model"
        ),
        pytest.param({"floor": Floor(new=31, needed=30)}, "enough for a run", ["roll_back", "run_now", "pause"], id="enough"),
    ],
)  # fmt: skip
def test_each_state_has_its_words_and_its_buttons(change: dict[str, Any], words: str, offered: list[str]) -> None:
    html = render_training.live_panel(replace(STATUS, **change), zone=BERLIN)
    assert words in text(html)
    assert buttons(html) == offered


def test_everything_that_changes_something_asks_once() -> None:
    html = render_training.live_panel(STATUS, zone=UTC) + render_run.run_panel(
        RunView(run=RUN, promotable=True), zone=UTC
    )
    asking = [a for tag, a in Page(html).elements if tag == "button" and a.get("data-act")]
    assert asking
    assert all(a.get("data-confirm") for a in asking)


def test_an_open_tab_looks_more_often_while_a_run_is_under_way() -> None:
    assert 'data-every="2"' in render_training.live_panel(replace(STATUS, under_way=RUN), zone=UTC)
    assert 'data-every="20"' in render_training.live_panel(STATUS, zone=UTC)


@pytest.mark.parametrize("state", list(RunState))
def test_every_state_of_a_run_has_a_word_beside_its_sign(state: RunState) -> None:
    run = replace(RUN, state=state)
    assert render_training.STATES[state] in text(render_training.runs_panel([run], opened=run.name, zone=UTC))
    progress = None if state.ended else Progress(doing="something")
    assert render_training.STATES[state] in text(render_run.run_panel(RunView(run=run, progress=progress), zone=UTC))


def test_a_run_under_way_shows_a_bar_with_words_its_curves_and_cancel() -> None:
    progress = Progress(doing="training SFT, from corrections", step=40, steps=120, seconds_left=372)
    charts = {"SFT, from corrections": [Chart("Loss", [Line("training", [(1, 2.0), (40, 0.5)])])]}
    view = RunView(run=replace(RUN, state=RunState.TRAINING), progress=progress, charts=charts)
    html = render_run.run_panel(view, zone=UTC)
    assert "Training SFT, from corrections, step 40 of 120, about 6 min left." in text(html)
    assert 'value="0.333"' in html
    assert "Loss: training from 2 to 0.5 at step 40" in html
    assert buttons(html) == ["cancel_run"]


def test_a_verdict_is_a_table_with_words_and_the_note_stands_before_it() -> None:
    run = replace(
        RUN, verdict=verdict(promote=True), note="It was trained.\nBetter: much.\nTo undo it: `curbside rollback`."
    )
    html = render_run.run_panel(RunView(run=run), zone=UTC)
    said = text(html)
    assert said.index("Better: much.") < said.index("words that the clinician changes")
    assert "✓ better" in said
    assert "−12.0 points [−16.0, −9.0]" in said
    assert "Against quoting" in said
    assert "<code>curbside rollback</code>" in html
    assert said.count(run.verdict.sentence if run.verdict else "") == 0, "the note says it already"


def test_without_a_note_the_verdict_s_sentence_is_said() -> None:
    given = verdict(promote=False)
    run = replace(RUN, state=RunState.REFUSED, verdict=given)
    assert given.sentence in text(render_run.verdict(given))
    assert "✗ not clearly better" in text(render_run.run_panel(RunView(run=run), zone=UTC))


def test_why_a_run_failed_is_said() -> None:
    run = replace(RUN, state=RunState.FAILED, problem="training ended without an adapter")
    assert "Training ended without an adapter." in text(render_run.run_panel(RunView(run=run), zone=UTC))


def test_markup_in_anything_is_shown_and_never_run() -> None:
    run = replace(RUN, note=HOSTILE, problem=HOSTILE, settings={HOSTILE: HOSTILE}, counts={HOSTILE: 1})
    view = RunView(run=run, log=[(AT, HOSTILE)], charts={HOSTILE: [Chart(HOSTILE, [Line(HOSTILE, [(1, 2.0)])])]})
    html = render_run.run_panel(view, zone=UTC) + render_training.live_panel(
        replace(STATUS, model_id=HOSTILE, problem=HOSTILE, previous=HOSTILE), zone=UTC
    )
    assert not {tag for tag, _ in Page(html).elements} & {"script", "img"}
    assert not any(name.startswith("on") for _, attributes in Page(html).elements for name in attributes)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        pytest.param(45, "45 s", id="seconds"),
        pytest.param(720, "12 min", id="minutes"),
        pytest.param(7500, "2 h 05 min", id="hours"),
        pytest.param(-3, "0 s", id="a clock that went back"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert render_run.duration(seconds) == words


def test_counts_are_told_in_words_and_in_an_order_that_tells_a_story() -> None:
    counts = {"set_aside.typo_only": 3, "train.pairs": 20, "pairs": 24, "new": 30, "pairs.edit": 22, "something_new": 1}
    assert in_words(counts) == {
        "new since the last run": 30,
        "preferences": 24,
        "preferences, from corrections": 22,
        "preferences, for training": 20,
        "set aside: only spelling or punctuation was corrected": 3,
        "something new": 1,
    }
