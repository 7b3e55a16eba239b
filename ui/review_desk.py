"""What a reviewer can do: look at what waits, accept, discard, correct, and take back what is theirs."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from feedback.errors import SaidNotFound
from feedback.items import key_of
from feedback.queue import ReviewItem, review_queue
from feedback.schema import Ruling

if TYPE_CHECKING:
    from ui.wiring import Parts

_TURNS = 500
"""The latest so many answers are looked through."""
_SHOWN = 100


class ReviewDesk:
    """One installation's review queue. Everybody who signs in may review; texts are de-identified. Safe to share between threads."""

    def __init__(self, parts: "Parts") -> None:
        self._parts = parts
        self._lock = threading.Lock()
        self._known: tuple[tuple[object, ...], tuple[ReviewItem, ...]] | None = None

    def queue(self, *, everything: bool = False) -> Sequence[ReviewItem]:
        """What waits for a person, newest first; with `everything`, also what does not."""
        store = self._parts.feedback
        with self._lock:  # screening takes its time: two pages that ask at once need it once
            version = (*store.version(), store.counts().turns)
            if self._known is None or self._known[0] != version:
                found = review_queue(
                    store.recent(_TURNS),
                    store.decisions(),
                    everything=True,
                    limit=_TURNS,
                    grounding=self._parts.settings.grounding,
                )
                self._known = (version, found)
            found = self._known[1]
        return [item for item in found if everything or item.waits][:_SHOWN]

    def accept(self, name: str, rater: str) -> str:
        """It teaches, although there were doubts. An answer that nobody spoke about is rated good first."""
        self._decide(name, Ruling.ACCEPT, rater, thumbs=1)
        return "Accepted: it teaches."

    def discard(self, name: str, rater: str) -> str:
        """It teaches nothing. An answer that nobody spoke about is rated poor first."""
        self._decide(name, Ruling.DISCARD, rater, thumbs=-1)
        return "Discarded: it teaches nothing."

    def withdraw(self, name: str, rater: str) -> str:
        """Raises `NotTheAuthor`."""
        self._parts.feedback.decide(self._item(name).key or name, Ruling.WITHDRAW, rater=rater)
        return "Withdrawn: it teaches nothing, whatever others decide."

    def restore(self, name: str, rater: str) -> str:
        """Raises `NotTheAuthor`."""
        self._parts.feedback.decide(self._item(name).key or name, Ruling.RESTORE, rater=rater)
        return "Restored."

    def correct(self, name: str, rater: str, *, text: str, reason: str | None = None) -> str:
        """Keep a correction of the answer, whoever asked for it. Raises as `Desk.correct`."""
        item = self._item(name)
        edits = self._parts.feedback.edits(item.turn.id)
        kept = self._parts.desk.correct(
            item.turn.id,
            rater=rater,
            text=text,
            reason=reason,
            based_on=edits[-1].id if edits else None,
            reviewing=True,
        )
        return kept.message

    def _decide(self, name: str, ruling: Ruling, rater: str, *, thumbs: int) -> None:
        item, store = self._item(name), self._parts.feedback
        key = item.key or key_of("rating", store.rate(item.turn.id, rater=rater, thumbs=1 if thumbs > 0 else -1))
        store.decide(key, ruling, rater=rater)

    def _item(self, name: str) -> ReviewItem:
        """Raises `SaidNotFound`: deleted meanwhile, or beyond what is looked through."""
        for item in self.queue(everything=True):
            if name_of(item) == name:
                return item
        raise SaidNotFound(key=name)


def name_of(item: ReviewItem) -> str:
    """How pages call it."""
    return item.key or f"turn-{item.turn.id}"
