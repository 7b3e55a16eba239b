"""What teaches, and why the rest does not. Every text is invented."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from assistant.schema import Answer, Message, Mode, Source
from feedback.demonstrations import Demonstration, Thumb
from feedback.pairs import PreferencePair
from feedback.schema import Choice, Decision, Edit, Feedback, Rating, Ruling, Turn
from feedback.screening import REASONS, Aside, Screened, items_of, limit_raters, screen

START = datetime(2026, 11, 1, tzinfo=UTC)
REPORT = Source(
    report_id="r-1",
    label="This report",
    text="FINDINGS: Small left pleural effusion. No pneumothorax. Nodule of 8 mm in the right upper lobe.",
)
ANSWER = "There is a small left pleural effusion and there is no pneumothorax."
BETTER = "Small left pleural effusion. Nodule of 8 mm in the right upper lobe."
TYPO = "There is a small left pleural efusion and there is no pneumothorax."
INVENTED = "Small left pleural effusion. Known sarcoidosis, on prednisone."
LONGER = " ".join([ANSWER] * 5)


def turn(id: int, text: str = ANSWER, *, prompt: str = "p", alternative_of: int | None = None) -> Turn:
    return Turn(
        id=id,
        conversation_id=1,
        rater="dr-a",
        mode=Mode.QUESTION,
        question="q",
        answer=Answer(
            text=text, sentences=(), model_id="m", prompt_version="1", timings_ms={}, sources=(REPORT,)
        ),
        messages=(Message(role="user", content=prompt),),
        report_id="r-1",
        alternative_of=alternative_of,
        created_at=START,
    )  # fmt: skip


def at(id: int) -> datetime:
    return START + timedelta(minutes=id)


def edit(turn_id: int, text: str, *, id: int, rater: str = "dr-a", based_on: int | None = None) -> Edit:
    return Edit(id=id, turn_id=turn_id, rater=rater, edited_answer=text, based_on=based_on, created_at=at(id))


def thumb(turn_id: int, thumbs, *, id: int, rater: str = "dr-a") -> Rating:
    return Rating(id=id, turn_id=turn_id, rater=rater, thumbs=thumbs, created_at=at(id))


def choice(chosen: int, rejected: int, *, id: int, rater: str = "dr-a") -> Choice:
    return Choice(id=id, chosen_turn_id=chosen, rejected_turn_id=rejected, rater=rater, created_at=at(id))


def decided(key: str, *rulings: Ruling) -> list[Decision]:
    return [
        Decision(id=n, key=key, ruling=ruling, rater="dr-a", created_at=at(100 + n))
        for n, ruling in enumerate(rulings, 1)
    ]


def screened(turns, said, decisions=()) -> Screened:
    feedback = Feedback(
        turns=tuple(turns),
        ratings=tuple(one for one in said if isinstance(one, Rating)),
        edits=tuple(one for one in said if isinstance(one, Edit)),
        choices=tuple(one for one in said if isinstance(one, Choice)),
    )
    return screen(items_of(feedback), decisions, {turn.id: turn for turn in turns})


KIND = {PreferencePair: "pair", Demonstration: "answer", Thumb: "thumb"}


def short(result: Screened) -> tuple[list[tuple[str, str]], list[tuple[str, str, str]]]:
    kept = sorted((KIND[type(item)], item.key) for item in result.kept)
    return kept, sorted((KIND[type(one.item)], one.item.key, one.reason.value) for one in result.set_aside)


EDIT = [("answer", "edit-1"), ("pair", "edit-1")]


def both(reason: Aside, key: str = "edit-1") -> list[tuple[str, str, str]]:
    return [("answer", key, reason.value), ("pair", key, reason.value)]


@pytest.mark.parametrize(
    ("said", "decisions", "kept", "aside"),
    [
        pytest.param([edit(1, BETTER, id=1)], [], EDIT, [], id="a correction is a pair and a good answer"),
        pytest.param([thumb(1, 1, id=1)], [], [("answer", "rating-1"), ("thumb", "rating-1")], [], id="a thumb up is an accepted answer"),
        pytest.param([thumb(1, -1, id=1)], [], [("thumb", "rating-1")], [], id="a thumb down is only a thumb"),
        pytest.param([edit(1, TYPO, id=1)], [], [("answer", "edit-1")], [("pair", "edit-1", "typo_only")], id="a typo prefers nothing, and is a good answer"),
        pytest.param([edit(1, TYPO, id=1)], decided("edit-1", Ruling.ACCEPT), EDIT, [], id="unless a reviewer says so"),
        pytest.param([edit(1, LONGER, id=1)], [], [], both(Aside.LENGTH_GAME), id="repeating oneself is no correction"),
        pytest.param([edit(1, INVENTED, id=1)], [], [], both(Aside.NEEDS_REVIEW), id="a fact from nowhere waits for a person"),
        pytest.param([edit(1, INVENTED, id=1)], decided("edit-1", Ruling.ACCEPT), EDIT, [], id="who may accept it"),
        pytest.param([edit(1, INVENTED, id=1)], decided("edit-1", Ruling.ACCEPT, Ruling.WITHDRAW), [], both(Aside.WITHDRAWN), id="nobody overrules a withdrawal"),
        pytest.param([edit(1, BETTER, id=1)], decided("edit-1", Ruling.WITHDRAW, Ruling.ACCEPT), [], both(Aside.WITHDRAWN), id="not afterwards either"),
        pytest.param([edit(1, BETTER, id=1)], decided("edit-1", Ruling.WITHDRAW, Ruling.RESTORE), EDIT, [], id="but whoever withdrew it"),
        pytest.param([edit(1, BETTER, id=1)], decided("edit-1", Ruling.DISCARD), [], both(Aside.DISCARDED), id="a reviewer may discard it"),
        pytest.param([edit(1, BETTER, id=1)], decided("edit-1", Ruling.DISCARD, Ruling.ACCEPT), EDIT, [], id="and think again"),
        pytest.param([edit(1, BETTER, id=1), edit(1, BETTER, id=2, based_on=1)], decided("edit-1", Ruling.WITHDRAW), [], both(Aside.WITHDRAWN), id="a reason added later says nothing new"),
        pytest.param([edit(1, BETTER, id=1), edit(1, BETTER + " Stable.", id=2, based_on=1)], decided("edit-1", Ruling.DISCARD), [], both(Aside.NEEDS_REVIEW, "edit-2"), id="other words are judged anew"),
    ],
)  # fmt: skip
def test_one_answer(said, decisions, kept, aside) -> None:
    assert short(screened([turn(1)], said, decisions)) == (kept, aside)


OTHER = "No pneumothorax is seen, and there is a nodule of 8 mm."
TWO = [turn(1), turn(2, OTHER, alternative_of=1)]


@pytest.mark.parametrize(
    ("said", "decisions", "kept", "aside"),
    [
        pytest.param(
            [choice(1, 2, id=1), choice(2, 1, id=2, rater="dr-b")],
            [],
            [],
            [("pair", "choice-1", "contradictory"), ("pair", "choice-2", "contradictory")],
            id="two people who choose the opposite are both left out",
        ),
        pytest.param(
            [choice(1, 2, id=1), choice(2, 1, id=2)], [], [("pair", "choice-2")], [], id="one person may think again"
        ),
        pytest.param(
            [choice(1, 2, id=1), choice(2, 1, id=2, rater="dr-b")],
            decided("choice-1", Ruling.DISCARD),
            [("pair", "choice-2")],
            [("pair", "choice-1", "discarded")],
            id="a reviewer decides by discarding one",
        ),
        pytest.param(
            [choice(1, 2, id=1), choice(2, 1, id=2, rater="dr-b")],
            decided("choice-1", Ruling.ACCEPT),
            [],
            [("pair", "choice-1", "contradictory"), ("pair", "choice-2", "contradictory")],
            id="accepting one does not silence the other",
        ),
        pytest.param(
            [choice(1, 2, id=1), choice(1, 2, id=2, rater="dr-b")],
            [],
            [("pair", "choice-2")],
            [("pair", "choice-1", "duplicate")],
            id="two people who agree say it once",
        ),
        pytest.param(
            [thumb(1, 1, id=1), thumb(2, -1, id=2)],
            [],
            [("answer", "rating-1"), ("pair", "rating-1+rating-2")],
            [],
            id="opposite thumbs are a pair, and the better one is an accepted answer",
        ),
        pytest.param(
            [thumb(1, 1, id=1), thumb(2, -1, id=2)],
            decided("rating-2", Ruling.WITHDRAW),
            [("answer", "rating-1")],
            [("pair", "rating-1+rating-2", "withdrawn")],
            id="a pair of thumbs goes with either of them",
        ),
        pytest.param(
            [thumb(1, 1, id=1), thumb(2, -1, id=2)],
            decided("rating-1+rating-2", Ruling.DISCARD),
            [("answer", "rating-1")],
            [("pair", "rating-1+rating-2", "discarded")],
            id="a pair can be discarded and its thumbs stay",
        ),
        pytest.param(
            [thumb(1, 1, id=1), thumb(1, -1, id=2, rater="dr-b")],
            [],
            [],
            [
                ("answer", "rating-1", "contradictory"),
                ("thumb", "rating-1", "contradictory"),
                ("thumb", "rating-2", "contradictory"),
            ],
            id="one finds it good and one poor",
        ),
    ],
)
def test_two_answers_and_two_people(said, decisions, kept, aside) -> None:
    assert short(screened(TWO, said, decisions)) == (kept, aside)


def test_opposite_corrections_of_two_people_are_kept_apart() -> None:
    turns = [turn(1, ANSWER), turn(2, BETTER)]
    said = [edit(1, BETTER, id=1), edit(2, ANSWER, id=2, rater="dr-b")]
    kept, aside = short(screened(turns, said))
    assert kept == []
    assert {(key, reason) for _, key, reason in aside} == {("edit-1", "contradictory"), ("edit-2", "contradictory")}


def test_what_waits_for_a_person_says_which_sentence_is_from_nowhere() -> None:
    result = screened([turn(1)], [edit(1, INVENTED, id=1)])
    assert {one.sentences for one in result.set_aside} == {("Known sarcoidosis, on prednisone.",)}
    assert "sarcoidosis" not in repr(result)


def test_every_reason_is_in_words_for_people() -> None:
    assert set(REASONS) == set(Aside)


def pair(n: int, rater: str) -> PreferencePair:
    return PreferencePair(
        prompt=(Message(role="user", content=f"p {n}"),), chosen="a", rejected="b", report_id=None, patient=None,
        source="edit", turn_ids=(n,), rater=rater, given_at=at(n), key=f"edit-{n}",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "share", "kept"),
    [
        pytest.param({"a": 40}, 0.5, {"a": 40}, id="a person alone is not limited"),
        pytest.param({"a": 30, "b": 10}, 0.5, {"a": 20, "b": 10}, id="one of two gives at most half of what came in"),
        pytest.param({"a": 10, "b": 10, "c": 10}, 0.5, {"a": 10, "b": 10, "c": 10}, id="equals are not limited"),
        pytest.param({"a": 3, "b": 1}, 0.01, {"a": 1, "b": 1}, id="one item stays of everybody"),
    ],
)
def test_one_persons_share(counts: dict[str, int], share: float, kept: dict[str, int]) -> None:
    pairs = [pair(100 * n + i, rater) for n, (rater, count) in enumerate(counts.items()) for i in range(count)]
    result = limit_raters(pairs, share=share, key=b"k")
    assert {rater: sum(item.rater == rater for item in result.kept) for rater in counts} == kept
    assert {one.reason for one in result.set_aside} <= {Aside.RATER_SHARE}
    assert len(result.kept) + len(result.set_aside) == len(pairs)


def test_which_items_go_does_not_depend_on_their_order_and_is_different_elsewhere() -> None:
    pairs = [pair(n, "a" if n < 30 else "b") for n in range(40)]
    kept = {item.key for item in limit_raters(pairs, share=0.5, key=b"k").kept}
    assert kept == {item.key for item in limit_raters(pairs[::-1], share=0.5, key=b"k").kept}
    assert kept != {item.key for item in limit_raters(pairs, share=0.5, key=b"other").kept}
    later = [*pairs, *(replace(pair(n, "b"), rater="b") for n in range(40, 44))]
    assert kept <= {item.key for item in limit_raters(later, share=0.5, key=b"k").kept}
