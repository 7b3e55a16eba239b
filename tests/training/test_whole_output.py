"""What appears whole or not at all, beside what killed programs left. Real processes, real kills."""

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.errors import InputError
from training.whole_output import whole_file, whole_folder

BEGINS = (
    "import sys\nfrom pathlib import Path\nfrom training.whole_output import whole_folder\n"
    "with whole_folder(Path(sys.argv[1])) as folder:\n"
    "    (folder / 'half.safetensors').write_bytes(b'half')\n    print('begun', flush=True)\n    sys.stdin.read()\n"
)


def begun(target: Path) -> "subprocess.Popen[bytes]":
    """Another process in the middle of an export; it ends the export well when its input ends."""
    other = subprocess.Popen(
        [sys.executable, "-c", BEGINS, str(target)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )  # fmt: skip
    assert other.stdout is not None
    assert other.stdout.readline() == b"begun\n"
    return other


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_a_killed_export_left_is_cleared_and_one_that_runs_is_not(tmp_path: Path) -> None:
    killed, runs = begun(tmp_path / "killed"), begun(tmp_path / "runs")
    (tmp_path / ".curbside-export-of-mine").write_text("a file of somebody's")
    before = names(tmp_path)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert names(tmp_path) == before

    with whole_file(tmp_path / "mine.gguf") as file:
        file.write_bytes(b"whole")
    assert len(names(tmp_path)) == len(before)  # one gone, one come
    runs.communicate()
    assert names(tmp_path) == {"mine.gguf", "runs", ".curbside-export-of-mine"}
    assert names(tmp_path / "runs") == {"half.safetensors"}


def test_what_was_made_there_meanwhile_is_left_alone(tmp_path: Path) -> None:
    def make(kind: str) -> None:
        if kind == "file":
            with whole_file(tmp_path / "m.gguf") as file:
                file.write_bytes(b"ours")
                (tmp_path / "m.gguf").write_bytes(b"theirs")
        else:
            with whole_folder(tmp_path / "m") as folder:
                (folder / "ours").touch()
                (tmp_path / "m").mkdir()
                (tmp_path / "m" / "theirs").touch()

    for kind in ("file", "folder"):
        with pytest.raises(InputError, match="name a new"):
            make(kind)
    assert (tmp_path / "m.gguf").read_bytes() == b"theirs"
    assert names(tmp_path / "m") == {"theirs"}
    assert names(tmp_path) == {"m.gguf", "m"}


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no /proc, where not even root may make a folder")
def test_a_folder_that_may_not_be_written_is_said() -> None:
    with pytest.raises(InputError, match="nothing can be written in /proc"), whole_folder(Path("/proc/new")):
        pass


def test_a_mount_point_is_told_to_hold_a_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr("os.replace", busy)
    (tmp_path / "volume").mkdir()
    with pytest.raises(InputError, match=r"volume .* inside of it"), whole_folder(tmp_path / "volume"):
        pass


SAVES_TOO_MUCH = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from assistant.errors import DiskFull
from safetensors.numpy import save_file
from training.whole_output import whole_folder

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
try:
    with whole_folder(Path(sys.argv[1])) as folder:
        save_file({"weight": np.zeros((100, 100), np.float32)}, folder / "model.safetensors")
except DiskFull:
    print("full")
"""


def test_weights_that_the_disk_does_not_hold_are_a_full_disk(tmp_path: Path) -> None:
    """safetensors says it in words of its own. In another process, for the limit holds for all that a process writes."""
    command = [sys.executable, "-c", SAVES_TOO_MUCH, str(tmp_path / "model")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert done.stdout == "full\n", done.stderr
    assert names(tmp_path) == set()


def test_another_fault_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="broken") as told, whole_folder(tmp_path / "model"):
        raise OSError(errno.EIO, "broken")
    assert told.value.errno == errno.EIO
    assert names(tmp_path) == set()
