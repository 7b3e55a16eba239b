"""How much came in, for the dashboard and for the floor below which there is no training. SQL, over columns without text."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import product
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback import tables
from feedback.codec import choice_value, edit_value
from feedback.decisions import all_decisions
from feedback.items import Standings, key_of, latest_edits
from feedback.schema import Choice, FeedbackCounts, NewFeedback, Reason, Ruling

_Conversation: Any = tables.ConversationRow
_Turn: Any = tables.TurnRow
_Rating: Any = tables.RatingRow
_Edit: Any = tables.EditRow
_Choice: Any = tables.ChoiceRow


def count(session: Session, since: datetime | None, until: datetime | None) -> FeedbackCounts:
    """What came in from `since` on and before `until`. Superseded ratings are not counted, a corrected answer is counted once."""

    def within(row: Any) -> Any:
        from_then = row.created_at >= (since or datetime.min.replace(tzinfo=UTC))
        return from_then if until is None else sa.and_(from_then, row.created_at < until)

    def number(row: Any, *where: Any, of: Any = None) -> int:
        what = sa.func.count() if of is None else sa.func.count(of)
        return session.scalar(sa.select(what).select_from(row).where(within(row), *where)) or 0

    holds = _Rating.id.in_(sa.select(sa.func.max(_Rating.id)).group_by(_Rating.turn_id, _Rating.rater))
    reasons: dict[Reason, int] = {}
    for row, where in ((_Rating, holds), (_Edit, sa.true())):
        given = sa.select(row.reason, sa.func.count()).where(row.reason.is_not(None), within(row), where)
        for reason, n in session.execute(given.group_by(row.reason)):
            reasons[Reason(reason)] = reasons.get(Reason(reason), 0) + n
    return FeedbackCounts(
        conversations=number(_Conversation),
        turns=number(_Turn),
        thumbs_up=number(_Rating, holds, _Rating.thumbs > 0),
        thumbs_down=number(_Rating, holds, _Rating.thumbs < 0),
        edits=number(_Edit, of=_Edit.turn_id.distinct()),
        choices=number(_Choice),
        reasons=reasons,
    )


def count_new(session: Session, since: datetime | None) -> NewFeedback:
    """What came in since then that a run may learn from, before screening; what was withdrawn or discarded does not count."""
    standings = Standings(all_decisions(session))

    def counts(key: str, said_at: Sequence[datetime]) -> bool:
        stands = standings.of(key)
        if stands.withdrawn or stands.ruling is Ruling.DISCARD:
            return False
        return since is None or any(at >= since for at in [*said_at, stands.since] if at)

    edits = map(edit_value, session.scalars(sa.select(_Edit)))
    choices = {
        (choice.rater, frozenset((choice.chosen_turn_id, choice.rejected_turn_id))): choice
        for choice in map(choice_value, session.scalars(sa.select(_Choice).order_by(_Choice.id)))
    }
    return NewFeedback(
        corrections=sum(counts(key_of("edit", said.id), [said.created_at]) for _, said in latest_edits(edits)),
        preferences=sum(counts(key_of("choice", one.id), [one.created_at]) for one in choices.values())
        + sum(counts(key, said_at) for key, said_at in _paired_thumbs(session, choices)),
    )


def _paired_thumbs(
    session: Session, choices: Mapping[tuple[str, frozenset[int]], Choice]
) -> Iterable[tuple[str, Sequence[datetime]]]:
    """Opposite thumbs of one person on two answers to one question, unless they chose between the two as well."""
    first = sa.func.coalesce(_Turn.alternative_of, _Turn.id).label("first")
    said = (_Rating.id, _Rating.turn_id, _Rating.rater, _Rating.thumbs, _Rating.created_at)
    query = sa.select(*said, first).join(_Turn, _Turn.id == _Rating.turn_id).order_by(_Rating.id)
    latest = {(row.turn_id, row.rater): row for row in session.execute(query)}
    groups: dict[tuple[str, int], list[Any]] = {}
    for row in latest.values():
        groups.setdefault((row.rater, row.first), []).append(row)
    for (rater, _), rows in groups.items():
        for up, down in product(rows, rows):
            if up.thumbs > 0 > down.thumbs and (rater, frozenset((up.turn_id, down.turn_id))) not in choices:
                yield key_of("rating", up.id, down.id), [up.created_at, down.created_at]
