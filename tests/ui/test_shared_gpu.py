"""What people see of one GPU for both, and where there is one. No GPU is needed for it."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import ModelRests
from assistant.generation.resting import QuotesWhileTraining
from assistant.gpu_lease import Use
from tests.assistant.generation.conftest import make_prompt
from tests.ui.loop_site import run_through, start_nothing, verdict
from training.schema import RunState
from ui import render_training
from ui.screen import ChatScreen
from ui.settings import load_settings
from ui.shared_gpu import meet_on_one_gpu, quoting_now
from ui.visit import Visit
from ui.wiring import Parts

BERLIN = {"timezone": "Europe/Berlin"}
LOCAL: dict[str, object] = {"backend": "local", "model": "starter"}


@pytest.mark.parametrize(
    ("groups", "meet"),
    [
        pytest.param({}, False, id="quoting, and no GPU here"),
        pytest.param({"generation": LOCAL}, False, id="a model in this process, and no GPU here"),
        pytest.param({"generation": LOCAL, "training": {"gpu": "shared"}}, True, id="as somebody said"),
        pytest.param({"generation": {"backend": "remote"}}, False, id="a server, and no GPU here"),
        pytest.param(
            {"generation": {"backend": "remote"}, "engine": "tgi"}, True, id="a server that a keeper looks after"
        ),
        pytest.param(
            {
                "generation": {"backend": "remote"},
                "engine": "tgi",
                "training": {"on": "ray", "ray_address": "http://ray.lan:8265"},
            },
            False,
            id="a cluster's GPU",
        ),
        pytest.param(
            {"generation": {"backend": "remote"}, "engine": "tgi", "training": {"on": "ray"}},
            True,
            id="a cluster of this machine, whose GPU it is",
        ),
        pytest.param(
            {"generation": {"backend": "remote"}, "engine": "tgi", "training": {"gpu": "own"}},
            False,
            id="a GPU of its own",
        ),
    ],
)
def test_where_answers_and_training_meet(
    groups: dict[str, Any], meet: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    if engine := groups.pop("engine", None):
        (tmp_path / f"engine-{engine}.json").write_text(json.dumps({"state": "serving"}))
    assert meet_on_one_gpu(load_settings(data_dir=tmp_path, **groups)) is meet


@pytest.mark.parametrize(
    ("files", "chosen", "meet"),
    [
        pytest.param(["gpus/0000:01:00.0"], None, True, id="one"),
        pytest.param(["gpus/0000:01:00.0", "gpus/0000:02:00.0"], None, False, id="two"),
        pytest.param(["gpus/0000:01:00.0", "gpus/0000:02:00.0"], "1", True, id="one of two"),
        pytest.param(["libcuda.so.1"], None, True, id="that of Windows, beside which Linux runs"),
        pytest.param([], None, False, id="none"),
    ],
)
def test_a_model_in_this_process_meets_training_on_the_only_gpu(
    files: list[str], chosen: str | None, meet: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in files:
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr("ui.shared_gpu._NVIDIA", tmp_path / "gpus")
    monkeypatch.setattr("ui.shared_gpu._NVIDIA_OF_WINDOWS", tmp_path / "libcuda.so.1")
    monkeypatch.setattr("ui.shared_gpu.version", lambda package: "2.13.0")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if chosen is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", chosen)
    assert meet_on_one_gpu(load_settings(data_dir=tmp_path, generation=LOCAL)) is meet


@pytest.fixture
def shared(make_parts: Callable[..., Parts]) -> Parts:
    parts = make_parts(generation=LOCAL, training={"gpu": "shared"}, server=BERLIN)
    start_nothing(parts)
    return parts


def train_until(parts: Parts, end: datetime) -> None:
    assert parts.gpu is not None
    parts.gpu.enter(Use.TRAINING, name="2026-11-22-r7", process="another-machine 7 x", expected_end=end)
    parts.gpu.mirror(training=True, expected_end=end)


def test_the_chat_and_the_training_tab_say_until_when_it_quotes_and_not_afterwards(shared: Parts) -> None:
    screen = ChatScreen(shared.desk, timezone="Europe/Berlin")
    visit = Visit("doctor")
    assert shared.desk.quoting_now == screen.notice(visit) == ""
    end = datetime.now(UTC) + timedelta(minutes=90)
    train_until(shared, end)
    said = quoting_now(shared)
    assert said.startswith("Training uses the GPU: the assistant is quoting until about ")
    assert said in screen.notice(visit)
    assert "answers by quoting" in asyncio.run(screen.bar(visit))
    status = shared.loop_desk.status()
    assert said in render_training.live_panel(status, zone=None)
    assert shared.gpu is not None
    shared.gpu.mirror(training=False)
    assert shared.desk.quoting_now == screen.notice(visit) == ""


def test_before_a_run_people_are_told_what_it_means(shared: Parts) -> None:
    status = shared.loop_desk.status()
    assert status.run_means.startswith(
        "A run takes about 1 h (a guess: no run has been judged here yet). The assistant quotes"
    )
    panel = render_training.live_panel(status, zone=None)
    assert panel.count("A run takes about 1 h") == 2, (
        "under `Next run`, and when somebody is asked whether to train now"
    )


def test_the_hours_for_training_are_said(make_parts: Callable[..., Parts]) -> None:
    parts = make_parts(training={"gpu": "shared"}, schedule={"window_hours": 4})
    start_nothing(parts)
    assert parts.loop_desk.what_a_run_means().endswith(". Scheduled ones may have the GPU from 02:00 for 4 h")


def test_where_they_do_not_meet_nothing_is_said_and_nothing_written(parts: Parts) -> None:
    start_nothing(parts)
    assert parts.gpu is parts.serving_gpu is None
    status = parts.loop_desk.status()
    assert (status.quoting, status.run_means) == ("", "")
    assert not (parts.data_dir / "gpu.json").exists()


def test_a_server_that_rests_is_not_asked(make_parts: Callable[..., Parts]) -> None:
    parts = make_parts(generation={"backend": "remote", "url": "http://127.0.0.1:9/v1"}, training={"gpu": "shared"})
    train_until(parts, datetime.now(UTC) + timedelta(hours=1))

    async def ask() -> None:
        async for _ in parts.generator.stream(make_prompt(), max_new_tokens=4):
            pass

    assert isinstance(parts.generator, QuotesWhileTraining)
    with pytest.raises(ModelRests, match="rests until about"):
        asyncio.run(ask())


def test_promoted_by_hand_no_second_model_is_loaded_beside_the_one_that_answers(
    make_parts: Callable[..., Parts], tmp_path: Path
) -> None:
    """Nor while training has the GPU: there is no such model here, and nobody looks for it."""
    parts = make_parts(generation={"backend": "local", "model": "/no/such/model"}, training={"gpu": "shared"})
    train_until(parts, datetime.now(UTC) + timedelta(hours=1))
    refused = run_through(parts, RunState.REFUSED, verdict=verdict(promote=False), chosen="sft")
    candidate = tmp_path / "candidate"
    candidate.mkdir()
    (candidate / "adapter_config.json").write_text("{}")
    parts.promoter.promote_by_hand(refused, candidate, who="dr-a", force=True)
    assert parts.adapters.live().name == refused.name
