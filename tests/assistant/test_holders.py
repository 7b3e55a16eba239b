"""Which process lives, asked of real ones."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from assistant.holders import is_gone, process_named, this_process

LEAVE_THE_OTHERS = """
import ctypes, sys, threading
threading.Thread(target=sys.stdin.read).start()
print("up", flush=True)
ctypes.CDLL(None).syscall({exit_one_thread}, 0)
"""


def test_this_process_lives_and_one_that_was_killed_does_not() -> None:
    assert is_gone(this_process()) is False
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    named = process_named(process.pid)
    assert is_gone(named) is False
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # its remains are still there
    assert is_gone(named) is True
    process.wait()
    assert process.stdin is not None
    process.stdin.close()


@pytest.mark.skipif(sys.platform != "linux" or os.uname().machine != "x86_64", reason="the number of a Linux call")
def test_a_process_whose_first_thread_is_gone_still_holds_what_it_has() -> None:
    code = LEAVE_THE_OTHERS.format(exit_one_thread=60)
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    named = process_named(process.pid)
    deadline = time.monotonic() + 100
    while _state(process.pid) != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert is_gone(named) is False
    process.send_signal(signal.SIGKILL)
    process.stdout.close()
    process.stdin.close()
    process.wait()
    assert is_gone(named) is True


@pytest.mark.skipif(shutil.which("ps") is None, reason="the command `ps` is not there")
def test_without_proc_a_process_is_the_same_in_every_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.holders._has_proc", lambda: False)
    named = {process_named(os.getpid())}
    for zone in ("Asia/Tokyo", "America/Los_Angeles"):
        monkeypatch.setenv("TZ", zone)
        named.add(process_named(os.getpid()))
    assert len(named) == 1
    assert not named.pop().endswith(" ")


def _state(pid: int) -> str:
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return file.read().rpartition(")")[2].split()[0]
