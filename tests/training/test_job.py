"""The file that a training process is given, and the command that starts it."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import TrainingError
from training.job import (
    SHIPPED_CONFIGS,
    ExampleFiles,
    Job,
    candidate_name,
    launch_command,
    read_job,
    stage_name,
    write_job,
)
from training.settings import TrainingSettings

DATA = {
    "demonstrations": ExampleFiles(train=Path("d.jsonl"), validation=Path("v.jsonl")),
    "preferences": ExampleFiles(train=Path("p.jsonl")),
}


def make(**changes: Any) -> Job:
    return Job(**{"base_model": "starter", "stages": ("sft",), "data": DATA, "out": Path("out"), **changes})


@pytest.mark.parametrize(
    "job",
    [
        pytest.param(make(), id="one adapter"),
        pytest.param(make(stages=("sft", "dpo"), start_adapter="live", seed=5), id="two stages, from an adapter"),
        pytest.param(make(stages=(), candidates=(("sft",), ("sft", "dpo"))), id="several candidates"),
        pytest.param(make(settings=TrainingSettings(epochs=1, quantize="nf4")), id="settings of its own"),
    ],
)
def test_a_job_reads_as_it_was_written(job: Job, tmp_path: Path) -> None:
    write_job(job, tmp_path / "job.json")
    assert read_job(tmp_path / "job.json") == job


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"stages": ()}, "either", id="nothing to train"),
        pytest.param({"candidates": (("sft",),)}, "either", id="stages and candidates"),
        pytest.param({"stages": ("ppo",)}, "'ppo'", id="an unknown stage"),
        pytest.param({"stages": ("kto",)}, "thumbs", id="a stage without its examples"),
        pytest.param({"stages": (), "candidates": ((), ("sft",))}, "no stage", id="an empty candidate"),
    ],
)
def test_an_impossible_job_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(TrainingError, match=words):
        make(**changes)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"base_model": "starter", "data": 3, "out": "o"}'])
def test_a_file_that_is_no_job_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text(text)
    with pytest.raises(TrainingError, match="cannot be read"):
        read_job(tmp_path / "job.json")


def test_candidates_share_their_first_stages() -> None:
    job = make(stages=(), candidates=(("sft", "dpo"), ("sft",), ("dpo",)))
    assert job.steps == (("sft",), ("sft", "dpo"), ("dpo",))
    assert [stage_name(step) for step in job.steps] == ["sft/sft", "sft+dpo/dpo", "dpo/dpo"]
    assert job.adapter_folder(("sft", "dpo")) == Path("out/adapters/sft+dpo")
    assert make().adapter_folder(("sft",)) == Path("out/adapter")
    assert candidate_name(("sft", "dpo")) == "sft+dpo"


def test_other_examples_make_another_job(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text("one")
    job = make(data={"demonstrations": ExampleFiles(train=path)})
    before = job.fingerprint
    assert job.fingerprint == before
    path.write_text("two")
    assert job.fingerprint != before


def test_one_device_needs_no_launcher() -> None:
    assert launch_command(Path("job.json"), TrainingSettings()) == [sys.executable, "-m", "training.fit", "job.json"]


@pytest.mark.parametrize(("config", "count"), [("one-gpu", "1"), ("multi-gpu", "4"), ("fsdp", "4")])
def test_several_devices_go_through_accelerate(config: str, count: str) -> None:
    command = launch_command(Path("job.json"), TrainingSettings(accelerate_config=config), gpus=4)
    assert command[:3] == [sys.executable, "-m", "accelerate.commands.launch"]
    assert command[command.index("--num_processes") + 1] == count
    assert command[-3:] == ["-m", "training.fit", "job.json"]
    assert Path(command[command.index("--config_file") + 1]).is_file()


def test_a_configuration_of_ones_own_is_taken_as_it_is(tmp_path: Path) -> None:
    own = tmp_path / "mine.yaml"
    own.write_text("")
    command = launch_command(Path("job.json"), TrainingSettings(accelerate_config=str(own)))
    assert command[2:5] == ["accelerate.commands.launch", "--config_file", str(own)]
    assert "--num_processes" not in command


def test_an_unknown_configuration_is_refused() -> None:
    with pytest.raises(TrainingError, match="one-gpu"):
        launch_command(Path("job.json"), TrainingSettings(accelerate_config="two-gpus"))


@pytest.mark.parametrize("name", SHIPPED_CONFIGS)
def test_accelerate_reads_the_configurations_that_are_shipped(name: str) -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    import training

    config: Any = load_config_from_file(str(Path(training.__path__[0]) / "accelerate" / f"{name}.yaml"))
    assert config.mixed_precision == "bf16"
    assert json.dumps(config.fsdp_config or {}).count("fsdp_version") == (name == "fsdp")
