"""Who may decide what about what was said. Every text is invented."""

import pytest
import sqlalchemy as sa

from assistant.database import Database
from feedback.errors import NotTheAuthor, SaidNotFound
from feedback.schema import Ruling
from feedback.store import FeedbackStore
from tests.feedback.made import BETTER, add_turn, report


@pytest.fixture
def store(database: Database) -> FeedbackStore:
    store = FeedbackStore(database)
    first = add_turn(store, report("r-1"))
    second = add_turn(store, report("r-1"), answer=BETTER, conversation=1, alternative_of=first)
    store.edit(first, rater="dr-a", edited_answer=BETTER)
    store.choose(chosen=second, rejected=first, rater="dr-a")
    store.rate(first, rater="dr-a", thumbs=-1)
    store.rate(second, rater="dr-a", thumbs=1)
    return store


def decided(store: FeedbackStore) -> list[tuple[str, str, str]]:
    return [(one.key, one.ruling.value, one.rater) for one in store.decisions()]


def test_anybody_may_accept_or_discard_and_every_word_is_kept(store: FeedbackStore) -> None:
    store.decide("edit-1", Ruling.DISCARD, rater="dr-b")
    store.decide("edit-1", Ruling.ACCEPT, rater="dr-c")
    assert decided(store) == [("edit-1", "discard", "dr-b"), ("edit-1", "accept", "dr-c")]


@pytest.mark.parametrize("key", ["edit-1", "choice-1", "rating-1", "rating-2+rating-1"])
@pytest.mark.parametrize("ruling", [Ruling.WITHDRAW, Ruling.RESTORE])
def test_only_whoever_said_it_takes_it_back(key: str, ruling: Ruling, store: FeedbackStore) -> None:
    with pytest.raises(NotTheAuthor, match="only they can withdraw"):
        store.decide(key, ruling, rater="dr-b")
    assert decided(store) == []
    store.decide(key, ruling, rater="dr-a")
    assert {rater for *_, rater in decided(store)} == {"dr-a"}


def test_two_thumbs_are_taken_back_one_by_one_and_discarded_together(store: FeedbackStore) -> None:
    store.decide("rating-2+rating-1", Ruling.WITHDRAW, rater="dr-a")
    store.decide("rating-2+rating-1", Ruling.DISCARD, rater="dr-a")
    assert [key for key, *_ in decided(store)] == ["rating-2", "rating-1", "rating-2+rating-1"]


@pytest.mark.parametrize("key", ["edit-99", "choice-99", "rating-1+rating-99", "edit", "", "report-1", "edit-1; --"])
def test_nothing_is_decided_about_nothing(key: str, store: FeedbackStore) -> None:
    with pytest.raises(SaidNotFound):
        store.decide(key, Ruling.ACCEPT, rater="dr-a")
    assert decided(store) == []


def test_decisions_go_with_what_they_are_about(store: FeedbackStore, database: Database) -> None:
    store.decide("choice-1", Ruling.DISCARD, rater="dr-a")
    store.delete_conversation(1)
    assert decided(store) == []
    with database.session() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM pair_decision")) == 0
