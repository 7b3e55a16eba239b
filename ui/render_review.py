"""What a reviewer sees of the masks, under the report: counts, the span at hand, what is in doubt, what was changed.

The buttons do what the keys do; `assets/walk.js` carries both. Originals appear here as they do in the report's own
marks: in the page of the session that loaded the report, and nowhere else.
"""

from collections.abc import Sequence

from ui.desk_values import LoadedReport
from ui.render import attributes, button, count, safe, shorten
from ui.spots import BY_HAND, MASKED, Change, Spot, State, find_changes, find_spots, percent

_LISTED = 200
"""Rows of a list. Who needs more of them walks."""
_HINT = "Click a masked span to unmask it. Select text to mask it."

_KEYS = (
    ("n p", "next and previous span (also j k, → ←)"),
    ("N P", "… of those to check or in doubt (also d)"),
    ("m a", "mask the selection or the text at hand · all like it"),
    ("u A", "unmask · all like it"),
    ("x X", "not an identifier · nor any like it"),
    ("z", "undo (also Ctrl+Z)"),
    ("?", "these keys"),
    ("Alt+R", "from anywhere to the report"),
)
_ACTIONS = (
    # what walk.js does, its label (`All`: with how many there are), its key, what it means, and for which states it is
    ("unmask", "Unmask", "u", "Show the text as it is", "doubt sure yours"),
    ("unmask_alike", "All", "A", "Unmask all like this", "doubt sure yours"),
    ("mask", "Mask", "m", "Mask this place", "check unmasked left"),
    ("mask_alike", "Mask all like this", "a", "Wherever these words stand", "check doubt sure yours unmasked left"),
    ("confirm", "Not an identifier", "x", "Leave it as text", "check"),
    ("confirm_alike", "All", "X", "Leave all like this as text", "check"),
)


def review_bar(loaded: LoadedReport, *, said: str = "", undoable: bool = False) -> str:
    spots = find_spots(loaded)
    walk = "".join(
        button(sign, class_="step", data_walk=way, aria_label=label, title=f"{label} ({key})")
        for sign, way, label, key in (("‹", "previous", "Previous span", "p"), ("›", "next", "Next span", "n"))
    )
    return (
        '<div class="review" role="group" aria-label="Masks">'
        f'<div class="top"><p class="counts">{counts(spots)}</p><span class="tools">'
        f"{_button('Undo', 'z', data_act='undo', disabled=not undoable)}"
        f"{button('List', data_open='spots', aria_expanded='false')}"
        f"{_button('', '?', aria_label='Keys', title='Keys', data_open='keys', aria_expanded='false')}{keys()}</span></div>"
        f'<div class="hand">{walk}<div class="what"><p class="said"{attributes(data_new=bool(said))}>{safe(said or _HINT)}</p>'
        '<p class="span"></p></div><span class="place"></span></div>'
        f'<div class="doing">{actions()}</div>{lists(spots, find_changes(loaded))}</div>'
    )


def counts(spots: Sequence[Spot]) -> str:
    """`2 to check · 41 spans masked · 3 in doubt · by you: 2 masked, 1 unmasked`; what can be gone to is a button."""
    number = {state: sum(spot.state is state for spot in spots) for state in State}
    parts = [_jump(State.CHECK, f"{number[State.CHECK]} to check")] if number[State.CHECK] else []
    parts.append(f"<b>{count(sum(number[state] for state in MASKED), 'span')} masked</b>")
    parts.append(_jump(State.DOUBT, f"{number[State.DOUBT]} in doubt") if number[State.DOUBT] else "0 in doubt")
    by_hand = ((State.YOURS, "masked"), (State.UNMASKED, "unmasked"), (State.LEFT, "left"))
    if yours := [_jump(state, f"{number[state]} {words}") for state, words in by_hand if number[state]]:
        parts.append(f"by you: {', '.join(yours)}")
    return " · ".join(parts)


def _jump(state: State, words: str) -> str:
    return button(words, class_="jump", data_walk=state, title="Go to the next one")


def actions() -> str:
    """Buttons for the span at hand or the selected text; walk.js shows those that fit."""
    return "".join(
        _button(label, key, title=title, data_do=do, data_for=states, data_many=label == "All", hidden=True)
        for do, label, key, title, states in _ACTIONS
    )


def keys() -> str:
    rows = "".join(
        f"<div><dt>{' '.join(f'<kbd>{safe(key)}</kbd>' for key in written.split())}</dt><dd>{safe(what)}</dd></div>"
        for written, what in _KEYS
    )
    return (
        f'<dl class="keys pop" data-panel="keys" aria-label="Keys, while the report has the focus" hidden>{rows}</dl>'
    )


def lists(spots: Sequence[Spot], changes: Sequence[Change]) -> str:
    """The review list: what is to be checked, what is in doubt, and what was decided by hand."""
    by_state = {
        state: [_spot_row(spot) for spot in spots if spot.state is state] for state in (State.CHECK, State.DOUBT)
    }
    masked = sum(spot.state in MASKED for spot in spots)
    return (
        '<div class="lists scroll" data-panel="spots" hidden>'
        f"{_list(f'To check: {len(by_state[State.CHECK])}', by_state[State.CHECK]) if by_state[State.CHECK] else ''}"
        f"{_list(f'In doubt: {len(by_state[State.DOUBT])} of {masked}', by_state[State.DOUBT])}"
        f"{_list(f'Changed by you: {len(changes)}', [_change_row(change) for change in changes])}</div>"
    )


def _list(title: str, rows: Sequence[str]) -> str:
    more = f"<li><small>and {len(rows) - _LISTED:,} more: walk to them</small></li>" if len(rows) > _LISTED else ""
    items = "".join(rows[:_LISTED])
    return f"<h3>{safe(title)}</h3>{f'<ul class=rows>{items}{more}</ul>' if rows else ''}"


def _spot_row(spot: Spot) -> str:
    where = {"data_start": str(spot.start), "data_end": str(spot.end)}
    if spot.state is State.CHECK:
        about = f'<span class="kind">{safe(spot.kind)}?</span> <small>{safe(spot.reason)}</small>'
        acts = button("Mask", class_="quiet", data_act="mask", **where)
        acts += button("Not one", class_="quiet", data_act="confirm", title="Not an identifier", **where)
    else:
        about = f'<span class="kind">{safe(spot.kind)}</span> <code>{safe(spot.placeholder)}</code> <b>{percent(spot.score)}</b>'
        acts = button("Unmask", class_="quiet", data_act="unmask", **where)
    return _row(spot.start, spot.original, about, acts)


def _change_row(change: Change) -> str:
    where = {"data_start": str(change.start), "data_end": str(change.end)}
    places = f" in {count(change.places, 'place')}" if change.places > 1 else ""
    about = f"<small>{BY_HAND[change.state]}{places}</small>"
    return _row(change.start, change.original, about, button("Revert", class_="quiet", data_act="revert", **where))


def _row(start: int, original: str, about: str, acts: str) -> str:
    return f'<li><button type="button" class="go" data-go="{start}"><q>{safe(shorten(original, 60))}</q> {about}</button>{acts}</li>'


def _button(label: str, key: str, **values: object) -> str:
    """A button that names its key."""
    keys = f"Shift+{key}" if key.isupper() else key.upper()
    return f'<button type="button"{attributes(**values, aria_keyshortcuts=keys)}><span>{safe(label)}</span> <kbd>{safe(key)}</kbd></button>'
