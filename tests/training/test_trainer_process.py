"""The trainer's process is followed to its end, and nothing of it is left behind."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assistant.holders import birth
from tests.training.sharing import eventually
from training.errors import TrainerFailed
from training.trainer_process import run_trainer, stop_stray

WITH_A_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
open(sys.argv[1] + "/child", "w").write(str(child.pid))
{then}
"""


def follow(folder: Path, code: str, **told: Any) -> list[Any]:
    """Run Python as the trainer; the lines that it said."""
    out = folder / "training"
    out.mkdir(exist_ok=True)
    heard: list[Any] = []
    told = {"read_from": 0, "check": lambda: None, "on_lines": lambda lines, read_to: heard.extend(lines)} | told
    run_trainer([sys.executable, "-S", "-c", code, str(out)], out, **told)
    return heard


def test_lines_are_read_whole_and_what_is_damaged_is_left_out(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfile = open(sys.argv[1] + '/progress.jsonl', 'a', buffering=1)\n"
        'file.write(\'{"kind": "log", "n": 1}\\n{"kind": "lo\')\nfile.flush()\ntime.sleep(0.7)\n'
        'file.write(\'g", "n": 2}\\n{"kind": torn\\n[3]\\n{"kind": "done"}\\n{"kind": "never ended\')\n'
    )
    assert follow(tmp_path, code) == [{"kind": "log", "n": 1}, {"kind": "log", "n": 2}, {"kind": "done"}]


def test_what_was_read_before_is_not_read_again(tmp_path: Path) -> None:
    code = "import sys; open(sys.argv[1] + '/progress.jsonl', 'a').write('{\"n\": 1}\\n{\"n\": 2}\\n')"
    assert follow(tmp_path, code, read_from=len('{"n": 1}\n')) == [{"n": 2}]


def test_what_the_trainer_started_ends_with_it(tmp_path: Path) -> None:
    follow(tmp_path, WITH_A_CHILD.format(then=""))
    child = int((tmp_path / "training" / "child").read_text())
    eventually(lambda: birth(child) is None)
    assert not (tmp_path / "training" / "trainer.pid").exists()


def test_what_the_check_raises_stops_it(tmp_path: Path) -> None:
    def check() -> None:
        if (tmp_path / "training" / "child").exists():
            raise KeyError("stop")

    with pytest.raises(KeyError):
        follow(tmp_path, WITH_A_CHILD.format(then="time.sleep(600)"), check=check)
    assert not (tmp_path / "training" / "trainer.pid").exists()


def test_its_output_is_for_its_owner_only(tmp_path: Path) -> None:
    with pytest.raises(TrainerFailed, match="status 1"):
        follow(tmp_path, "raise SystemExit('An invented effusion.')")
    output = tmp_path / "training" / "trainer.log"
    assert output.stat().st_mode & 0o077 == 0
    assert "invented" in output.read_text()


def test_a_process_that_was_given_the_number_of_a_dead_trainer_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"], start_new_session=True)
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "trainer.pid").write_text(str(stranger.pid))
    stop_stray(tmp_path / "training")
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()
    assert os.listdir(tmp_path / "training") == []
