"""What was said, by name, and what stands of it. Pure.

A key names what somebody said: `edit-12`, `choice-5`, `rating-3`; what two thumbs say together is `rating-3+rating-4`.
The preference pair and the accepted answer that follow from one correction share its key, so that who takes the
correction back takes back both.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from feedback.schema import Decision, Edit, Rating, Ruling

KINDS = ("edit", "choice", "rating")
_PART = re.compile(rf"({'|'.join(KINDS)})-(\d{{1,18}})")


def key_of(kind: str, *ids: int) -> str:
    return "+".join(f"{kind}-{id}" for id in ids)


def parts_of(key: str) -> tuple[tuple[str, int], ...]:
    """`rating-3+rating-4` → `(("rating", 3), ("rating", 4))`; nothing for what is no key."""
    found = [_PART.fullmatch(part) for part in key.split("+")]
    return tuple((match[1], int(match[2])) for match in found if match) if all(found) else ()


def latest_edits(edits: Iterable[Edit]) -> Iterator[tuple[Edit, Edit]]:
    """The edit that holds for each turn, and the one that first said so: amending the reason says nothing new."""
    by_id = {edit.id: edit for edit in sorted(edits, key=lambda edit: edit.id)}
    for edit in {edit.turn_id: edit for edit in by_id.values()}.values():
        said = edit
        while (before := by_id.get(said.based_on or 0)) and _same_words(before, said):
            said = before
        yield edit, said


def _same_words(before: Edit, after: Edit) -> bool:
    return before.rater == after.rater and before.edited_answer.strip() == after.edited_answer.strip()


def latest_ratings(ratings: Iterable[Rating]) -> list[Rating]:
    """The thumb that holds for each rater and turn."""
    return list({(one.turn_id, one.rater): one for one in sorted(ratings, key=lambda one: one.id)}.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the decisions leave of something that was said."""

    withdrawn: bool = False
    """By whoever said it. Nobody else can overrule this."""
    ruling: Ruling | None = None
    """`ACCEPT` or `DISCARD`, the latest."""
    since: datetime | None = None
    """When it was accepted or restored: it counts as said then."""


class Standings:
    """What stands of everything, looked up by key."""

    def __init__(self, decisions: Sequence[Decision]) -> None:
        self._withdrawals: dict[str, Decision] = {}
        self._reviews: dict[str, Decision] = {}
        for decision in sorted(decisions, key=lambda decision: decision.id):
            of_author = decision.ruling in (Ruling.WITHDRAW, Ruling.RESTORE)
            (self._withdrawals if of_author else self._reviews)[decision.key] = decision

    def of(self, key: str) -> Standing:
        """A pair of thumbs goes when one of them does; it is accepted as a pair only."""
        keys = list(dict.fromkeys([key, *key.split("+")]))
        taken_back = [self._withdrawals[one] for one in keys if one in self._withdrawals]
        reviews = [self._reviews[one] for one in keys if one in self._reviews]
        ruling, own = None, self._reviews.get(key)
        if any(review.ruling is Ruling.DISCARD for review in reviews):
            ruling = Ruling.DISCARD
        elif own is not None:
            ruling = own.ruling
        again = [one.created_at for one in taken_back if one.ruling is Ruling.RESTORE]
        again += [own.created_at] if own is not None and ruling is Ruling.ACCEPT else []
        return Standing(
            withdrawn=any(one.ruling is Ruling.WITHDRAW for one in taken_back),
            ruling=ruling,
            since=max(again, default=None),
        )
