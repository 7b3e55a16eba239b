"""Models asked side by side on a GPU that others need too. No GPU is needed for it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assistant.errors import ModelRests, NoSuchAdapter
from assistant.gpu_lease import Use
from tests.ui.loop_site import run_through, scores_of, verdict
from training.folder import RunFolder
from training.run_parts import QUOTING
from training.schema import RunState
from ui.comparing import BASE, compare
from ui.wiring import Parts


@pytest.fixture
def shared(make_parts: Callable[..., Parts]) -> Parts:
    return make_parts(generation={"backend": "local", "model": "starter"}, training={"gpu": "shared"})


def train(parts: Parts) -> None:
    assert parts.gpu is not None
    end = datetime.now(UTC) + timedelta(hours=1)
    parts.gpu.enter(Use.TRAINING, name="2026-11-22-r7", process="another-machine 7 x", expected_end=end)


def uses(parts: Parts) -> list[Use]:
    assert parts.gpu is not None
    return [holder.use for holder in parts.gpu.holders()]


def test_training_waits_while_models_are_asked_and_has_the_gpu_as_soon_as_it_wants_it(shared: Parts) -> None:
    seen: list[list[Use]] = []

    def ask(model: str, done: int, total: int) -> None:
        seen.append(uses(shared))
        if done == 2:
            train(shared)

    with pytest.raises(ModelRests, match="the model rests until about"):
        compare(shared, QUOTING, QUOTING, on_progress=ask)
    assert seen == [[Use.SERVING]] * 3
    assert uses(shared) == [Use.TRAINING]


def test_while_training_has_the_gpu_no_model_is_loaded_beside_it(shared: Parts) -> None:
    train(shared)
    with pytest.raises(ModelRests):
        compare(shared, BASE, QUOTING, on_progress=_say_nothing)


def test_an_adapter_that_is_gone_is_said_before_anything_is_asked(shared: Parts) -> None:
    failed = run_through(shared, RunState.FAILED)
    with pytest.raises(NoSuchAdapter):
        compare(shared, QUOTING, failed.name, on_progress=_fail)


def test_what_was_measured_before_is_shown_also_while_training_has_the_gpu(shared: Parts) -> None:
    train(shared)
    good = run_through(shared, RunState.PROMOTED, verdict=verdict(promote=True), chosen="sft")
    folder = RunFolder(shared.data_dir / "runs" / good.name)
    folder.make()
    models = {"quoting": scores_of("quoting", 0.4), "sft": scores_of("sft", 0.2)}
    folder.write_json("scores.json", {"judged_on": {"eval": "e1", "live": None}, "models": models})
    assert compare(shared, good.name, QUOTING, on_progress=_say_nothing).comparisons


def _fail(*_: Any) -> None:
    pytest.fail("a model was asked")


def _say_nothing(*_: Any) -> None:
    pass
