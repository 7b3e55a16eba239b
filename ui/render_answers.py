"""The conversation as HTML: answers with their support, what can be said about them, and corrections.

An answer is drawn so that nobody needs colour to read it: `✓1` is a source, `◐1 partly` a half-supported sentence,
`⚠ no source says this` an unsupported one.
"""

import re
from collections.abc import Callable, Sequence
from datetime import tzinfo
from difflib import SequenceMatcher

from assistant.deid.mask import PLACEHOLDER
from assistant.schema import Answer, AnswerSentence, Citation, Support
from feedback.schema import Reason
from ui.render import attributes, button, problem, safe
from ui.render_examples import followed
from ui.visit import ShownTurn

REASONS = {
    Reason.WRONG: "Wrong",
    Reason.NOT_IN_REPORT: "Not in the report",
    Reason.MISSING: "Missing something",
    Reason.UNSAFE: "Unsafe",
    Reason.TOO_LONG: "Too long",
    Reason.STYLE: "Style",
    Reason.OTHER: "Other",
}
STAGES = {
    "searching": "Searching",
    "writing": "Writing",
    "checking": "Checking sources",
}
_BULLET = re.compile(r"[ \t]*(?:[-•*]|(\d{1,3}[.)]))[ \t]+")
_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_MAX_DIFF_TOKENS = 6_000
"""Beyond this, a correction is compared line by line: word by word takes quadratic time."""
_SAME_TEXT = 0.35
"""Below this similarity a correction is another text: single words in common would only confuse."""


def citations_of(answer: Answer) -> list[Citation]:
    """The distinct citations of an answer, in the order of their numbers."""
    seen: dict[tuple[str, int, int], Citation] = {}
    for sentence in answer.sentences:
        for citation in sentence.citations:
            seen.setdefault((citation.report_id, citation.start, citation.end), citation)
    return list(seen.values())


def conversation(
    turns: Sequence[ShownTurn], *, conversation_id: int | None, ready: bool, zone: tzinfo | None = None
) -> str:
    """All finished turns. `ready`: a report is loaded."""
    body = "".join(_turn(turn, zone) for turn in turns) or _welcome(ready)
    return f'<div class="turns" role="log" aria-label="Conversation"{attributes(data_conversation=conversation_id or "")}>{body}</div>'


def _welcome(ready: bool) -> str:
    text = (
        "Ask about the report, or choose Summary, Abnormal, Diagnosis or Compare."
        if ready
        else "Load a report on the left, or ask about the reports kept so far."
    )
    return f'<div class="welcome"><p>{text}</p><p>Each sentence of an answer shows which source says it.</p></div>'


def live(question: str, *, stage: str, text: str = "", detail: str = "", second: bool = False) -> str:
    """The answer that is being written."""
    word = f"{STAGES.get(stage, stage)}{f' {detail}' if detail else ''} …"
    who = "Second answer" if second else "Curbside"
    asked = "" if second else _you(question)
    return (
        f'<article class="turn running" aria-busy="true">{asked}<div class="answer"><span class="who">{who}</span>'
        f'<div class="text" aria-live="off">{plain(text)}</div><p class="stage" role="status">{safe(word)}</p></div></article>'
    )


def place(position: int) -> str:
    """`3rd in the queue`."""
    if position == 1:
        return "Next in the queue"
    ending = "th" if position % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(position % 10, "th")
    return f"{position}{ending} in the queue"


def _you(question: str) -> str:
    return f'<div class="you"><span class="who">You</span><p>{said(question)}</p></div>'


def _turn(turn: ShownTurn, zone: tzinfo | None) -> str:
    key = turn.turn_id
    if turn.other is not None and turn.chosen is None:
        body = _pair(turn, turn.other, zone)
    elif turn.other is not None and turn.chosen == turn.other.turn_id:
        body = f"{_answer(turn.other, zone, note='Second answer, your choice')}{_said(turn.other)}{_unchosen(turn)}"
    else:
        note = "First answer, your choice" if turn.other else ""
        body = f"{_answer(turn, zone, note=note)}{_said(turn)}{_unchosen(turn.other) if turn.other else ''}"
    return f'<article class="turn"{attributes(data_turn=key)}>{_you(turn.question)}{body}</article>'


def _unchosen(turn: ShownTurn) -> str:
    return f'<details class="unchosen"><summary>The other answer</summary><div class="text">{plain(turn.answer.text)}</div></details>'


def _pair(first: ShownTurn, second: ShownTurn, zone: tzinfo | None) -> str:
    """Two answers side by side, without saying which model wrote which."""
    columns = "".join(
        f'<div class="one">{_answer(turn, zone, note=name)}'
        f"{button('This one is better', data_act='choose', data_turn=turn.turn_id, aria_label=f'{name} is better')}</div>"
        for name, turn in (("First answer", first), ("Second answer", second))
    )
    return f'<div class="pair">{columns}</div>{button("No difference", class_="quiet", data_act="no_choice", data_turn=first.turn_id)}'


def _answer(turn: ShownTurn, zone: tzinfo | None, *, note: str = "") -> str:
    answer = turn.answer
    badges = [
        note,
        "Corrected" if turn.edit else "",
        "Stopped" if answer.stopped else "",
        "Quoted, not written by the model" if answer.fallback else "",
    ]
    who = f'<span class="who">Curbside{"".join(f" <em>{safe(badge)}</em>" for badge in badges if badge)}</span>'
    if turn.edit is None:
        below = _not_shown(answer) + followed(answer, turn.turn_id, switched_off=turn.unfollowed, zone=zone)
        return f'<div class="answer">{who}<div class="text">{sentences(answer, turn.turn_id)}</div>{below}</div>'
    shown = difference(answer.text, turn.edit.edited_answer)
    if turn.kept:
        kept = f'<p class="kept" role="status">{safe(turn.kept)}</p>{_why_corrected(turn)}'
        return f'<div class="answer">{who}<div class="text diff">{shown}</div>{kept}</div>'
    return (
        f'<div class="answer">{who}<div class="text">{plain(turn.edit.edited_answer)}</div>'
        f'<details class="changed"><summary>What was changed</summary><div class="text diff">{shown}</div></details></div>'
    )


def _not_shown(answer: Answer) -> str:
    """What the model did not read: an answer that leaves it out is not wrong about it."""
    if not answer.trimmed:
        return ""
    return f'<p class="trimmed">Not shown to the model, which reads no more: {safe(", ".join(answer.trimmed))}.</p>'


def _why_corrected(turn: ShownTurn) -> str:
    """The reason for the correction that was just kept, in one click."""
    chosen = turn.edit.reason if turn.edit else None
    chips = "".join(
        button(label, data_act="correct", data_turn=turn.turn_id, data_reason=reason.value, aria_pressed=str(reason is chosen).lower())
        for reason, label in REASONS.items()
    )  # fmt: skip
    return f'<div class="chips reasons" role="group" aria-label="Why?"><span>Why?</span>{chips}</div>'


def sentences(answer: Answer, turn_id: int | None) -> str:
    """The answer's text, line by line, with its support after each sentence."""
    numbers = {(c.report_id, c.start, c.end): n for n, c in enumerate(citations_of(answer), 1)}

    def annotate(start: int, end: int) -> str:
        pieces, done = [], start
        for sentence in answer.sentences:
            first, last = max(sentence.start, start), min(sentence.end, end)
            if first >= last:
                continue
            pieces.append(said(answer.text[done:first]))
            text = answer.text[first:last]
            # The last word and the marks stay on one line: a mark alone on a line belongs to nothing.
            word = (
                len(text) - len(text.split(" ")[-1])
                if sentence.end <= end and len(text.split(" ")[-1]) < 24
                else len(text)
            )
            kind = f'<span class="s {sentence.support.value}">'
            pieces.append(f"{kind}{said(text[:word])}</span>" if word else "")
            if sentence.end <= end:
                ending = f"{kind}{said(text[word:])}</span>" if word < len(text) else ""
                pieces.append(f'<span class="ending">{ending}{_support(sentence, numbers, turn_id)}</span>')
            done = last
        pieces.append(said(answer.text[done:end]))
        return "".join(pieces)

    return _lines(answer.text, annotate)


def said(text: str) -> str:
    """Words of an answer; placeholders look as they do in the report."""
    pieces, done = [], 0
    for found in PLACEHOLDER.finditer(text):
        pieces.append(f'{safe(text[done : found.start()])}<span class="mask">{found.group()}</span>')
        done = found.end()
    return "".join(pieces) + safe(text[done:])


def plain(text: str) -> str:
    """A text as lines and list items, without support: while it is being written, or after a correction."""
    return _lines(text, lambda start, end: said(text[start:end]))


def _lines(text: str, draw: Callable[[int, int], str]) -> str:
    """List items hang from their bullets. `draw` renders a part of the text."""
    html, at = [], 0
    for line in text.splitlines(keepends=True):
        end = at + len(line.rstrip("\r\n"))
        marker = _BULLET.match(text, at, end)
        if marker is None:
            html.append(f'<div class="line">{draw(at, end) or "<br>"}</div>')
        else:
            number = marker.group(1) or ""
            html.append(
                f'<div class="line item"><span class="bullet">{safe(number) or "•"}</span>{draw(marker.end(), end)}</div>'
            )
        at += len(line)
    return "".join(html)


def _support(sentence: AnswerSentence, numbers: dict[tuple[str, int, int], int], turn_id: int | None) -> str:
    if sentence.support is Support.UNSUPPORTED:
        return f' <span class="flag"><span aria-hidden="true">⚠</span> {safe(sentence.reason or "no source says this")}</span>'
    partly = sentence.support is Support.PARTIAL
    marks = []
    for citation in sentence.citations:
        number = numbers[citation.report_id, citation.start, citation.end]
        place = ", ".join(filter(None, (citation.label, citation.section)))
        label = f"Source {number}: {place}{f', in part: {sentence.reason}' if partly else ''}"
        act = attributes(data_act="cite", data_turn=turn_id, data_number=number, aria_label=label, title=place)
        marks.append(
            f'<button type="button" class="cite{" partial" if partly else ""}"{act}>{"◐" if partly else "✓"}{number}</button>'
        )
    # "Partly" says that part of it is missing; only another reason is worth the words.
    reason = "" if sentence.reason.startswith("part of") else sentence.reason
    why = f' <span class="flag">partly{safe(f": {reason}" if reason else "")}</span>' if partly else ""
    return f"\N{NO-BREAK SPACE}{' '.join(marks)}{why}"


def _said(turn: ShownTurn) -> str:
    """What can be said about an answer, and what was."""
    if turn.turn_id is None:
        return ""
    key, thumbs = turn.turn_id, turn.rating.thumbs if turn.rating else 0
    text = turn.edit.edited_answer if turn.edit else turn.answer.text
    up = button("", icon="up", aria_label="Good answer (Alt+1)", title="Good answer (Alt+1)", aria_pressed=str(thumbs > 0).lower(),
                data_act="rate", data_turn=key, data_thumbs=1)  # fmt: skip
    down = button("", icon="down", aria_label="Poor answer (Alt+2)", title="Poor answer (Alt+2)", aria_pressed=str(thumbs < 0).lower(),
                  data_act="rate", data_turn=key, data_thumbs=-1, data_opens=f"why-{key}")  # fmt: skip
    edit = button("Correct", icon="correct", title="Correct (Alt+E)", data_open=f"edit-{key}", aria_expanded="false")
    second = button("Second answer", icon="second", data_act="second", data_turn=key) if turn.other is None else ""
    copy = button("Copy", icon="copy", data_copy=text.strip())
    thanks = "" if turn.rating is None else f'<span class="said" role="status">{_thanks(turn)}</span>'
    return (
        f'<div class="actions" role="toolbar" aria-label="About this answer">{up}{down}{edit}{second}{copy}{thanks}</div>'
        f"{problem(turn.problem)}{_why(turn)}{_editor(turn, text)}"
    )


def _thanks(turn: ShownTurn) -> str:
    rating = turn.rating
    assert rating is not None
    reason = f": {REASONS[rating.reason].lower()}" if rating.reason else ""
    return safe(f"Rated {'good' if rating.thumbs > 0 else 'poor'}{reason}")


def _chips(name: str, chosen: Reason | None, *, title: str) -> str:
    """One reason, one click."""
    chips = "".join(
        f'<label class="chip"><input type="radio" name="{name}" value="{reason.value}"{attributes(checked=reason is chosen)}>'
        f"<span>{label}</span></label>"
        for reason, label in REASONS.items()
    )
    return f'<fieldset class="chips"><legend>{safe(title)}</legend>{chips}</fieldset>'


def _why(turn: ShownTurn) -> str:
    key, rating = turn.turn_id, turn.rating
    chosen = rating.reason if rating and rating.thumbs < 0 else None
    return (
        f'<form class="why" data-panel="why-{key}" data-act="reason" data-closes="why-{key}" hidden><input type="hidden" name="turn" value="{key}">'
        f"{_chips('reason', chosen, title='What was wrong with it?')}"
        f'<label class="sr" for="comment-{key}">In your own words</label>'
        f'<input type="text" id="comment-{key}" name="comment" maxlength="2000" data-draft="comment-{key}" placeholder="In your own words (optional)">'
        f'<button type="submit">Send</button>{button("Cancel", class_="quiet", data_close=f"why-{key}")}</form>'
    )


def _editor(turn: ShownTurn, text: str) -> str:
    """The answer as an editor. It stays open, with what was typed, until the correction is really kept."""
    key, edit, conflict = turn.turn_id, turn.edit, turn.conflict
    based_on = conflict.id if conflict else edit.id if edit else ""
    stamp = f' data-saved="edit-{key}" data-stamp="{edit.id}"' if edit and turn.kept else ""
    other = (
        '<div class="conflict" role="alert"><p>This answer was corrected in another window meanwhile. Your text is still here. '
        f'The other correction:</p><blockquote class="text">{safe(conflict.edited_answer)}</blockquote>'
        "<p>Saving now keeps both, yours as the latest.</p></div>"
        if conflict
        else ""
    )
    return (
        f'<form class="editor" data-panel="edit-{key}" data-act="correct"{stamp} hidden>{other}'
        f'<input type="hidden" name="turn" value="{key}"><input type="hidden" name="based_on" value="{based_on}">'
        f'<label class="sr" for="edit-{key}">Corrected answer</label>'
        f'<textarea id="edit-{key}" name="text" data-draft="edit-{key}" rows="4">{safe(text)}</textarea>'
        f"{_chips('reason', None, title='Why? (optional, one click)')}"
        f'<div class="row"><button type="submit" class="primary">Save correction</button>'
        f"{button('Cancel', class_='quiet', data_close=f'edit-{key}', data_forget=f'edit-{key}')}</div></form>"
    )


def difference(before: str, after: str) -> str:
    """`after` with what was removed struck through and what was added underlined. The texts can be read back from it."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) + len(new) > _MAX_DIFF_TOKENS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if before and after and matcher.ratio() < _SAME_TEXT:
        return f"<ins>{safe(after)}</ins><del>{safe(before)}</del>"
    pieces = []
    for what, i1, i2, j1, j2 in matcher.get_opcodes():
        if what == "equal":
            pieces.append(safe("".join(new[j1:j2])))
            continue
        if i2 > i1:
            pieces.append(f"<del>{safe(''.join(old[i1:i2]))}</del>")
        if j2 > j1:
            pieces.append(f"<ins>{safe(''.join(new[j1:j2]))}</ins>")
    return "".join(pieces)
