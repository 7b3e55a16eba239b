"""Forgetting while a run is under way. Everything is invented."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.alone import alone
from tests.training.run_site import StandInParts
from tests.ui.loop_site import correct, start_nothing
from training.folder import RunFolder
from training.loop import RunLoop
from training.schema import Method, Run, RunState, Trigger
from ui.settings import load_settings
from ui.wiring import Parts


@pytest.fixture
def parts(make_parts: Callable[..., Parts]) -> Iterator[Parts]:
    parts = make_parts()
    start_nothing(parts)
    yield parts
    parts.launcher.wait()


@pytest.fixture
def led(parts: Parts) -> Iterator[Callable[..., Run]]:
    """A run under way that learns from these turns, in a thread; its trainer waits until it is told to end."""
    threads: list[threading.Thread] = []
    stopping = threading.Event()

    def lead(*turn_ids: int) -> Run:
        class Learning(StandInParts):
            def write_data(self, run: Run, folder: Path) -> Mapping[str, Any]:
                (folder / "train-demonstrations.jsonl").write_text(
                    "".join(f"{json.dumps({'turn_ids': [turn_id]})}\n" for turn_id in turn_ids)
                )
                return {}

        settings = parts.settings.training.model_dump(mode="json") | {"since": "2026-11-01T00:00:00+00:00"}
        run = parts.ledger.create(method=Method.SFT, trigger=Trigger.SCHEDULE, base_model="starter", settings=settings)
        loop = RunLoop(
            run=run, lease=parts.ledger.take(run.id), ledger=parts.ledger, adapters=parts.adapters,
            promoter=parts.promoter, parts=Learning(acts=["linger"]), folder=RunFolder(parts.data_dir / "runs" / run.name),
            stopping=stopping,
        )  # fmt: skip
        threads.append(threading.Thread(target=loop.lead))
        threads[-1].start()
        while not parts.ledger.events(run.id, kind="metrics"):
            time.sleep(0.02)
        return run

    yield lead
    stopping.set()
    for thread in threads:
        thread.join()


def test_a_run_that_learns_from_what_is_forgotten_is_begun_again_without_it(
    parts: Parts, led: Callable[..., Run]
) -> None:
    learnt, other = correct(parts, 1), correct(parts, 2)
    run = led(learnt)
    assert parts.feedback_desk.forget_turn(other).run is None
    assert parts.ledger.get(run.id).state is RunState.TRAINING

    erased = parts.feedback_desk.forget_turn(learnt)
    assert erased.run is not None
    assert (erased.run.stopped, erased.run.still_running, erased.left) == (run.name, False, 0)
    assert parts.ledger.get(run.id).state is RunState.CANCELLED
    folder = RunFolder(parts.data_dir / "runs" / run.name)
    assert not folder.data.exists()
    assert not folder.training.exists()
    again = parts.ledger.get(erased.run.begun)
    assert (again.method, again.trigger, again.settings["since"]) == (
        Method.SFT,
        Trigger.SCHEDULE,
        "2026-11-01T00:00:00+00:00",
    )


@pytest.mark.parametrize("given_up", [False, True], ids=["killed", "killed and given up"])
def test_nothing_of_what_a_killed_run_had_read_is_left(parts: Parts, given_up: bool) -> None:
    learnt = correct(parts, 1)
    settings = parts.settings.training.model_dump(mode="json")
    run = parts.ledger.create(method=Method.SFT, trigger=Trigger.SCHEDULE, base_model="starter", settings=settings)
    alone(begin_and_end, parts.data_dir, str(run.id))
    folder = RunFolder(parts.data_dir / "runs" / run.name)
    folder.data.mkdir(parents=True)
    (folder.data / "train-demonstrations.jsonl").write_text(json.dumps({"turn_ids": [learnt]}) + "\n")
    (folder.path / "worker.log").write_text("what a library said")
    if given_up:
        parts.ledger.ask_cancel(run.id)
        assert parts.ledger.get(run.id).state is RunState.CANCELLED
    again = parts.feedback_desk.forget_turn(learnt).run
    assert (again is None) is given_up
    assert [path.name for path in folder.path.rglob("*") if path.is_file()] == []


def begin_and_end(data: str, run_id: str) -> None:
    """In a process of its own, which does not say that it leads no more."""
    ledger = Parts(load_settings(data_dir=Path(data))).ledger
    ledger.transition(ledger.take(int(run_id)), RunState.PREPARING)


def test_where_no_run_is_under_way_nothing_is_begun(parts: Parts) -> None:
    assert parts.feedback_desk.forget_turn(correct(parts, 1)).run is None
    assert parts.ledger.runs() == []
