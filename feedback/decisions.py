"""Decisions about what was said: the SQL behind `FeedbackStore.decide`. Append-only."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback import tables
from feedback.errors import NotTheAuthor, SaidNotFound
from feedback.items import key_of, parts_of
from feedback.schema import Decision, Ruling

_Decision: Any = tables.DecisionRow
_SAID: dict[str, tuple[Any, str]] = {
    "edit": (tables.EditRow, "turn_id"),
    "choice": (tables.ChoiceRow, "chosen_turn_id"),
    "rating": (tables.RatingRow, "turn_id"),
}


def add_decision(session: Session, key: str, ruling: Ruling, rater: str) -> None:
    """Keep a ruling. Two thumbs that say something together are withdrawn and restored one by one.

    Raises:
        SaidNotFound: The key names nothing.
        NotTheAuthor: Somebody else's words are to be withdrawn or restored.
    """
    said = [(part, _said(session, key, kind, id)) for kind, id in parts_of(key) for part in [key_of(kind, id)]]
    if not said:
        raise SaidNotFound(key=key)
    of_author = ruling in (Ruling.WITHDRAW, Ruling.RESTORE)
    if of_author and any(author != rater for _, (author, _) in said):
        raise NotTheAuthor(key=key)
    about = [(part, turn_id) for part, (_, turn_id) in said] if of_author else [(key, said[0][1][1])]
    session.add_all(
        tables.DecisionRow(turn_id=turn_id, key=one, ruling=ruling.value, rater=rater) for one, turn_id in about
    )


def all_decisions(session: Session) -> tuple[Decision, ...]:
    """Oldest first."""
    return tuple(
        Decision(id=row.id, key=row.key, ruling=Ruling(row.ruling), rater=row.rater, created_at=row.created_at)
        for row in session.scalars(sa.select(_Decision).order_by(_Decision.id))
    )


def _said(session: Session, key: str, kind: str, id: int) -> tuple[str, int]:
    """Who said it, and about which turn."""
    table, turn = _SAID[kind]
    row = session.get(table, id)
    if row is None:
        raise SaidNotFound(key=key)
    return row.rater, getattr(row, turn)
