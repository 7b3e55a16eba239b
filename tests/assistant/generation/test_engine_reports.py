"""What is read of the files that keepers write."""

import json
import os
from pathlib import Path
from typing import Any

from assistant.generation.engine_reports import read_reports, why_not_serving

URL = "http://gpu-1:8080/v1"


def write(folder: Path, name: str, state: str, *, written_at: float, running: dict[str, Any] | None = None) -> None:
    path = folder / f"engine-{name}.json"
    told = {"name": name, "state": state, "problem": "", "urls": [URL], "engines": {URL: running} if running else {}}
    path.write_text(json.dumps(told))
    os.utime(path, (written_at, written_at))


def test_of_two_keepers_of_one_address_the_later_word_counts(tmp_path: Path) -> None:
    """One was renamed, and its old file stayed."""
    write(tmp_path, "tgi", "resting", written_at=1000)
    write(tmp_path, "new", "serving", written_at=2000, running={"state": "serving", "adapters": ["r1"], "pid": 7})
    report = read_reports(tmp_path)[URL]
    assert (report.state, report.adapters, report.pid) == ("serving", ("r1",), 7)


def test_a_damaged_file_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "tgi", "resting", written_at=1000)
    (tmp_path / "engine-z.json").write_text("{")
    assert why_not_serving(read_reports(tmp_path)[URL]) == "it rests while training has the GPU"
