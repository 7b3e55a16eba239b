"""Corrections of today in the answers of today, over a real installation. All reports are invented."""

import asyncio

import pytest

from assistant.schema import Mode
from feedback.splits import Split, split_of
from ui import render_examples
from ui.desk_values import Ask, TurnKept
from ui.wiring import Parts

REPORT = (
    "SOCIAL HISTORY: She lives alone and smokes.\nFINDINGS: {finding} The heart size is normal.\n"
    "IMPRESSION: {diagnosis}\nPLAN: {plan}\n"
)
CASES = [
    (
        "There is consolidation in the right lower lobe.",
        "Pneumonia of the right lower lobe.",
        "Amoxicillin for 7 days.",
    ),
    ("There is a large left pleural effusion.", "Left pleural effusion.", "Drainage under ultrasound."),
    ("There is a fracture of the left sixth rib.", "Rib fracture.", "Analgesia as needed."),
    ("There is a nodule of 9 mm in the left upper lobe.", "Pulmonary nodule.", "Repeat chest film."),
]


def patients(parts: Parts, wanted: Split) -> list[str]:
    """Invented patients whose answers belong to a split."""
    names = (f"patient {number}" for number in range(400))
    assert parts.ingest, "an installation begins with its key"
    of = parts.deidentifier.pseudonym
    return [name for name in names if split_of(parts.keys.split, of(name), None) is wanted][:4]


def summarise(parts: Parts, number: int, patient: str, *, rater: str = "doctor") -> TurnKept:
    finding, diagnosis, plan = CASES[number]
    loaded = parts.desk.load_text(REPORT.format(finding=finding, diagnosis=diagnosis, plan=plan), patient=patient)

    async def last() -> TurnKept:
        kept = None
        async for event in parts.desk.ask(Ask(rater=rater, text="", mode=Mode.SUMMARIZE, loaded=loaded)):
            kept = event if isinstance(event, TurnKept) else kept
        assert kept is not None
        return kept

    return asyncio.run(last())


def plan_first(parts: Parts, number: int, patient: str) -> None:
    _, diagnosis, plan = CASES[number]
    kept = summarise(parts, number, patient)
    parts.desk.correct(kept.turn_id, rater="doctor", text=f"{plan}\n{diagnosis}")


def test_two_corrections_shape_the_next_answer_until_one_is_switched_off(parts: Parts) -> None:
    who = patients(parts, Split.TRAIN)
    for number in (0, 1):
        plan_first(parts, number, who[number])
    parts.memory.refresh()

    turn = parts.feedback.turn(summarise(parts, 2, who[2]).turn_id)
    assert turn.answer.text == "- Analgesia as needed.\n- Rib fracture."
    assert [example.own for example in turn.answer.examples] == [True, True]
    shown = render_examples.followed(turn.answer, turn.id)
    assert shown.count("Answered as in your correction of") == 2

    colleague = parts.feedback.turn(summarise(parts, 2, who[2], rater="colleague").turn_id)
    assert [example.own for example in colleague.answer.examples] == [False, False]
    assert "a colleague" in render_examples.followed(colleague.answer, colleague.id)

    off = turn.answer.examples[0].key
    parts.desk.follow(off, rater="doctor", on=False)
    parts.memory.refresh()
    assert "Not followed any more" in render_examples.followed(turn.answer, turn.id, switched_off={off})
    alone = parts.feedback.turn(summarise(parts, 3, who[3]).turn_id).answer
    assert not alone.examples, "one correction alone decides nothing"

    parts.desk.follow(off, rater="doctor", on=True)
    parts.memory.refresh()
    assert len(parts.feedback.turn(summarise(parts, 3, who[3]).turn_id).answer.examples) == 2


def test_what_is_kept_to_judge_models_never_comes_back(parts: Parts) -> None:
    judged, learned = patients(parts, Split.EVAL), patients(parts, Split.TRAIN)
    for number in (0, 1):
        plan_first(parts, number, judged[number])
    parts.memory.refresh()
    assert not parts.feedback.turn(summarise(parts, 2, learned[2]).turn_id).answer.examples


def test_deleting_a_conversation_takes_its_answer_out_of_the_memory(parts: Parts) -> None:
    who = patients(parts, Split.TRAIN)
    for number in (0, 1):
        plan_first(parts, number, who[number])
    parts.memory.refresh()
    parts.desk.delete_conversation(parts.feedback.conversations("doctor")[0].id, "doctor")
    parts.memory.refresh()
    assert not parts.feedback.turn(summarise(parts, 2, who[2]).turn_id).answer.examples


@pytest.mark.parametrize("chat", [pytest.param({"examples": 0}, id="the setting is 0")])
def test_it_can_be_switched_off(make_parts, chat: dict[str, int]) -> None:
    parts = make_parts(chat=chat)
    who = patients(parts, Split.TRAIN)
    for number in (0, 1):
        plan_first(parts, number, who[number])
    parts.memory.refresh()
    assert not parts.feedback.turn(summarise(parts, 2, who[2]).turn_id).answer.examples
