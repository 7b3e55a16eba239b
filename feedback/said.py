"""Everything that was said, with the turns it was said about, and whose reports they are. SQL, read only."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assistant.tables import ReportRow
from feedback import tables
from feedback.codec import choice_value, edit_value, rating_value, turn_value
from feedback.schema import Feedback

_Report: Any = ReportRow
_Turn: Any = tables.TurnRow
_Rating: Any = tables.RatingRow
_Edit: Any = tables.EditRow
_Choice: Any = tables.ChoiceRow
_Decision: Any = tables.DecisionRow


def everything(session: Session) -> Feedback:
    """Silence teaches nothing and is left out."""
    spoken = sa.union(
        sa.select(_Rating.turn_id),
        sa.select(_Edit.turn_id),
        sa.select(_Choice.chosen_turn_id),
        sa.select(_Choice.rejected_turn_id),
    )
    return _about(session, _Turn.id.in_(spoken))


def latest(session: Session, turns: int) -> Feedback:
    """The latest turns, whether anything was said about them or not."""
    ids = session.scalars(sa.select(_Turn.id).order_by(_Turn.id.desc()).limit(turns)).all()
    return _about(session, _Turn.id >= min(ids, default=0))


def version(session: Session) -> tuple[int, ...]:
    """Another one whenever something was said, decided or deleted. Light: reads ids only."""
    rows = (_Rating, _Edit, _Decision)
    counted = [part for row in rows for part in (sa.func.max(row.id), sa.func.count(row.id))]
    columns = [sa.select(part).scalar_subquery() for part in counted]
    return tuple(number or 0 for number in session.execute(sa.select(*columns)).one())


def patients(session: Session) -> dict[str, str]:
    """Report id → patient's pseudonym, as the library knows it: a report that was pasted names nobody."""
    known = sa.select(_Report.id, _Report.patient).where(_Report.patient.is_not(None))
    return dict(session.execute(known).all())


def _about(session: Session, wanted: Any) -> Feedback:
    ids = sa.select(_Turn.id).where(wanted)
    chosen = sa.and_(_Choice.chosen_turn_id.in_(ids), _Choice.rejected_turn_id.in_(ids))
    return Feedback(
        turns=tuple(map(turn_value, session.scalars(sa.select(_Turn).where(wanted).order_by(_Turn.id)))),
        ratings=tuple(map(rating_value, session.scalars(_said(_Rating, _Rating.turn_id.in_(ids))))),
        edits=tuple(map(edit_value, session.scalars(_said(_Edit, _Edit.turn_id.in_(ids))))),
        choices=tuple(map(choice_value, session.scalars(_said(_Choice, chosen)))),
    )


def _said(row: Any, wanted: Any) -> Any:
    return sa.select(row).where(wanted).order_by(row.id)
