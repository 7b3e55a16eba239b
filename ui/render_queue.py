"""The Review tab as HTML: what waits for a person, and one of it opened with all that is needed to decide."""

from collections.abc import Sequence
from datetime import tzinfo

from feedback.queue import ReviewItem
from feedback.schema import Ruling
from ui.render import attributes, button, count, safe, sentence_case, shorten, when
from ui.render_answers import REASONS, difference, plain, said

SAID = {
    "edit": "Correction",
    "choice": "Choice between two answers",
    "thumbs": "Thumbs",
    "thumb": "Thumb",
    "answer": "Answer",
}
"""What an entry came from."""
_KEYS = (
    ("j k", "next and previous (also ↓ ↑)"),
    ("a", "accept: it teaches"),
    ("d", "discard: it teaches nothing"),
    ("e", "correct the answer"),
)


def queue_panel(items: Sequence[ReviewItem], *, opened: str | None, everything: bool, zone: tzinfo | None) -> str:
    """The entries, newest first. `everything`: also what does not wait for anybody."""
    entries = "".join(_entry(item, current=item.name == opened, zone=zone) for item in items)
    nothing = '<li class="none">Nothing was said yet.</li>' if everything else '<li class="none">Nothing waits.</li>'
    told = count(len(items), "entry").replace("entrys", "entries") if everything else f"{len(items):,} waiting"
    modes = "".join(
        button(label, data_act="show_queue", data_all=value, aria_pressed=str(pressed).lower())
        for label, value, pressed in (("Waiting", "", not everything), ("All", "yes", everything))
    )
    return (
        '<section class="panel queue" aria-label="Review queue"><div class="bar"><h2>Review</h2>'
        f'<div class="switch" role="group" aria-label="Which entries">{modes}</div></div>'
        f'<p class="hint" role="status">{told}</p><ul class="items scroll">{entries or nothing}</ul></section>'
    )


def _entry(item: ReviewItem, *, current: bool, zone: tzinfo | None) -> str:
    act = attributes(data_act="open_item", data_item=item.name)
    why = "; ".join(item.reasons) or state_of(item)
    return (
        f"<li{attributes(aria_current=current and 'true')}>"
        f'<button type="button" class="item"{act}>{SAID[item.source]}: {safe(shorten(item.better or item.original, 70))} '
        f"<small>{safe(why)} · {when(item.said_at, zone)}</small></button></li>"
    )


def state_of(item: ReviewItem) -> str:
    """What was decided, or what happens without a decision."""
    if item.standing.withdrawn:
        return "withdrawn"
    match item.standing.ruling:
        case Ruling.ACCEPT:
            return "accepted"
        case Ruling.DISCARD:
            return "discarded"
        case _:
            return "teaches" if item.teaches else "teaches nothing"


def item_panel(
    item: ReviewItem | None, *, place: tuple[int, int], rater: str, zone: tzinfo | None, note: str = ""
) -> str:
    """One entry. `place`: its number in the list and how many there are; `note`: what was decided just now."""
    told = f'<p class="notice" role="status">{safe(note)}</p>' if note else ""
    if item is None:
        return (
            f'<section class="panel entry" aria-label="Entry">{told}<p class="none" tabindex="-1" data-focus>'
            "Nothing is open. Answers rated poor, answers that their sources do not support, and corrections with doubts "
            "come here before they teach.</p></section>"
        )
    number, of = place
    return (
        f'<section class="panel entry" aria-label="Entry"><div class="bar"><h2 class="name" tabindex="-1" data-focus>{SAID[item.source]}</h2>'
        f'<span class="place">{number} of {of}</span>{_walk()}</div>{told}{_why(item)}'
        f'<div class="you"><span class="who">Asked</span><p>{said(item.turn.question)}</p></div>'
        f"{_texts(item)}{_from(item, zone)}{_actions(item, rater)}{_editor(item)}{_report(item)}{_help()}</section>"
    )


def _walk() -> str:
    return "".join(
        button(sign, class_="step", data_step=way, aria_label=label, title=f"{label} ({key})")
        for sign, way, label, key in (("‹", "previous", "Previous entry", "k"), ("›", "next", "Next entry", "j"))
    )


def _why(item: ReviewItem) -> str:
    """Why a person should look, in words, with what they need to see it."""
    reasons = "".join(f"<li>{safe(sentence_case(reason))}</li>" for reason in item.reasons)
    sentences = "".join(f"<li>“{said(sentence.strip())}”</li>" for sentence in item.sentences)
    comment = f'<p class="comment">“{said(item.comment)}”</p>' if item.comment else ""
    more = f'<ul class="without" aria-label="What no source says">{sentences}</ul>' if sentences else ""
    return f'<div class="whylook"><ul>{reasons}</ul>{comment}{more}</div>' if reasons or more or comment else ""


def _texts(item: ReviewItem) -> str:
    """A correction as its difference from the answer; of two answers both; else the answer."""
    if item.better is None:
        return (
            f'<div class="answer"><span class="who">Answer</span><div class="text">{plain(item.original)}</div></div>'
        )
    if item.source == "edit":
        changed = difference(item.original, item.better)
        return f'<div class="answer"><span class="who">Changed</span><div class="text diff">{changed}</div></div>'
    return "".join(
        f'<div class="answer"><span class="who">{name}</span><div class="text">{plain(text)}</div></div>'
        for name, text in (("Preferred", item.better), ("The other", item.original))
    )


def _from(item: ReviewItem, zone: tzinfo | None) -> str:
    """Where it comes from: who said it and when, about which report, answered by what."""
    report = f"report {item.turn.report_id}" if item.turn.report_id else "no report"
    parts = [
        f"{'asked' if item.key is None else 'said'} by {safe(item.rater)}",
        when(item.said_at, zone),
        safe(report),
        f"answered by {safe(item.turn.answer.model_id)}",
        f"as it stands: {state_of(item)}",
    ]
    return f'<p class="hint">{" · ".join(parts)}</p>'


def _actions(item: ReviewItem, rater: str) -> str:
    name, ruling = item.name, item.standing.ruling
    buttons = []
    if not item.standing.withdrawn:
        buttons = [
            _key("Accept", "a", class_="primary", data_act="accept", data_item=name, disabled=ruling is Ruling.ACCEPT),
            _key("Discard", "d", data_act="discard", data_item=name, disabled=ruling is Ruling.DISCARD),
        ]
    buttons.append(_key("Correct", "e", data_open=f"correct-{name}", aria_expanded="false"))
    if item.key and item.rater == rater:
        act, label = ("restore", "Restore") if item.standing.withdrawn else ("withdraw", "Withdraw")
        buttons.append(button(label, data_act=act, data_item=name, title="You said it: only you can take it back"))
    return f'<div class="row deciding" role="toolbar" aria-label="Decide">{"".join(buttons)}</div>'


def _key(label: str, key: str, **values: object) -> str:
    """A button that shows its key."""
    return f'<button type="button"{attributes(**values)}>{safe(label)} <kbd aria-hidden="true">{key}</kbd></button>'


def _editor(item: ReviewItem) -> str:
    name = item.name
    choices = "".join(f'<option value="{reason.value}">{label}</option>' for reason, label in REASONS.items())
    return (
        f'<form class="editor" data-panel="correct-{safe(name)}" data-act="correct_item" data-closes="correct-{safe(name)}" hidden>'
        f'<input type="hidden" name="item" value="{safe(name)}"><label class="sr" for="corrected">Corrected answer</label>'
        f'<textarea id="corrected" name="text" rows="6" data-draft="correct-{safe(name)}">{safe(item.better or item.original)}</textarea>'
        f'<div class="row"><label for="corrected-why">Why?</label><select id="corrected-why" name="reason"><option value="">–</option>{choices}</select>'
        f'<button type="submit" class="primary">Save correction</button>{button("Cancel", class_="quiet", data_close=f"correct-{name}")}</div></form>'
    )


def _report(item: ReviewItem) -> str:
    """What the answer was about, to decide by."""
    sources = "".join(
        f'<h3>{safe(source.label)}</h3><div class="paper" tabindex="0" role="region" aria-label="{safe(source.label)}">{said(source.text)}</div>'
        for source in item.turn.answer.sources
    )
    return (
        f'<details data-fold="sources" open><summary>What it was answered from</summary>{sources}</details>'
        if sources
        else ""
    )


def _help() -> str:
    keys = " · ".join(f"<kbd>{key}</kbd> {words}" for key, words in _KEYS)
    return f'<p class="hint keyhelp">{keys}</p>'
