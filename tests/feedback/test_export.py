"""What the export writes is what TRL reads. Every text is invented."""

import errno
import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from assistant.deid.engine import Deidentifier
from assistant.errors import DiskFull
from assistant.schema import Answer, Message, Mode, Report
from feedback.dataset import build
from feedback.export import MANIFEST_FILE, PAIRS_FILE, REPLAY_FILE, export, file_name, write
from feedback.schema import Ruling
from feedback.splits import Split
from feedback.store import FeedbackStore

KEY = bytes(32)
REPORT = Report(id="r-1", text="Invented.", patient="P-1")


@pytest.fixture
def export_to(said: FeedbackStore, deidentifier: Deidentifier) -> Any:
    return lambda folder: export(said, folder, key=KEY, deidentifier=deidentifier)


def say_something(store: FeedbackStore) -> None:
    conversation = store.start_conversation(rater="dr-a", title="T", report=REPORT)
    turns = [
        store.add_turn(
            conversation,
            rater="dr-a",
            question="q",
            mode=Mode.QUESTION,
            answer=Answer(text=text, sentences=(), model_id="m", prompt_version="1", timings_ms={}),
            messages=(
                Message(role="system", content="Rules."),
                Message(role="user", content="how wide is it, ± 1 µm\n“?”"),
            ),
            report=REPORT,
        )
        for text in ("Invented 8 mm nodule.", "Invented nodule.", "Invented. \ud800")
    ]
    edit_id = store.edit(turns[0], rater="dr-a", edited_answer="Invented 9 mm nodule.")
    store.decide(f"edit-{edit_id}", Ruling.ACCEPT, rater="dr-a")
    store.choose(chosen=turns[0], rejected=turns[1], rater="dr-a")
    store.rate(turns[1], rater="dr-a", thumbs=1)
    store.rate(turns[2], rater="dr-a", thumbs=-1)


def test_trl_and_datasets_read_what_is_written(said: FeedbackStore, export_to: Any, tmp_path: Path) -> None:
    from datasets import load_dataset
    from trl.data_utils import is_conversational

    say_something(said)
    export_to(tmp_path / "out")

    def read(name: str) -> Any:
        path = str(tmp_path / "out" / name)
        return load_dataset("json", data_files=path, cache_dir=str(tmp_path / "cache" / name))["train"]

    data = read(PAIRS_FILE)
    assert len(data) == 3
    assert all(is_conversational(row) for row in data)
    assert data[0]["prompt"][1] == {"role": "user", "content": "how wide is it, ± 1 µm\n“?”"}
    assert {row["source"]: (row["chosen"], row["rejected"]) for row in data}["edit"] == (
        [{"role": "assistant", "content": "Invented 9 mm nodule."}],
        [{"role": "assistant", "content": "Invented 8 mm nodule."}],
    )
    answers = read("demonstrations.jsonl")
    assert {row["source"]: row["completion"][0]["content"] for row in answers} == {
        "edit": "Invented 9 mm nodule.",
        "thumbs": "Invented nodule.",
    }
    assert all(is_conversational(row) for row in answers)
    assert {row["split"] for row in [*data, *answers]} == {"train"}, "one patient is in one split"


def test_the_manifest_tells_what_the_files_hold(said: FeedbackStore, export_to: Any, tmp_path: Path) -> None:
    say_something(said)
    manifest = export_to(tmp_path / "out")
    assert json.loads((tmp_path / "out" / MANIFEST_FILE).read_text()) == manifest
    for name, told in manifest["files"].items():
        data = (tmp_path / "out" / name).read_bytes()
        assert told == {
            "sha256": hashlib.sha256(data).hexdigest(),
            "size_bytes": len(data),
            "rows": data.count(b"\n"),
        }
        assert b"dr-a" not in data
    assert manifest["by_source"] == {
        "demonstrations/edit": 1, "demonstrations/thumbs": 1,
        "preferences/choice": 1, "preferences/edit": 1, "preferences/thumbs": 1,
    }  # fmt: skip
    assert manifest["by_split"] == {"train/demonstrations": 2, "train/preferences": 3}
    assert (manifest["pairs"], manifest["patients"], manifest["reports"]) == (3, 1, 1)


def test_what_does_not_teach_is_counted_by_its_reason(said: FeedbackStore, export_to: Any, tmp_path: Path) -> None:
    say_something(said)
    said.decide("edit-1", Ruling.WITHDRAW, rater="dr-a")
    said.decide("choice-1", Ruling.DISCARD, rater="dr-b")
    manifest = export_to(tmp_path / "out")
    assert manifest["pairs"] == 1
    assert manifest["set_aside"] == {"discarded": 1, "withdrawn": 2}


def test_unchanged_feedback_gives_identical_bytes_and_new_feedback_others(
    said: FeedbackStore, export_to: Any, tmp_path: Path
) -> None:
    say_something(said)

    def files(name: str) -> dict[str, bytes]:
        export_to(tmp_path / name)
        return {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}

    first = files("one")
    assert set(first) == {PAIRS_FILE, "demonstrations.jsonl", "thumbs.jsonl", MANIFEST_FILE}
    assert files("two") == first
    assert files("one") == first
    said.edit(2, rater="dr-a", edited_answer="Changed.")
    assert files("one") != first


def test_no_feedback_is_no_pair_and_no_error(export_to: Any, tmp_path: Path) -> None:
    assert export_to(tmp_path / "out")["pairs"] == 0
    assert (tmp_path / "out" / PAIRS_FILE).read_bytes() == b""


def test_the_files_are_for_their_owner_alone(export_to: Any, tmp_path: Path) -> None:
    export_to(tmp_path / "out")
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in (tmp_path / "out").iterdir())


def test_a_full_disk_leaves_the_export_before_as_it_was(
    said: FeedbackStore, export_to: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_to(tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    say_something(said)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="free some space"):
        export_to(tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_trainer_is_shown_no_line_of_the_eval_set(
    said: FeedbackStore, deidentifier: Deidentifier, tmp_path: Path
) -> None:
    say_something(said)
    dataset = build(said, key=KEY, deidentifier=deidentifier)
    manifest = write(dataset, tmp_path / "out", splits=(Split.TRAIN, Split.VALIDATION))
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {*manifest["files"], MANIFEST_FILE}
    assert len(names) == 8
    assert not any(name.startswith("eval") for name in names)
    assert manifest["files"][file_name(Split.TRAIN, "preferences")]["rows"] == 3
    assert manifest["files"][REPLAY_FILE]["rows"] == 0
    assert "eval-preferences.jsonl" in write(dataset, tmp_path / "all")["files"]
