"""A real Ray cluster of this machine, with a dashboard that takes jobs, for the tests of whatever runs on one."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import free_port

_ROOT = Path(__file__).parents[1]
_UP_S = 180


@dataclass(frozen=True, kw_only=True)
class RayCluster:
    dashboard: str
    """`http://127.0.0.1:…`, for jobs."""
    address: str
    """`127.0.0.1:…`, for tasks."""
    client: str
    """`ray://127.0.0.1:…`, for tasks from a machine that is none of the cluster's."""
    folder: Path
    """Logs, sockets, spilled objects."""

    def files_with(self, words: bytes) -> list[str]:
        """The cluster's files that hold these words."""
        found: list[str] = []
        for folder, _, names in os.walk(self.folder):
            for path in (Path(folder, name) for name in names):
                with suppress(FileNotFoundError):  # Ray deletes some meanwhile
                    if path.is_file() and not path.is_symlink() and words in path.read_bytes():
                        found.append(str(path.relative_to(self.folder)))
        return found


@contextmanager
def running_ray() -> Iterator[RayCluster]:
    """Two CPUs, no GPU, nothing of it left at the end; skips the test where Ray is not installed."""
    pytest.importorskip("ray", reason="Ray is not installed (the extra `ray`)")
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))  # short, because a socket's path has at most 107 bytes
    tasks, jobs, clients = free_port(), free_port(), free_port()
    binaries = str(Path(sys.executable).parent)
    options = [
        "--num-cpus=2", "--num-gpus=0", "--object-store-memory=80000000", f"--temp-dir={folder}", f"--port={tasks}",
        "--include-dashboard=true", "--dashboard-host=127.0.0.1", f"--dashboard-port={jobs}", "--disable-usage-stats",
        "--metrics-export-port=0", "--dashboard-agent-listen-port=0", "--dashboard-agent-grpc-port=0",
        f"--ray-client-server-port={clients}", "--min-worker-port=0", "--max-worker-port=0",
    ]  # fmt: skip
    with (folder / "started.log").open("wb") as output:
        # Tethered: it ends also when the tests are killed.
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.tethered", f"{binaries}/ray", "start", "--head", "--block", *options],
            cwd=_ROOT,
            env=os.environ
            | {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", "RAY_raylet_start_wait_time_s": "120"},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _await_jobs(f"http://127.0.0.1:{jobs}", process)
        yield RayCluster(
            dashboard=f"http://127.0.0.1:{jobs}",
            address=f"127.0.0.1:{tasks}",
            client=f"ray://127.0.0.1:{clients}",
            folder=folder,
        )
    finally:
        # At once and without grace, as nothing of it is kept. What `ray start` started dies with it: Ray ties them together.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _await_jobs(dashboard: str, process: "subprocess.Popen[bytes]") -> None:
    from ray.job_submission import JobSubmissionClient

    until = time.monotonic() + _UP_S
    while True:
        try:
            JobSubmissionClient(dashboard).list_jobs()
        except (OSError, RuntimeError):
            assert process.poll() is None, "ray start ended"
            assert time.monotonic() < until, "the Ray cluster does not come up"
            time.sleep(0.3)
        else:
            return
