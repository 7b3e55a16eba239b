"""What a run gets of what was said. Every text is invented."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from assistant.deid.engine import Deidentifier
from assistant.schema import Message, Mode, Report
from feedback.dataset import Dataset, build
from feedback.schema import Ruling
from feedback.splits import Split, split_of
from feedback.store import FeedbackStore
from tests.feedback.made import ANSWER, BETTER, add_turn, report

KEY = bytes(range(32))


def patient(split: Split, number: int = 0) -> str:
    """The n-th invented patient of a split."""
    found = [name for name in (f"P-{n}" for n in range(400)) if split_of(KEY, name, None) is split]
    return found[number]


def of(split: Split, number: int = 0) -> Report:
    # Each report has words of its own: the same text would be taken for the same report.
    return report(f"{split}-{number}", patient=patient(split, number), text=f"Case {number} of {split}. {_TEXT}")


_TEXT = report("r").text


def dataset(store: FeedbackStore, deidentifier: Deidentifier, **more) -> Dataset:
    return build(store, key=KEY, deidentifier=deidentifier, **more)


def correct(store: FeedbackStore, about: Report, text: str = BETTER, *, rater: str = "dr-a", **more) -> int:
    turn_id = add_turn(store, about, rater=rater, **more)
    store.edit(turn_id, rater=rater, edited_answer=text)
    return turn_id


def test_what_was_said_about_a_patient_is_in_that_patients_split(
    said: FeedbackStore, deidentifier: Deidentifier
) -> None:
    for split in Split:
        correct(said, of(split))
    down = add_turn(said, of(Split.TRAIN, 1))
    said.rate(down, rater="dr-a", thumbs=-1)
    found = dataset(said, deidentifier)
    for split in Split:
        (pair,), (shown,) = found.parts[split].pairs, found.parts[split].demonstrations
        assert pair.patient == shown.patient == patient(split)
        assert (pair.chosen, pair.rejected, shown.completion) == (BETTER, ANSWER, BETTER)
    assert [thumb.label for thumb in found.train.thumbs] == [False]
    assert found.counts() == {
        "new": 4, "judged": 1, "pairs": 3, "pairs.edit": 3, "demonstrations": 3, "demonstrations.edit": 3, "thumbs": 1,
        "thumbs.thumb": 1, "train.pairs": 1, "train.demonstrations": 1, "train.thumbs": 1, "validation.pairs": 1,
        "validation.demonstrations": 1, "eval.pairs": 1, "eval.demonstrations": 1,
    }  # fmt: skip


def test_judging_gets_the_turn_and_what_its_clinician_made_of_it(
    said: FeedbackStore, deidentifier: Deidentifier
) -> None:
    corrected = correct(said, of(Split.EVAL))
    liked = add_turn(said, of(Split.EVAL, 1), answer="No pneumothorax.")
    said.rate(liked, rater="dr-a", thumbs=1)
    first = add_turn(said, of(Split.EVAL, 2))
    conversation = said.turn(first).conversation_id
    second = add_turn(said, of(Split.EVAL, 2), answer=BETTER, conversation=conversation, alternative_of=first)
    said.choose(chosen=second, rejected=first, rater="dr-a")
    judged = dataset(said, deidentifier).judged
    assert [(one.turn.id, one.final, one.rejected, one.source) for one in judged] == [
        (corrected, BETTER, ANSWER, "edit"),
        (liked, "No pneumothorax.", None, "thumbs"),
        (second, BETTER, ANSWER, "choice"),
    ]
    assert judged[0].turn.answer.sources[0].text == of(Split.EVAL).text
    assert judged[0].turn.messages == said.turn(corrected).messages


def test_since_trains_on_the_new_and_keeps_the_old_for_replay(said: FeedbackStore, deidentifier: Deidentifier) -> None:
    old, unsure = correct(said, of(Split.TRAIN, 0)), correct(said, of(Split.TRAIN, 1), BETTER + " Known sarcoidosis.")
    correct(said, of(Split.EVAL))
    since = datetime.now(UTC)
    new = correct(said, of(Split.TRAIN, 2))
    found = dataset(said, deidentifier, since=since)
    assert [pair.turn_ids for pair in found.train.pairs] == [(new,)]
    assert [one.turn_id for one in found.replay] == [old]
    assert len(found.eval.pairs) == 1, "judging needs all that there is"
    assert found.new == 1
    assert found.counts()["set_aside.needs_review"] == 2

    said.decide(f"edit-{unsure}", Ruling.ACCEPT, rater="dr-b")
    again = dataset(said, deidentifier, since=since)
    assert {pair.turn_ids for pair in again.train.pairs} == {(new,), (unsure,)}, "accepted since, so new"
    assert dataset(said, deidentifier, since=since + timedelta(days=1)).new == 0


def test_one_persons_share_is_limited_in_training_and_not_in_judging(
    said: FeedbackStore, deidentifier: Deidentifier
) -> None:
    for number in range(5):
        correct(said, of(Split.TRAIN, number))
    correct(said, of(Split.TRAIN, 5), rater="dr-b")
    for number in range(3):
        correct(said, of(Split.EVAL, number))
    found = dataset(said, deidentifier, max_rater_share=0.5)
    assert sorted(pair.rater for pair in found.train.pairs) == ["dr-a"] * 3 + ["dr-b"]
    assert len(found.eval.pairs) == 3
    assert found.counts()["set_aside.rater_share"] == 4, "two pairs and two answers"


def test_identifiers_are_masked_and_what_cannot_be_masked_is_counted(
    said: FeedbackStore, deidentifier: Deidentifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn_id = correct(said, of(Split.TRAIN), "Small left pleural effusion. Seen by Dr. Thandiwe Mbeki.")
    said.decide("edit-1", Ruling.ACCEPT, rater="dr-a")
    (pair,) = dataset(said, deidentifier).train.pairs
    assert pair.chosen == "Small left pleural effusion. Seen by [NAME_3]."
    assert said.edits(turn_id)[-1].edited_answer.endswith("Mbeki."), "what is kept is not changed here"

    def fails(*_args: object, **_more: object) -> None:
        from assistant.errors import DeidModelBroke

        raise DeidModelBroke(problem="invented")

    monkeypatch.setattr(deidentifier, "residual", fails)
    found = dataset(said, deidentifier)
    assert found.train.items == ()
    assert found.counts() == {"set_aside.identifiers": 2}


def test_an_answer_kept_for_judging_is_never_shown_in_training(said: FeedbackStore, deidentifier: Deidentifier) -> None:
    kept_apart = correct(said, of(Split.EVAL))
    block = f"<examples key=0123456789abcdef: …>\n\nQuestion: What is found?\nAnswer: {BETTER}\n</examples key=0123456789abcdef>"
    example = (Message(role="user", content="?"), Message(role="assistant", content="!"))
    taught = add_turn(said, of(Split.TRAIN), history=example)
    said.rate(taught, rater="dr-a", thumbs=1)
    assert len(dataset(said, deidentifier).train.demonstrations) == 1
    with said._database.session(write=True) as session:  # as the chat keeps a prompt with examples
        from feedback import tables
        from feedback.codec import write_messages

        row = session.get_one(tables.TurnRow, taught)
        row.messages = write_messages((Message(role="user", content=block),))
    found = dataset(said, deidentifier)
    assert found.train.items == ()
    assert found.counts()["set_aside.shows_eval"] == 2
    assert [one.turn.id for one in found.judged] == [kept_apart]


def test_the_library_knows_whose_report_was_pasted(
    make_store: Callable[[], FeedbackStore], deidentifier: Deidentifier
) -> None:
    from assistant.library import Library

    store = make_store()
    library = Library(store._database, max_words=100)
    pasted = [report(f"pasted-{n}", text=f"Pasted {n}. {_TEXT}") for n in range(8)]
    for n, one in enumerate(pasted):
        library.keep_all([report(one.id, patient=patient(Split.EVAL, n), text=one.text)])
        correct(store, one)
        correct(store, of(Split.EVAL, n))
    found = dataset(store, deidentifier)
    for n, one in enumerate(pasted):
        places = {
            split
            for split, part in found.parts.items()
            for pair in part.pairs
            if pair.report_id in (one.id, f"{Split.EVAL}-{n}")
        }
        assert len(places) == 1


def test_the_same_feedback_gives_the_same_dataset(
    make_store: Callable[[], FeedbackStore], said: FeedbackStore, deidentifier: Deidentifier
) -> None:
    for split in Split:
        correct(said, of(split), mode=Mode.SUMMARIZE)
    assert dataset(said, deidentifier) == dataset(make_store(), deidentifier)
