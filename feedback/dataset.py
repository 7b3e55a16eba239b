"""Feedback → everything that a training run needs: screened, split, de-identified again.

Texts are de-identified, and still patients': what is written of a dataset belongs on an encrypted disk.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from assistant.prompts.fencing import neutralise
from assistant.prompts.wording import EXAMPLES_CLOSE, EXAMPLES_OPEN
from assistant.settings import GroundingSettings
from feedback.cleaning import Cleaner
from feedback.demonstrations import Demonstration, Item, Thumb
from feedback.items import Standings
from feedback.pairs import PreferencePair
from feedback.schema import Decision, Feedback, Turn
from feedback.screening import Aside, Screened, SetAside, items_of, limit_raters, screen
from feedback.splits import Split, split_turns
from feedback.store import FeedbackStore

if TYPE_CHECKING:
    from assistant.deid.engine import Deidentifier

_OPEN, _CLOSE = EXAMPLES_OPEN.partition("{")[0], EXAMPLES_CLOSE.partition("{")[0]
_LEAST_COPY = 40
"""Characters: a shorter answer is anybody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one split holds."""

    pairs: tuple[PreferencePair, ...] = ()
    demonstrations: tuple[Demonstration, ...] = ()
    thumbs: tuple[Thumb, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        return (*self.pairs, *self.demonstrations, *self.thumbs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An answer of the frozen eval set, and what its clinician made of it."""

    turn: Turn
    """Its prompt is de-identified again; its sources are in `turn.answer.sources`."""
    final: str = field(repr=False)
    """The text that the clinician corrected it to, accepted, or preferred."""
    rejected: str | None = field(default=None, repr=False)
    """The answer that was corrected, or the one that was not chosen."""
    source: str
    """`edit`, `thumbs` or `choice`."""
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """What a run trains on, stops by and is judged by."""

    parts: Mapping[Split, Part]
    """The training part holds what was said since the last run; the others hold everything."""
    replay: tuple[Demonstration, ...] = ()
    """Accepted answers of the training split from before, against forgetting."""
    judged: tuple[Judged, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    new: int = 0
    """How many corrections, choices and thumbs since the last run teach: what the floor of a run is about."""

    @property
    def train(self) -> Part:
        return self.parts[Split.TRAIN]

    @property
    def validation(self) -> Part:
        return self.parts[Split.VALIDATION]

    @property
    def eval(self) -> Part:
        return self.parts[Split.EVAL]

    def counts(self) -> dict[str, int]:
        """`pairs`, `pairs.edit`, `train.pairs`, `set_aside.typo_only` and so on, for the ledger. Zeros are left out."""
        counts: Counter[str] = Counter(new=self.new, replay=len(self.replay), judged=len(self.judged))
        for split, part in self.parts.items():
            for name, items in (
                ("pairs", part.pairs),
                ("demonstrations", part.demonstrations),
                ("thumbs", part.thumbs),
            ):
                counts.update({name: len(items), f"{split}.{name}": len(items)})
                counts.update(f"{name}.{item.source}" for item in items)
        counts.update(f"set_aside.{one.reason}" for one in self.set_aside)
        return {name: count for name, count in counts.items() if count}


def build(
    store: FeedbackStore,
    *,
    key: bytes,
    deidentifier: "Deidentifier",
    since: datetime | None = None,
    max_rater_share: float = 1.0,
    grounding: GroundingSettings = GroundingSettings(),
) -> Dataset:
    """Everything that was said, as a run may use it. The same feedback gives the same dataset.

    Args:
        key: `Keys.split`, the same for ever.
        since: Train on what was said since then only; what was accepted earlier is for replay.
        max_rater_share: As in `feedback.screening.limit_raters`, of the training split.

    Raises:
        DeidError: Nothing can be masked at all; what cannot be masked alone is left out and counted.
    """
    return assemble(
        store.feedback(),
        store.decisions(),
        key=key,
        patients=store.patients(),
        cleaner=Cleaner(deidentifier),
        since=since,
        max_rater_share=max_rater_share,
        grounding=grounding,
    )


def assemble(
    feedback: Feedback,
    decisions: Sequence[Decision],
    *,
    key: bytes,
    cleaner: Cleaner,
    since: datetime | None = None,
    max_rater_share: float = 1.0,
    grounding: GroundingSettings = GroundingSettings(),
    patients: Mapping[str, str] = {},
) -> Dataset:
    """As `build`, from values. `patients` as in `split_turns`."""
    turns = {turn.id: turn for turn in feedback.turns}
    splits = split_turns(key, feedback.turns, patients=patients)
    standings = Standings(decisions)
    screened = screen(items_of(feedback), decisions, turns, grounding=grounding)
    aside = list(screened.set_aside)
    by_split: dict[Split, list[Item]] = {split: [] for split in Split}
    for item in screened.kept:
        by_split[splits[item.turn_ids[0]]].append(item)

    apart = _without_eval_answers(by_split[Split.TRAIN], by_split[Split.VALIDATION] + by_split[Split.EVAL])
    limited = limit_raters(apart.kept, share=max_rater_share, key=key)
    by_split[Split.TRAIN] = list(limited.kept)
    aside += [*apart.set_aside, *limited.set_aside]

    clean: dict[Split, list[Item]] = {split: [] for split in Split}
    for split, items in by_split.items():
        for item in items:
            cleaned = _clean(item, turns, cleaner)
            if cleaned is None:
                aside.append(SetAside(item=item, reason=Aside.IDENTIFIERS))
            else:
                clean[split].append(cleaned)

    def is_new(item: Item) -> bool:
        said = (item.given_at, standings.of(item.key).since)
        return since is None or any(at >= since for at in said if at is not None)

    train = clean[Split.TRAIN]
    return Dataset(
        parts={
            Split.TRAIN: _part([item for item in train if is_new(item)]),
            Split.VALIDATION: _part(clean[Split.VALIDATION]),
            Split.EVAL: _part(clean[Split.EVAL]),
        },
        replay=_part([item for item in train if not is_new(item)]).demonstrations,
        judged=tuple(_judge(_part(clean[Split.EVAL]), turns)),
        set_aside=tuple(aside),
        new=len({item.key for items in clean.values() for item in items if is_new(item)}),
    )


def _part(items: Sequence[Item]) -> Part:
    return Part(
        pairs=tuple(item for item in items if isinstance(item, PreferencePair)),
        demonstrations=tuple(item for item in items if isinstance(item, Demonstration)),
        thumbs=tuple(item for item in items if isinstance(item, Thumb)),
    )


def _clean(item: Item, turns: Mapping[int, Turn], cleaner: Cleaner) -> Item | None:
    sources = turns[item.turn_ids[0]].answer.sources
    if isinstance(item, PreferencePair):
        cleaned = cleaner.clean(item.prompt, (item.chosen, item.rejected), sources)
        if cleaned is None or not all(text.strip() for text in cleaned.answers):
            return None
        chosen, rejected = cleaned.answers
        return replace(item, prompt=cleaned.prompt, chosen=chosen, rejected=rejected)
    cleaned = cleaner.clean(item.prompt, (item.completion,), sources)
    return None if cleaned is None else replace(item, prompt=cleaned.prompt, completion=cleaned.answers[0])


def _judge(part: Part, turns: Mapping[int, Turn]) -> Iterator[Judged]:
    """Each turn of the eval split once: as it was corrected, or else as it was accepted, or else as it was preferred."""
    found: dict[int, Judged] = {}
    rejected = {pair.key: pair.rejected for pair in part.pairs}
    texts = [(one.turn_id, one.completion, rejected.get(one.key), one) for one in part.demonstrations]
    texts += [(pair.turn_ids[0], pair.chosen, pair.rejected, pair) for pair in part.pairs]
    for turn_id, final, worse, item in texts:
        turn = replace(turns[turn_id], messages=item.prompt)
        found.setdefault(turn_id, Judged(turn=turn, final=final, rejected=worse, source=item.source, key=item.key))
    yield from (found[turn_id] for turn_id in sorted(found))


def _without_eval_answers(train: Sequence[Item], held_back: Sequence[Item]) -> Screened:
    """The items of the training split whose prompts show, as examples, no answer that is kept for judging or stopping."""
    texts = {
        text
        for item in held_back
        for text in ((item.chosen, item.rejected) if isinstance(item, PreferencePair) else (item.completion,))
    }
    copies = [copy for text in texts if len(copy := neutralise(text).strip()) >= _LEAST_COPY]

    def shows_one(item: Item) -> bool:
        shown = "\n".join(_examples_in(message.content) for message in item.prompt)
        return bool(shown) and any(copy in shown for copy in copies)

    shown = {id(item) for item in train if shows_one(item)}
    return Screened(
        kept=tuple(item for item in train if id(item) not in shown),
        set_aside=tuple(SetAside(item=item, reason=Aside.SHOWS_EVAL) for item in train if id(item) in shown),
    )


def _examples_in(content: str) -> str:
    _, opened, rest = content.partition(_OPEN)
    return rest.partition(_CLOSE)[0] if opened else ""
