"""A run's folder: whole files or none, for its owner only, and no texts when it is over."""

import errno
import os
from pathlib import Path

import pytest

from assistant.errors import DiskFull
from training.folder import RunFolder


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "runs" / "2026-11-22-r1")
    folder.make()
    return folder


def test_what_is_not_there_or_damaged_is_a_step_to_do_again(folder: RunFolder) -> None:
    assert folder.read_json("scores.json") is None
    folder.write_json("scores.json", {"a": 1})
    assert folder.read_json("scores.json") == {"a": 1}
    (folder.path / "scores.json").write_text('{"a": ')
    assert folder.read_json("scores.json") is None
    (folder.path / "scores.json").write_text("[]")
    assert folder.read_json("scores.json") is None


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG], ids=["full", "over quota", "too large"])
def test_a_full_disk_leaves_the_file_as_it_was(folder: RunFolder, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def full(_: int) -> None:
        raise OSError(code, "no room")

    folder.write("verdict.txt", "before")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DiskFull):
        folder.write("verdict.txt", "after")
    monkeypatch.undo()
    assert (folder.path / "verdict.txt").read_text() == "before"
    assert os.listdir(folder.path) == ["verdict.txt"]


def test_files_and_folder_are_their_owners(folder: RunFolder) -> None:
    folder.write("verdict.txt", "decided")
    assert folder.path.stat().st_mode & 0o077 == 0
    assert (folder.path / "verdict.txt").stat().st_mode & 0o077 == 0


def test_candidates_come_simplest_first_and_only_when_complete(folder: RunFolder) -> None:
    for name in ("sft+dpo", "kto", "sft"):
        folder.adapter(name).mkdir(parents=True)
        (folder.adapter(name) / "adapter_config.json").write_text("{}")
    folder.adapter("torn").mkdir()
    assert folder.candidates() == ("kto", "sft", "sft+dpo")


def test_texts_are_forgotten_and_what_explains_the_run_is_kept(folder: RunFolder) -> None:
    folder.data.mkdir()
    (folder.data / "train-thumbs.jsonl").write_text("An invented effusion.")
    (folder.training / "checkpoints" / "sft").mkdir(parents=True)
    for name in ("trainer.log", "progress.jsonl"):
        (folder.training / name).write_text("said")
    folder.write("worker.log", "said")
    folder.write("verdict.txt", "decided")
    folder.forget_texts()
    folder.forget_texts()
    left = sorted(path.name for path in folder.path.rglob("*") if path.is_file())
    assert left == ["progress.jsonl", "verdict.txt"]
