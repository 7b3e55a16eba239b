"""Which of what was said teaches, and why the rest does not. Pure.

What is set aside is not deleted: it keeps its reason, and people see it in the review queue. A reviewer who accepts
something overrules the doubts about its text. Nothing overrules a withdrawal by whoever said it; two people who
contradict each other are both left out until one withdraws or a reviewer discards one.
"""

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from assistant.settings import GroundingSettings
from feedback.changes import added_facts, is_length_game, only_typos
from feedback.demonstrations import Demonstration, Item, Thumb, make_demonstrations, make_thumbs
from feedback.items import Standings
from feedback.pairs import PreferencePair, make_pairs
from feedback.schema import Decision, Feedback, Ruling, Turn


class Aside(StrEnum):
    """Why something does not teach."""

    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"
    CONTRADICTORY = "contradictory"
    NEEDS_REVIEW = "needs_review"
    LENGTH_GAME = "length_game"
    TYPO_ONLY = "typo_only"
    DUPLICATE = "duplicate"
    RATER_SHARE = "rater_share"
    IDENTIFIERS = "identifiers"
    """Found when it is de-identified again for training: `feedback.cleaning`."""
    SHOWS_EVAL = "shows_eval"
    """Found when the splits are known: `feedback.dataset`."""


REASONS: Mapping[Aside, str] = {
    Aside.WITHDRAWN: "withdrawn by whoever said it",
    Aside.DISCARDED: "discarded in review",
    Aside.CONTRADICTORY: "two people say the opposite",
    Aside.NEEDS_REVIEW: "the correction says what no source says",
    Aside.LENGTH_GAME: "only longer by repeating itself, or emptied to a word",
    Aside.TYPO_ONLY: "only spelling or punctuation was corrected",
    Aside.DUPLICATE: "the same was said before",
    Aside.RATER_SHARE: "one person's share would be too large",
    Aside.IDENTIFIERS: "it may still identify somebody",
    Aside.SHOWS_EVAL: "its prompt shows an answer that is kept for judging",
}
"""For people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """Something that does not teach, and why."""

    item: Item
    reason: Aside
    sentences: tuple[str, ...] = field(default=(), repr=False)
    """Of `NEEDS_REVIEW`: what no source says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    kept: tuple[Item, ...] = ()
    set_aside: tuple[SetAside, ...] = ()


def items_of(feedback: Feedback) -> tuple[Item, ...]:
    """Everything that could be learned from: pairs, demonstrations, thumbs."""
    pairs = make_pairs(feedback)
    return (*pairs, *make_demonstrations(feedback), *make_thumbs(feedback, pairs))


def screen(
    items: Sequence[Item],
    decisions: Sequence[Decision],
    turns: Mapping[int, Turn],
    *,
    grounding: GroundingSettings = GroundingSettings(),
) -> Screened:
    """Keep what teaches. Items that share a key (what somebody said in one go) share its fate, but for a typo's pair.

    Args:
        turns: The turns of all items, by id.
    """
    standings = Standings(decisions)
    aside: list[SetAside] = []
    left: list[Item] = []
    for item in items:
        stands = standings.of(item.key)
        if stands.withdrawn or stands.ruling is Ruling.DISCARD:
            aside.append(SetAside(item=item, reason=Aside.WITHDRAWN if stands.withdrawn else Aside.DISCARDED))
        else:
            left.append(item)
    opposed = _contradictory(left)
    doubts: dict[str, SetAside | None] = {}
    kept: list[Item] = []
    for item in left:
        if item.key in opposed:
            aside.append(SetAside(item=item, reason=Aside.CONTRADICTORY))
            continue
        if item.key not in doubts:
            accepted = standings.of(item.key).ruling is Ruling.ACCEPT
            doubts[item.key] = None if accepted else _doubt(item, turns, grounding)
        doubt = doubts[item.key]
        if doubt is None or (doubt.reason is Aside.TYPO_ONLY and not isinstance(item, PreferencePair)):
            kept.append(item)
        else:
            aside.append(SetAside(item=item, reason=doubt.reason, sentences=doubt.sentences))
    kept, doubled = _merge(kept)
    return Screened(kept=tuple(kept), set_aside=(*aside, *doubled))


def limit_raters(items: Sequence[Item], *, share: float, key: bytes) -> Screened:
    """Keep from one person at most `share` of all that was said of a kind, where there are several people.

    A keyed hash decides which go, so that neither order nor time does. The share is of what came in, not of what is left:
    one trial correction by a colleague must not silence everybody who works with Curbside every day.
    """
    aside: list[SetAside] = []
    for kind in (PreferencePair, Demonstration, Thumb):
        of_kind = [item for item in items if isinstance(item, kind)]
        if len({item.rater for item in of_kind}) < 2:
            continue
        so_far: Counter[str] = Counter()
        for item in sorted(of_kind, key=lambda item: _rank(item, key)):
            so_far[item.rater] += 1
            if so_far[item.rater] > max(1, int(share * len(of_kind))):
                aside.append(SetAside(item=item, reason=Aside.RATER_SHARE))
    gone = {id(one.item) for one in aside}
    return Screened(kept=tuple(item for item in items if id(item) not in gone), set_aside=tuple(aside))


def _rank(item: Item, key: bytes) -> bytes:
    return hmac.digest(key, f"rater-share/{item.key}".encode(), hashlib.sha256)


def _doubt(item: Item, turns: Mapping[int, Turn], grounding: GroundingSettings) -> SetAside | None:
    """What speaks against the text of an item."""
    turn = turns[item.turn_ids[0]]
    if isinstance(item, PreferencePair):
        chosen, rejected = item.chosen, item.rejected
    elif item.source == "edit":
        chosen, rejected = item.completion, turn.answer.text.strip()
    else:
        return None
    if is_length_game(chosen, rejected, mode=turn.mode, sources=turn.answer.sources):
        return SetAside(item=item, reason=Aside.LENGTH_GAME)
    if item.source != "edit":
        return None
    if only_typos(rejected, chosen):
        return SetAside(item=item, reason=Aside.TYPO_ONLY)
    added = added_facts(rejected, chosen, turn.answer.sources, settings=grounding)
    return SetAside(item=item, reason=Aside.NEEDS_REVIEW, sentences=added) if added else None


def _contradictory(items: Iterable[Item]) -> set[str]:
    """Keys of what somebody said and somebody else said the opposite of."""
    sides: dict[tuple[object, ...], dict[object, list[Item]]] = {}
    for item in items:
        for matter, side in _opinions(item):
            sides.setdefault(matter, {}).setdefault(side, []).append(item)
    opposed: set[str] = set()
    for by_side in sides.values():
        for side, theirs in by_side.items():
            others = {item.rater for other, items in by_side.items() if other != side for item in items}
            opposed |= {item.key for item in theirs if others - {item.rater}}
    return opposed


def _opinions(item: Item) -> list[tuple[tuple[object, ...], object]]:
    """What an item takes a side on, and which: two texts, two turns; or one answer, for or against."""
    prompt = item.prompt
    if isinstance(item, PreferencePair):
        chosen, rejected = _plain(item.chosen), _plain(item.rejected)
        opinions: list[tuple[tuple[object, ...], object]] = [((prompt, frozenset((chosen, rejected))), chosen)]
        if len(item.turn_ids) > 1:
            opinions.append(((frozenset(item.turn_ids),), item.turn_ids[0]))
        return opinions
    if isinstance(item, Thumb):
        return [((prompt, _plain(item.completion)), item.label)]
    return [((prompt, _plain(item.completion)), True)] if item.source == "thumbs" else []


def _merge(items: Sequence[Item]) -> tuple[list[Item], list[SetAside]]:
    """Each text once for each prompt: the correction before the choice before the thumb, then the latest."""
    first: dict[tuple[object, ...], Item] = {}
    weight = {"edit": 2, "choice": 1}
    for item in sorted(items, key=lambda item: (weight.get(item.source, 0), item.given_at, item.key), reverse=True):
        first.setdefault(_sameness(item), item)
    stays = {id(item) for item in first.values()}
    doubled = [SetAside(item=item, reason=Aside.DUPLICATE) for item in items if id(item) not in stays]
    return [item for item in items if id(item) in stays], doubled


def _sameness(item: Item) -> tuple[object, ...]:
    if isinstance(item, PreferencePair):
        return (item.prompt, _plain(item.chosen), _plain(item.rejected))
    # A thumb up and a thumb down of one person on the same text: the later holds.
    return (type(item), item.prompt, _plain(item.completion))


_SPACE = re.compile(r"\s+")


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
