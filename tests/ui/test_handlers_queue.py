"""What a reviewer's clicks do, over a real installation. No browser, no widget. Everything is invented."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from feedback.schema import Ruling
from tests.ui.loop_site import correct, keep_turn
from ui.handlers_queue import QueueHandlers
from ui.review_desk import ReviewDesk
from ui.screen import Screen
from ui.visit import Visit
from ui.wiring import Parts


class Reviewer:
    """A browser session of one person in the Review tab."""

    def __init__(self, parts: Parts, rater: str) -> None:
        self.visit, self.handlers = Visit(rater=rater), QueueHandlers(parts.review_desk)
        self.shown: Screen = {}

    def do(self, act: str, **data: Any) -> Screen:
        handler: Callable[..., Any] = getattr(self.handlers, act)
        screen = asyncio.run(handler(self.visit) if act == "enter" else handler(self.visit, data))
        self.shown |= screen
        return screen


@pytest.fixture
def review(parts: Parts) -> ReviewDesk:
    return parts.review_desk


@pytest.fixture
def reviewer(parts: Parts) -> Reviewer:
    return Reviewer(parts, "dr-b")


def rate_poor(parts: Parts, number: int) -> int:
    turn_id = keep_turn(parts, number, rater="dr-a")
    parts.feedback.rate(turn_id, rater="dr-a", thumbs=-1, comment="the plan is missing")
    return turn_id


def test_what_was_rated_poor_waits_and_what_was_corrected_plainly_does_not(parts: Parts, reviewer: Reviewer) -> None:
    rate_poor(parts, 1)
    correct(parts, 2, rater="dr-a")
    shown = reviewer.do("enter")
    assert "1 waiting" in shown["queue"]
    assert "the plan is missing" in shown["queue_item"]
    shown = reviewer.do("show_queue", all="yes")
    assert "2 entries" in shown["queue"]
    assert "teaches" in shown["queue"]


def test_a_decision_takes_the_entry_off_the_list_and_opens_the_next(
    parts: Parts, review: ReviewDesk, reviewer: Reviewer
) -> None:
    for number in (1, 2, 3):
        rate_poor(parts, number)
    reviewer.do("enter")
    newest, second, oldest = (item.name for item in review.queue())
    reviewer.do("open_item", item=second)
    shown = reviewer.do("accept", item=second)
    assert "Accepted" in shown["queue_item"]
    assert "2 of 2" in shown["queue_item"]
    assert reviewer.visit.review_item == oldest, "the one that came in its place"
    reviewer.do("discard", item=oldest)
    assert reviewer.visit.review_item == newest
    shown = reviewer.do("discard", item=newest)
    assert "Nothing waits." in shown["queue"]
    rulings = {decision.key: decision.ruling for decision in parts.feedback.decisions()}
    assert rulings == {second: Ruling.ACCEPT, oldest: Ruling.DISCARD, newest: Ruling.DISCARD}


def test_in_the_list_of_all_a_decision_can_be_changed_where_it_stands(parts: Parts, reviewer: Reviewer) -> None:
    rate_poor(parts, 1)
    reviewer.do("show_queue", all="yes")
    name = reviewer.visit.review_item
    assert name is not None
    assert "as it stands: discarded" in reviewer.do("discard", item=name)["queue_item"]
    assert "as it stands: accepted" in reviewer.do("accept", item=name)["queue_item"]


def test_only_whoever_said_it_can_withdraw_it(parts: Parts, review: ReviewDesk, reviewer: Reviewer) -> None:
    rate_poor(parts, 1)
    (item,) = review.queue()
    shown = reviewer.do("withdraw", item=item.name)
    assert "only they can withdraw" in shown["queue_problem"]
    author = Reviewer(parts, "dr-a")
    assert "Withdrawn" in author.do("withdraw", item=item.name)["queue_item"]
    assert not review.queue()
    author.do("show_queue", all="yes")
    assert "Restored" in author.do("restore", item=item.name)["queue_item"]


def test_a_reviewer_corrects_what_somebody_else_asked_under_their_own_name(
    parts: Parts, review: ReviewDesk, reviewer: Reviewer
) -> None:
    turn_id = rate_poor(parts, 1)
    (item,) = review.queue()
    shown = reviewer.do("correct_item", item=item.name, text="Invented finding. Follow-up in 1 week.", reason="missing")
    assert "Kept." in shown["queue_item"]
    (edit,) = parts.feedback.edits(turn_id)
    assert (edit.rater, edit.edited_answer) == ("dr-b", "Invented finding. Follow-up in 1 week.")
    shown = reviewer.do("correct_item", item=review.queue(everything=True)[0].name, text=" ")
    assert "empty" in shown["queue_problem"]


def test_what_is_typed_in_a_correction_is_masked(parts: Parts, review: ReviewDesk, reviewer: Reviewer) -> None:
    turn_id = rate_poor(parts, 1)
    (item,) = review.queue()
    reviewer.do("correct_item", item=item.name, text="Mrs. Ottilie Brannigan has an invented finding.")
    assert "Brannigan" not in parts.feedback.edits(turn_id)[0].edited_answer


def test_an_answer_that_nobody_spoke_about_can_be_settled(parts: Parts, review: ReviewDesk, reviewer: Reviewer) -> None:
    turn_id = keep_turn(parts, 1, rater="dr-a", supported=False)
    (item,) = review.queue()
    assert item.key is None
    assert "unsupported" not in reviewer.do("enter")["queue"]
    reviewer.do("accept", item=item.name)
    assert not review.queue()
    (entry,) = review.queue(everything=True)
    assert (entry.turn.id, entry.rater, entry.teaches) == (turn_id, "dr-b", True)


def test_an_entry_that_was_deleted_meanwhile_is_said_calmly(
    parts: Parts, review: ReviewDesk, reviewer: Reviewer
) -> None:
    turn_id = rate_poor(parts, 1)
    (item,) = review.queue()
    parts.feedback.forget(turn_ids=[turn_id])
    assert "it may have been deleted" in reviewer.do("accept", item=item.name)["queue_problem"]
