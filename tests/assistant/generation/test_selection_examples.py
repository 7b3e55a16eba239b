"""Summaries as clinicians corrected earlier ones. All reports are invented."""

from datetime import UTC, datetime

import pytest

from assistant.generation.quoting import compose, follows_examples, select
from assistant.reading.sections import find_sections
from assistant.schema import Example, Mode, Prompt, Report


def report(finding: str, diagnosis: str, plan: str) -> Report:
    text = (
        "CHIEF COMPLAINT: Cough.\nSOCIAL HISTORY: She lives alone and smokes.\n"
        f"FINDINGS: {finding} The heart size is normal.\nIMPRESSION: {diagnosis}\nPLAN: {plan}\n"
    )
    return Report(id=diagnosis, text=text, sections=tuple(find_sections(text)))


FIRST = report("There is consolidation in the right lower lobe.", "Pneumonia of the right lower lobe.", "Amoxicillin.")
SECOND = report("There is a large left pleural effusion.", "Left pleural effusion.", "Drainage tomorrow.")
THIRD = report("There is a fracture of the left sixth rib.", "Rib fracture.", "Analgesia as needed.")

PLAN_FIRST = ["Amoxicillin.\nPneumonia of the right lower lobe.", "Drainage tomorrow.\nLeft pleural effusion."]
WITH_FINDINGS = [
    "Pneumonia of the right lower lobe.\nThere is consolidation in the right lower lobe.",
    "Left pleural effusion.\nThere is a large left pleural effusion.",
]
FREE = ["The lung looks bad and I would treat it.", "Water beside the lung, much of it."]


def asked(one: Report) -> Prompt:
    question = "Summarise this report."
    return Prompt(version="t", mode=Mode.SUMMARIZE, question=question, messages=(), sources=(), report=one)


def answer(answers: list[str], *, mode: Mode = Mode.SUMMARIZE, variant: int = 0) -> tuple[str, bool]:
    examples = tuple(
        Example(
            turn_id=number, key=f"edit-{number}", question="Summarise this report.", answer=text, report=one, own=True, corrected=True,
            given_at=datetime(2026, 11, 12, tzinfo=UTC),
        )
        for number, (text, one) in enumerate(zip(answers, (FIRST, SECOND), strict=False))
    )  # fmt: skip
    prompt = Prompt(
        version="t", mode=mode, question="Summarise this report.", messages=(), sources=(), report=THIRD,
        examples=examples, variant=variant,
    )  # fmt: skip
    return compose(select(prompt), max_words=200), follows_examples(prompt)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param(PLAN_FIRST, "- Analgesia as needed.\n- Rib fracture.", id="the plan before the diagnosis"),
        pytest.param(
            WITH_FINDINGS,
            "- Rib fracture.\n- There is a fracture of the left sixth rib.",
            id="the diagnosis, then what is abnormal, and nothing normal",
        ),
        pytest.param(
            [f"- {text}" for text in PLAN_FIRST],
            "- Analgesia as needed.\n- Rib fracture.",
            id="list marks do not matter",
        ),
        pytest.param(
            [f"{text}\nShe lives alone and smokes." for text in PLAN_FIRST],
            "- Analgesia as needed.\n- Rib fracture.\n- She lives alone and smokes.",
            id="what quoting leaves out by itself is added",
        ),
    ],
)
def test_two_corrections_that_agree_decide_what_is_quoted(answers: list[str], expected: str) -> None:
    assert answer(answers) == (expected, True)


@pytest.mark.parametrize(
    ("answers", "changes"),
    [
        pytest.param(PLAN_FIRST[:1], {}, id="one correction alone"),
        pytest.param(FREE, {}, id="corrections in free words"),
        pytest.param(PLAN_FIRST, {"mode": Mode.ABNORMAL}, id="a list of abnormal findings"),
        pytest.param(PLAN_FIRST, {"variant": 1}, id="the second answer, which is there to choose from"),
    ],
)
def test_otherwise_the_answer_stays_as_it_was(answers: list[str], changes: dict) -> None:
    assert answer(answers, **changes) == (answer([], **changes)[0], False)


def test_what_one_struck_and_the_other_kept_stays() -> None:
    lines, follows = answer([PLAN_FIRST[0], "There is a large left pleural effusion.\nCough."])
    assert follows
    assert {line.rpartition(": ")[2].removeprefix("- ") for line in lines.splitlines()} == {
        "Rib fracture.", "There is a fracture of the left sixth rib.", "Cough.", "Analgesia as needed.",
    }  # fmt: skip


def test_accepted_answers_change_nothing() -> None:
    accepted = [compose(select(asked(one)), max_words=200) for one in (FIRST, SECOND)]
    assert answer(accepted) == (compose(select(asked(THIRD)), max_words=200), False)
