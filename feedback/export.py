"""Preference pairs as files: TRL's conversational JSON lines, and a manifest with their hashes.

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
from pathlib import Path
from typing import Any

from assistant.errors import DiskFull
from feedback.pairs import PreferencePair, make_pairs
from feedback.store import FeedbackStore

PAIRS_FILE = "preferences.jsonl"
MANIFEST_FILE = "manifest.json"
FORMAT = "trl-conversational-preference/1"


def export(store: FeedbackStore, folder: Path) -> dict[str, Any]:
    """Write all preference pairs to `folder`, made if needed. Returns the manifest.

    Each file is replaced as a whole, the manifest last: if its hashes agree with the files, the export is complete.
    """
    pairs = make_pairs(store.feedback())
    lines = "".join(json.dumps(pair_record(pair), ensure_ascii=False) + "\n" for pair in pairs)
    # A lone surrogate from a broken file cannot be written as UTF-8; no reader would take it either.
    data = lines.encode("utf-8", "replace")
    manifest = {
        "format": FORMAT,
        "pairs": len(pairs),
        "by_source": dict(sorted(Counter(pair.source for pair in pairs).items())),
        "reports": len({pair.report_id for pair in pairs if pair.report_id}),
        "patients": len({pair.patient for pair in pairs if pair.patient}),
        "raters": len({pair.rater for pair in pairs}),
        "files": {PAIRS_FILE: {"sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data)}},
    }
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _replace(folder / PAIRS_FILE, data)
    _replace(folder / MANIFEST_FILE, (json.dumps(manifest, indent=2) + "\n").encode())
    return manifest


def pair_record(pair: PreferencePair) -> dict[str, Any]:
    """A line of the export. Beside TRL's three columns, what splitting and tracing back need; the rater is left out."""
    return {
        "prompt": [{"role": message.role, "content": message.content} for message in pair.prompt],
        "chosen": [{"role": "assistant", "content": pair.chosen}],
        "rejected": [{"role": "assistant", "content": pair.rejected}],
        "report_id": pair.report_id,
        "patient": pair.patient,
        "source": pair.source,
        "turn_ids": list(pair.turn_ids),
    }


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
