"""What the export writes is what TRL reads. Every text is invented."""

import errno
import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from assistant.database import open_database
from assistant.errors import DiskFull
from assistant.keys import load_key
from assistant.schema import Answer, Message, Mode, Report
from assistant.settings import StorageSettings
from feedback.export import MANIFEST_FILE, PAIRS_FILE, export
from feedback.store import FeedbackStore
from ui.migrations import upgrade

REPORT = Report(id="r-1", text="Invented.", patient="P-1")


@pytest.fixture
def store(tmp_path: Path) -> FeedbackStore:
    database = open_database(StorageSettings(data_dir=tmp_path / "data"), load_key(tmp_path / "data"))
    upgrade(database)
    return FeedbackStore(database)


def say_something(store: FeedbackStore) -> None:
    conversation = store.start_conversation(rater="dr-a", title="T", report=REPORT)
    turns = [
        store.add_turn(
            conversation,
            rater="dr-a",
            question="q",
            mode=Mode.QUESTION,
            answer=Answer(text=text, sentences=(), model_id="m", prompt_version="1", timings_ms={}),
            messages=(Message(role="system", content="Rules."), Message(role="user", content="Frage mit Ümlaut\n“?”")),
            report=REPORT,
        )
        for text in ("Invented 8 mm nodule.", "Invented nodule.", "Invented. \ud800")
    ]
    store.edit(turns[0], rater="dr-a", edited_answer="Invented 9 mm nodule.")
    store.choose(chosen=turns[0], rejected=turns[1], rater="dr-a")
    store.rate(turns[1], rater="dr-a", thumbs=1)
    store.rate(turns[2], rater="dr-a", thumbs=-1)


def test_trl_and_datasets_read_what_is_written(store: FeedbackStore, tmp_path: Path) -> None:
    from datasets import load_dataset
    from trl.data_utils import is_conversational

    say_something(store)
    export(store, tmp_path / "out")
    data: Any = load_dataset("json", data_files=str(tmp_path / "out" / PAIRS_FILE), cache_dir=str(tmp_path / "cache"))[
        "train"
    ]
    assert len(data) == 3
    assert all(is_conversational(row) for row in data)
    assert data[0]["prompt"][1] == {"role": "user", "content": "Frage mit Ümlaut\n“?”"}
    assert {row["source"]: (row["chosen"], row["rejected"]) for row in data}["edit"] == (
        [{"role": "assistant", "content": "Invented 9 mm nodule."}],
        [{"role": "assistant", "content": "Invented 8 mm nodule."}],
    )


def test_the_manifest_tells_what_the_file_holds(store: FeedbackStore, tmp_path: Path) -> None:
    say_something(store)
    manifest = export(store, tmp_path / "out")
    data = (tmp_path / "out" / PAIRS_FILE).read_bytes()
    assert json.loads((tmp_path / "out" / MANIFEST_FILE).read_text()) == manifest
    assert manifest["files"][PAIRS_FILE] == {"sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data)}
    assert manifest["by_source"] == {"choice": 1, "edit": 1, "thumbs": 1}
    assert (manifest["pairs"], manifest["patients"], manifest["reports"]) == (3, 1, 1)
    assert b"dr-a" not in data


def test_unchanged_feedback_gives_identical_bytes_and_new_feedback_others(store: FeedbackStore, tmp_path: Path) -> None:
    say_something(store)

    def files(name: str) -> dict[str, bytes]:
        export(store, tmp_path / name)
        return {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}

    first = files("one")
    assert set(first) == {PAIRS_FILE, MANIFEST_FILE}
    assert files("two") == first
    assert files("one") == first
    store.edit(2, rater="dr-a", edited_answer="Changed.")
    assert files("one") != first


def test_no_feedback_is_no_pair_and_no_error(store: FeedbackStore, tmp_path: Path) -> None:
    assert export(store, tmp_path / "out")["pairs"] == 0
    assert (tmp_path / "out" / PAIRS_FILE).read_bytes() == b""


def test_the_files_are_for_their_owner_alone(store: FeedbackStore, tmp_path: Path) -> None:
    export(store, tmp_path / "out")
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in (tmp_path / "out").iterdir())


def test_a_full_disk_leaves_the_export_before_as_it_was(
    store: FeedbackStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(store, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    say_something(store)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="free some space"):
        export(store, tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
