"""The whole loop, smaller than the demo: real installation, real starter, real training process, real gate. All reports are invented."""

from contextlib import closing

import pytest

from training.schema import Run, RunState
from ui.demo import Asked, Learned, Practice, Size, preferred, without_preference
from ui.wiring import Parts

SIZE = Size(learned=12, judged=8)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


def lead(parts: Parts) -> Run:
    from ui.cli_training import follow

    return follow(parts.loop_desk, parts.loop_desk.run_now())


def quiet(_: str) -> None: ...


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Practice, Practice, list[Asked]]:
    folder = tmp_path_factory.mktemp("demo")
    few = {"method": "sft", "min_pairs": 6, "min_eval": 4}
    practice = Practice(folder / "practice", size=SIZE, training=few)
    with closing(practice.open()) as parts:
        answers = practice.ask_all(parts, quiet)
    return practice, practice.copy_to(folder / "control"), answers


def test_every_answer_before_training_quotes_its_report(asked: tuple[Practice, Practice, list[Asked]]) -> None:
    _, _, answers = asked
    assert len(answers) == SIZE.learned + SIZE.judged
    assert sum(one.judged for one in answers) == SIZE.judged
    for one in answers:
        words = " ".join(one.report.text.split())
        assert all(line in words or line == "Not stated in this report." for line in one.answer.splitlines())


def test_a_preference_is_learnt_judged_and_taken_back(asked: tuple[Practice, Practice, list[Asked]]) -> None:
    practice, _, answers = asked
    learned: Learned = practice.learn(answers, preferred(practice, answers), lead=lead, say=quiet)
    run = learned.run
    assert run.verdict is not None, run.problem
    changes = next(one for one in run.verdict.comparisons if one.metric == "edit_distance" and one.against == "live")
    assert changes.candidate < changes.other, "fewer words to change than before, on reports that no training saw"
    assert run.state in (RunState.PROMOTED, RunState.REFUSED)
    if learned.change is not None:
        assert sum(learned.change.after) < sum(learned.change.before), "through the chat too"
        assert learned.went_back


def test_corrections_without_a_preference_are_refused(asked: tuple[Practice, Practice, list[Asked]]) -> None:
    _, control, answers = asked
    learned = control.learn(answers, without_preference(control, answers), lead=lead, say=quiet)
    assert learned.run.state is RunState.REFUSED, learned.run.problem
    assert learned.run.verdict is not None
    assert learned.run.verdict.reasons
