"""How much came in. Every text is invented."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from assistant.database import Database
from feedback.schema import Reason, Ruling
from feedback.store import FeedbackStore
from tests.feedback.made import BETTER, add_turn, report


@pytest.fixture
def store(database: Database) -> FeedbackStore:
    return FeedbackStore(database)


@pytest.fixture
def two(store: FeedbackStore) -> tuple[int, int]:
    """Two answers to one question."""
    first = add_turn(store, report("r-1"))
    return first, add_turn(store, report("r-1"), answer=BETTER, conversation=1, alternative_of=first)


def new(store: FeedbackStore, since: datetime | None = None) -> tuple[int, int]:
    found = store.new_since(since)
    return found.corrections, found.preferences


def test_a_correction_that_is_amended_is_still_one(store: FeedbackStore, two: tuple[int, int]) -> None:
    first = store.edit(two[0], rater="dr-a", edited_answer=BETTER)
    store.edit(two[0], rater="dr-a", edited_answer=BETTER, reason=Reason.MISSING, based_on=first)
    counts = store.counts()
    assert (counts.edits, counts.reasons) == (1, {Reason.MISSING: 1})
    assert new(store) == (1, 0)


def test_opposite_thumbs_and_a_choice_between_the_same_answers_are_one_preference(
    store: FeedbackStore, two: tuple[int, int]
) -> None:
    store.rate(two[0], rater="dr-a", thumbs=-1)
    assert new(store) == (0, 0), "one thumb alone prefers nothing"
    store.rate(two[1], rater="dr-a", thumbs=1)
    assert new(store) == (0, 1)
    store.choose(chosen=two[1], rejected=two[0], rater="dr-a")
    assert new(store) == (0, 1)
    store.choose(chosen=two[0], rejected=two[1], rater="dr-a")
    assert new(store) == (0, 1), "whoever thinks again prefers once"
    store.choose(chosen=two[0], rejected=two[1], rater="dr-b")
    assert new(store) == (0, 2)
    assert store.new_since(None).total == 2


def test_what_is_withdrawn_or_discarded_does_not_count(store: FeedbackStore, two: tuple[int, int]) -> None:
    store.edit(two[0], rater="dr-a", edited_answer=BETTER)
    store.choose(chosen=two[1], rejected=two[0], rater="dr-a")
    store.decide("edit-1", Ruling.WITHDRAW, rater="dr-a")
    store.decide("choice-1", Ruling.DISCARD, rater="dr-b")
    assert new(store) == (0, 0)
    store.decide("edit-1", Ruling.RESTORE, rater="dr-a")
    assert new(store) == (1, 0)


def test_new_is_what_was_said_or_accepted_since(store: FeedbackStore, database: Database, two: tuple[int, int]) -> None:
    store.edit(two[0], rater="dr-a", edited_answer=BETTER)
    with database.session(write=True) as session:
        session.execute(sa.text("UPDATE edit SET created_at = :at"), {"at": "2020-01-01 00:00:00+00:00"})
    week_ago = datetime.now(UTC) - timedelta(days=7)
    assert new(store, week_ago) == (0, 0)
    store.decide("edit-1", Ruling.ACCEPT, rater="dr-b")
    assert new(store, week_ago) == (1, 0)
    assert new(store, datetime.now(UTC) + timedelta(days=1)) == (0, 0)


def test_a_week_has_a_beginning_and_an_end(store: FeedbackStore, two: tuple[int, int]) -> None:
    store.edit(two[0], rater="dr-a", edited_answer=BETTER)
    now = datetime.now(UTC)
    assert store.counts(since=now - timedelta(days=1), until=now + timedelta(days=1)).edits == 1
    assert store.counts(until=now - timedelta(days=1)).edits == 0
    assert store.counts(since=now + timedelta(days=1)).turns == 0
