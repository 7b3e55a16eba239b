"""Rows ↔ values: the JSON inside the encrypted columns, and each row as the value the rest of the program sees."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from assistant.database import to_json
from assistant.schema import Answer, Message, Mode, Report
from feedback import tables
from feedback.schema import Choice, Edit, Rating, Reason, Turn

_ANSWER = TypeAdapter(Answer)
_MESSAGES = TypeAdapter(tuple[Message, ...])
_REPORT = TypeAdapter(Report)
_TIMINGS = TypeAdapter(dict[str, float])


def answer_columns(answer: Answer) -> dict[str, Any]:
    """The columns of a turn that come from its answer; what is counted and filtered by stands in columns of its own."""
    return {
        "answer": write_answer(answer),
        "model_id": answer.model_id,
        "prompt_version": answer.prompt_version,
        "timings_ms": to_json(_TIMINGS, dict(answer.timings_ms)),
        "fallback": answer.fallback is not None,
        "stopped": answer.stopped,
    }


def write_answer(answer: Answer) -> str:
    return to_json(_ANSWER, answer)


def write_report(report: Report) -> str:
    return to_json(_REPORT, report)


def write_messages(messages: Sequence[Message]) -> str:
    return to_json(_MESSAGES, tuple(messages))


def read_report(text: str | None) -> Report | None:
    return _REPORT.validate_json(text) if text else None


def put_reports(row: tables.ConversationRow, report: Report | None, earlier: Report | None) -> None:
    row.report = write_report(report) if report else None
    row.earlier = write_report(earlier) if earlier else None
    row.report_id = report.id if report else None


def turn_value(row: tables.TurnRow) -> Turn:
    return Turn(
        id=row.id or 0,
        conversation_id=row.conversation_id,
        rater=row.rater,
        mode=Mode(row.mode),
        question=row.question,
        answer=_ANSWER.validate_json(row.answer),
        messages=_MESSAGES.validate_json(row.messages),
        report_id=row.report_id,
        patient=row.patient,
        alternative_of=row.alternative_of,
        created_at=row.created_at,
    )


def rating_value(row: tables.RatingRow) -> Rating:
    return Rating(
        id=row.id or 0,
        turn_id=row.turn_id,
        rater=row.rater,
        thumbs=1 if row.thumbs > 0 else -1,
        reason=Reason(row.reason) if row.reason else None,
        comment=row.comment,
        created_at=row.created_at,
    )


def edit_value(row: tables.EditRow) -> Edit:
    return Edit(
        id=row.id or 0,
        turn_id=row.turn_id,
        rater=row.rater,
        edited_answer=row.edited_answer,
        reason=Reason(row.reason) if row.reason else None,
        based_on=row.based_on or None,
        created_at=row.created_at,
    )


def choice_value(row: tables.ChoiceRow) -> Choice:
    return Choice(
        id=row.id or 0,
        chosen_turn_id=row.chosen_turn_id,
        rejected_turn_id=row.rejected_turn_id,
        rater=row.rater,
        created_at=row.created_at,
    )
