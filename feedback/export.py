"""Feedback as files: TRL's conversational JSON lines, and a manifest with their hashes and counts.

The same feedback gives the same bytes, so that a run's manifest says which data it was trained on. The files hold
de-identified text in the clear: they belong on an encrypted disk.
"""

import errno
import hashlib
import json
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import DiskFull
from assistant.schema import Message
from feedback.dataset import Dataset, build
from feedback.demonstrations import Item, Thumb
from feedback.pairs import PreferencePair
from feedback.splits import Split
from feedback.store import FeedbackStore

if TYPE_CHECKING:
    from assistant.deid.engine import Deidentifier

KINDS = ("preferences", "demonstrations", "thumbs")
PAIRS_FILE = "preferences.jsonl"
MANIFEST_FILE = "manifest.json"
REPLAY_FILE = "replay.jsonl"
FORMAT = "trl-conversational/2"

Row = tuple[Split, Item]


def export(
    store: FeedbackStore, folder: Path, *, key: bytes, deidentifier: "Deidentifier", **screening: Any
) -> dict[str, Any]:
    """Write all that teaches to `folder`, made if needed: a file for each kind, the split in each row. Returns the manifest.

    Args:
        key: `Keys.split`.
        screening: As in `feedback.dataset.build`.
    """
    dataset = build(store, key=key, deidentifier=deidentifier, **screening)
    rows = [(split, item) for split, part in dataset.parts.items() for item in part.items]
    files = {f"{kind}.jsonl": [row for row in rows if kind_of(row[1]) == kind] for kind in KINDS}
    return _write(dataset, files, folder)


def write(dataset: Dataset, folder: Path, *, splits: Sequence[Split] = tuple(Split)) -> dict[str, Any]:
    """Write `train-preferences.jsonl`, `validation-demonstrations.jsonl` and so on, and `replay.jsonl`. Returns the manifest.

    Args:
        splits: What the reader of the files may see: a trainer sees no `EVAL`.
    """
    files = {
        file_name(split, kind): [(split, item) for item in dataset.parts[split].items if kind_of(item) == kind]
        for split in splits
        for kind in KINDS
    }
    if Split.TRAIN in splits:
        files[REPLAY_FILE] = [(Split.TRAIN, item) for item in dataset.replay]
    return _write(dataset, files, folder)


def file_name(split: Split, kind: str) -> str:
    """`train-preferences.jsonl`; `kind` is one of `KINDS`."""
    return f"{split}-{kind}.jsonl"


def kind_of(item: Item) -> str:
    if isinstance(item, PreferencePair):
        return "preferences"
    return "thumbs" if isinstance(item, Thumb) else "demonstrations"


def record(item: Item, split: Split) -> dict[str, Any]:
    """A line of the files. Beside TRL's columns, what tracing back needs; the rater is left out."""
    if isinstance(item, PreferencePair):
        columns: dict[str, Any] = {"chosen": _said(item.chosen), "rejected": _said(item.rejected)}
    else:
        columns = {"completion": _said(item.completion)}
    if isinstance(item, Thumb):
        columns["label"] = item.label
    return {
        "prompt": _turns(item.prompt),
        **columns,
        "split": split.value,
        "source": item.source,
        "report_id": item.report_id,
        "patient": item.patient,
        "turn_ids": list(item.turn_ids),
        "key": item.key,
    }


def _turns(messages: Iterable[Message]) -> list[dict[str, str]]:
    return [{"role": message.role, "content": message.content} for message in messages]


def _said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def _write(dataset: Dataset, files: Mapping[str, Sequence[Row]], folder: Path) -> dict[str, Any]:
    """Each file is replaced as a whole, the manifest last: if its hashes agree with the files, all is there."""
    written = {name: _lines(rows) for name, rows in files.items()}
    manifest = _manifest(dataset, files) | {
        "files": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data), "rows": len(files[name])}
            for name, data in written.items()
        }
    }
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, data in written.items():
        _replace(folder / name, data)
    _replace(folder / MANIFEST_FILE, (json.dumps(manifest, indent=2) + "\n").encode())
    return manifest


def _lines(rows: Iterable[Row]) -> bytes:
    lines = "".join(json.dumps(record(item, split), ensure_ascii=False) + "\n" for split, item in rows)
    # A lone surrogate from a broken file cannot be written as UTF-8; no reader would take it either.
    return lines.encode("utf-8", "replace")


def _manifest(dataset: Dataset, files: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    """Counts of what is in the files, and of all that is not."""
    rows = [row for file in files.values() for row in file]
    items = [item for _, item in rows]
    return {
        "format": FORMAT,
        "pairs": sum(isinstance(item, PreferencePair) for item in items),
        "by_kind": _count(kind_of(item) for item in items),
        "by_source": _count(f"{kind_of(item)}/{item.source}" for item in items),
        "by_split": _count(f"{split}/{kind_of(item)}" for split, item in rows),
        "set_aside": _count(one.reason.value for one in dataset.set_aside),
        "reports": len({item.report_id for item in items if item.report_id}),
        "patients": len({item.patient for item in items if item.patient}),
        "raters": len({item.rater for item in items}),
    }


def _count(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(free_bytes=shutil.disk_usage(path.parent).free) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)
