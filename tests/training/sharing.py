"""One GPU and who is on it: a locked file stands for it, which a killed process lets go of and no two can have by mistake.

`python -m tests.training.sharing FOLDER RUN_ID ACT` leads a run of the site in FOLDER on it, as a process of its own.
"""

import fcntl
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from assistant.errors import ModelRests
from assistant.gpu_lease import GpuLease
from assistant.gpu_serving import ServingGpu
from tests.training.run_site import RunSite, StandInParts
from training.schema import Run
from training.shared_gpu import SharedGpu


class Gpu:
    """The file, and beside it the log of who came and went."""

    def __init__(self, folder: Path) -> None:
        self.path, self._log = folder / "gpu", folder / "gpu.log"
        self.path.touch()

    def log(self, line: str) -> None:
        with self._log.open("a") as file:
            file.write(line + "\n")

    def lines(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []

    def is_served(self) -> bool:
        """Whether a chat's model is on it, by what it said last. Asking the lock would be to take it."""
        return self.lines()[-1:] == ["in"]


class LockedModel:
    """Stands in for a chat's model: has the file, together with others who answer, while it is loaded."""

    def __init__(self, gpu: Gpu) -> None:
        self._gpu = gpu
        self._file: int | None = None
        self.serving: ServingGpu

    def ask(self) -> bool:
        """Whether the model answers."""
        try:
            self.bring_back()
        except ModelRests:
            return False
        return True

    def bring_back(self) -> None:
        self.serving.enter(self)
        if self._file is not None:
            return
        self._file = os.open(self._gpu.path, os.O_RDWR)
        try:
            fcntl.flock(self._file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            self._gpu.log("OVERLAP chat")
        self._gpu.log("in")

    def let_go(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = None
        self._gpu.log("out")


def chat(folder: Path, until: Callable[[], bool]) -> None:
    """A chat with a model on the GPU, until it is told to end."""
    site, model = RunSite(folder), LockedModel(Gpu(folder))
    model.serving = ServingGpu(GpuLease(site.database, site.settings.data_dir), look_s=0.03)
    model.ask()
    while not until():
        time.sleep(0.02)
    model.serving.close()
    site.close()


def shared(site: RunSite, *, wait_s: float = 60) -> SharedGpu:
    data_dir = site.settings.data_dir
    return SharedGpu(lease=GpuLease(site.database, data_dir), data_dir=data_dir, wait_s=wait_s)


def lead(folder: Path, run: Run, *acts: str) -> Run:
    """Lead a run on the GPU."""
    site = RunSite(folder)
    parts = StandInParts(candidates=["sft"], acts=acts or ("train",), gpu=Gpu(folder).path)
    ended = site.lead(run, parts, gpu=shared(site))
    site.close()
    return ended


def in_a_child(work: Callable[[], object]) -> int:
    """Do it in a forked process; its id. Call it in what `tests.alone` does, which also ends it at last."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001  the edge of a forked process
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return child


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 150
    while not true():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)


if __name__ == "__main__":
    there = RunSite(Path(sys.argv[1]))
    lead(there.folder, there.ledger.get(int(sys.argv[2])), *sys.argv[3:])
