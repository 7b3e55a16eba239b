"""Which earlier answers come back as examples. Everything here is invented."""

from datetime import UTC, datetime, timedelta

import pytest

from assistant.schema import Mode, Report
from feedback.recall import Memory, Remembered

START = datetime(2026, 11, 1, tzinfo=UTC)
PNEUMONIA = Report(id="now", text="Pneumonia of the right lower lobe with a small effusion.")


def remembered(turn_id: int, text: str, **changes: object) -> Remembered:
    values: dict = {
        "turn_id": turn_id,
        "key": f"edit-{turn_id}",
        "rater": "other",
        "mode": Mode.SUMMARIZE,
        "question": "Summarise this report.",
        "answer": "An answer.",
        "given_at": START + timedelta(days=turn_id),
        "corrected": True,
        "report": Report(id=f"r{turn_id}", text=text),
    }
    return Remembered(**(values | changes))


def ids(
    memory: list[Remembered], *, limit: int = 3, mode: Mode = Mode.SUMMARIZE, question: str = "Summarise."
) -> list[int]:
    found = Memory(memory).recall(mode=mode, question=question, report=PNEUMONIA, rater="me", limit=limit)
    return [example.turn_id for example in found]


KNEE, CHEST = "Osteoarthritis of the left knee.", "Pneumonia of the left lower lobe."


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        pytest.param([remembered(1, CHEST), remembered(2, KNEE)], [1, 2], id="the more alike report first"),
        pytest.param([remembered(1, CHEST), remembered(2, KNEE, rater="me")], [2, 1], id="the clinician's own first"),
        pytest.param([remembered(1, CHEST), remembered(2, CHEST)], [2, 1], id="of two alike, the later first"),
        pytest.param([remembered(1, CHEST, mode=Mode.ABNORMAL)], [], id="never an answer of another mode"),
        pytest.param([remembered(1, CHEST, report=PNEUMONIA)], [], id="never an answer about the same report"),
        pytest.param([remembered(1, "", report=None)], [1], id="an answer without a report may come back"),
        pytest.param([], [], id="nothing is remembered"),
    ],
)
def test_recall(memory: list[Remembered], expected: list[int]) -> None:
    assert ids(memory) == expected


def test_a_question_brings_back_answers_to_questions_like_it() -> None:
    memory = [
        remembered(1, CHEST, mode=Mode.QUESTION, question="Which antibiotics does she take?"),
        remembered(2, CHEST, mode=Mode.QUESTION, question="Is there a fracture?"),
    ]
    assert ids(memory, mode=Mode.QUESTION, question="What antibiotics does he take now?") == [1]


def test_no_more_come_back_than_are_asked_for() -> None:
    assert ids([remembered(number, CHEST) for number in range(9)], limit=2) == [8, 7]
