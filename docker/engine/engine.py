"""One process of a model server, TGI or vLLM: how it is started, asked for its health, and ended with all its children.

Only the standard library: this runs inside the TGI or vLLM image.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Address:
    port: int
    url: str
    """As the application's list of addresses has it."""


class Engine:
    """A process of the server with the adapters it was started with."""

    def __init__(
        self,
        address: Address,
        adapters: tuple[str, ...],
        command: Sequence[str],
        environment: dict[str, str],
        *,
        lock: int,
    ):
        """`lock`: a locked file's number, which the server holds too: until both have closed it, the GPU is not free."""
        self.address, self.adapters = address, adapters
        self.state = "starting"
        self.began = self.well_at = time.monotonic()
        self.served_from: float | None = None
        self.kill_at: float | None = None
        prctl, keeper = ctypes.CDLL(None).prctl, os.getpid()

        def die_with_keeper() -> None:
            prctl(_DIE_WITH_PARENT, signal.SIGTERM)
            if os.getppid() != keeper:  # it was killed before this was said
                os._exit(1)

        # A session of its own: the servers put their workers into groups of theirs, and all must go when one goes.
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(lock,),
            # Where this is not process 1 of a container, a killed keeper must not leave a server that nobody keeps.
            preexec_fn=die_with_keeper,
        )
        self.pid = self._process.pid

    def is_well(self, *, timeout_s: float) -> bool:
        try:
            with _OPENER.open(f"http://127.0.0.1:{self.address.port}/health", timeout=timeout_s) as reply:
                return reply.status == 200
        except (OSError, ValueError):
            return False

    def drain(self, *, within_s: float) -> None:
        """Let it finish what it writes and take nothing new: SIGTERM is what both servers do that on."""
        if self.state != "draining":
            self.state, self.kill_at = "draining", time.monotonic() + within_s
            self._tell(signal.SIGTERM)

    def kill(self) -> None:
        self._tell(signal.SIGKILL)

    def ended(self, status: int) -> None:
        """It was reaped."""
        self._process.returncode = status

    @property
    def status(self) -> int | None:
        """What it ended with."""
        return self._process.returncode

    def is_gone(self) -> bool:
        """Whether it has ended with all that it had started. What it left behind still holds the GPU's memory, and is killed."""
        if self.status is None:
            return False
        left = _session(self.pid)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not left

    def _tell(self, number: int) -> None:
        if self.status is None:
            os.kill(self.pid, number)


def command_for(
    engine: str,
    program: Sequence[str],
    *,
    model: str,
    port: int,
    adapters: Sequence[str],
    folder: Path,
    drain_s: float,
    extra: Sequence[str],
) -> tuple[list[str], dict[str, str]]:
    """The words that start a server, and its environment. Contracts: TGI 3.3.7's launcher, vLLM 0.18 and newer."""
    named = [f"{name}={folder / name}" for name in adapters]
    environment = {name: value for name, value in os.environ.items() if name != "LORA_ADAPTERS"}
    if engine == "tgi":
        if named:
            environment["LORA_ADAPTERS"] = ",".join(named)
        # A second one beside the first needs sockets of its own.
        own = [
            f"--shard-uds-path=/tmp/tgi-{port}",
            f"--master-port={port + 10_000}",
            f"--prometheus-port={port + 11_000}",
        ]
        own += [f"--graceful-termination-timeout={int(drain_s)}", "--hostname=0.0.0.0"]
        return [*program, f"--model-id={model}", f"--port={port}", *own, *extra], environment
    environment["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] = "True"
    lora = ["--enable-lora", *(["--lora-modules", *named] if named else [])]
    return [*program, model, f"--port={port}", f"--shutdown-timeout={int(drain_s)}", *lora, *extra], environment


def free_gpu_gb() -> float:
    """Free memory of the fullest GPU, 0 where nobody can tell."""
    query = ["nvidia-smi", "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True).stdout
        return min(float(line) for line in told.split()) / 1024
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0.0


def _session(leader: int) -> list[int]:
    """Processes of the session that `leader` began, without those of which only the remains are left (zombies)."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                # After the name, which may hold spaces: state, parent, group, session; 17 on, the number of threads.
                told = (entry / "stat").read_text().rpartition(")")[2].split()
                session, remains = int(told[3]), told[0] in "ZX" and int(told[17]) <= 1
            except (OSError, IndexError):
                continue
            if session == leader and not remains:
                found.append(int(entry.name))
    return found
