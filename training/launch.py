"""Starts runs, each in a process of its own, so that a crash or an out-of-memory kill takes nothing else along.

The process is nobody's child for long: it goes on when the server or the terminal that started it ends.
"""

import logging
import os
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from training.folder import WORKER_LOG, RunFolder
from training.runs import Ledger
from training.schema import Method, Run, Trigger
from training.settings import TrainingSettings

log = logging.getLogger(__name__)

_NICE = ("nice", "-n", "10")
"""Clinicians who wait for an answer come first."""


class Launcher:
    """Safe to share between threads."""

    begins = True
    """Whether it starts the processes of runs."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        base_model: str,
        settings: TrainingSettings,
        runs: Path,
    ) -> None:
        """
        Args:
            command: Leads a run, whose id is put after it.
            environment: Of that process; `None` is this one's own.
            runs: Where the folders of runs lie.
        """
        self._ledger, self._command, self._environment = ledger, tuple(command), environment
        self._base_model, self._settings, self._runs = base_model, settings, runs
        self._started: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        *,
        trigger: Trigger = Trigger.PERSON,
        method: Method | None = None,
        since: datetime | None = None,
        slot: datetime | None = None,
    ) -> Run:
        """Begin a run, in a process of its own; arguments and errors as of `create`."""
        run = self.create(trigger=trigger, method=method, since=since, slot=slot)
        self.launch(run)
        return run

    def create(
        self,
        *,
        trigger: Trigger = Trigger.PERSON,
        method: Method | None = None,
        since: datetime | None = None,
        slot: datetime | None = None,
    ) -> Run:
        """A run in the ledger, for whoever leads it.

        Args:
            since: Learn only from what was said from then on. Default: from what the live adapter has not learned.
            slot: The scheduled time it is started for.

        Raises:
            RunUnderWay, SlotTaken
        """
        settings = self._settings if method is None else self._settings.model_copy(update={"method": method})
        told = settings.model_dump(mode="json") | ({"since": since.astimezone(UTC).isoformat()} if since else {})
        return self._ledger.create(
            method=settings.method,
            trigger=trigger,
            base_model=self._base_model,
            settings=told,
            slot=slot,
            begins=self.begins,
        )

    def resume(self) -> Run | None:
        """Go on with a run whose process died, if there is one."""
        run = self._ledger.claim_interrupted()
        if run is not None:
            if run.started_at is None:
                log.info("run=%s begins", run.name)
            else:
                log.warning("run=%s goes on where it was interrupted", run.name)
            self.launch(run)
        return run

    def launch(self, run: Run) -> None:
        """Start the process that leads a run."""
        self._started = [process for process in self._started if process.poll() is None]
        folder = RunFolder(self._runs / run.name)
        folder.make()
        with open(folder.path / WORKER_LOG, "ab", opener=_private) as output:
            process = subprocess.Popen(
                [*_NICE, *self._command, str(run.id)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=_with_few_threads(os.environ if self._environment is None else self._environment),
                start_new_session=True,
            )
        self._started.append(process)

    def stop(self, run: Run) -> None:
        """See to it that a run which was asked to stop ends. A process on this machine looks for that by itself."""

    def new_output(self, run: Run) -> list[str]:
        """Lines of a run's own log since the last call, for a terminal that shows it. On this machine it is a file."""
        return []

    def wait(self) -> None:
        """Until every process that was started here has ended: for a terminal that shows a run to its end."""
        for process in self._started:
            process.wait()


class OnScheduler(Launcher):
    """Begins nothing: a run that is asked for here waits in the ledger until `curbside scheduler`, in a container that has
    the GPU, claims it. Within a minute, where one runs."""

    begins = False

    def launch(self, run: Run) -> None:
        log.info("run=%s waits for `curbside scheduler`", run.name)

    def resume(self) -> None:
        return None


def _with_few_threads(environment: Mapping[str, str]) -> dict[str, str]:
    """Half of the processor for training, unless somebody said otherwise: on all of it, `nice` does not keep the chat quick,
    for torch's threads wait for each other and hold the cores meanwhile."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2
    return {"OMP_NUM_THREADS": str(max(1, cores // 2)), **environment}


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
