"""The trainer as a process of its own: started, followed, stopped, and never left behind.

It has its own process group, so that what it starts (`accelerate launch`) ends with it. It writes down its process id
itself, before it becomes the trainer: whoever was killed beside it, the next one finds it.
"""

import contextlib
import json
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.holders import birth, command_of
from training.errors import TrainerFailed
from training.job import PROGRESS_FILE

log = logging.getLogger(__name__)

OUTPUT_FILE = "trainer.log"
"""What libraries print: it may quote a training example, so it goes when the run has ended."""
_PID_FILE = "trainer.pid"
_WRITE_DOWN_AND_BECOME = """
exec 3<&0
{
    trap "" TERM
    read _ <&3
    kill -TERM -$$
    waited=0
    while kill -0 $$ 2>/dev/null && [ $waited -lt $1 ]; do sleep 1; waited=$((waited + 1)); done
    kill -KILL -$$
} &
echo $$ > "$0" && shift && exec "$@" 3<&- </dev/null
"""
"""Nobody writes to its input: that it ends means that the process which started the trainer has ended, however. Then the trainer
is stopped too, for it holds a GPU that somebody may be waiting for."""
_LOOK_S = 0.5
_GRACE_S = 60
"""A trainer that was told to stop writes a checkpoint first."""
_RESTARTS = 2

Line = Mapping[str, Any]


def run_trainer(
    command: Sequence[str],
    folder: Path,
    *,
    on_lines: Callable[[list[Line], int], None],
    read_from: int,
    check: Callable[[], None],
    on_start: Callable[[int], None] | None = None,
) -> None:
    """Run `command`, which writes its progress into `folder`, to its end. Killed from outside, it is started again.

    Args:
        command: Has the path of a file beside `folder` among its arguments.
        on_lines: Told new lines of progress, and how many bytes of the file are read with them.
        read_from: How many bytes were read before.
        check: Called often; what it raises stops the trainer.
        on_start: Told the process id, each time that it is started.

    Raises:
        TrainerFailed
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stop_stray(folder)
    progress = _Progress(folder / PROGRESS_FILE, read_from)
    for restarts_left in reversed(range(_RESTARTS + 1)):
        status, last = _run(command, folder, progress, on_lines, check, on_start)
        if status == 0:
            return
        check()  # what tells this process to end may have told the trainer too (a Ray job's stop does)
        if status > 0 or not restarts_left:
            raise TrainerFailed(problem=_problem(status, last))
        log.warning("the trainer was killed by signal %d; it is started again", -status)


def stop_stray(folder: Path) -> None:
    """End a trainer that outlived the process which started it."""
    try:
        pid = int((folder / _PID_FILE).read_text("ascii"))
    except (FileNotFoundError, ValueError):
        return
    if _is_trainer(pid, folder):
        log.warning("a trainer was left behind by an interrupted run; it is stopped pid=%d", pid)
        _end(pid)
    (folder / _PID_FILE).unlink(missing_ok=True)


def _run(
    command: Sequence[str],
    folder: Path,
    progress: "_Progress",
    on_lines: Callable[[list[Line], int], None],
    check: Callable[[], None],
    on_start: Callable[[int], None] | None,
) -> tuple[int, Line]:
    """The exit status, and the last thing that the trainer said."""
    last: Line = {}
    with _open_while_alive() as alive, open(folder / OUTPUT_FILE, "ab", opener=_private) as output:
        process = subprocess.Popen(
            ["/bin/sh", "-c", _WRITE_DOWN_AND_BECOME, str(folder / _PID_FILE), str(_GRACE_S), *command],
            stdin=alive,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            if on_start is not None:
                on_start(process.pid)
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_LOOK_S)
                status = process.returncode
                lines = progress.read()
                if lines:
                    on_lines(lines, progress.offset)
                    last = lines[-1]
                if status is not None:
                    return status, last
                check()
        finally:
            if process.poll() is None:
                _end(process.pid, process)
            # Whatever it started and left.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            (folder / _PID_FILE).unlink(missing_ok=True)


@contextmanager
def _open_while_alive() -> Iterator[int]:
    """A file to read from, which ends when the block does, or this process."""
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(writing)
        os.close(reading)


class _Progress:
    """Reads whole lines of a file that somebody else writes. A line cut short by a kill is left out."""

    def __init__(self, path: Path, offset: int) -> None:
        self._path = path
        self.offset = offset

    def read(self) -> list[Line]:
        try:
            with self._path.open("rb") as file:
                file.seek(self.offset)
                data = file.read()
        except FileNotFoundError:
            return []
        whole, _, _ = data.rpartition(b"\n")
        if not whole:
            return []
        self.offset += len(whole) + 1
        lines = []
        for line in whole.split(b"\n"):
            with contextlib.suppress(ValueError):
                value = json.loads(line)
                if isinstance(value, dict):
                    lines.append(value)
        return lines


def _problem(status: int, last: Line) -> str:
    if last.get("kind") == "failed":
        return str(last.get("problem") or "it said no more")
    if status < 0:
        hint = " (was there enough memory?)" if status == -signal.SIGKILL else ""
        return f"it was killed {_RESTARTS + 1} times by signal {-status}{hint}"
    return f"its process ended with status {status}"


def _end(pid: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """SIGTERM to a process group, and SIGKILL to what is left of it a while later."""
    deadline = time.monotonic() + _GRACE_S
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGTERM)
        while time.monotonic() < deadline and (process.poll() is None if process else birth(pid) is not None):
            time.sleep(0.1)
        os.killpg(pid, signal.SIGKILL)
    if process:
        process.wait()


def _is_trainer(pid: int, folder: Path) -> bool:
    """Whether this is still the process that wrote its id down: numbers are given again."""
    return birth(pid) is not None and str(folder.parent) in command_of(pid)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
