"""What is forgotten is in no table and in no prompt. Every text is invented."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from assistant.database import Database
from assistant.schema import AnswerSentence, Citation, Message, Source, Support, UsedExample
from feedback import tables
from feedback.codec import turn_value, write_answer
from feedback.schema import Ruling
from feedback.store import FeedbackStore
from tests.feedback.made import ANSWER, BETTER, TEXT, add_turn, report

PAST = Source(report_id="r-1", label="Past report r-1", text="Small left pleural effusion.", offset=68)
SECRET = "A zorbick of the left quindle is seen, which nobody else has."


@pytest.fixture
def store(open_again: Callable[[], Database]) -> FeedbackStore:
    return FeedbackStore(open_again())


def change_answer(store: FeedbackStore, turn_id: int, **changes: Any) -> None:
    with store._database.session(write=True) as session:
        row = session.get_one(tables.TurnRow, turn_id)
        row.answer = write_answer(replace(turn_value(row).answer, **changes))


def words_left(store: FeedbackStore, word: str) -> int:
    """Rows that hold a word, in the clear."""
    with store._database.session() as session:
        rows = [
            *session.scalars(sa.select(tables.TurnRow)),
            *session.scalars(sa.select(tables.EditRow)),
            *session.scalars(sa.select(tables.RatingRow)),
            *session.scalars(sa.select(tables.ConversationRow)),
        ]
        return sum(word in str(vars(row)) for row in rows)


def test_a_forgotten_answer_leaves_no_copy_in_later_prompts(store: FeedbackStore) -> None:
    conversation = store.start_conversation(rater="dr-a", title="Where is the quindle?")
    first = add_turn(store, None, question="Where is the quindle?", answer=SECRET, conversation=conversation)
    store.edit(first, rater="dr-a", edited_answer="Corrected: " + SECRET)
    store.rate(first, rater="dr-a", thumbs=-1, comment="zorbick")
    store.decide("edit-1", Ruling.ACCEPT, rater="dr-a")
    history = (
        Message(role="user", content="Where is the quindle?"),
        Message(role="assistant", content="Corrected: " + SECRET),
    )
    later = add_turn(store, None, answer="Nothing else.", conversation=conversation, history=history)
    store.rate(later, rater="dr-a", thumbs=1)
    other = add_turn(store, report("r-2"), answer="Nothing like it.")

    gone = store.forget(turn_ids=[first])
    assert (gone.turns, gone.edits, gone.ratings, gone.decisions, gone.conversations) == (1, 1, 1, 1, 0)
    assert (gone.prompts, gone.left) == (1, 0)
    assert words_left(store, "quindle") == words_left(store, "zorbick") == 0
    assert store.conversation(conversation).title == "Conversation"
    assert store.turn(later).answer.text == "Nothing else."
    assert store.turn(later).messages == ()
    assert store.turn(other).messages != ()


def test_the_last_turn_takes_its_conversation_along(store: FeedbackStore) -> None:
    turn_id = add_turn(store, report("r-1"))
    second = add_turn(store, report("r-1"), conversation=1, alternative_of=turn_id)
    store.choose(chosen=second, rejected=turn_id, rater="dr-a")
    gone = store.forget(turn_ids=[turn_id])
    assert (gone.conversations, gone.turns, gone.choices, gone.left) == (1, 2, 1, 0)
    assert store.conversations("dr-a") == []


def test_a_forgotten_report_is_in_no_answer_about_another_one(store: FeedbackStore) -> None:
    own = add_turn(store, report("r-1"))
    shown = add_turn(store, report("r-2", text="IMPRESSION: Clear lungs."), answer="Clear lungs.", past=(PAST,))
    citing = add_turn(store, report("r-3", text="IMPRESSION: A fracture."), answer="As before.", past=(PAST,))
    citation = Citation(report_id="r-1", section="", quote=PAST.text, start=68, end=68 + len(PAST.text))
    sentence = AnswerSentence(text="As before.", support=Support.SUPPORTED, citations=(citation,))
    change_answer(store, citing, sentences=(sentence,))
    untouched = add_turn(store, report("r-4", text="IMPRESSION: A sprain."), answer="A sprain.")

    gone = store.forget(report_ids=["r-1"])
    assert (gone.reports, gone.conversations, gone.turns, gone.prompts, gone.left) == (("r-1",), 2, 2, 1, 0)
    with store._database.session() as session:
        assert sorted(session.scalars(sa.select(tables.TurnRow.id))) == [shown, untouched]  # type: ignore[call-overload]
    assert own not in (shown, untouched)
    left = store.turn(shown)
    assert (left.answer.text, left.messages) == ("Clear lungs.", ())
    assert [source.report_id for source in left.answer.sources] == ["r-2"]


def test_a_patient_is_forgotten_with_all_their_reports_whoever_asked(store: FeedbackStore) -> None:
    for rater, report_id in (("dr-a", "r-1"), ("dr-b", "r-2")):
        add_turn(store, report(report_id, patient="P-1"), rater=rater)
    pasted = add_turn(store, report("r-1"), rater="dr-c")
    compared = store.start_conversation(
        rater="dr-a", title="T", report=report("r-9"), earlier=report("r-8", patient="P-1")
    )
    other = add_turn(store, report("r-3", patient="P-2", text="IMPRESSION: A sprain."), answer="A sprain.")
    gone = store.forget(patient="P-1")
    assert gone.reports == ("r-1", "r-2")
    assert (gone.conversations, gone.turns, gone.left) == (4, 3, 0)
    assert pasted != other
    assert [summary.id for summary in store.conversations("dr-a")] == [store.turn(other).conversation_id]
    assert compared not in [summary.id for summary in store.conversations("dr-a")]


def test_an_example_that_was_forgotten_is_in_no_prompt(store: FeedbackStore) -> None:
    taught = add_turn(store, report("r-1"), answer=ANSWER)
    follows = add_turn(store, report("r-2", text="IMPRESSION: A sprain."), answer="A sprain.")
    used = UsedExample(
        turn_id=taught, given_at=datetime(2026, 11, 1, tzinfo=UTC), own=True, corrected=False, key="rating-1"
    )
    change_answer(store, follows, examples=(used,))
    assert store.forget(turn_ids=[taught]).prompts == 1
    left = store.turn(follows)
    assert (left.messages, left.answer.examples) == ((), ())


def test_short_answers_that_everybody_gives_are_no_copies(store: FeedbackStore) -> None:
    first = add_turn(store, report("r-1"), answer="No fever.")
    same = (Message(role="user", content="Fever?"), Message(role="assistant", content="No fever."))
    elsewhere = add_turn(store, report("r-2"), answer="Stable.", history=same)
    assert store.forget(turn_ids=[first]).prompts == 0
    assert store.turn(elsewhere).messages != ()


def test_what_never_was_is_forgotten_without_harm(store: FeedbackStore) -> None:
    kept = add_turn(store, report("r-1", patient="P-1"))
    gone = store.forget(turn_ids=[999], report_ids=["r-9"], patient="P-9")
    assert (gone.conversations, gone.turns, gone.prompts, gone.left) == (0, 0, 0, 0)
    assert store.turn(kept).answer.text == ANSWER
    assert store.forget() == replace(gone, reports=())


def test_a_long_conversation_is_forgotten_at_once(store: FeedbackStore) -> None:
    conversation = store.start_conversation(rater="dr-a", title="Long", report=report("r-1"))
    for number in range(12):
        add_turn(store, report("r-1"), answer=f"{BETTER} {number}", conversation=conversation)
    assert TEXT in store.turn(1).messages[-1].content
    gone = store.forget(report_ids=["r-1"])
    assert (gone.turns, gone.left) == (12, 0)
