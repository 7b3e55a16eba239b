"""Feedback → preference pairs. Pure.

    edit    the latest correction of an answer is better than the answer
    choice  the chosen answer is better than the other
    thumbs  of two answers to the same prompt, the one with the thumb up is better than the one with the thumb down,
            if the same person gave both

Silence says nothing: physicians send a third of wrong drafts unedited (npj Digital Medicine, 2025). Nor do two equal texts.
An answer that was stopped half-way is no example of anything, unless somebody completed it in an edit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product

from assistant.schema import Message
from feedback.items import key_of, latest_edits, latest_ratings
from feedback.schema import Choice, Edit, Feedback, Rating, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencePair:
    """Two answers to one prompt, one preferred. `prompt`, `chosen` and `rejected` are TRL's names."""

    prompt: tuple[Message, ...]
    chosen: str = field(repr=False)
    rejected: str = field(repr=False)
    report_id: str | None
    patient: str | None
    """Pseudonym; the split key: pairs of one patient never straddle train and test."""
    source: str
    """`edit`, `choice` or `thumbs`."""
    turn_ids: tuple[int, ...]
    """The turn of the better answer, then that of the worse one, or the one turn that was edited."""
    rater: str
    given_at: datetime
    """When the preference was expressed."""
    key: str
    """What was said, as in `feedback.items`: decisions are about it."""


def make_pairs(feedback: Feedback) -> tuple[PreferencePair, ...]:
    """All preference pairs, in the order of their turns, each `(prompt, chosen, rejected)` once for each rater.

    Where somebody's later word contradicts an earlier one (the same two texts the other way round), the later holds.
    What two people say is left for `feedback.screening`.
    """
    turns = {turn.id: turn for turn in feedback.turns}
    # In this order: an edit says most, a thumb least, and the first of equal pairs stays.
    pairs = [
        *_from_edits(turns, feedback.edits),
        *_from_choices(turns, feedback.choices),
        *_from_thumbs(turns, feedback.ratings),
    ]
    first: dict[tuple[str, tuple[Message, ...], str, str], PreferencePair] = {}
    for pair in pairs:
        first.setdefault((pair.rater, pair.prompt, pair.chosen, pair.rejected), pair)
    return tuple(
        sorted(
            (
                pair
                for (rater, prompt, chosen, rejected), pair in first.items()
                if not _revoked(pair, first.get((rater, prompt, rejected, chosen)))
            ),
            key=lambda pair: (pair.turn_ids, pair.source, pair.rater),
        )
    )


def _revoked(pair: PreferencePair, opposite: PreferencePair | None) -> bool:
    return opposite is not None and (opposite.given_at, opposite.turn_ids) > (pair.given_at, pair.turn_ids)


def _from_edits(turns: dict[int, Turn], edits: Sequence[Edit]) -> Iterator[PreferencePair]:
    for edit, said in latest_edits(edits):
        turn = turns[edit.turn_id]
        key = key_of("edit", said.id)
        yield from _pair(
            turn, edit.edited_answer, turn.answer.text, (turn.id,), "edit", edit.rater, said.created_at, key
        )


def _from_choices(turns: dict[int, Turn], choices: Sequence[Choice]) -> Iterator[PreferencePair]:
    for choice in sorted(choices, key=lambda choice: choice.id, reverse=True):
        better, worse = turns[choice.chosen_turn_id], turns[choice.rejected_turn_id]
        # A second answer may have seen other past reports than the first, if some came in between: the question counts.
        if better.messages == worse.messages or _first_answer(better) == _first_answer(worse):
            key = key_of("choice", choice.id)
            yield from _between(better, worse, "choice", choice.rater, choice.created_at, key)


def _first_answer(turn: Turn) -> int:
    return turn.alternative_of or turn.id


def _from_thumbs(turns: dict[int, Turn], ratings: Sequence[Rating]) -> Iterator[PreferencePair]:
    groups: dict[tuple[str, tuple[Message, ...]], list[Rating]] = {}
    for rating in latest_ratings(ratings):
        groups.setdefault((rating.rater, turns[rating.turn_id].messages), []).append(rating)
    for (rater, _), group in groups.items():
        up = [rating for rating in group if rating.thumbs > 0]
        down = [rating for rating in group if rating.thumbs < 0]
        for good, bad in product(up, down):
            given_at = max(good.created_at, bad.created_at)
            key = key_of("rating", good.id, bad.id)
            yield from _between(turns[good.turn_id], turns[bad.turn_id], "thumbs", rater, given_at, key)


def _between(
    better: Turn, worse: Turn, source: str, rater: str, given_at: datetime, key: str
) -> Iterator[PreferencePair]:
    if not better.answer.stopped and not worse.answer.stopped:
        texts = better.answer.text, worse.answer.text
        yield from _pair(better, *texts, (better.id, worse.id), source, rater, given_at, key)


def _pair(
    turn: Turn, chosen: str, rejected: str, turn_ids: tuple[int, ...], source: str, rater: str, given_at: datetime,
    key: str,
) -> Iterator[PreferencePair]:  # fmt: skip
    chosen, rejected = chosen.strip(), rejected.strip()
    if turn.messages and chosen and rejected and chosen != rejected:
        yield PreferencePair(
            prompt=turn.messages,
            chosen=chosen,
            rejected=rejected,
            report_id=turn.report_id,
            patient=turn.patient,
            source=source,
            turn_ids=turn_ids,
            rater=rater,
            given_at=given_at,
            key=key,
        )
