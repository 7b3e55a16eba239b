"""Which feedback becomes which preference pair. Every text is invented."""

from datetime import UTC, datetime, timedelta

import pytest

from assistant.schema import Answer, Message, Mode
from feedback.pairs import make_pairs
from feedback.schema import Choice, Edit, Feedback, Rating, Turn

START = datetime(2026, 11, 1, tzinfo=UTC)


def turn(id: int, text: str, *, prompt: str = "p", stopped: bool = False, alternative_of: int | None = None) -> Turn:
    answer = Answer(text=text, sentences=(), model_id="m", prompt_version="1", timings_ms={}, stopped=stopped)
    messages = (Message(role="user", content=prompt),) if prompt else ()
    return Turn(
        id=id,
        conversation_id=1,
        rater="dr-a",
        mode=Mode.QUESTION,
        question="q",
        answer=answer,
        messages=messages,
        report_id="r-1",
        patient="P-1",
        alternative_of=alternative_of,
        created_at=START,
    )


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def thumb(turn_id: int, thumbs, *, id: int, rater: str = "dr-a") -> Rating:
    return Rating(id=id, turn_id=turn_id, rater=rater, thumbs=thumbs, created_at=at(id))


def edit(turn_id: int, text: str, *, id: int, based_on: int | None = None) -> Edit:
    return Edit(id=id, turn_id=turn_id, rater="dr-a", edited_answer=text, based_on=based_on, created_at=at(id))


def choice(chosen: int, rejected: int, *, id: int) -> Choice:
    return Choice(id=id, chosen_turn_id=chosen, rejected_turn_id=rejected, rater="dr-a", created_at=at(id))


TWO = (turn(1, "A"), turn(2, "B"))


@pytest.mark.parametrize(
    ("turns", "said", "expected"),
    [
        pytest.param(TWO, [], [], id="silence says nothing"),
        pytest.param(
            TWO, [edit(1, "A better", id=1)], [("A better", "A", "edit")], id="an edit is better than the answer"
        ),
        pytest.param(
            TWO,
            [edit(1, "A better", id=1), edit(1, "A best", id=2, based_on=1)],
            [("A best", "A", "edit")],
            id="only the latest edit counts",
        ),
        pytest.param(TWO, [edit(1, " A\n", id=1)], [], id="an edit that changes nothing but space is none"),
        pytest.param(TWO, [edit(1, "  ", id=1)], [], id="an edit to nothing is none"),
        pytest.param(TWO, [choice(2, 1, id=1)], [("B", "A", "choice")], id="the chosen is better than the other"),
        pytest.param(
            (turn(1, "A"), turn(2, "A")), [choice(2, 1, id=1)], [], id="choosing between equal texts says nothing"
        ),
        pytest.param(
            TWO,
            [choice(2, 1, id=1), choice(1, 2, id=2)],
            [("A", "B", "choice")],
            id="of opposite choices the later holds",
        ),
        pytest.param(TWO, [thumb(1, 1, id=1), thumb(2, -1, id=2)], [("A", "B", "thumbs")], id="up is better than down"),
        pytest.param(TWO, [thumb(1, 1, id=1)], [], id="one thumb alone makes no pair"),
        pytest.param(TWO, [thumb(1, 1, id=1), thumb(2, 1, id=2)], [], id="two thumbs up make no pair"),
        pytest.param(
            TWO,
            [thumb(1, 1, id=1), thumb(2, -1, id=2), thumb(2, 1, id=3)],
            [],
            id="a superseded thumb does not count",
        ),
        pytest.param(
            (turn(1, "A"), turn(2, "B", prompt="other")),
            [thumb(1, 1, id=1), thumb(2, -1, id=2)],
            [],
            id="answers to different prompts cannot be compared",
        ),
        pytest.param(
            (turn(1, "A"), turn(2, "B", prompt="other")),
            [choice(1, 2, id=1)],
            [],
            id="a choice between answers to different questions says nothing",
        ),
        pytest.param(
            (turn(1, "A"), turn(2, "B", prompt="with a past report that came in meanwhile", alternative_of=1)),
            [choice(2, 1, id=1)],
            [("B", "A", "choice")],
            id="a second answer may have seen other past reports",
        ),
        pytest.param(
            TWO,
            [thumb(1, 1, id=1), thumb(2, -1, id=2, rater="dr-b")],
            [],
            id="thumbs of two people are two opinions, not a preference",
        ),
        pytest.param(
            TWO,
            [choice(1, 2, id=1), thumb(1, 1, id=2), thumb(2, -1, id=3)],
            [("A", "B", "choice")],
            id="a choice and thumbs that agree make one pair",
        ),
        pytest.param(
            TWO,
            [choice(1, 2, id=1), thumb(1, -1, id=2), thumb(2, 1, id=3)],
            [("B", "A", "thumbs")],
            id="thumbs that contradict an earlier choice win",
        ),
        pytest.param(
            (turn(1, "A", stopped=True), turn(2, "B")),
            [choice(2, 1, id=1)],
            [],
            id="a stopped answer is no example",
        ),
        pytest.param(
            (turn(1, "A", stopped=True),),
            [edit(1, "A, completed", id=1)],
            [("A, completed", "A", "edit")],
            id="unless somebody completed it",
        ),
        pytest.param((turn(1, "A", prompt=""),), [edit(1, "B", id=1)], [], id="without a prompt there is no pair"),
    ],
)
def test_pairs(turns, said, expected) -> None:
    feedback = Feedback(
        turns=turns,
        ratings=tuple(one for one in said if isinstance(one, Rating)),
        edits=tuple(one for one in said if isinstance(one, Edit)),
        choices=tuple(one for one in said if isinstance(one, Choice)),
    )
    assert [(pair.chosen, pair.rejected, pair.source) for pair in make_pairs(feedback)] == expected


def test_a_pair_carries_what_splitting_and_tracing_need() -> None:
    (pair,) = make_pairs(Feedback(turns=TWO, ratings=(), edits=(), choices=(choice(2, 1, id=7),)))
    assert (pair.report_id, pair.patient, pair.turn_ids, pair.rater) == ("r-1", "P-1", (2, 1), "dr-a")
    assert pair.prompt == (Message(role="user", content="p"),)
    assert pair.given_at == at(7)


def test_every_up_meets_every_down_of_its_prompt() -> None:
    turns = tuple(turn(n, f"answer {n}") for n in range(1, 6))
    ratings = tuple(thumb(n, 1 if n < 3 else -1, id=n) for n in range(1, 6))
    pairs = make_pairs(Feedback(turns=turns, ratings=ratings, edits=(), choices=()))
    assert [pair.turn_ids for pair in pairs] == [(1, 3), (1, 4), (1, 5), (2, 3), (2, 4), (2, 5)]


def test_no_text_is_in_repr() -> None:
    (pair,) = make_pairs(Feedback(turns=TWO, ratings=(), edits=(edit(1, "Secret", id=1),), choices=()))
    assert "Secret" not in repr(pair)
