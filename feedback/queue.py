"""What a reviewer looks at: poor and badly supported answers, corrections with doubts, and on request all that teaches. Pure.

One entry for each thing that somebody said, and for each answer that speaks for itself by what its sources do not say.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from assistant.schema import Support
from assistant.settings import GroundingSettings
from feedback.demonstrations import Demonstration, Item, Thumb
from feedback.items import Standing, Standings, latest_ratings
from feedback.pairs import PreferencePair
from feedback.schema import Decision, Feedback, Rating, Turn
from feedback.screening import REASONS, Aside, items_of, screen

LEAST_UNSUPPORTED = 1 / 3
"""Share of an answer's sentences that no source supports from which on a person should look. A hunch."""
_FOR_A_PERSON = frozenset({Aside.NEEDS_REVIEW, Aside.CONTRADICTORY, Aside.LENGTH_GAME})
_DOWN, _UNGROUNDED = "rated poor", "its sources do not say much of it"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """Something that was said about an answer, or an answer alone, with all that a reviewer needs."""

    key: str | None
    """What a decision is about, as in `feedback.items`; `None`: nobody said anything, it can only be corrected."""
    turn: Turn
    original: str = field(repr=False)
    """The answer as shown; of two answers, the one that was not preferred."""
    better: str | None = field(default=None, repr=False)
    """What it was corrected to, or the preferred answer."""
    source: str
    """What it came from: `edit`, `choice`, `thumbs` (two of them, or an accepted answer), `thumb`, `answer`."""
    rater: str
    """Who said it, and alone can withdraw it."""
    said_at: datetime
    reasons: tuple[str, ...] = ()
    """Why to look at it, in words for people."""
    sentences: tuple[str, ...] = field(default=(), repr=False)
    """Which sentences no source supports."""
    comment: str = field(default="", repr=False)
    """What somebody wrote with a thumb down."""
    standing: Standing = field(default_factory=Standing)
    teaches: bool = False
    """Whether it is in the next training as things stand, unless its split is kept for judging."""

    @property
    def name(self) -> str:
        """How pages and routes call it."""
        return self.key or f"turn-{self.turn.id}"

    @property
    def waits(self) -> bool:
        """Whether it waits for a person: there is a reason, and nobody has decided."""
        return bool(self.reasons) and not self.standing.withdrawn and self.standing.ruling is None


def review_queue(
    feedback: Feedback,
    decisions: Sequence[Decision],
    *,
    everything: bool = False,
    limit: int = 50,
    grounding: GroundingSettings = GroundingSettings(),
) -> tuple[ReviewItem, ...]:
    """What waits for a person, newest first; with `everything`, also what does not. `feedback` as of `FeedbackStore.recent`."""
    turns = {turn.id: turn for turn in feedback.turns}
    entries = [*_said(feedback, decisions, turns, grounding), *_unsaid(feedback, turns)]
    wanted = [entry for entry in entries if everything or entry.waits]
    return tuple(sorted(wanted, key=lambda entry: (entry.said_at, entry.turn.id), reverse=True)[:limit])


def unsupported(turn: Turn) -> tuple[str, ...]:
    """The sentences of an answer that no source supports, if they are many."""
    said = turn.answer.sentences
    without = tuple(sentence.text for sentence in said if sentence.support is Support.UNSUPPORTED)
    return without if said and len(without) >= LEAST_UNSUPPORTED * len(said) else ()


def _said(
    feedback: Feedback, decisions: Sequence[Decision], turns: Mapping[int, Turn], grounding: GroundingSettings
) -> Iterator[ReviewItem]:
    standings = Standings(decisions)
    screened = screen(items_of(feedback), decisions, turns, grounding=grounding)
    aside = {(type(one.item), one.item.key): one for one in screened.set_aside}
    by_key: dict[str, list[Item]] = {}
    for item in (*screened.kept, *(one.item for one in screened.set_aside)):
        by_key.setdefault(item.key, []).append(item)
    taught = {item.key for item in screened.kept}
    corrected = {edit.turn_id for edit in feedback.edits}
    down = _thumbs_down(feedback.ratings)
    for key, items in by_key.items():
        item = min(items, key=_telling)
        if isinstance(item, Thumb) and item.turn_id in corrected:
            continue  # the correction says more, and its entry shows the thumb
        turn = turns[item.turn_ids[0]]
        put_aside = aside.get((type(item), key))
        doubt = put_aside.reason if put_aside and put_aside.reason in _FOR_A_PERSON else None
        ungrounded = unsupported(turn) if item.source in ("thumbs", "thumb") else ()
        thumb = down.get(turn.id)
        reasons = [REASONS[doubt]] if doubt else []
        reasons += [_DOWN] if thumb else []
        reasons += [_UNGROUNDED] if ungrounded else []
        yield ReviewItem(
            key=key,
            turn=turn,
            original=item.rejected if isinstance(item, PreferencePair) else turn.answer.text,
            better=_better(item),
            source=item.source,
            rater=item.rater,
            said_at=item.given_at,
            reasons=tuple(reasons),
            sentences=put_aside.sentences if put_aside and put_aside.sentences else ungrounded,
            comment=thumb.comment if thumb else "",
            standing=standings.of(key),
            teaches=key in taught,
        )


def _unsaid(feedback: Feedback, turns: Mapping[int, Turn]) -> Iterator[ReviewItem]:
    spoken = {said.turn_id for said in (*feedback.ratings, *feedback.edits)}
    spoken |= {id for choice in feedback.choices for id in (choice.chosen_turn_id, choice.rejected_turn_id)}
    for turn in turns.values():
        if turn.id not in spoken and (sentences := unsupported(turn)):
            yield ReviewItem(
                key=None,
                turn=turn,
                original=turn.answer.text,
                source="answer",
                rater=turn.rater,
                said_at=turn.created_at,
                reasons=(_UNGROUNDED,),
                sentences=sentences,
            )


def _telling(item: Item) -> int:
    """Of what follows from one word, the pair shows most."""
    return (PreferencePair, Demonstration, Thumb).index(type(item))


def _better(item: Item) -> str | None:
    if isinstance(item, PreferencePair):
        return item.chosen
    return item.completion if item.source == "edit" else None


def _thumbs_down(ratings: Iterable[Rating]) -> dict[int, Rating]:
    return {rating.turn_id: rating for rating in latest_ratings(ratings) if rating.thumbs < 0}
