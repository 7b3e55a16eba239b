"""One run of training as HTML: under way with its curves, or ended with its verdict and the note for clinicians."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from training.schema import Run, RunState, Verdict
from training.verdict_text import TableRow, caption, table_rows
from ui.loop_values import Progress, RunView
from ui.render import attributes, button, safe, sentence_case, when
from ui.render_curves import chart
from ui.render_training import METHODS, STATES, TRIGGERS, sign
from ui.run_counts import in_words

_LEAD_CHARS = 20
_TYPED = re.compile("`([^`]+)`")
_LOG_LINES = 200
"""Lines of the log that are shown; the run's folder has them all."""


def run_panel(view: RunView | None, *, zone: tzinfo | None) -> str:
    """The opened run, or a word about what will stand here."""
    if view is None:
        return (
            '<section class="panel run" aria-label="Run">'
            '<p class="none">No run yet. After the first one, its curves and its verdict stand here.</p></section>'
        )
    run = view.run
    body = _under_way(view) if view.progress is not None else _ended(view, zone)
    return (
        f'<section class="panel run" aria-label="Run {safe(run.name)}"><div class="bar"><h2 class="name" tabindex="-1" data-focus>'
        f"Run {safe(run.name)}</h2>{_actions(view)}</div>{_line(run, zone)}{body}"
        f"{_details(view, zone)}</section>"
    )


def _actions(view: RunView) -> str:
    run = view.run
    if view.progress is not None:
        if run.cancel_asked:
            return '<span class="hint">Cancelling …</span>'
        return button("Cancel", data_act="cancel_run", data_run=run.name, data_confirm="Cancel this run?")
    if view.promotable:
        sure = "Take it live although it was refused?" if run.state is RunState.REFUSED else "Take it live?"
        return button("Promote", data_act="promote", data_run=run.name, data_confirm=sure)
    return '<span class="hint">answers now</span>' if view.live else ""


def _line(run: Run, zone: tzinfo | None) -> str:
    """`✓ Went live · 22 Nov 2026, 02:00 · by the schedule · took 41 min`."""
    parts = [when(run.started_at or run.created_at, zone), TRIGGERS[run.trigger], METHODS[run.method]]
    if run.started_at and run.ended_at:
        parts.append(f"took {duration((run.ended_at - run.started_at).total_seconds())}")
    return f'<p class="outcome">{sign(run)} <b>{STATES[run.state]}</b> <small>{" · ".join(parts)}</small></p>'


def duration(seconds: float) -> str:
    """`45 s`, `12 min`, `2 h 05 min`."""
    if seconds < 90:
        return f"{max(0, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


# ---- under way


def _under_way(view: RunView) -> str:
    assert view.progress is not None
    return f"{_bar(view.progress)}{curves(view)}"


def _bar(progress: Progress) -> str:
    """A bar with words. Its region says nothing by itself: a screen reader would be interrupted every two seconds."""
    step = f", step {progress.step:,} of {progress.steps:,}" if progress.done is not None else ""
    left = "" if progress.seconds_left is None else f", about {duration(progress.seconds_left)} left"
    words = f"<span>{safe(sentence_case(progress.doing + step + left))}</span>"
    if progress.done is None:
        return f'<div class="progress">{words}</div>'
    return f'<div class="progress"><progress max="1" value="{progress.done:.3f}" aria-label="This part of the run"></progress>{words}</div>'


def curves(view: RunView) -> str:
    """The curves of each candidate and part; while they grow, the part that is trained comes first."""
    groups = []
    parts = list(view.charts.items())
    for name, charts in parts if view.progress is None else reversed(parts):
        drawn = "".join(map(chart, charts))
        if drawn:
            groups.append(f'<h3>{safe(name)}</h3><div class="charts">{drawn}</div>')
    return "".join(groups)


# ---- ended


def _ended(view: RunView, zone: tzinfo | None) -> str:
    run = view.run
    why = f'<p class="notice">{safe(sentence_case(run.problem))}</p>' if run.problem else ""
    return f"{why}{note(run.note)}{verdict(run.verdict, said=bool(run.note)) if run.verdict else ''}"


def note(text: str) -> str:
    """The note for clinicians: a paragraph a line; what a line is about (`Better:`) stands out."""
    lines = [line.partition(": ") for line in text.split("\n") if line.strip()]
    paragraphs = "".join(
        f"<p><b>{safe(about)}</b>{colon}{_code(rest)}</p>"
        if colon and len(about) <= _LEAD_CHARS
        else f"<p>{_code(about + colon + rest)}</p>"
        for about, colon, rest in lines
    )
    return f'<div class="note">{paragraphs}</div>' if paragraphs else ""


def _code(text: str) -> str:
    """What stands between backticks is typed in a terminal; a number stays on one line with its unit."""
    return _TYPED.sub(r"<code>\1</code>", safe(text)).replace(" %", "\N{NO-BREAK SPACE}%")


def verdict(given: Verdict, *, said: bool = False) -> str:
    """The verdict as a sentence (unless the note has `said` it), what stood in the way, and its table.

    The comparison with quoting is folded away.
    """
    sentence = "" if said else f"<p>{safe(given.sentence)}</p>"
    reasons = "".join(f"<li>{safe(sentence_case(reason))}</li>" for reason in given.reasons)
    more = f"<ul>{reasons}</ul>" if len(given.reasons) > 1 else ""
    rows = table_rows(given)
    live = [row for row in rows if row.against == "live"]
    others = [row for row in rows if row.against != "live"]
    return (
        f'<div class="verdict"><h3>Verdict</h3>{sentence}{more}{table(live, other="Live")}'
        f"{fold('Against quoting', table(others, other='Quoting'), name='quoting')}"
        f"{f'<p class=hint>{safe(caption(given))}</p>' if rows else ''}</div>"
    )


def table(rows: Sequence[TableRow], *, other: str) -> str:
    """One measure a line: both models, their difference with its interval, and what that means in a word."""
    if not rows:
        return ""
    body = "".join(
        f'<tr><th scope="row">{safe(row.metric)}</th><td class="number">{safe(row.other)}</td>'
        f'<td class="number">{safe(row.candidate)}</td><td class="number">{safe(row.difference)}</td>'
        f'<td class="word{" bad" if row.sign == "✗" else ""}"><span aria-hidden="true">{safe(row.sign)}</span> {safe(row.word)}</td></tr>'
        for row in rows
    )
    return (
        '<table><caption class="sr">What was measured on patients kept apart</caption><thead><tr>'
        f'<th scope="col">Measure</th><th scope="col" class="number">{other}</th><th scope="col" class="number">Candidate</th>'
        f'<th scope="col" class="number">Difference</th><th scope="col">In words</th></tr></thead><tbody>{body}</tbody></table>'
    )


# ---- all the rest, folded


def _details(view: RunView, zone: tzinfo | None) -> str:
    run = view.run
    drawn = curves(view) if view.progress is None else ""
    return (
        fold("Curves", drawn, name="curves")
        + fold("What it learned from", pairs(in_words(run.counts)), name="counts")
        + fold("Settings", pairs(run.settings), name="settings")
        + fold("Log", _log(view.log, zone), name="log", opened=view.progress is not None)
    )


def fold(title: str, body: str, *, name: str, opened: bool = False) -> str:
    """A part that is opened with a click; the page remembers which are open."""
    if not body:
        return ""
    return f'<details data-fold="{name}"{attributes(open=opened)}><summary>{title}</summary>{body}</details>'


def pairs(values: Mapping[str, Any]) -> str:
    """Names and values as two columns."""
    rows = "".join(
        f"<div><dt>{safe(name.replace('_', ' '))}</dt><dd>{safe('–' if value is None else value)}</dd></div>"
        for name, value in values.items()
    )
    return f'<dl class="pairs">{rows}</dl>' if rows else ""


def _log(lines: Sequence[tuple[datetime, str]], zone: tzinfo | None) -> str:
    items = "".join(
        f"<li><time>{at.astimezone(zone):%H:%M:%S}</time> {safe(text)}</li>" for at, text in lines[-_LOG_LINES:]
    )
    return f'<ol class="log">{items}</ol>' if items else ""
