"""What waits for a reviewer. Every text is invented."""

from dataclasses import replace

import pytest

from assistant.schema import AnswerSentence, Support
from feedback.queue import ReviewItem, review_queue
from feedback.schema import Feedback, Ruling, Turn
from tests.feedback.test_screening import (
    ANSWER,
    BETTER,
    INVENTED,
    OTHER,
    TYPO,
    choice,
    decided,
    edit,
    thumb,
    turn,
)


def unsupported(id: int, *, of: int, out: int) -> Turn:
    """An answer of `of` sentences, `out` of which no source supports."""
    made = turn(id)
    sentences = tuple(
        AnswerSentence(text=f"Sentence {n}.", support=Support.UNSUPPORTED if n < out else Support.SUPPORTED)
        for n in range(of)
    )
    return replace(made, answer=replace(made.answer, sentences=sentences))


def queue(turns, said, decisions=(), **more) -> tuple[ReviewItem, ...]:
    feedback = Feedback(
        turns=tuple(turns),
        ratings=tuple(one for one in said if hasattr(one, "thumbs")),
        edits=tuple(one for one in said if hasattr(one, "edited_answer")),
        choices=tuple(one for one in said if hasattr(one, "chosen_turn_id")),
    )
    return review_queue(feedback, decisions, **more)


TWO = [turn(1), turn(2, OTHER, alternative_of=1)]


@pytest.mark.parametrize(
    ("turns", "said", "decisions", "waiting"),
    [
        pytest.param([turn(1)], [], [], [], id="a supported answer that nobody spoke of"),
        pytest.param(
            [unsupported(1, of=3, out=1)], [], [],
            [(None, ("its sources do not say much of it",))], id="an answer that its sources do not say",
        ),
        pytest.param([unsupported(1, of=4, out=1)], [], [], [], id="one sentence of four may be unsupported"),
        pytest.param(
            [turn(1)], [thumb(1, -1, id=1)], [], [("rating-1", ("rated poor",))], id="a thumb down"
        ),
        pytest.param([turn(1)], [thumb(1, 1, id=1)], [], [], id="a thumb up"),
        pytest.param([turn(1)], [edit(1, BETTER, id=1)], [], [], id="a correction without doubts"),
        pytest.param([turn(1)], [edit(1, TYPO, id=1)], [], [], id="a typo needs nobody"),
        pytest.param(
            [turn(1)], [edit(1, INVENTED, id=1)], [],
            [("edit-1", ("the correction says what no source says",))], id="a correction with a fact from nowhere",
        ),
        pytest.param([turn(1)], [edit(1, INVENTED, id=1)], decided("edit-1", Ruling.ACCEPT), [], id="until it is accepted"),
        pytest.param([turn(1)], [edit(1, INVENTED, id=1)], decided("edit-1", Ruling.WITHDRAW), [], id="or withdrawn"),
        pytest.param(
            [turn(1)], [thumb(1, -1, id=1), edit(1, BETTER, id=1)], [],
            [("edit-1", ("rated poor",))], id="a correction after a thumb down is one entry",
        ),
        pytest.param(
            TWO, [choice(1, 2, id=1), choice(2, 1, id=2, rater="dr-b")], [],
            [("choice-2", ("two people say the opposite",)), ("choice-1", ("two people say the opposite",))],
            id="two people who contradict each other are shown, the later first",
        ),
        pytest.param(
            TWO, [choice(1, 2, id=1), choice(2, 1, id=2, rater="dr-b")], decided("choice-1", Ruling.DISCARD), [],
            id="until one is discarded",
        ),
        pytest.param(
            [unsupported(1, of=2, out=2)], [thumb(1, 1, id=1)], [],
            [("rating-1", ("its sources do not say much of it",))], id="an accepted answer that its sources do not say",
        ),
    ],
)  # fmt: skip
def test_what_waits(turns, said, decisions, waiting) -> None:
    assert [(entry.key, entry.reasons) for entry in queue(turns, said, decisions)] == waiting


def test_an_entry_shows_what_it_came_from() -> None:
    (entry,) = queue([turn(1)], [edit(1, INVENTED, id=1)])
    assert (entry.original, entry.better, entry.source, entry.rater) == (ANSWER, INVENTED, "edit", "dr-a")
    assert entry.sentences == ("Known sarcoidosis, on prednisone.",)
    assert entry.turn.id == 1
    assert not entry.teaches
    assert "sarcoidosis" not in repr(entry)


def test_everything_shows_what_teaches_too_and_what_was_decided() -> None:
    turns = [turn(1), turn(2, prompt="another"), turn(3, prompt="a third")]
    said = [edit(1, BETTER, id=1), edit(2, BETTER, id=2), thumb(3, 1, id=3)]
    shown = queue(turns, said, decided("edit-2", Ruling.DISCARD), everything=True)
    assert [(entry.key, entry.teaches, entry.standing.ruling) for entry in shown] == [
        ("rating-3", True, None),
        ("edit-2", False, Ruling.DISCARD),
        ("edit-1", True, None),
    ]
    assert [entry.key for entry in queue(turns, said, everything=True, limit=2)] == ["rating-3", "edit-2"]


def test_of_two_answers_the_better_and_the_worse_are_shown() -> None:
    (entry,) = queue(TWO, [thumb(1, 1, id=1), thumb(2, -1, id=2)], everything=True)[:1]
    assert (entry.key, entry.better, entry.original, entry.source) == ("rating-1+rating-2", ANSWER, OTHER, "thumbs")
