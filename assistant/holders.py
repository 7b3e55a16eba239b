"""Which process holds something, and whether it still lives. Clocks are not asked: on one machine they need not be."""

import os
import socket
import subprocess
from pathlib import Path

_PROC = Path("/proc")


def this_process() -> str:
    """Where, process id and birth: names this process and no later one that gets its id."""
    return process_named(os.getpid())


def process_named(pid: int) -> str:
    """The same for another process of this machine."""
    return f"{_here()} {pid} {birth(pid) or ''}"


def is_gone(holder: str) -> bool | None:
    """Whether a process named by `this_process` has ended; `None` where another machine or container would have to be asked."""
    where, pid, born = holder.split(" ", 2)
    if where != _here():
        return None
    return birth(int(pid)) != born


def birth(pid: int) -> str | None:
    """When a process began, in a form that only compares; `None` if there is none, or only its remains (a zombie)."""
    if _has_proc():
        return _birth_from_proc(pid)
    shown = _ps(pid, "stat=,lstart=").split(maxsplit=1)
    return None if len(shown) < 2 or shown[0].startswith("Z") else shown[1].strip()


def command_of(pid: int) -> str:
    """The command line of a process, its arguments separated by spaces; empty if there is none."""
    if not _has_proc():
        return _ps(pid, "command=")
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _here() -> str:
    """This machine and, of the containers that share its name, this one: the same id means another process in each."""
    try:
        numbered_in = os.stat(_PROC / "self/ns/pid").st_ino
    except OSError:
        return socket.gethostname()
    return f"{socket.gethostname()}/{numbered_in}"


def _has_proc() -> bool:
    return (_PROC / "self" / "stat").exists()


def _ps(pid: int, columns: str) -> str:
    command = ["ps", "-ww", "-o", columns, "-p", str(pid)]
    # Processes with different languages and time zones must read the same.
    environment = os.environ | {"LC_ALL": "C", "TZ": "UTC"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment).stdout


def _birth_from_proc(pid: int) -> str | None:
    try:
        stat = (_PROC / str(pid) / "stat").read_text("ascii", "replace")
        boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii")
    except OSError:
        return None
    # The name in parentheses may hold anything; after it come the state, 17 fields on the number of threads, 19 on the ticks since boot.
    fields = stat.rpartition(")")[2].split()
    # The first thread of a killed process may be gone while others still hold its files and its memory.
    gone = fields[0] in "ZX" and int(fields[17]) <= 1
    return None if gone else f"{boot[:8]}-{fields[19]}"
