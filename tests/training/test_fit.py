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
        waiting.join(timeout=0.5)
        assert waiting.is_alive()
    waiting.join(timeout=30)
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


def start(job_file: Path) -> "subprocess.Popen[bytes]":
    environment = os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    return subprocess.Popen([sys.executable, "-m", "training.fit", str(job_file)], env=environment)


def wait_for(happened: Any, process: "subprocess.Popen[bytes]", *, timeout_s: float = 120) -> None:
    until = time.monotonic() + timeout_s
    while not happened():
        assert process.poll() is None, "the process ended before it could be stopped"
        assert time.monotonic() < until, "nothing happened in time"
        time.sleep(0.02)


def curves(out: Path) -> list[str]:
    path = out / PROGRESS_FILE
    return [line for line in path.read_text().splitlines() if '"metrics"' in line] if path.exists() else []


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_and_ends_as_if_nothing_had_been(
    tiny_decoder: Path, feedback_files: Any, tmp_path: Path
) -> None:
    import torch

    settings = quick(epochs=12, learning_rate=1e-3)
    data = feedback_files
    undisturbed = make_job(tiny_decoder, data, tmp_path / "undisturbed", stages=("sft", "dpo"), settings=settings)
    run(undisturbed)
    job = make_job(tiny_decoder, data, tmp_path / "out", stages=("sft", "dpo"), settings=settings)
    write_job(job, tmp_path / "job.json")

    process = start(tmp_path / "job.json")  # killed in SFT, after a checkpoint
    wait_for(lambda: list((job.out / "checkpoints" / "sft").glob("*/complete.json")), process)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (job.out / "stages").exists()
    half = job.out / "checkpoints" / "sft" / "checkpoint-999"
    half.mkdir()
    (half / "adapter_model.safetensors").write_bytes(b"half")

    process = start(tmp_path / "job.json")  # killed in DPO, before or after a checkpoint
    wait_for(lambda: any("sft+dpo/dpo" in line for line in curves(job.out)), process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (job.out / "adapter").exists()
    assert not half.exists()

    lines = run(job)
    assert lines[-1]["kind"] == "done"
    assert any(line.get("message", "").startswith("going on from checkpoint-") for line in lines)
    assert [line["stage"] for line in lines if line["kind"] == "stage"].count("sft/sft") == 2
    ours, theirs = weights(job.out / "adapter"), weights(undisturbed.out / "adapter")
    assert ours.keys() == theirs.keys()
    for name, weight in ours.items():
        torch.testing.assert_close(weight, theirs[name], rtol=1e-3, atol=1e-5)


@pytest.mark.slow
def test_cancelled_it_ends_at_once_and_leaves_no_adapter(
    tiny_decoder: Path, feedback_files: Any, tmp_path: Path
) -> None:
    job = make_job(tiny_decoder, feedback_files, tmp_path / "out", stages=("sft",), settings=quick(epochs=100))
    write_job(job, tmp_path / "job.json")
    process = start(tmp_path / "job.json")
    wait_for(lambda: curves(job.out), process)
    asked = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == CANCELLED == 143
    assert time.monotonic() - asked < 10
    assert lines_of(job.out)[-1]["kind"] == "cancelled"
    assert not (job.out / "adapter").exists()
    assert not (job.out / "stages").exists()


def test_a_single_kind_of_thumb_is_enough(tiny_decoder: Path, tmp_path: Path) -> None:
    records = [record | {"label": True} for record in thumbs(5)]
    data = {"thumbs": ExampleFiles(train=write_lines(tmp_path / "thumbs.jsonl", records))}
    job = make_job(tiny_decoder, data, tmp_path / "out", stages=("kto",), settings=quick(epochs=1))
    assert run(job)[-1]["kind"] == "done"
    assert json.loads((job.out / "adapter" / "adapter_config.json").read_text())["r"] == 4
