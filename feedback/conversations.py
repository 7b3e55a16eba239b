"""Conversations as the sidebar lists them and as the chat shows them. SQL, read only."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, load_only

from feedback import tables
from feedback.codec import edit_value, rating_value, read_report, turn_value
from feedback.schema import Conversation, ConversationSummary, RatedTurn

_Conversation: Any = tables.ConversationRow
_Turn: Any = tables.TurnRow
_Rating: Any = tables.RatingRow
_Edit: Any = tables.EditRow

_SUMMARY_COLUMNS = (
    _Conversation.id,
    _Conversation.rater,
    _Conversation.title,
    _Conversation.report_id,
    _Conversation.created_at,
)


def summaries(session: Session, rater: str, *, offset: int, limit: int) -> Sequence[ConversationSummary]:
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
    return [
        ConversationSummary(
            id=row.id, rater=row.rater, title=row.title, report_id=row.report_id, created_at=row.created_at, turns=n
        )
        for row, n in session.execute(query)
    ]


def whole(session: Session, row: tables.ConversationRow) -> Conversation:
    """A conversation with its turns, each with its latest rating and edit."""
    turns = session.scalars(sa.select(_Turn).where(_Turn.conversation_id == row.id).order_by(_Turn.id)).all()
    within = sa.select(_Turn.id).where(_Turn.conversation_id == row.id)
    rated = sa.select(_Rating).where(_Rating.turn_id.in_(within), _Rating.rater == row.rater).order_by(_Rating.id)
    edited = sa.select(_Edit).where(_Edit.turn_id.in_(within)).order_by(_Edit.id)
    # Later rows replace earlier ones in the dictionaries: the latest holds.
    ratings = {rating.turn_id: rating_value(rating) for rating in session.scalars(rated)}
    edits = {edit.turn_id: edit_value(edit) for edit in session.scalars(edited)}
    return Conversation(
        id=row.id or 0,
        rater=row.rater,
        title=row.title,
        report=read_report(row.report),
        earlier=read_report(row.earlier),
        created_at=row.created_at,
        turns=tuple(
            RatedTurn(turn=turn_value(turn), rating=ratings.get(turn.id), edit=edits.get(turn.id)) for turn in turns
        ),
    )
