"""Reviewing, taking back and forgetting, in a real installation. All people and reports are invented."""

import asyncio
import contextlib
import sqlite3

import pytest

from assistant.errors import EditConflict, InputError, ReportNotFound, TurnNotFound, UnknownValue
from assistant.schema import Mode
from feedback.errors import NotTheAuthor
from ui.desk import Desk
from ui.desk_feedback import FeedbackDesk
from ui.desk_values import Ask, TurnKept
from ui.wiring import Parts

EFFUSION = "FINDINGS: Small left pleural effusion. No pneumothorax.\nIMPRESSION: Small left pleural effusion.\n"
FRACTURE = "FINDINGS: Fracture of the left radius without displacement.\nIMPRESSION: Fracture of the left radius.\n"


@pytest.fixture
def reviewers(parts: Parts) -> FeedbackDesk:
    return FeedbackDesk(parts)


def ask(desk: Desk, text: str, *, rater: str = "dr-a", question: str = "", **more) -> TurnKept:
    """A turn about a report, as the chat keeps it."""

    async def events() -> list:
        loaded = desk.load_text(text, **more)
        asked = Ask(rater=rater, text=question, mode=Mode.SUMMARIZE, loaded=loaded)
        return [event async for event in desk.ask(asked)]

    return asyncio.run(events())[-1]


def rows(parts: Parts, table: str) -> int:
    with contextlib.closing(sqlite3.connect(parts.data_dir / "curbside.db")) as connection:
        return connection.execute(f"select count(*) from {table}").fetchone()[0]


def test_a_doubtful_correction_waits_until_somebody_decides(parts: Parts, reviewers: FeedbackDesk) -> None:
    turn = ask(parts.desk, EFFUSION)
    parts.desk.correct(turn.turn_id, rater="dr-a", text="Small left pleural effusion. Known sarcoidosis.")
    (entry,) = reviewers.queue()
    assert (entry.key, entry.sentences, entry.waits) == ("edit-1", ("Known sarcoidosis.",), True)
    reviewers.decide("edit-1", "accept", rater="dr-b")
    assert reviewers.queue() == ()
    (entry,) = reviewers.queue(everything=True)
    assert entry.teaches
    reviewers.decide("edit-1", "withdraw", rater="dr-a")
    (entry,) = reviewers.queue(everything=True)
    assert not entry.teaches
    assert entry.standing.withdrawn


def test_what_somebody_said_is_theirs_to_take_back(parts: Parts, reviewers: FeedbackDesk) -> None:
    turn = ask(parts.desk, EFFUSION)
    parts.desk.rate(turn.turn_id, rater="dr-a", thumbs=-1)
    with pytest.raises(NotTheAuthor):
        reviewers.decide("rating-1", "withdraw", rater="dr-b")
    with pytest.raises(UnknownValue, match="accept, discard, withdraw, restore"):
        reviewers.decide("rating-1", "delete", rater="dr-a")


def test_a_reviewer_corrects_anybodys_answer_and_it_is_masked(parts: Parts, reviewers: FeedbackDesk) -> None:
    turn = ask(parts.desk, EFFUSION)
    edit_id = reviewers.correct(turn.turn_id, rater="dr-b", text="Small effusion, says Dr. Thandiwe Mbeki.")
    (edit,) = parts.feedback.edits(turn.turn_id)
    assert (edit.id, edit.rater) == (edit_id, "dr-b")
    assert "Mbeki" not in edit.edited_answer
    with pytest.raises(EditConflict):
        reviewers.correct(turn.turn_id, rater="dr-c", text="Small effusion.")
    with pytest.raises(InputError, match="the same"):
        reviewers.correct(turn.turn_id, rater="dr-c", text=edit.edited_answer, based_on=edit_id)
    with pytest.raises(InputError, match="empty"):
        reviewers.correct(turn.turn_id, rater="dr-c", text=" ", based_on=edit_id)


def test_a_patient_is_forgotten_in_library_index_and_conversations(parts: Parts, reviewers: FeedbackDesk) -> None:
    patient = "4711 Amankwah"
    parts.desk.add_report(EFFUSION, source_id="effusion-1", patient=patient)
    parts.desk.add_report(FRACTURE, source_id="fracture-1", patient="4712 Quillfeather")
    ask(parts.desk, EFFUSION.replace("Small", "Large"), patient=patient)
    other = ask(parts.desk, FRACTURE, patient="4712 Quillfeather")
    shown = {source.report_id for source in parts.feedback.turn(other.turn_id).answer.sources}
    assert "effusion-1" in shown, "the passages of past reports are in the prompt"

    erased = reviewers.forget_patient(patient)
    assert (erased.reports, erased.said.conversations, erased.said.turns, erased.left) == (1, 1, 1, 0)
    assert not erased.in_files
    index_files = [path for path in parts.settings.storage.data_dir.glob("chroma/**/*") if path.is_file()]
    assert index_files
    assert [path.name for path in index_files if b"effusion-1" in path.read_bytes()] == []
    assert "effusion-1" in erased.said.reports
    assert erased.said.prompts == 1
    assert parts.library.count() == 1
    assert parts.index.report_ids() == {"fracture-1"}
    left = parts.feedback.turn(other.turn_id)
    assert "effusion" not in str(left.answer.sources) + left.answer.text
    assert left.messages == ()
    assert reviewers.forget_patient(patient).said.turns == 0


def test_a_report_and_a_turn_are_forgotten_alone(parts: Parts, reviewers: FeedbackDesk) -> None:
    pasted, other = ask(parts.desk, EFFUSION), ask(parts.desk, FRACTURE)
    report_id = parts.feedback.turn(pasted.turn_id).report_id
    assert report_id is not None
    erased = reviewers.forget_report(report_id)
    assert (erased.reports, erased.said.turns, erased.left) == (0, 1, 0)
    with pytest.raises(ReportNotFound):
        reviewers.forget_report(report_id)
    erased = reviewers.forget_turn(other.turn_id)
    assert (erased.said.turns, erased.said.conversations, erased.left) == (1, 1, 0)
    with pytest.raises(TurnNotFound):
        reviewers.forget_turn(other.turn_id)
    assert rows(parts, "turn") == rows(parts, "conversation") == 0


def test_what_is_forgotten_comes_back_as_no_example(parts: Parts, reviewers: FeedbackDesk) -> None:
    turns = [ask(parts.desk, f"Case {number}. {EFFUSION}") for number in range(6)]
    for turn in turns:
        parts.desk.rate(turn.turn_id, rater="dr-a", thumbs=1)
    parts.memory.refresh()

    def remembered() -> set[int]:
        found = parts.memory.recall(mode=Mode.SUMMARIZE, question="", report=None, rater="dr-a", limit=50)
        return {example.turn_id for example in found}

    before = remembered()
    assert before
    gone = min(before)
    reviewers.forget_turn(gone)
    assert remembered() == before - {gone}
