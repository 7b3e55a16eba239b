"""Starts runs as jobs of a Ray cluster, by its Jobs API: the process that leads a run here, on a machine that the cluster chooses.

The ledger stays what it is: who leads a run holds its lease, and a run whose process died, or whose machine is gone, is given
to a new job. Ray keeps a job's variables and output where everybody who reaches the cluster reads them, so neither holds a
secret: see `ui.train_on_ray` and `training.ray_output`.
"""

import logging
import secrets
import shlex
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assistant.errors import MissingExtra, NotShared, RayUnavailable
from training.errors import RunEnded, RunUnderWay
from training.folder import RunFolder
from training.launch import Launcher
from training.schema import Run, RunState

if TYPE_CHECKING:
    from ray.job_submission import JobDetails, JobSubmissionClient

log = logging.getLogger(__name__)

_JOB_FILE = "ray.json"
"""In the run's folder: which job leads it, or did last."""
TOKEN = "set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH"
"""What Ray wants of whoever names a cluster that is protected by a token."""
_WAITED_TOO_LONG = "JOB_SUPERVISOR_ACTOR_START_TIMEOUT"
"""What Ray says of a job that no machine had room for within a quarter of an hour. A GPU may be taken for longer: the run gets
another job."""
_REACH_S = 5.0
_LOOK_S = 0.5


class OnRay(Launcher):
    """Safe to share between threads."""

    def __init__(
        self,
        *,
        address: str,
        gpus: int,
        shares_database: bool,
        variables: Callable[[], Mapping[str, str]],
        **given: Any,
    ) -> None:
        """
        Args:
            address: Of the dashboard, `http://host:8265`.
            gpus: What a run asks for; with 0 it runs on the head node.
            shares_database: Whether it is a server that other machines reach too.
            variables: Makes a job's, which Ray shows to everybody.
            given: As of `Launcher`; the command as it is called on the cluster's machines.
        """
        super().__init__(**given)
        self._address, self._gpus, self._shares_database = address, gpus, shares_database
        self._variables = variables
        self._shown: dict[str, int] = {}
        self._submitted: list[str] = []
        self._away = False

    def start(self, **told: Any) -> Run:
        """As `Launcher.start`; raises also `RayUnavailable` and `NotShared`, and then there is no run."""
        self._check_machines()
        self._look_after()
        run = self.create(**told)
        try:
            self.launch(run)
        except RayUnavailable as error:
            self._end(run, RunState.FAILED, problem=str(error))
            raise
        return run

    def launch(self, run: Run) -> None:
        job = f"curbside-{run.name}-{secrets.token_hex(4)}"
        folder = RunFolder(self._runs / run.name)
        folder.make()
        folder.write_json(_JOB_FILE, {"job": job, "address": self._address})
        with _cluster(self._address) as cluster:
            cluster.submit_job(
                entrypoint=entry_point(self._command, run.id),
                submission_id=job,
                runtime_env={"env_vars": dict(self._variables())},
                entrypoint_num_gpus=self._gpus or None,
                metadata={"run": run.name},
            )
        self._submitted.append(job)
        log.info("run=%s is job %s of the Ray cluster", run.name, job)

    def resume(self) -> Run | None:
        """As `Launcher.resume`. While the cluster is away nothing is resumed, and the log says so once."""
        try:
            if self._look_after() is None:
                return None
            run = super().resume()
        except RayUnavailable as error:
            if not self._away:
                log.warning("%s", error)
            self._away = True
            return None
        self._away = False
        return run

    def stop(self, run: Run) -> None:
        """End a run whose job waits for a machine; the process of one that is led ends it, and with it the job."""
        with suppress(RunUnderWay, RunEnded):
            lease = self._ledger.take(run.id)
            self._ledger.transition(lease, RunState.CANCELLED)
            job = self._job(run)
            if job is not None:
                with suppress(RayUnavailable), _cluster(self._address) as cluster:
                    cluster.stop_job(
                        job
                    )  # Ray obeys once it has a machine; its process then finds that the run has ended

    def new_output(self, run: Run) -> list[str]:
        job = self._job(run)
        if job is None:
            return []
        try:
            with _cluster(self._address) as cluster:
                lines = cluster.get_job_logs(job).rpartition("\n")[0].splitlines()
        except RayUnavailable:
            return []  # its machine is gone, or the cluster: `resume` says which
        shown, self._shown[job] = self._shown.get(job, 0), len(lines)
        return lines[shown:]

    def wait(self) -> None:
        """Until every job that was started here and runs has ended; not for those that wait for a machine."""
        with suppress(RayUnavailable):
            for job in self._submitted:
                while (told := self._told_of(job)) is not None and told.status == "RUNNING":
                    time.sleep(_LOOK_S)

    def _look_after(self) -> Run | None:
        """The run under way. One whose job waits for a machine is kept from being taken for dead; one whose job ended
        before it began has failed."""
        run = self._ledger.current()
        job = self._job(run) if run is not None else None
        told = self._told_of(job) if job is not None else None
        if run is None or told is None:
            return run
        if not told.status.is_terminal():
            if told.status == "PENDING" or run.started_at is None:
                self._ledger.await_start(run.id)
        elif run.started_at is None and told.error_type == _WAITED_TOO_LONG:
            log.warning("run=%s: the Ray cluster had no room for it (GPUs asked for: %d)", run.name, self._gpus)
            self._ledger.await_start(run.id)
            self.launch(run)
        elif run.started_at is None:
            ended = f"its Ray job ended before the run began ({told.status.lower()})"
            why = f"`ray job status {job} --address {self._address}` says why"
            self._end(run, RunState.FAILED, problem=f"{ended}; {why}")
        return run

    def _end(self, run: Run, state: RunState, *, problem: str) -> None:
        with suppress(RunUnderWay, RunEnded):
            self._ledger.transition(self._ledger.take(run.id), state, problem=problem)

    def _job(self, run: Run) -> str | None:
        kept = RunFolder(self._runs / run.name).read_json(_JOB_FILE) or {}
        return kept.get("job") if kept.get("address") == self._address else None

    def _told_of(self, job: str) -> "JobDetails | None":
        """`None` where the cluster does not know the job: the run's ledger alone tells what becomes of it."""
        with _cluster(self._address) as cluster:
            try:
                return cluster.get_job_info(job)
            except RuntimeError as error:
                if "404" in str(error):
                    return None
                raise

    def _check_machines(self) -> None:
        """Raises `NotShared` where a machine of the cluster would need a file of this one."""
        with _cluster(self._address):
            from ray.util.state import list_nodes

            nodes: list[Any] = list_nodes(self._address, filters=[("state", "=", "ALIVE")], timeout=int(_REACH_S) * 4)
        if not self._shares_database:
            refuse_sqlite([node.node_ip for node in nodes])


@contextmanager
def _cluster(address: str) -> "Iterator[JobSubmissionClient]":
    """The door to the cluster. Raises `RayUnavailable`, `MissingExtra`."""
    try:
        from ray.job_submission import JobSubmissionClient
    except ImportError as error:
        raise MissingExtra(package="ray", extra="ray") from error
    from ray.exceptions import AuthenticationError, RayError
    from ray.util.state.exception import RayStateApiException

    reach(address, port=8265)
    try:
        _hear(address)
        yield JobSubmissionClient(address)
    except AuthenticationError as error:
        raise RayUnavailable(address=address, problem=f"it wants a token: {TOKEN}") from error
    except (OSError, RuntimeError, ValueError, RayError, RayStateApiException) as error:
        raise RayUnavailable(address=address, problem=type(error).__name__) from error


def count_jobs(address: str) -> int:
    """How many jobs of anybody the cluster has under way or waiting. Raises `RayUnavailable`, `MissingExtra`."""
    with _cluster(address) as cluster:
        return sum(not job.status.is_terminal() for job in cluster.list_jobs())


def entry_point(command: Sequence[str], run: int | str) -> str:
    """What a job runs, as a line for its shell."""
    return shlex.join([*command, str(run)])


def reach(address: str, *, port: int) -> None:
    """Open and close a connection, within seconds: Ray itself would try for minutes. Raises `RayUnavailable`."""
    parts = urlsplit(address if "://" in address else f"ray://{address}")
    try:
        where = parts.hostname or "127.0.0.1", parts.port or port
        socket.create_connection(where, timeout=_REACH_S).close()
    except (OSError, ValueError) as error:
        raise RayUnavailable(address=address, problem=type(error).__name__) from error


def _hear(address: str) -> None:
    """Raises `OSError` where a dashboard takes connections and says nothing: Ray's client would wait for ever."""
    try:
        urllib.request.urlopen(f"{address.rstrip('/')}/api/version", timeout=_REACH_S).close()
    except urllib.error.HTTPError as answered:
        answered.close()  # Ray's client asks again, with its token, and says what is wrong


def refuse_sqlite(addresses: Sequence[str]) -> None:
    """Raises `NotShared` if one of these is another machine: it cannot lock this one's file."""
    elsewhere = sorted({address for address in addresses if not is_own_address(address)})
    if elsewhere:
        raise NotShared(
            what=f"the Ray cluster has machines elsewhere ({', '.join(elsewhere[:3])}) and the database is a file of this one",
            remedy="set `CURBSIDE_STORAGE__DATABASE_URL` to a PostgreSQL server that all of them reach",
        )


def is_own_address(address: str) -> bool:
    """Whether an IP address is one of this machine's. No name is looked up."""
    try:
        with socket.socket(socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET) as one:
            one.bind((address, 0))
    except (OSError, ValueError):
        return False
    return True
