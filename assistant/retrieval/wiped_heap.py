"""Keep what stood in this process's memory out of Chroma's files.

hnswlib, inside the embedded Chroma, writes whole blocks of memory of which it has filled a part
(`data_level0.bin`, `length.bin`). The rest is whatever the process freed before: once in some thousand test runs,
words of a note. glibc fills memory when it is given out and again when it is freed, once it is asked to
(mallopt(3), M_PERTURB); macOS 13 and later do so unasked. It costs nothing that `bench_ingest` can see.
"""

import ctypes
import functools
import sys

_M_PERTURB = -6
_FILL = 0xFF
"""Freed memory gets this byte, new memory its complement: zeros."""


@functools.cache
def wipe_heap() -> None:
    """From now on, memory is wiped when it is freed and when it is given out again. For the whole process."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if mallopt is not None:
        mallopt(_M_PERTURB, _FILL)
