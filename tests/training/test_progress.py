"""What another process reads of a training process, and what a killed one goes on from."""

import json
from pathlib import Path

import pytest

from training.progress import ProgressFile, last_checkpoint, mark_complete


def test_a_line_is_one_json_object(tmp_path: Path) -> None:
    progress = ProgressFile(tmp_path / "run" / "progress.jsonl")
    progress.write("stage", stage="sft/sft", examples=3)
    progress.write("done")
    first, last = map(json.loads, (tmp_path / "run" / "progress.jsonl").read_text().splitlines())
    assert first | {"at": ""} == {"kind": "stage", "stage": "sft/sft", "examples": 3, "at": ""}
    assert last["kind"] == "done"
    assert last["at"].endswith("+00:00")


def test_what_a_dead_process_began_stays_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    path.write_text('{"kind": "log"}\n{"kind": "met')
    ProgressFile(path).write("done")
    lines = path.read_text().splitlines()
    assert lines[1] == '{"kind": "met'
    assert json.loads(lines[2])["kind"] == "done"


def test_only_the_first_of_several_processes_reports(tmp_path: Path) -> None:
    ProgressFile(None).write("done")
    assert not list(tmp_path.iterdir())


def checkpoint(folder: Path, step: int, *, complete: bool = True) -> Path:
    made = folder / f"checkpoint-{step}"
    made.mkdir(parents=True)
    (made / "adapter_model.safetensors").write_bytes(b"weights")
    (made / "optimizer.pt").write_bytes(b"moments")
    if complete:
        mark_complete(made)
    return made


def test_training_goes_on_from_the_newest_complete_checkpoint(tmp_path: Path) -> None:
    checkpoint(tmp_path, 3)
    newest = checkpoint(tmp_path, 12)
    half = checkpoint(tmp_path, 15, complete=False)
    assert last_checkpoint(tmp_path) == newest
    assert not half.exists()


@pytest.mark.parametrize("damage", ["cut", "gone", "mark"])
def test_a_damaged_checkpoint_is_ignored(damage: str, tmp_path: Path) -> None:
    older, newest = checkpoint(tmp_path, 3), checkpoint(tmp_path, 12)
    match damage:
        case "cut":
            (newest / "optimizer.pt").write_bytes(b"mom")
        case "gone":
            (newest / "adapter_model.safetensors").unlink()
        case _:
            (newest / "complete.json").write_text("{")
    assert last_checkpoint(tmp_path) == older


def test_without_a_checkpoint_training_begins_anew(tmp_path: Path) -> None:
    assert last_checkpoint(tmp_path / "nothing") is None
