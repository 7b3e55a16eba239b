"""Ages over 89, all invented."""

import pytest

from assistant.deid.ages import find_ages
from tests.assistant.deid.marking import marked_by

marked = marked_by(find_ages)

CASES = [
    pytest.param(
        "A ⟦92⟧-year-old man, ⟦93⟧yo, ⟦94⟧ y/o, ⟦95⟧ y.o. male, ⟦96⟧ yrs old, ⟦99⟧-yr-old, ⟦101⟧ years young.",
        id="with years",
    ),
    pytest.param(
        "⟦94⟧F from home. Age/sex: ⟦91⟧/M. M/⟦91⟧ seen. ⟦95⟧M with CAP. Female, ⟦93⟧. ⟦96⟧ ♀", id="with the sex"
    ),
    pytest.param('Age: ⟦93⟧, age ⟦101⟧, aged ⟦90⟧+, age=⟦92⟧, "age": ⟦93⟧, aet ⟦97⟧, Age-⟦93⟧ yrs', id="with a label"),
    pytest.param(
        "She is ⟦97⟧. Both are ⟦93⟧. He turned ⟦91⟧. She'll be ⟦100⟧ soon. I'm ⟦93⟧. Pushing ⟦95⟧.",
        id="said of somebody",
    ),
    pytest.param(
        "Mr. Tidewell, ⟦90⟧, and his wife, 88. Edna (⟦94⟧) fell. Her father lived to ⟦97⟧. Mother d. ⟦96⟧. MGM ⟦93⟧ alive.",
        id="beside a name or a relative",
    ),
    pytest.param("⟦93⟧, lives alone. At ⟦96⟧ she gardens. ⟦92⟧m, afib", id="at the start"),
    pytest.param(
        "In her ⟦90s⟧, her ⟦100th⟧ birthday, in her ⟦nineties⟧, his ⟦ninety-fifth⟧ birthday, her ⟦hundred and second⟧ year.",
        id="decades and birthdays",
    ),
    pytest.param(
        "He is ⟦ninety-four⟧ and still drives, a ⟦ninety-two⟧ year old, aged ⟦one hundred⟧, died at the age of ⟦ninety-three⟧.",
        id="in words",
    ),
    pytest.param("a ⟦centenarian⟧, a ⟦nonagenarian⟧", id="words for such an age"),
    pytest.param("⟦9l⟧ yo woman", id="scanned"),
    pytest.param(
        "An 89-year-old man aged 45, 88F, patients over 90 years, adults aged 90 and above, men older than 95 years.",
        id="up to 89 and ages of groups stay",
    ),
    pytest.param(
        "BP 91/60, HR 92, he is 94% on air, she is 94 on room air, T 101F, 92 kg, 95 mg, plt 94, glucose 95, QTc 98.",
        id="measures stay",
    ),
    pytest.param(
        "ninety minutes, ninety percent, over the past ninety days, sats in the 90s, in the nineties he moved, E94, F90.",
        id="other nineties stay",
    ),
]


@pytest.mark.parametrize("case", CASES)
def test_ages(case: str) -> None:
    assert marked(case) == case
