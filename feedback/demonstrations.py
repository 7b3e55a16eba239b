"""Feedback → single answers: good ones to imitate, and thumbs that stand alone. Pure.

    demonstration   the final text of a corrected answer, or an answer with a thumb up that nobody corrected
    thumb           a thumb that no preference pair holds: KTO's (prompt, completion, label)

Silence is nothing. A thumb up on an answer that was corrected says nothing either: the correction does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from assistant.schema import Message, Mode
from feedback.items import key_of, latest_edits, latest_ratings, parts_of
from feedback.pairs import PreferencePair
from feedback.schema import Feedback, Rating, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """An answer as a clinician wants it. `prompt` and `completion` are TRL's names."""

    prompt: tuple[Message, ...]
    completion: str = field(repr=False)
    mode: Mode
    report_id: str | None
    patient: str | None
    """Pseudonym."""
    turn_id: int
    source: str
    """`edit` or `thumbs`."""
    rater: str
    given_at: datetime
    key: str
    """What was said, as in `feedback.items`."""

    @property
    def turn_ids(self) -> tuple[int, ...]:
        return (self.turn_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumb:
    """An answer with one person's thumb. `prompt`, `completion` and `label` are TRL's names."""

    prompt: tuple[Message, ...]
    completion: str = field(repr=False)
    label: bool
    """Up or down."""
    mode: Mode
    report_id: str | None
    patient: str | None
    """Pseudonym."""
    turn_id: int
    source: str = "thumb"
    rater: str
    given_at: datetime
    key: str
    """What was said, as in `feedback.items`."""

    @property
    def turn_ids(self) -> tuple[int, ...]:
        return (self.turn_id,)


Item = PreferencePair | Demonstration | Thumb
"""Anything that can be learned from."""


def make_demonstrations(feedback: Feedback) -> tuple[Demonstration, ...]:
    """All answers to imitate, in the order of their turns."""
    turns = {turn.id: turn for turn in feedback.turns}
    corrected = {edit.turn_id for edit in feedback.edits}
    found = [
        _demonstration(turns[edit.turn_id], edit.edited_answer, "edit", edit.rater, said.created_at, said.id)
        for edit, said in latest_edits(feedback.edits)
    ]
    found += [
        _demonstration(turn, turn.answer.text, "thumbs", rating.rater, rating.created_at, rating.id)
        for rating in latest_ratings(feedback.ratings)
        for turn in [turns[rating.turn_id]]
        if rating.thumbs > 0 and turn.id not in corrected and not turn.answer.stopped
    ]
    good = [one for one in found if one.prompt and one.completion]
    return tuple(sorted(good, key=lambda one: (one.turn_id, one.source, one.rater)))


def make_thumbs(feedback: Feedback, pairs: Sequence[PreferencePair]) -> tuple[Thumb, ...]:
    """The thumbs that none of `pairs` (those of `make_pairs`) holds, in the order of their turns."""
    turns = {turn.id: turn for turn in feedback.turns}
    corrected = {edit.turn_id for edit in feedback.edits}
    paired = {id for pair in pairs for kind, id in parts_of(pair.key) if kind == "rating"}
    found = [
        _thumb(turns[rating.turn_id], rating)
        for rating in latest_ratings(feedback.ratings)
        if rating.id not in paired and not (rating.thumbs > 0 and rating.turn_id in corrected)
        if not turns[rating.turn_id].answer.stopped
    ]
    good = [one for one in found if one.prompt and one.completion]
    return tuple(sorted(good, key=lambda one: (one.turn_id, one.rater)))


def _demonstration(
    turn: Turn, completion: str, source: str, rater: str, given_at: datetime, said_id: int
) -> Demonstration:
    return Demonstration(
        prompt=turn.messages,
        completion=completion.strip(),
        mode=turn.mode,
        report_id=turn.report_id,
        patient=turn.patient,
        turn_id=turn.id,
        source=source,
        rater=rater,
        given_at=given_at,
        key=key_of("edit" if source == "edit" else "rating", said_id),
    )


def _thumb(turn: Turn, rating: Rating) -> Thumb:
    return Thumb(
        prompt=turn.messages,
        completion=turn.answer.text.strip(),
        label=rating.thumbs > 0,
        mode=turn.mode,
        report_id=turn.report_id,
        patient=turn.patient,
        turn_id=turn.id,
        rater=rating.rater,
        given_at=rating.created_at,
        key=key_of("rating", rating.id),
    )
