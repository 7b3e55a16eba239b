"""Under an answer: which earlier answers of clinicians it follows, each with a switch."""

from collections.abc import Collection
from datetime import tzinfo

from assistant.schema import Answer, UsedExample
from ui.render import button, safe


def followed(
    answer: Answer, turn_id: int | None, *, switched_off: Collection[str] = (), zone: tzinfo | None = None
) -> str:
    """`Answered as in your correction of 12 Nov.`, a day of the practice. Empty where no earlier answer was followed."""
    if not answer.examples:
        return ""
    lines = "".join(_line(example, turn_id, off=example.key in switched_off, zone=zone) for example in answer.examples)
    return f'<ul class="followed" aria-label="Earlier answers that this one follows">{lines}</ul>'


def _line(example: UsedExample, turn_id: int | None, *, off: bool, zone: tzinfo | None) -> str:
    whose = "your" if example.own else "a colleague's"
    what = "correction" if example.corrected else "accepted answer"
    local = example.given_at.astimezone(zone)
    day = f"{local.day} {local:%b}"
    if off:
        said = f"Not followed any more: {whose} {what} of {day}."
        act, label = "follow", "Follow it again"
    else:
        said = f"Answered as in {whose} {what} of {day}."
        act, label = "unfollow", "Do not follow it"
    switch = button(label, class_="quiet", data_act=act, data_turn=turn_id, data_key=example.key) if turn_id else ""
    return f"<li>{safe(said)} {switch}</li>"
