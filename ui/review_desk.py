"""The review queue as a page walks through it: what waits, and what becomes of each decision, in words."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from feedback.errors import SaidNotFound
from feedback.items import key_of
from feedback.queue import ReviewItem
from feedback.schema import Ruling
from ui.desk import reason_named

if TYPE_CHECKING:
    from ui.desk_feedback import FeedbackDesk
    from ui.wiring import Parts

_LOOKED_THROUGH = 500
_SHOWN = 100


class ReviewDesk:
    """`FeedbackDesk` for pages that ask often. Everybody who signs in may review; texts are de-identified."""

    def __init__(self, parts: "Parts", said: "FeedbackDesk") -> None:
        self._parts, self._said = parts, said
        self._lock = threading.Lock()
        self._known: tuple[tuple[int, ...], Sequence[ReviewItem]] | None = None

    def queue(self, *, everything: bool = False) -> Sequence[ReviewItem]:
        """What waits for a person, newest first; with `everything`, also what does not."""
        store = self._parts.feedback
        with self._lock:  # screening takes its time: two pages that ask at once need it once
            version = (*store.version(), store.counts().turns)
            if self._known is None or self._known[0] != version:
                found = self._said.queue(everything=True, limit=_LOOKED_THROUGH)
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
        self._said.decide(self._item(name).key or name, Ruling.WITHDRAW, rater=rater)
        return "Withdrawn: it teaches nothing, whatever others decide."

    def restore(self, name: str, rater: str) -> str:
        """Raises `NotTheAuthor`."""
        self._said.decide(self._item(name).key or name, Ruling.RESTORE, rater=rater)
        return "Restored."

    def correct(self, name: str, rater: str, *, text: str, reason: str | None = None) -> str:
        """Keep a correction of the answer, whoever asked for it. Raises as `FeedbackDesk.correct`."""
        turn = self._item(name).turn
        edits = self._parts.feedback.edits(turn.id)
        latest = edits[-1].id if edits else None
        self._said.correct(turn.id, rater=rater, text=text, reason=reason_named(reason), based_on=latest)
        return self._parts.loop_desk.after_correction()

    def _decide(self, name: str, ruling: Ruling, rater: str, *, thumbs: int) -> None:
        item, store = self._item(name), self._parts.feedback
        key = item.key or key_of("rating", store.rate(item.turn.id, rater=rater, thumbs=1 if thumbs > 0 else -1))
        self._said.decide(key, ruling, rater=rater)

    def _item(self, name: str) -> ReviewItem:
        """Raises `SaidNotFound`: deleted meanwhile, or beyond what is looked through."""
        for item in self.queue(everything=True):
            if item.name == name:
                return item
        raise SaidNotFound(key=name)
