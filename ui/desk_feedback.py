"""What a person can do about what was said: review it, correct it, take it back, have it forgotten."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assistant.deid.review import mask_typed
from assistant.errors import InputError, ReportNotFound, ReportTooLong, UnknownValue
from feedback.queue import ReviewItem, review_queue
from feedback.schema import Edit, Forgotten, Reason, Ruling, Turn
from ui.begin_again import BegunAgain, begin_again

if TYPE_CHECKING:
    from ui.wiring import Parts

_RECENT_TURNS = 500
"""So far back the queue looks: what is older was seen, or nobody missed it."""
_PSEUDONYM = re.compile(r"P-[0-9a-f]{10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was forgotten, and that nothing of it is left."""

    said: Forgotten
    """Of conversations and feedback."""
    reports: int = 0
    """Deleted from the library and its index."""
    left: int = 0
    """Reports that the library or its index still have, rows that still mention them, and runs that did not stop: 0."""
    in_files: bool = False
    """Whether the index's files still hold deleted vectors: a Chroma server's do, and those that another process has open."""
    run: BegunAgain | None = None
    """The run under way that had read it, stopped and begun again without it."""


class FeedbackDesk:
    """One installation's review desk. Safe to share between people and threads."""

    def __init__(self, parts: "Parts") -> None:
        self._parts = parts

    def queue(self, *, everything: bool = False, limit: int = 50) -> Sequence[ReviewItem]:
        """What waits for a reviewer, newest first; with `everything`, also what does not. Everybody sees everybody's."""
        store = self._parts.feedback
        return review_queue(
            store.recent(_RECENT_TURNS),
            store.decisions(),
            everything=everything,
            limit=limit,
            grounding=self._parts.settings.grounding,
        )

    def decide(self, key: str, ruling: str, *, rater: str) -> None:
        """Accept, discard, withdraw or restore what was said under `key`.

        Raises:
            UnknownValue: Another ruling.
            SaidNotFound: Nothing was said under this key.
            NotTheAuthor: Withdrawing or restoring somebody else's words.
        """
        if ruling not in list(Ruling):
            raise UnknownValue(name="ruling", value=ruling, known=tuple(Ruling))
        self._parts.feedback.decide(key, Ruling(ruling), rater=rater)

    def correct(
        self, turn_id: int, *, rater: str, text: str, based_on: int | None = None, reason: Reason | None = None
    ) -> int:
        """Keep a reviewer's correction of anybody's answer; the edit's id.

        Raises:
            TurnNotFound
            EditConflict: Somebody saved another correction meanwhile.
            InputError: It is empty, too long, or changes nothing.
        """
        store, limit = self._parts.feedback, self._parts.settings.reading.max_report_chars
        turn = store.turn(turn_id)
        if len(text) > limit:
            raise ReportTooLong(length=len(text), limit=limit, what="the text")
        masked = mask_typed(self._parts.deidentifier, text, known=_kept_text(turn)).text.strip() if text.strip() else ""
        if not masked:
            raise InputError("the correction is empty; write the answer as it should be, or discard it")
        base = _based_on(store.edits(turn_id), based_on)
        if masked == (base.edited_answer if base else turn.answer.text).strip():
            raise InputError("the correction is the same as the answer; change it, or accept it as it is")
        edit_id = store.edit(turn_id, rater=rater, edited_answer=masked, reason=reason, based_on=based_on)
        self._parts.metrics.feedback("edit")
        return edit_id

    # ---- forgetting

    def forget_turn(self, turn_id: int) -> Erased:
        """Forget an answer, what was said about it and its copies in later prompts. Raises `TurnNotFound`."""
        self._parts.feedback.turn(turn_id)
        said = self._parts.feedback.forget(turn_ids=[turn_id])
        self._forget_examples()
        return self._without_run(Erased(said=said, left=said.left))

    def forget_report(self, report_id: str) -> Erased:
        """Forget a report, all conversations about it and its passages in others. Raises `ReportNotFound`."""
        known = bool(self._parts.library.get_all([report_id])) or self._parts.feedback.count_about(report_id) > 0
        erased = self._erase([report_id])
        if not known and not erased.said.turns and not erased.said.prompts:
            raise ReportNotFound(report_id=report_id)
        return erased

    def forget_patient(self, patient: str) -> Erased:
        """Forget all reports of a patient and all that was said about them.

        Args:
            patient: The pseudonym, or the patient as the files named them.
        """
        name = patient.strip()
        pseudonym = name if _PSEUDONYM.fullmatch(name) else self._parts.deidentifier.pseudonym(name)
        own = [report_id for report_id, known in self._parts.feedback.patients().items() if known == pseudonym]
        return self._erase(own, patient=pseudonym)

    def _erase(self, report_ids: Collection[str], *, patient: str | None = None) -> Erased:
        parts = self._parts
        # In this order: cut off in the middle, the report is still there, and can be forgotten again.
        said = parts.feedback.forget(report_ids=report_ids, patient=patient)
        self._forget_examples()
        kept = [report.id for report in parts.library.get_all(said.reports)]
        for report_id in kept:
            parts.ingest.delete_report(report_id)
        left = len(parts.library.get_all(said.reports))
        if kept:
            left += len(parts.index.report_ids() & set(said.reports))
        in_files = not parts.index.compact()
        return self._without_run(Erased(said=said, reports=len(kept), left=left + said.left, in_files=in_files))

    def _without_run(self, erased: Erased) -> Erased:
        """Once all else is forgotten: what a run reads from now on is without it."""
        if not erased.said.turns and not erased.said.prompts:
            return erased
        again = begin_again(self._parts)
        return replace(erased, run=again, left=erased.left + (again is not None and again.still_running))

    def _forget_examples(self) -> None:
        """What this process remembers must not come back in the next answer."""
        if "memory" in self._parts.__dict__:
            self._parts.memory.refresh()


def _kept_text(turn: Turn) -> str:
    """An answer and what the model read for it: text that is kept already."""
    return "\n".join([turn.answer.text, *(message.content for message in turn.messages)])


def _based_on(edits: Sequence[Edit], edit_id: int | None) -> Edit | None:
    return next((edit for edit in edits if edit.id == edit_id), None)
