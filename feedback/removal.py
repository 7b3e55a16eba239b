"""Taking something out of what is kept: conversations about a report, and words that were masked later. SQL."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assistant.schema import Report
from feedback import tables
from feedback.codec import read_report, turn_value, write_answer, write_messages, write_report
from feedback.scrub import Masked, Scrub

_Conversation: Any = tables.ConversationRow
_Turn: Any = tables.TurnRow
_Rating: Any = tables.RatingRow
_Edit: Any = tables.EditRow


def about(
    session: Session, report_ids: Collection[str], *, rater: str | None = None, patient: str | None = None
) -> list[int]:
    """Ids of the conversations about reports, or about a patient's reports; of one rater or of all."""
    own = sa.true() if rater is None else _Conversation.rater == rater
    is_patient = sa.false() if patient is None else _Turn.patient == patient
    asked = sa.select(_Turn.conversation_id).where(sa.or_(_Turn.report_id.in_(report_ids), is_patient))
    found = sa.or_(_Conversation.report_id.in_(report_ids), _Conversation.id.in_(asked))
    ids = set(session.scalars(sa.select(_Conversation.id).where(own, found)))
    for conversation_id, reports in _reports(session, own, all_of_them=patient is not None):
        if any(one.id in report_ids or (patient is not None and one.patient == patient) for one in reports):
            ids.add(conversation_id)
    return sorted(ids)


def _reports(session: Session, own: Any, *, all_of_them: bool) -> Iterator[tuple[int, list[Report]]]:
    """The reports of conversations that are ciphertext to the database: the earlier ones, or all."""
    columns = [_Conversation.id, _Conversation.earlier, *([_Conversation.report] if all_of_them else [])]
    wanted = sa.true() if all_of_them else _Conversation.earlier.is_not(None)
    for conversation_id, *texts in session.execute(sa.select(*columns).where(own, wanted)):
        yield conversation_id, [report for text in texts if (report := read_report(text)) is not None]


def delete_conversations(session: Session, conversation_ids: Sequence[int]) -> None:
    """With their turns and all that was said about them."""
    for conversation_id in conversation_ids:
        session.execute(sa.delete(_Conversation).where(_Conversation.id == conversation_id))


def scrub(session: Session, conversation_id: int, words: Sequence[Masked]) -> None:
    """Take words out of all texts of a conversation."""
    row = session.get_one(tables.ConversationRow, conversation_id)
    turns = session.scalars(sa.select(_Turn).where(_Turn.conversation_id == conversation_id).order_by(_Turn.id)).all()
    within = sa.select(_Turn.id).where(_Turn.conversation_id == conversation_id)
    ratings = session.scalars(sa.select(_Rating).where(_Rating.turn_id.in_(within))).all()
    edits = session.scalars(sa.select(_Edit).where(_Edit.turn_id.in_(within))).all()
    texts = [row.title, row.report or "", row.earlier or "", *(rating.comment for rating in ratings)]
    texts += [edit.edited_answer for edit in edits]
    texts += [text for turn in turns for text in (turn.question, turn.answer, turn.messages)]
    taken_out = Scrub(words, texts)
    report, earlier = read_report(row.report), read_report(row.earlier)
    row.title = taken_out.text(row.title)
    row.report = write_report(taken_out.report(report)) if report else None
    row.earlier = write_report(taken_out.report(earlier)) if earlier else None
    ids = {one.id for one in (report, earlier) if one is not None}
    for turn in turns:
        kept = turn_value(turn)
        turn.question = taken_out.text(turn.question)
        turn.answer = write_answer(taken_out.answer(kept.answer, ids))
        turn.messages = write_messages(taken_out.messages(kept.messages))
    for rating in ratings:
        rating.comment = taken_out.text(rating.comment)
    for edit in edits:
        edit.edited_answer = taken_out.text(edit.edited_answer)
