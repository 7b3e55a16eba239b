"""Whether the chat's model and training meet on one GPU, and what people are told about their taking turns."""

import os
import socket
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from assistant.gpu_files import has_engines, read_mirror
from training.on_ray import is_own_address
from ui.settings import Settings

if TYPE_CHECKING:
    from training.expected import Expected
    from training.shared_gpu import SharedGpu
    from ui.wiring import Parts

_NVIDIA = Path("/proc/driver/nvidia/gpus")
_NVIDIA_OF_WINDOWS = Path("/usr/lib/wsl/lib/libcuda.so.1")
"""Where Linux runs beside Windows, whose driver it uses: how many there are it does not say. Taken for one."""
_HERE = ("localhost", "127.0.0.1", "::1", "")


def meet_on_one_gpu(settings: Settings) -> bool:
    """Whether the model must leave before training begins. Looks at files only: torch is not imported for it."""
    if settings.training.gpu != "auto":
        return settings.training.gpu == "shared"
    if settings.training.on == "ray" and not _is_here(settings.training.ray_address):
        return False  # it trains on another machine's
    if settings.generation.backend != "remote":
        return _count_gpus() == 1
    if has_engines(settings.storage.data_dir):
        return True
    return _count_gpus() == 1 and any(_is_here(url) for url in settings.generation.urls)


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in (*_HERE, socket.gethostname()) or is_own_address(host)


def _count_gpus() -> int:
    """CUDA devices that torch would use in this process."""
    try:
        if version("torch").endswith("+cpu"):
            return 0
    except PackageNotFoundError:
        return 0
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    there = len(list(_NVIDIA.iterdir())) if _NVIDIA.is_dir() else int(_NVIDIA_OF_WINDOWS.exists())
    return (
        there
        if chosen is None
        else min(there, len([one for one in chosen.split(",") if one.strip() not in ("", "-1")]))
    )


def zone_of(settings: Settings) -> ZoneInfo | None:
    """The practice's; `None` is the computer's own."""
    return ZoneInfo(settings.server.timezone) if settings.server.timezone else None


def for_training(parts: "Parts") -> "SharedGpu | None":
    """A run's side of it; `None` where the two do not meet."""
    from training.shared_gpu import SharedGpu

    if parts.gpu is None:
        return None
    return SharedGpu(
        lease=parts.gpu,
        data_dir=parts.data_dir,
        wait_s=parts.settings.training.gpu_wait_s,
        schedule=parts.settings.schedule,
        zone=zone_of(parts.settings),
    )


def quoting_now(parts: "Parts") -> str:
    """`Training uses the GPU: the assistant is quoting until about 03:40`; empty while the model answers. Reads one small file."""
    from assistant.gpu_lease import until

    now = datetime.now(UTC)
    training = read_mirror(parts.data_dir, now=now) if parts.gpu is not None else None
    if training is None:
        return ""
    return f"Training uses the GPU: the assistant is quoting {until(training.expected_end, now=now, zone=zone_of(parts.settings))}"


def expected_run(parts: "Parts") -> "Expected":
    """How long a run will take that begins now, as far as the ledger knows; its examples are counted before screening."""
    from training.expected import expect
    from training.shared_gpu import earlier

    settings = parts.settings.training
    judged = next((run.counts["judged"] for run in parts.ledger.runs() if "judged" in run.counts), settings.min_eval)
    floor = parts.loop_desk.floor()
    counts = {"train.pairs": max(floor.new, floor.needed), "judged": judged}
    told = settings.suiting(parts.base_model or "").model_dump(mode="json")
    return expect(counts, told, earlier(parts.ledger, base_model=parts.base_model or "", method=settings.method))


def what_a_run_means(parts: "Parts") -> str:
    """`It takes about 50 min, in which the assistant quotes: until about 03:40`; empty where the two do not meet."""
    from assistant.gpu_lease import until

    if parts.gpu is None or not parts.is_trainable:
        return ""
    expected, now = expected_run(parts), datetime.now(UTC)
    end = until(now + timedelta(seconds=expected.seconds), now=now, zone=zone_of(parts.settings))
    schedule = parts.settings.schedule
    hours = f". Scheduled ones may have the GPU {schedule.window}" if schedule.window else ""
    return f"A run takes {expected.in_words}. The assistant quotes meanwhile; begun now, {end}{hours}"
