"""Access to feedback. The only SQL of this package; everything outside sees values."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, load_only

from assistant.database import Database
from assistant.errors import ConversationNotFound, EditConflict, TurnNotFound
from assistant.schema import Answer, Message, Mode, Report
from feedback import tables
from feedback.codec import (
    answer_columns,
    choice_value,
    edit_value,
    put_reports,
    rating_value,
    read_report,
    turn_value,
    write_answer,
    write_messages,
    write_report,
)
from feedback.schema import (
    Conversation,
    ConversationSummary,
    Edit,
    Feedback,
    FeedbackCounts,
    RatedTurn,
    Reason,
    Thumbs,
    Turn,
)
from feedback.scrub import Masked, Scrub

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
        query = (
            sa.select(_Conversation, sa.func.count(_Turn.id))
            .outerjoin(_Turn, _Turn.conversation_id == _Conversation.id)
            .where(_Conversation.rater == rater)
            .group_by(_Conversation.id)
            .order_by(_Conversation.id.desc())
            .offset(offset)
            .limit(limit)
            .options(load_only(*_SUMMARY_COLUMNS, raiseload=True))
        )
        with self._database.session() as session:
            rows = session.execute(query).all()
        return [
            ConversationSummary(
                id=row.id, rater=row.rater, title=row.title, report_id=row.report_id, created_at=row.created_at, turns=n
            )
            for row, n in rows
        ]

    def conversation(self, conversation_id: int, *, rater: str | None = None) -> Conversation:
        """A conversation with its turns, each with its latest rating and edit.

        Args:
            rater: Who asks for it; somebody else's conversation is then not found. `None` looks at any.

        Raises:
            ConversationNotFound
        """
        with self._database.session() as session:
            row = _conversation_row(session, conversation_id, rater)
            turns = session.scalars(_turns_of(conversation_id)).all()
            within = sa.select(_Turn.id).where(_Turn.conversation_id == conversation_id)
            # Later rows replace earlier ones in the dictionaries: the latest holds.
            ratings = {
                rating.turn_id: rating_value(rating)
                for rating in session.scalars(
                    sa.select(_Rating)
                    .where(_Rating.turn_id.in_(within), _Rating.rater == row.rater)
                    .order_by(_Rating.id)
                )
            }
            edits = {
                edit.turn_id: edit_value(edit)
                for edit in session.scalars(sa.select(_Edit).where(_Edit.turn_id.in_(within)).order_by(_Edit.id))
            }
        return Conversation(
            id=conversation_id,
            rater=row.rater,
            title=row.title,
            report=read_report(row.report),
            earlier=read_report(row.earlier),
            created_at=row.created_at,
            turns=tuple(
                RatedTurn(turn=turn_value(turn), rating=ratings.get(turn.id or 0), edit=edits.get(turn.id or 0))
                for turn in turns
            ),
        )

    def delete_conversation(self, conversation_id: int, *, rater: str | None = None) -> None:
        """Delete a conversation, its turns and all that was said about them. Raises `ConversationNotFound`."""
        with self._database.session(write=True) as session:
            _conversation_row(session, conversation_id, rater)
            session.execute(sa.delete(_Conversation).where(_Conversation.id == conversation_id))

    def count_about(self, report_id: str) -> int:
        """How many conversations, of anybody, were held about a report or compared another one with it."""
        with self._database.session() as session:
            return len(_about(session, report_id))

    def delete_about(self, report_id: str) -> int:
        """Delete all conversations about a report, with all that was said in them; how many there were."""
        with self._database.session(write=True) as session:
            ids = _about(session, report_id)
            for conversation_id in ids:
                session.execute(sa.delete(_Conversation).where(_Conversation.id == conversation_id))
            return len(ids)

    def scrub(self, report_id: str, *, rater: str, words: Sequence[Masked]) -> int:
        """Take words that were masked later out of all texts of a rater's conversations about a report; how many there are.

        The one thing that is overwritten here: an identifier must not stay because it was missed at first.
        """
        with self._database.session(write=True) as session:
            ids = _about(session, report_id, rater)
            for conversation_id in ids:
                _scrub(session, conversation_id, words)
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

    def counts(self, *, since: datetime | None = None) -> FeedbackCounts:
        """What has come in since a point in time (or ever), for the dashboard. Superseded ratings are not counted."""
        start = since or datetime.min.replace(tzinfo=UTC)
        with self._database.session() as session:

            def count(row: Any, *where: Any) -> int:
                return (
                    session.scalar(sa.select(sa.func.count()).select_from(row).where(row.created_at >= start, *where))
                    or 0
                )

            latest = sa.select(sa.func.max(_Rating.id)).group_by(_Rating.turn_id, _Rating.rater)
            holds = _Rating.id.in_(latest)
            reasons: dict[Reason, int] = {}
            for row, where in ((_Rating, holds), (_Edit, sa.true())):
                given = sa.select(row.reason, sa.func.count()).where(
                    row.reason.is_not(None), row.created_at >= start, where
                )
                for reason, n in session.execute(given.group_by(row.reason)):
                    reasons[Reason(reason)] = reasons.get(Reason(reason), 0) + n
            return FeedbackCounts(
                conversations=count(_Conversation),
                turns=count(_Turn),
                thumbs_up=count(_Rating, holds, _Rating.thumbs > 0),
                thumbs_down=count(_Rating, holds, _Rating.thumbs < 0),
                edits=count(_Edit),
                choices=count(_Choice),
                reasons=reasons,
            )

    def feedback(self) -> Feedback:
        """Everything that was said, and the turns it was said about. Silence teaches nothing and is left out."""
        with self._database.session() as session:
            spoken = sa.union(
                sa.select(_Rating.turn_id),
                sa.select(_Edit.turn_id),
                sa.select(_Choice.chosen_turn_id),
                sa.select(_Choice.rejected_turn_id),
            )
            turns = session.scalars(sa.select(_Turn).where(_Turn.id.in_(spoken)).order_by(_Turn.id))
            return Feedback(
                turns=tuple(map(turn_value, turns)),
                ratings=tuple(map(rating_value, session.scalars(sa.select(_Rating).order_by(_Rating.id)))),
                edits=tuple(map(edit_value, session.scalars(sa.select(_Edit).order_by(_Edit.id)))),
                choices=tuple(map(choice_value, session.scalars(sa.select(_Choice).order_by(_Choice.id)))),
            )


_SUMMARY_COLUMNS = (
    _Conversation.id,
    _Conversation.rater,
    _Conversation.title,
    _Conversation.report_id,
    _Conversation.created_at,
)


def _turns_of(conversation_id: int) -> Any:
    return sa.select(_Turn).where(_Turn.conversation_id == conversation_id).order_by(_Turn.id)


def _about(session: Session, report_id: str, rater: str | None = None) -> list[int]:
    """Ids of the conversations about a report, of one rater or of all."""
    own = sa.true() if rater is None else _Conversation.rater == rater
    asked = sa.select(_Turn.conversation_id).where(_Turn.report_id == report_id)
    about = sa.or_(_Conversation.report_id == report_id, _Conversation.id.in_(asked))
    ids = set(session.scalars(sa.select(_Conversation.id).where(own, about)))
    # The earlier report is ciphertext to the database: it is read to be known.
    compared = sa.select(_Conversation.id, _Conversation.earlier).where(own, _Conversation.earlier.is_not(None))
    for conversation_id, text in session.execute(compared):
        earlier = read_report(text)
        if earlier is not None and earlier.id == report_id:
            ids.add(conversation_id)
    return sorted(ids)


def _scrub(session: Session, conversation_id: int, words: Sequence[Masked]) -> None:
    row = _conversation_row(session, conversation_id, None)
    turns = session.scalars(_turns_of(conversation_id)).all()
    within = sa.select(_Turn.id).where(_Turn.conversation_id == conversation_id)
    ratings = session.scalars(sa.select(_Rating).where(_Rating.turn_id.in_(within))).all()
    edits = session.scalars(sa.select(_Edit).where(_Edit.turn_id.in_(within))).all()
    texts = [row.title, row.report or "", row.earlier or "", *(rating.comment for rating in ratings)]
    texts += [edit.edited_answer for edit in edits]
    texts += [text for turn in turns for text in (turn.question, turn.answer, turn.messages)]
    scrub = Scrub(words, texts)
    report, earlier = read_report(row.report), read_report(row.earlier)
    row.title = scrub.text(row.title)
    row.report = write_report(scrub.report(report)) if report else None
    row.earlier = write_report(scrub.report(earlier)) if earlier else None
    about = {one.id for one in (report, earlier) if one is not None}
    for turn in turns:
        kept = turn_value(turn)
        turn.question = scrub.text(turn.question)
        turn.answer = write_answer(scrub.answer(kept.answer, about))
        turn.messages = write_messages(scrub.messages(kept.messages))
    for rating in ratings:
        rating.comment = scrub.text(rating.comment)
    for edit in edits:
        edit.edited_answer = scrub.text(edit.edited_answer)


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
