"""Which mode a question asks for."""

import pytest

from assistant.modes import infer_mode, standard_question
from assistant.schema import Mode


@pytest.mark.parametrize(
    ("question", "has_earlier", "mode"),
    [
        pytest.param("Summarise this report.", False, Mode.SUMMARIZE, id="British spelling"),
        pytest.param("please summarize", False, Mode.SUMMARIZE, id="American spelling"),
        pytest.param("What is abnormal?", False, Mode.ABNORMAL, id="abnormal"),
        pytest.param("Which values are out of range?", False, Mode.ABNORMAL, id="values out of range"),
        pytest.param("What changed since the last one?", True, Mode.COMPARE, id="change with an earlier report"),
        pytest.param("What changed since the last one?", False, Mode.QUESTION, id="change with nothing to compare"),
        pytest.param("Does she take metformin?", True, Mode.QUESTION, id="a plain question beside an earlier report"),
        pytest.param("", False, Mode.QUESTION, id="nothing"),
    ],
)
def test_the_mode_is_read_off_the_question(question: str, has_earlier: bool, mode: Mode) -> None:
    assert infer_mode(question, has_earlier=has_earlier) is mode


@pytest.mark.parametrize("mode", [Mode.SUMMARIZE, Mode.ABNORMAL, Mode.COMPARE])
def test_a_buttons_question_asks_for_its_own_mode(mode: Mode) -> None:
    assert infer_mode(standard_question(mode), has_earlier=True) is mode
