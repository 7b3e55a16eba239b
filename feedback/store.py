"""Access to feedback; everything outside sees values.

SQL stands here and in the modules that this one calls: `conversations`, `said`, `removal`, `forgetting`, `decisions`, `counting`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assistant.database import Database
from assistant.errors import ConversationNotFound, EditConflict, TurnNotFound
from assistant.schema import Answer, Message, Mode, Report
from feedback import tables
from feedback.codec import (
    answer_columns,
    edit_value,
    put_reports,
    turn_value,
    write_messages,
)
from feedback.conversations import summaries, whole
from feedback.counting import count, count_new
from feedback.decisions import add_decision, all_decisions
from feedback.forgetting import forget
from feedback.removal import about, delete_conversations, scrub
from feedback.said import everything, latest, patients, version
from feedback.schema import (
    Conversation,
    ConversationSummary,
    Decision,
    Edit,
    Feedback,
    FeedbackCounts,
    Forgotten,
    NewFeedback,
    Reason,
    Ruling,
    Thumbs,
    Turn,
)
from feedback.scrub import Masked

# SQLModel types a column as the value it holds; statements are written with columns.
_Conversation: Any = tables.ConversationRow
_Turn: Any = tables.TurnRow
_Rating: Any = tables.RatingRow
_Edit: Any = tables.EditRow
_Choice: Any = tables.ChoiceRow


class FeedbackStore:
    """Keeps conversations and what was said about their answers. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start_conversation(
        self, *, rater: str, title: str, report: Report | None = None, earlier: Report | None = None
    ) -> int:
        """A new conversation's id. The title is de-identified, as everything here."""
        row = tables.ConversationRow(rater=rater, title=title)
        put_reports(row, report, earlier)
        with self._database.session(write=True) as session:
            return _add(session, row)

    def set_reports(self, conversation_id: int, *, report: Report | None, earlier: Report | None = None) -> None:
        """Put other reports, or the same with more masked, into a conversation. Raises `ConversationNotFound`."""
        with self._database.session(write=True) as session:
            put_reports(_conversation_row(session, conversation_id, None), report, earlier)

    def rename(self, conversation_id: int, *, title: str) -> None:
        """Raises `ConversationNotFound`."""
        with self._database.session(write=True) as session:
            _conversation_row(session, conversation_id, None).title = title

    def conversations(self, rater: str, *, offset: int = 0, limit: int = 50) -> Sequence[ConversationSummary]:
        """A rater's conversations, the latest first."""
        with self._database.session() as session:
            return summaries(session, rater, offset=offset, limit=limit)

    def conversation(self, conversation_id: int, *, rater: str | None = None) -> Conversation:
        """A conversation with its turns, each with its latest rating and edit.

        Args:
            rater: Who asks for it; somebody else's conversation is then not found. `None` looks at any.

        Raises:
            ConversationNotFound
        """
        with self._database.session() as session:
            return whole(session, _conversation_row(session, conversation_id, rater))

    def delete_conversation(self, conversation_id: int, *, rater: str | None = None) -> None:
        """Delete a conversation, its turns and all that was said about them. Raises `ConversationNotFound`."""
        with self._database.session(write=True) as session:
            _conversation_row(session, conversation_id, rater)
            delete_conversations(session, [conversation_id])

    def count_about(self, report_id: str) -> int:
        """How many conversations, of anybody, were held about a report or compared another one with it."""
        with self._database.session() as session:
            return len(about(session, [report_id]))

    def delete_about(self, report_id: str) -> int:
        """Delete all conversations about a report, with all that was said in them; how many there were."""
        with self._database.session(write=True) as session:
            ids = about(session, [report_id])
            delete_conversations(session, ids)
            return len(ids)

    def forget(
        self, *, turn_ids: Collection[int] = (), report_ids: Collection[str] = (), patient: str | None = None
    ) -> Forgotten:
        """Delete turns, or all that is about reports or a patient (a pseudonym), with every copy in other prompts."""
        with self._database.session(write=True) as session:
            return forget(session, turn_ids=turn_ids, report_ids=report_ids, patient=patient)

    def scrub(self, report_id: str, *, rater: str, words: Sequence[Masked]) -> int:
        """Take words that were masked later out of all texts of a rater's conversations about a report; how many there are.

        The one thing that is overwritten here: an identifier must not stay because it was missed at first.
        """
        with self._database.session(write=True) as session:
            ids = about(session, [report_id], rater=rater)
            for conversation_id in ids:
                scrub(session, conversation_id, words)
            return len(ids)

    def add_turn(
        self,
        conversation_id: int,
        *,
        rater: str,
        question: str,
        mode: Mode,
        answer: Answer,
        messages: Sequence[Message],
        report: Report | None = None,
        alternative_of: int | None = None,
    ) -> int:
        """Keep a question and its answer as shown; the turn's id.

        Args:
            report: The report asked about; its patient decides which split the turn belongs to.
            alternative_of: The turn to whose question this is a second answer.

        Raises:
            ConversationNotFound, TurnNotFound
        """
        row = tables.TurnRow(
            conversation_id=conversation_id,
            rater=rater,
            mode=mode.value,
            question=question,
            messages=write_messages(messages),
            report_id=report.id if report else None,
            patient=report.patient if report else None,
            alternative_of=alternative_of,
            **answer_columns(answer),
        )
        with self._database.session(write=True) as session:
            _conversation_row(session, conversation_id, None)
            if alternative_of is not None:
                _turn_row(session, alternative_of)
            return _add(session, row)

    def turn(self, turn_id: int) -> Turn:
        """Raises `TurnNotFound`."""
        with self._database.session() as session:
            return turn_value(_turn_row(session, turn_id))

    def rate(self, turn_id: int, *, rater: str, thumbs: Thumbs, reason: Reason | None = None, comment: str = "") -> int:
        """Keep a thumb; it supersedes the rater's earlier ones. The rating's id. Raises `TurnNotFound`."""
        row = tables.RatingRow(
            turn_id=turn_id,
            rater=rater,
            thumbs=thumbs,
            reason=reason.value if reason else None,
            comment=comment,
        )
        with self._database.session(write=True) as session:
            _turn_row(session, turn_id)
            return _add(session, row)

    def edit(
        self, turn_id: int, *, rater: str, edited_answer: str, reason: Reason | None = None, based_on: int | None = None
    ) -> int:
        """Keep a correction; the edit's id.

        Args:
            based_on: The edit that was on the screen when the clinician began, `None` for the answer itself.

        Raises:
            TurnNotFound
            EditConflict: Somebody saved another edit meanwhile. Both texts are left as they were.
        """
        row = tables.EditRow(
            turn_id=turn_id,
            rater=rater,
            edited_answer=edited_answer,
            reason=reason.value if reason else None,
            based_on=based_on or 0,
        )
        try:
            with self._database.session(write=True) as session:
                _turn_row(session, turn_id)
                latest = session.scalar(sa.select(sa.func.max(_Edit.id)).where(_Edit.turn_id == turn_id))
                if (latest or 0) != row.based_on:
                    raise EditConflict(turn_id=turn_id)
                return _add(session, row)
        except IntegrityError:
            raise EditConflict(turn_id=turn_id) from None

    def choose(self, *, chosen: int, rejected: int, rater: str) -> int:
        """Keep that one turn's answer was chosen over another's; the choice's id. Raises `TurnNotFound`."""
        row = tables.ChoiceRow(chosen_turn_id=chosen, rejected_turn_id=rejected, rater=rater)
        with self._database.session(write=True) as session:
            _turn_row(session, chosen)
            _turn_row(session, rejected)
            return _add(session, row)

    def edits(self, turn_id: int) -> Sequence[Edit]:
        """All edits of a turn, oldest first."""
        with self._database.session() as session:
            return [
                edit_value(row)
                for row in session.scalars(sa.select(_Edit).where(_Edit.turn_id == turn_id).order_by(_Edit.id))
            ]

    def counts(self, *, since: datetime | None = None, until: datetime | None = None) -> FeedbackCounts:
        """What has come in from `since` on and before `until` (or ever). Superseded ratings are not counted."""
        with self._database.session() as session:
            return count(session, since, until)

    def new_since(self, since: datetime | None) -> NewFeedback:
        """What has come in since then (or ever) that counts towards the floor of a run. Light: reads no report and no prompt."""
        with self._database.session() as session:
            return count_new(session, since)

    def decide(self, key: str, ruling: Ruling, *, rater: str) -> None:
        """Keep a decision about what was said under `key`.

        Raises:
            SaidNotFound: Nothing was, or it was deleted.
            NotTheAuthor: Only whoever said it can withdraw it, or restore it.
        """
        with self._database.session(write=True) as session:
            add_decision(session, key, ruling, rater)

    def decisions(self) -> tuple[Decision, ...]:
        """All decisions, oldest first."""
        with self._database.session() as session:
            return all_decisions(session)

    def feedback(self) -> Feedback:
        """Everything that was said, and the turns it was said about. Silence teaches nothing and is left out."""
        with self._database.session() as session:
            return everything(session)

    def recent(self, turns: int) -> Feedback:
        """The latest turns, whether anything was said about them or not, with all that was."""
        with self._database.session() as session:
            return latest(session, turns)

    def version(self) -> tuple[int, ...]:
        """Another one whenever an answer was rated or corrected, or something was decided or deleted."""
        with self._database.session() as session:
            return version(session)

    def patients(self) -> dict[str, str]:
        """Report id → patient's pseudonym, as the library knows it: a report that was pasted names nobody."""
        with self._database.session() as session:
            return patients(session)


def _add(session: Session, row: Any) -> int:
    session.add(row)
    session.flush()
    return row.id


def _conversation_row(session: Session, conversation_id: int, rater: str | None) -> tables.ConversationRow:
    row = session.get(tables.ConversationRow, conversation_id)
    if row is None or (rater is not None and row.rater != rater):
        raise ConversationNotFound(conversation_id=conversation_id)
    return row


def _turn_row(session: Session, turn_id: int) -> tables.TurnRow:
    row = session.get(tables.TurnRow, turn_id)
    if row is None:
        raise TurnNotFound(turn_id=turn_id)
    return row
