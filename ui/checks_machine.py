"""What `curbside doctor` looks at on the machine: versions, memory, GPU and driver, disk, clock, variables. Nothing heavy is loaded."""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from ui.checks_values import Found
from ui.settings import known_variables, unknown_variables

if TYPE_CHECKING:
    from training.planning.shape import Shape
    from ui.wiring import Parts

_PACKAGES = ("curbside", "gradio", "chromadb", "presidio-analyzer", "transformers", "torch")
_LEAST_MEMORY_BYTES = 1_000_000_000
"""Curbside alone takes about half of it."""
_LITTLE_DISK_BYTES = 2_000_000_000
_RUN_BYTES = 1_000_000_000
"""What a run may write where the size of its model is not known."""
DRIVER_TIMEOUT_S = 15.0
_QUERY = ("--query-gpu=name,memory.total,memory.free,driver_version", "--format=csv,noheader,nounits")
_LEAST_DRIVERS = {11: 450, 12: 525, 13: 580}
"""CUDA's major version → the least driver. Source: NVIDIA, CUDA Compatibility, minor version compatibility."""
_AHEAD = timedelta(minutes=5)
_MIB = 1 << 20


def versions(_parts: "Parts") -> Found:
    found = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    ok = sys.version_info >= (3, 11)
    return Found(ok, f"Python {sys.version.split()[0]}, {found}", "" if ok else "install Python 3.11 or later")


def variables(_parts: "Parts") -> Found:
    unknown = unknown_variables()
    if not unknown:
        return Found(True, "every CURBSIDE_ variable is a setting")
    known = sorted(known_variables())
    said = []
    for name in unknown:
        near = get_close_matches(name.upper(), known, n=1, cutoff=0.7)
        said.append(f"rename {name} to {near[0]}" if near else f"unset {name}")
    return Found(False, f"no setting reads {', '.join(unknown)}", "; ".join(said))


def machine(parts: "Parts") -> Found:
    """Cores and memory, against what the model takes where it runs on the processor."""
    total, free = memory_bytes()
    value = f"{os.cpu_count()} cores, {_gb(total)} of memory, {_gb(free)} free"
    need = _LEAST_MEMORY_BYTES
    shape = model_shape(parts)
    if shape and parts.settings.generation.backend == "local" and not _has_gpu():
        need += 4 * shape.parameters
        value += f"; the model takes {_gb(4 * shape.parameters)} on the processor"
    return Found(free >= need, value, "" if free >= need else "close other programs, or take a smaller model")


def gpu(parts: "Parts") -> Found:
    """The NVIDIA driver, and whether torch was built to use it. torch is not loaded: its build is read."""
    wanted = parts.settings.training.quantize == "nf4" or parts.settings.generation.backend == "local"
    built_for = torch_cuda()
    build = f"torch is built for CUDA {built_for}" if built_for else "torch is the build for processors"
    try:
        found = gpus()
    except OSError as error:
        return Found(False, f"{error}; {build}", "restart the machine, or install the NVIDIA driver again")
    if not found:
        needs = parts.settings.training.quantize == "nf4"
        remedy = "install the NVIDIA driver, or set CURBSIDE_TRAINING__QUANTIZE=none" if needs else ""
        return Found(
            not needs, f"no NVIDIA driver (there is no nvidia-smi): models run on the processor; {build}", remedy
        )
    driver = found[0][3]
    cards = ", ".join(f"{name} ({_gb(total)}, {_gb(free)} free)" for name, total, free, _ in found)
    value = f"{cards}, driver {driver}; {build}"
    least = _LEAST_DRIVERS.get(_major(built_for or ""))
    if built_for is None and wanted:
        return Found(False, value, "install torch's build for CUDA: the GPU is not used now")
    if least and 0 < _major(driver) < least:
        return Found(False, value, f"install driver {least} or later, which CUDA {built_for} needs")
    return Found(True, f"{value}; `curbside plan --gpu '{found[0][0]}'` says which models fit")


def disk(parts: "Parts") -> Found:
    folder = parts.data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    need = _LITTLE_DISK_BYTES + run_bytes(parts)
    value = f"{_gb(free)} free; a training run and daily work need {_gb(need)}"
    return Found(
        free >= need, value, "" if free >= need else "free some space, or move the data to a larger disk (--data)"
    )


def clock(parts: "Parts") -> Found:
    """A clock that is behind breaks schedules and leases: no file of ours can be from the future."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    zone = parts.settings.server.timezone
    try:
        now = datetime.now(ZoneInfo(zone)) if zone else datetime.now().astimezone()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return Found(
            False, f"the time zone {zone!r} is not known", "correct CURBSIDE_SERVER__TIMEZONE, such as Europe/Berlin"
        )
    newest = max((path.stat().st_mtime for path in (*_entries(parts.data_dir), Path(__file__))), default=0.0)
    written = datetime.fromtimestamp(newest, tz=now.tzinfo)
    value = f"{now:%Y-%m-%d %H:%M} ({now.tzname()})"
    if written - now > _AHEAD:
        late = f"{value}, but a file was written at {written:%Y-%m-%d %H:%M}"
        return Found(False, late, "set the clock, and let it be set from the network (NTP)")
    return Found(True, value)


def memory_bytes() -> tuple[int, int]:
    """All there is and what is free, of the machine or of the container, whichever is less."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    free = total
    if (meminfo := Path("/proc/meminfo")).exists():
        known = dict(re.findall(r"^(\w+): +(\d+) kB$", meminfo.read_text(), re.M))
        free = int(known.get("MemAvailable", free // 1024)) * 1024
    limit, used = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
    if limit.exists() and (given := limit.read_text().strip()).isdigit():
        total = min(total, int(given))
        free = min(free, max(0, int(given) - int(used.read_text())))
    return total, free


def gpus() -> list[tuple[str, int, int, str]]:
    """Name, bytes, free bytes and driver of each; none where there is no driver. Bytes are 0 where the driver tells none.

    Raises:
        OSError: nvidia-smi is there and does not work.
    """
    command = shutil.which("nvidia-smi")
    if command is None:
        return []
    try:
        told = subprocess.run(
            [command, *_QUERY], capture_output=True, text=True, timeout=DRIVER_TIMEOUT_S, check=True
        ).stdout
    except subprocess.TimeoutExpired as error:
        raise OSError(f"nvidia-smi does not answer within {DRIVER_TIMEOUT_S} s") from error
    except subprocess.CalledProcessError as error:
        raise OSError(f"nvidia-smi fails (exit code {error.returncode})") from error
    lines = [[part.strip() for part in line.split(",")] for line in told.splitlines()]
    return [
        (name, _mib(total), _mib(free), driver) for name, total, free, driver in (one for one in lines if len(one) == 4)
    ]


def _mib(text: str) -> int:
    return int(text) * _MIB if text.isdigit() else 0


def torch_cuda() -> str | None:
    """The CUDA version that torch was built for, read from its sources; `None` is the build for processors."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return None
    text = Path(spec.origin).with_name("version.py").read_text("utf-8")
    found = re.search(r"^cuda\b.*= *'([\d.]+)'", text, re.M)
    return found[1] if found else None


def model_shape(parts: "Parts") -> "Shape | None":
    """The shape of the model that is trained or run here, where it can be told without loading anything."""
    from assistant.errors import InputError
    from training.planning.catalogue import find_model

    if parts.base_model in (None, "starter"):
        return None
    try:
        return find_model(parts.base_model).shape
    except InputError:
        return None


def run_bytes(parts: "Parts") -> int:
    """What a training run may write: two checkpoints with the optimizer's state, and the adapter of each stage and candidate."""
    shape = model_shape(parts)
    if shape is None:
        return _RUN_BYTES
    return shape.lora_parameters(parts.settings.training.lora_rank) * (2 * 12 + 6 * 4)


def _has_gpu() -> bool:
    try:
        return bool(gpus())
    except OSError:
        return False


def _major(version: str) -> int:
    """The first number of a version; 0 where there is none."""
    found = re.match(r"\d+", version)
    return int(found[0]) if found else 0


def _entries(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
