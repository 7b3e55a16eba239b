"""One training job, from its file to its adapters; killed, cancelled, repeated."""

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import TrainingError
from tests.training.tiny import lines_of, make_job, quick, thumbs, write_lines
from training.fit import CANCELLED, fit, main
from training.job import PROGRESS_FILE, ExampleFiles, Job, write_job
from training.progress import ProgressFile

ALL = (("sft",), ("sft", "dpo"), ("kto",))


def run(job: Job) -> list[dict[str, Any]]:
    fit(job, ProgressFile(job.out / PROGRESS_FILE))
    return lines_of(job.out)


@pytest.fixture(scope="module")
def done(tiny_decoder: Path, feedback_files: dict[str, ExampleFiles], tmp_path_factory: pytest.TempPathFactory) -> Job:
    """Three candidates, trained."""
    job = make_job(tiny_decoder, feedback_files, tmp_path_factory.mktemp("job") / "out", candidates=ALL)
    run(job)
    return job


def weights(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(folder / "adapter_model.safetensors")


def test_each_candidate_becomes_an_adapter(done: Job) -> None:
    assert sorted(path.name for path in (done.out / "adapters").iterdir()) == ["kto", "sft", "sft+dpo"]
    for plan in ALL:
        assert {path.name for path in done.adapter_folder(plan).iterdir()} == {
            "adapter_config.json",
            "adapter_model.safetensors",
        }
    assert lines_of(done.out)[-1] | {"at": ""} == {
        "kind": "done",
        "at": "",
        "stage": "",
        "candidates": ["sft", "sft+dpo", "kto"],
    }


def test_what_candidates_have_in_common_is_trained_once(done: Job) -> None:
    assert [line["stage"] for line in lines_of(done.out, "stage")] == ["sft/sft", "sft+dpo/dpo", "kto/kto"]


def test_dpo_goes_on_from_what_sft_reached(done: Job) -> None:
    import torch

    after_sft, after_both, kto = (weights(done.adapter_folder(plan)) for plan in ALL)
    name = next(name for name in after_sft if "lora_B" in name)
    near = torch.dist(after_both[name], after_sft[name])
    assert 0 < near < torch.dist(kto[name], after_sft[name])


def test_the_curves_tell_loss_rate_speed_and_time_left(done: Job) -> None:
    curves = [line for line in lines_of(done.out, "metrics") if line["stage"] == "sft+dpo/dpo"]
    learnt, judged = [line for line in curves if "loss" in line], [line for line in curves if "eval_loss" in line]
    assert [line["step"] for line in learnt] == [1, 2, 3, 4]
    assert {line["steps"] for line in learnt} == {4}
    assert {"epoch", "loss", "learning_rate", "reward_accuracy", "margin", "tokens_per_s", "seconds_left"} <= set(
        learnt[-1]
    )
    assert [line["step"] for line in judged] == [2, 4]
    assert all("eval_reward_accuracy" in line for line in judged)


def test_nothing_of_the_examples_is_written_anywhere(done: Job) -> None:
    for path in done.out.rglob("*"):
        if path.is_file():
            assert b"heart" not in path.read_bytes()


def test_a_finished_job_is_not_trained_again(done: Job) -> None:
    before = len(lines_of(done.out))
    run(done)
    assert [line["kind"] for line in lines_of(done.out)[before:]] == ["done"]


def test_an_adapter_that_was_lost_is_published_again_from_its_stage(done: Job) -> None:
    import shutil

    kept = weights(done.adapter_folder(("kto",)))
    shutil.rmtree(done.adapter_folder(("kto",)))
    run(done)
    assert weights(done.adapter_folder(("kto",))).keys() == kept.keys()


def test_one_adapter_lies_where_one_is_asked_for(tiny_decoder: Path, feedback_files: Any, tmp_path: Path) -> None:
    job = make_job(tiny_decoder, feedback_files, tmp_path / "out", stages=("dpo",), settings=quick(epochs=1))
    run(job)
    assert sorted(path.name for path in (tmp_path / "out" / "adapter").iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
    ]


def test_a_folder_is_not_given_to_another_job(done: Job, tiny_decoder: Path, feedback_files: Any) -> None:
    other = make_job(tiny_decoder, feedback_files, done.out, stages=("sft",))
    with pytest.raises(TrainingError, match="another training job"):
        run(other)


def test_too_long_examples_are_counted_in_the_log(tiny_decoder: Path, feedback_files: Any, tmp_path: Path) -> None:
    job = make_job(
        tiny_decoder, feedback_files, tmp_path / "out", stages=("sft",), settings=quick(epochs=1, max_tokens=128)
    )
    lines = run(job)
    left_out = next(line["left_out"] for line in lines if line["kind"] == "stage")
    assert left_out > 0
    assert f"{left_out} examples are longer than 128 tokens: left out" in [line.get("message") for line in lines]


def test_a_model_with_a_deeper_head_is_refused_before_a_step(
    tiny_decoder: Path, feedback_files: Any, tmp_path: Path
) -> None:
    import shutil

    from tests.training.test_guards import bert_with_a_deeper_head

    shutil.copytree(tiny_decoder, tmp_path / "bert")
    model = bert_with_a_deeper_head()
    model.resize_token_embeddings(400)
    model.save_pretrained(tmp_path / "bert")
    job = make_job(tmp_path / "bert", feedback_files, tmp_path / "out", stages=("sft",))
    write_job(job, tmp_path / "job.json")
    assert main([str(tmp_path / "job.json")]) == TrainingError.exit_code
    lines = lines_of(tmp_path / "out")
    assert lines[-1]["kind"] == "failed"
    assert "BertLMHeadModel's head does more" in lines[-1]["problem"]
    assert not [line for line in lines if line["kind"] == "metrics"]
    assert not (tmp_path / "out" / "adapter").exists()


def test_a_library_that_breaks_is_named_without_its_message(
    tiny_decoder: Path, feedback_files: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise IndexError("the patient has an enlarged heart")

    monkeypatch.setattr("training.fit.load_examples", broken)
    job = make_job(tiny_decoder, feedback_files, tmp_path / "out", stages=("sft",))
    write_job(job, tmp_path / "job.json")
    assert main([str(tmp_path / "job.json")]) == 1
    problem = lines_of(tmp_path / "out", "failed")[0]["problem"]
    assert problem.startswith("IndexError in test_fit.py:")
    assert "heart" not in problem


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        pytest.param(OSError(errno.ENOSPC, "No space left"), 5, "free some space", id="a full disk"),
        pytest.param(
            RuntimeError("DefaultCPUAllocator: can't allocate memory"), 8, "enough memory", id="a full device"
        ),
    ],
)
def test_what_is_full_is_said_in_our_words(
    error: Exception,
    code: int,
    words: str,
    tiny_decoder: Path,
    feedback_files: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("training.lora.save_adapter", full)
    job = make_job(tiny_decoder, feedback_files, tmp_path / "out", stages=("sft",), settings=quick(epochs=1))
    write_job(job, tmp_path / "job.json")
    assert main([str(tmp_path / "job.json")]) == code
    assert words in lines_of(tmp_path / "out", "failed")[0]["problem"]
    monkeypatch.undo()
    assert main([str(tmp_path / "job.json")]) == 0
    assert (tmp_path / "out" / "adapter").exists()


class Died(BaseException):
    """As a process dies: nothing is tidied up that `finally` does not."""


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param("training.fit.check_head", id="before the first step"),
        pytest.param("training.progress.mark_complete", id="with a checkpoint half written"),
        pytest.param("training.lora.save_adapter", id="before a stage is kept"),
        pytest.param("training.lora.copy_adapter", id="before an adapter is published"),
    ],
)
def test_wherever_it_died_it_ends_the_next_time(
    moment: str, tiny_decoder: Path, feedback_files: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise Died

    job = make_job(
        tiny_decoder, feedback_files, tmp_path / "out", candidates=(("sft",), ("sft", "dpo")), settings=quick(epochs=1)
    )
    monkeypatch.setattr(moment, die)
    with pytest.raises(Died):
        run(job)
    assert not (job.out / "adapters").exists() or not list((job.out / "adapters").iterdir())
    monkeypatch.undo()
    assert run(job)[-1]["kind"] == "done"
    assert sorted(path.name for path in (job.out / "adapters").iterdir()) == ["sft", "sft+dpo"]


def test_a_job_that_another_process_trains_is_waited_for(done: Job) -> None:
    before = len(lines_of(done.out))
    with (done.out / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = threading.Thread(target=run, args=(done,))
        waiting.start()
        wait_for(lambda: len(lines_of(done.out)) > before)
        assert waiting.is_alive()
    waiting.join(timeout=120)
    assert not waiting.is_alive()
    waited, finished = lines_of(done.out)[before:]
    assert "waiting" in waited["message"]
    assert finished["kind"] == "done"


@pytest.mark.parametrize("given", [[], ["one", "two"]])
def test_a_wrong_command_is_told(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(given) == 2
    assert "JOB.json" in capsys.readouterr().err


def test_a_job_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    assert main([str(tmp_path / "none.json")]) == TrainingError.exit_code


# --- processes -------------------------------------------------------------------------------------------------------


DIES = """
import os, signal, sys
from training import fit
from training.progress import ProgressFile

job, stage, step, number = sys.argv[1:]
write = ProgressFile.write

def write_and_die(self, kind, **values):
    write(self, kind, **values)
    if (kind, values.get("stage"), values.get("step")) == ("metrics", stage, int(step)):
        os.kill(os.getpid(), int(number))

ProgressFile.write = write_and_die
sys.exit(fit.main([job]))
"""
"""Sends itself the signal when a step's numbers are written: one from here could come when it is done."""


def ended_by(number: signal.Signals, job_file: Path, stage: str, *, step: int) -> int:
    """The exit code of a process that trains and gets a signal in the middle of it."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", DIES, str(job_file), stage, str(step), str(int(number))]
    return subprocess.run(command, env=environment, cwd=Path(__file__).parents[2], check=False).returncode


def wait_for(happened: Callable[[], object], *, timeout_s: float = 240) -> None:
    until = time.monotonic() + timeout_s
    while not happened():
        assert time.monotonic() < until, "nothing happened in time"
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_in_each_stage_it_goes_on_and_ends_as_if_nothing_had_been(
    tiny_decoder: Path, feedback_files: Any, tmp_path: Path
) -> None:
    import torch

    settings = quick(epochs=4, learning_rate=1e-3)
    data = feedback_files
    undisturbed = make_job(tiny_decoder, data, tmp_path / "undisturbed", stages=("sft", "dpo"), settings=settings)
    run(undisturbed)
    job = make_job(tiny_decoder, data, tmp_path / "out", stages=("sft", "dpo"), settings=settings)
    write_job(job, tmp_path / "job.json")

    # An epoch, of two steps, has a checkpoint.
    assert ended_by(signal.SIGKILL, tmp_path / "job.json", "sft/sft", step=3) == -signal.SIGKILL
    assert not (job.out / "stages").exists()
    half = job.out / "checkpoints" / "sft" / "checkpoint-999"
    half.mkdir()
    (half / "adapter_model.safetensors").write_bytes(b"half")

    assert ended_by(signal.SIGKILL, tmp_path / "job.json", "sft+dpo/dpo", step=3) == -signal.SIGKILL
    assert not (job.out / "adapter").exists()
    assert not half.exists()

    lines = run(job)
    assert lines[-1]["kind"] == "done"
    resumed = [(line["stage"], line["message"]) for line in lines if "going on" in line.get("message", "")]
    assert resumed == [
        ("sft/sft", "going on from checkpoint-2"),
        ("sft+dpo/dpo", "going on from checkpoint-2"),
    ]
    assert [line["stage"] for line in lines if line["kind"] == "stage"].count("sft/sft") == 2
    ours, theirs = weights(job.out / "adapter"), weights(undisturbed.out / "adapter")
    assert ours.keys() == theirs.keys()
    # Begun at nothing, it is what was learnt. Another processor or number of threads changes some last digits of it.
    for name in ours:
        if "lora_B" in name:
            assert torch.dist(ours[name], theirs[name]) < 0.01 * theirs[name].norm()


@pytest.mark.slow
def test_cancelled_it_ends_within_a_step_and_leaves_no_adapter(
    tiny_decoder: Path, feedback_files: Any, tmp_path: Path
) -> None:
    job = make_job(tiny_decoder, feedback_files, tmp_path / "out", stages=("sft",))
    write_job(job, tmp_path / "job.json")
    assert ended_by(signal.SIGTERM, tmp_path / "job.json", "sft/sft", step=1) == CANCELLED == 143
    assert lines_of(job.out)[-1]["kind"] == "cancelled"
    assert lines_of(job.out, "metrics")[-1]["step"] == 1
    assert not (job.out / "adapter").exists()
    assert not (job.out / "stages").exists()


def test_a_single_kind_of_thumb_is_enough(tiny_decoder: Path, tmp_path: Path) -> None:
    records = [record | {"label": True} for record in thumbs(5)]
    data = {"thumbs": ExampleFiles(train=write_lines(tmp_path / "thumbs.jsonl", records))}
    job = make_job(tiny_decoder, data, tmp_path / "out", stages=("kto",), settings=quick(epochs=1))
    assert run(job)[-1]["kind"] == "done"
    assert json.loads((job.out / "adapter" / "adapter_config.json").read_text())["r"] == 4
