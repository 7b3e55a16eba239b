"""Forgetting a turn, a report or a patient, so that nothing of it is in the next training; and looking whether it is so. SQL.

It goes further than deleting: an answer is also copied into the prompts of later questions, and a report's passages into
answers about other reports. An answer that cites what is forgotten is deleted; a prompt that only held a copy is emptied,
so that its answer stays readable and teaches nothing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assistant.prompts.fencing import neutralise
from feedback import tables
from feedback.codec import turn_value, write_answer, write_messages
from feedback.removal import about, delete_conversations
from feedback.schema import Forgotten, Turn

_Conversation: Any = tables.ConversationRow
_Turn: Any = tables.TurnRow
_Rating: Any = tables.RatingRow
_Edit: Any = tables.EditRow
_Choice: Any = tables.ChoiceRow
_Decision: Any = tables.DecisionRow

_LEAST_COPY = 40
"""Characters: a shorter answer ("No fever.") is anybody's; it is a copy only as a whole message of its own conversation."""
_BATCH = 500
"""Ids in one statement: databases limit them."""


def forget(
    session: Session, *, turn_ids: Collection[int] = (), report_ids: Collection[str] = (), patient: str | None = None
) -> Forgotten:
    """Delete turns, or all that is about reports or a patient, and every copy of it. Ids that name nothing are no error."""
    reports = {*report_ids, *(_reports_of(session, patient) if patient else ())}
    conversations = about(session, reports, patient=patient) if reports or patient else []
    doomed = _turns(session, _Turn.conversation_id, conversations)
    doomed |= _turns(session, _Turn.id, turn_ids) | _turns(session, _Turn.alternative_of, turn_ids)
    doomed |= {turn.id for turn in _all(session) if _cites(turn, reports)}
    doomed |= _turns(session, _Turn.alternative_of, doomed)
    sought = _Sought(
        turns=frozenset(doomed), reports=frozenset(reports), patient=patient, copies=_texts(session, doomed)
    )
    gone = _count(session, doomed)
    touched = {id for ids in _batches(doomed) for id in session.scalars(_conversations_of(ids))}
    _forget_titles(session, doomed)
    delete_conversations(session, conversations)
    for ids in _batches(doomed):
        session.execute(sa.delete(_Turn).where(_Turn.id.in_(ids)))
    empty = _without_turns(session, touched - set(conversations))
    delete_conversations(session, empty)
    prompts = _empty_prompts(session, sought)
    session.flush()
    return Forgotten(
        reports=tuple(sorted(reports)),
        conversations=len(conversations) + len(empty),
        turns=len(doomed),
        prompts=prompts,
        left=sum(sought.mentioned_in(turn) for turn in _all(session)) + len(about(session, reports, patient=patient)),
        **gone,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sought:
    """What must not be found any more."""

    turns: frozenset[int]
    reports: frozenset[str]
    patient: str | None
    copies: frozenset[tuple[int, str]]
    """A conversation's id and what was said in it."""

    def shown_in(self, turn: Turn) -> bool:
        """Whether the prompt or the sources of an answer hold any of it."""
        if any(source.report_id in self.reports for source in turn.answer.sources):
            return True
        if any(example.turn_id in self.turns for example in turn.answer.examples):
            return True
        # The rules are the same in every prompt, and quote what a short answer may say.
        messages = [message.content for message in turn.messages if message.role != "system"]
        return any(
            (turn.conversation_id == conversation_id and copy == message.strip())
            or (len(copy) >= _LEAST_COPY and copy in message)
            for message in messages
            for conversation_id, copy in self.copies
        )

    def mentioned_in(self, turn: Turn) -> bool:
        is_patient = self.patient is not None and turn.patient == self.patient
        return is_patient or turn.report_id in self.reports or _cites(turn, self.reports) or self.shown_in(turn)


def _cites(turn: Turn, reports: Collection[str]) -> bool:
    return any(citation.report_id in reports for said in turn.answer.sentences for citation in said.citations)


def _empty_prompts(session: Session, sought: _Sought) -> int:
    emptied = 0
    for row in session.scalars(sa.select(_Turn).execution_options(yield_per=_BATCH)):
        turn = turn_value(row)
        if sought.shown_in(turn):
            sources = tuple(source for source in turn.answer.sources if source.report_id not in sought.reports)
            examples = tuple(example for example in turn.answer.examples if example.turn_id not in sought.turns)
            row.answer = write_answer(replace(turn.answer, sources=sources, examples=examples))
            row.messages = write_messages(())
            emptied += 1
    return emptied


def _texts(session: Session, turn_ids: Collection[int]) -> frozenset[tuple[int, str]]:
    """The answers of turns and what they were corrected to, as prompts spell them, with their conversations."""
    texts: list[tuple[int, str]] = []
    edited = sa.select(_Turn.conversation_id, _Edit.edited_answer).join(_Edit, _Edit.turn_id == _Turn.id)
    for ids in _batches(turn_ids):
        answered = [turn_value(row) for row in session.scalars(sa.select(_Turn).where(_Turn.id.in_(ids)))]
        texts += [(turn.conversation_id, turn.answer.text) for turn in answered]
        texts += [(id, text) for id, text in session.execute(edited.where(_Turn.id.in_(ids)))]
    spelt = ((conversation_id, neutralise(text).strip()) for conversation_id, text in texts)
    return frozenset(one for one in spelt if one[1])


def _reports_of(session: Session, patient: str) -> set[str]:
    asked = sa.select(_Turn.report_id).where(_Turn.patient == patient, _Turn.report_id.is_not(None)).distinct()
    return set(session.scalars(asked))


def _without_turns(session: Session, conversation_ids: Collection[int]) -> list[int]:
    kept = sa.select(_Turn.conversation_id).distinct()
    return [
        id
        for ids in _batches(conversation_ids)
        for id in session.scalars(
            sa.select(_Conversation.id).where(_Conversation.id.in_(ids), _Conversation.id.not_in(kept))
        )
    ]


def _count(session: Session, turn_ids: Collection[int]) -> Mapping[str, int]:
    """How much was said about turns."""
    said: dict[str, tuple[Any, ...]] = {
        "ratings": (_Rating.turn_id,),
        "edits": (_Edit.turn_id,),
        "choices": (_Choice.chosen_turn_id, _Choice.rejected_turn_id),
        "decisions": (_Decision.turn_id,),
    }
    found: dict[str, set[int]] = {name: set() for name in said}
    for ids in _batches(turn_ids):
        for name, columns in said.items():
            for column in columns:
                found[name].update(session.scalars(sa.select(column.class_.id).where(column.in_(ids))))
    return {name: len(ids) for name, ids in found.items()}


def _forget_titles(session: Session, turn_ids: Collection[int]) -> None:
    """A conversation without a report is called by its first question."""
    for ids in _batches(turn_ids):
        asked = sa.select(_Turn.question, _Conversation).join(_Conversation, _Conversation.id == _Turn.conversation_id)
        for question, row in session.execute(asked.where(_Turn.id.in_(ids))):
            if " ".join(question.split()).startswith(row.title):
                row.title = "Conversation"


def _turns(session: Session, column: Any, values: Collection[int]) -> set[int]:
    return {id for ids in _batches(values) for id in session.scalars(sa.select(_Turn.id).where(column.in_(ids)))}


def _all(session: Session) -> Iterator[Turn]:
    return map(turn_value, session.scalars(sa.select(_Turn).execution_options(yield_per=_BATCH)))


def _conversations_of(ids: Sequence[int]) -> Any:
    return sa.select(_Turn.conversation_id).where(_Turn.id.in_(ids)).distinct()


def _batches(ids: Collection[int]) -> Iterator[Sequence[int]]:
    every = sorted(ids)
    return (every[at : at + _BATCH] for at in range(0, len(every), _BATCH))
