"""The process of one run, as it really starts: with this installation's settings, by a launcher."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from training.schema import Run, RunState, Trigger
from ui.settings import as_environment, load_settings
from ui.wiring import Parts


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    parts = Parts(load_settings(data_dir=tmp_path / "data"))
    parts.database  # noqa: B018  migrations run first
    yield parts
    parts.close()


def process(parts: Parts, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "ui.training_process", *arguments],
        env=os.environ | as_environment(parts.settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def started(parts: Parts) -> Run:
    run = parts.launcher.start()
    parts.launcher.wait()
    return parts.ledger.get(run.id)


def test_without_feedback_the_run_is_skipped_and_says_what_is_missing(parts: Parts) -> None:
    run = started(parts)
    assert (run.state, run.base_model) == (RunState.SKIPPED, "starter")
    assert "30 more corrections or choices are needed: 0 of 30 are new" in run.problem
    assert run.ended_at is not None
    assert not (parts.data_dir / "runs" / run.name / "worker.log").exists()


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        pytest.param(["77"], 8, id="a run that is not there"),
        pytest.param(["soon"], 2, id="no number"),
        pytest.param([], 2, id="nothing"),
    ],
)
def test_what_cannot_be_led_is_told_by_the_exit_code(parts: Parts, arguments: list[str], status: int) -> None:
    assert process(parts, *arguments).wait() == status


def test_a_process_that_is_killed_while_it_leads_leaves_the_run_to_the_next(parts: Parts) -> None:
    run = parts.ledger.create(
        method=parts.settings.training.method,
        trigger=Trigger.PERSON,
        base_model="starter",
        settings=parts.settings.training.model_dump(mode="json"),
    )
    victim = process(parts, str(run.id))
    while parts.ledger.get(run.id).state is RunState.QUEUED and victim.poll() is None:
        time.sleep(0.01)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    if not parts.ledger.get(run.id).state.ended:
        assert parts.launcher.resume() is not None
        parts.launcher.wait()
    assert parts.ledger.get(run.id).state is RunState.SKIPPED
