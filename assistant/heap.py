"""This process's memory as glibc keeps it: what is freed is wiped, and given back to the computer. Elsewhere nothing is changed.

**Wiped**, because hnswlib, inside the embedded Chroma, writes whole blocks of memory of which it has filled a part
(`data_level0.bin`, `length.bin`). The rest is whatever the process freed before: once in some thousand test runs, words of a
note. macOS 13 and later wipe unasked. `bench_ingest` sees no cost.

**Small**, because a server of thirty threads would otherwise keep up to sixteen heaps, each as large as the largest answer,
report or table of feedback that ever lay in it. Measured by `bench_soak` without pages, 300 answers: 490 MB before and 574 after
with two heaps, 444 and 548 with these settings, 497 and 615 with glibc's own, at the same number of answers a minute.
"""

import ctypes
import gc
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_PERTURB, _M_ARENA_MAX = -1, -3, -6, -8
"""mallopt(3)."""
_FILL = 0xFF
"""Freed memory gets this byte, new memory its complement: zeros."""
_LARGE_BYTES = 256 * 1024
"""Larger pieces come from the computer one by one and go back at once; glibc by itself raises this up to 32 MB."""


def wipe_heap() -> None:
    """From now on, memory is wiped when it is freed and when it is given out again. For the whole process."""
    _set(_M_PERTURB, _FILL)


def keep_heap_small() -> None:
    """For the whole process, before it starts threads."""
    _set(_M_ARENA_MAX, 2)
    _set(_M_MMAP_THRESHOLD, _LARGE_BYTES)
    _set(_M_TRIM_THRESHOLD, _LARGE_BYTES)


def settle_heap() -> None:
    """Once a server has loaded all that stays: its garbage collector leaves that alone from now on.

    Python looks through everything only once a quarter as much has been added, here 80,000 objects. What is garbage in circles,
    such as a page that was left, waits for that; and when it comes, nobody is answered for a third of a second.
    """
    gc.freeze()
    gc.collect()  # of next to nothing: from then on a quarter of that counts


def _set(option: int, value: int) -> None:
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):  # musl has none
        mallopt(option, value)
