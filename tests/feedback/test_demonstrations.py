"""Which answers are good ones, and which thumbs stand alone. Every text is invented."""

from dataclasses import replace

import pytest

from feedback.demonstrations import make_demonstrations, make_thumbs
from feedback.pairs import make_pairs
from feedback.schema import Feedback, Turn
from tests.feedback.test_screening import edit, thumb, turn


def said_about(turns: list[Turn], *said) -> Feedback:
    return Feedback(
        turns=tuple(turns),
        ratings=tuple(one for one in said if hasattr(one, "thumbs")),
        edits=tuple(one for one in said if hasattr(one, "edited_answer")),
        choices=(),
    )


def stopped(id: int) -> Turn:
    made = turn(id, "A")
    return replace(made, answer=replace(made.answer, stopped=True))


@pytest.mark.parametrize(
    ("turns", "said", "answers", "thumbs"),
    [
        pytest.param([turn(1, "A")], [], [], [], id="silence is nothing"),
        pytest.param([turn(1, "A")], [edit(1, " B \n", id=1)], [("B", "edit")], [], id="a correction"),
        pytest.param(
            [turn(1, "A")], [edit(1, "B", id=1), edit(1, "C", id=2, based_on=1)], [("C", "edit")], [], id="the latest of two"
        ),
        pytest.param([turn(1, "A")], [thumb(1, 1, id=1)], [("A", "thumbs")], [("A", True)], id="a thumb up"),
        pytest.param([turn(1, "A")], [thumb(1, -1, id=1)], [], [("A", False)], id="a thumb down"),
        pytest.param(
            [turn(1, "A")], [thumb(1, 1, id=1), thumb(1, -1, id=2)], [], [("A", False)], id="the latest thumb holds"
        ),
        pytest.param(
            [turn(1, "A")], [thumb(1, 1, id=1), edit(1, "B", id=1)], [("B", "edit")], [],
            id="a thumb up on what was corrected says nothing",
        ),
        pytest.param(
            [turn(1, "A")], [thumb(1, -1, id=1), edit(1, "B", id=1)], [("B", "edit")], [("A", False)],
            id="a thumb down on what was corrected still says that it was poor",
        ),
        pytest.param(
            [turn(1, "A"), turn(2, "B")], [thumb(1, 1, id=1), thumb(2, -1, id=2)], [("A", "thumbs")], [],
            id="thumbs of a pair do not stand alone",
        ),
        pytest.param(
            [turn(1, "A")], [thumb(1, 1, id=1), thumb(1, 1, id=2, rater="dr-b")],
            [("A", "thumbs"), ("A", "thumbs")], [("A", True), ("A", True)], id="two people who like it",
        ),
        pytest.param([stopped(1)], [thumb(1, 1, id=1)], [], [], id="a stopped answer is no example"),
        pytest.param([stopped(1)], [edit(1, "A, and B", id=1)], [("A, and B", "edit")], [], id="unless it was completed"),
        pytest.param([turn(1, "")], [thumb(1, -1, id=1), edit(1, " ", id=1)], [], [], id="nothing is no answer"),
        pytest.param([replace(turn(1, "A"), messages=())], [thumb(1, 1, id=1)], [], [], id="nor is one without a prompt"),
    ],
)  # fmt: skip
def test_what_is_learned_from_one_answer(turns, said, answers, thumbs) -> None:
    feedback = said_about(turns, *said)
    assert [(one.completion, one.source) for one in make_demonstrations(feedback)] == answers
    assert [(one.completion, one.label) for one in make_thumbs(feedback, make_pairs(feedback))] == thumbs


def test_an_answer_shares_its_key_with_the_pair_and_carries_what_tracing_needs() -> None:
    feedback = said_about([turn(1, "A")], edit(1, "B", id=7))
    (answer,), (pair,) = make_demonstrations(feedback), make_pairs(feedback)
    assert answer.key == pair.key == "edit-7"
    assert (answer.turn_ids, answer.report_id, answer.rater, answer.mode) == (
        (1,),
        "r-1",
        "dr-a",
        feedback.turns[0].mode,
    )
    assert "B" not in repr(answer).replace("Demonstration", "")
