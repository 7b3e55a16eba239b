"""What a thread has freed goes back to the computer, whatever the other threads hold."""

import subprocess
import sys

import pytest

_FREE = """
import threading
from pathlib import Path
from ui.heap import keep_heap_small

keep_heap_small()
held = []

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

def work():
    for _ in range(3):
        pieces = [bytes(1_000_000) for _ in range(40)]
        held.append(bytes(100_000))  # lies above the freed ones
        del pieces

before = resident()
for _ in range(6):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc only")
def test_a_server_keeps_little_of_what_it_has_freed() -> None:
    done = subprocess.run([sys.executable, "-c", _FREE], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 10  # 80 without it
