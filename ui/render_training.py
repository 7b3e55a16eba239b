"""The left side of the Training tab as HTML: what is live, what came in, when the next run is, and the runs so far."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from training.schema import Method, Run, RunState, Trigger
from ui.loop_values import Floor, LoopStatus, Week
from ui.render import attributes, button, count, notice, problem, safe, sentence_case, when
from ui.render_curves import bars

STATES = {
    RunState.QUEUED: "Waiting to begin",
    RunState.PREPARING: "Preparing the data",
    RunState.TRAINING: "Training",
    RunState.EVALUATING: "Judging",
    RunState.PROMOTING: "Going live",
    RunState.PROMOTED: "Went live",
    RunState.REFUSED: "Not taken",
    RunState.SKIPPED: "Not begun",
    RunState.CANCELLED: "Cancelled",
    RunState.FAILED: "Failed",
}
SIGNS = {
    RunState.PROMOTED: "✓",
    RunState.REFUSED: "✕",
    RunState.SKIPPED: "–",
    RunState.CANCELLED: "–",
    RunState.FAILED: "⚠",
}
"""Beside the word, never instead of it. A run under way has `…`."""
METHODS = {
    Method.SFT: "corrections only (SFT)",
    Method.DPO: "preferences only (DPO)",
    Method.SFT_DPO: "corrections, then preferences (SFT + DPO)",
    Method.KTO: "thumbs (KTO)",
    Method.AUTO: "every method that the feedback allows",
}
TRIGGERS = {Trigger.PERSON: "by hand", Trigger.SCHEDULE: "by the schedule", Trigger.DEMO: "by the demonstration"}
_FOLLOWING_S, _IDLE_S = 2, 20
"""Seconds between two looks of an open tab, while a run is under way and while none is."""
_SURE_RUN = "Train now?"


def live_panel(status: LoopStatus, *, zone: tzinfo | None) -> str:
    """What is live, the feedback against the floor, the next run, and what a person can do about it."""
    every = _FOLLOWING_S if status.under_way else _IDLE_S
    return (
        f'<section class="panel loop" aria-label="Learning" data-tick="tick" data-every="{every}">'
        f"{_live(status, zone)}{_feedback(status)}{_schedule(status, zone)}</section>"
    )


def _live(status: LoopStatus, zone: tzinfo | None) -> str:
    since = f"since {when(status.live_since, zone)}" if status.live_since else ""
    if not status.trainable:
        about = "Not trained here: the model is another server's, or the settings name its adapter."
    elif status.model_id == "quoting":
        about = "Answers are quoted until a trained model does better."
    elif status.adapter is None:
        about = f"The model as it came, without anything learned yet{f', {since}' if since else ''}."
    else:
        about = f"Learned from corrections; live {since}." if since else "Learned from corrections."
    back = ""
    if status.can_roll_back:
        to = status.previous or "the model as it came"
        back = button("Roll back", data_act="roll_back", data_confirm=f"Go back to {to}?", title=f"Go back to {to}")
    name = "Quoting" if status.model_id == "quoting" else status.model_id
    return (
        f'<div class="fact"><h2>Live now</h2><div class="bar"><p class="value">{safe(name)}</p>{back}</div>'
        f'<p class="hint">{about}</p>{notice(status.quoting)}{problem(status.problem)}</div>'
    )


def floor_sentence(floor: Floor) -> str:
    """`18 of 30 corrections; 12 more until a run`."""
    have = f"{floor.new:,} of {count(floor.needed, 'correction')}"
    return f"{have}; {floor.missing:,} more until a run" if floor.missing else f"{have}; enough for a run"


def _feedback(status: LoopStatus) -> str:
    floor = status.floor
    bar = (
        f'<div class="progress"><progress max="{floor.needed}" value="{min(floor.new, floor.needed)}" '
        'aria-label="New feedback against what a run needs"></progress>'
        f"<span>{floor_sentence(floor)}</span></div>"
    )
    return f'<div class="fact"><h2>New feedback</h2>{bar}{_weeks(status.weeks)}</div>'


def _weeks(weeks: Sequence[Week]) -> str:
    """A row for each kind of feedback: named, drawn, and this week's number."""
    if not weeks:
        return ""
    rows = (
        ("Corrections", [week.corrections for week in weeks]),
        ("Choices", [week.choices for week in weeks]),
        ("Thumbs up", [week.thumbs_up for week in weeks]),
        ("Thumbs down", [week.thumbs_down for week in weeks]),
    )
    body = "".join(
        f'<tr><th scope="row">{name}</th><td>{bars(values, name=name)}</td><td class="number">{values[-1]:,}</td></tr>'
        for name, values in rows
    )
    return (
        f'<table class="weeks"><caption class="sr">Feedback a week</caption><thead><tr><td></td>'
        f'<th scope="col">last {len(weeks)} weeks</th><th scope="col" class="number">this week</th></tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _schedule(status: LoopStatus, zone: tzinfo | None) -> str:
    running = status.under_way is not None
    run = ""
    if status.trainable and not running:
        run = button(
            "Run now", class_="primary", data_act="run_now", data_confirm=f"{_SURE_RUN} {status.run_means}".strip()
        )
    pause = ""
    if status.scheduled and status.paused:
        pause = button("Resume", data_act="resume", data_confirm="Train by the schedule again?")
    elif status.scheduled:
        pause = button("Pause", data_act="pause", data_confirm="Pause the schedule?")
    return (
        f'<div class="fact"><h2>Next run</h2><p>{next_run(status, zone)}</p>'
        f'{_means(status)}<div class="row">{run}{pause}</div></div>'
    )


def _means(status: LoopStatus) -> str:
    if not status.run_means or status.under_way is not None:
        return ""
    return f'<p class="hint">{safe(sentence_case(status.run_means))}</p>'


def next_run(status: LoopStatus, zone: tzinfo | None) -> str:
    if not status.trainable:
        return "None: there is no model here to train."
    if status.under_way is not None:
        return f"Run {safe(status.under_way.name)} is under way."
    if not status.scheduled:
        return "None by itself: the scheduler does not run here."
    if status.paused:
        return "Paused. Nothing is trained by itself until it is resumed."
    if status.next_run_at is None:
        return "Not known yet."
    return day_and_time(status.next_run_at, zone)


def day_and_time(moment: datetime, zone: tzinfo | None) -> str:
    """`Sunday 29 Nov 2026, 02:00 (Europe/Berlin)`."""
    local = moment.astimezone(zone)
    place = safe(getattr(zone, "key", None) or local.tzname() or "")
    return f'<time datetime="{local.isoformat(timespec="minutes")}">{local:%A} {local.day} {local:%b %Y, %H:%M}</time> <small>({place})</small>'


def runs_panel(runs: Sequence[Run], *, opened: str | None, zone: tzinfo | None) -> str:
    """The runs so far, the latest first."""
    items = "".join(_run(run, current=run.name == opened, zone=zone) for run in runs)
    nothing = '<li class="none">No run yet.</li>'
    return (
        '<section class="panel runs" aria-label="Runs"><h2>Runs</h2>'
        f'<ul class="items scroll">{items or nothing}</ul></section>'
    )


def _run(run: Run, *, current: bool, zone: tzinfo | None) -> str:
    act = attributes(data_act="open_run", data_run=run.name)
    return (
        f"<li{attributes(aria_current=current and 'true')}>"
        f'<button type="button" class="item"{act}>{sign(run)} {STATES[run.state]} <small>{safe(run.name)} · '
        f"{when(run.started_at or run.created_at, zone)} · {TRIGGERS[run.trigger]}</small></button></li>"
    )


def sign(run: Run) -> str:
    return f'<span class="sign" aria-hidden="true">{SIGNS.get(run.state, "…")}</span>'
