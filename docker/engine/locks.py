"""Files that one process at a time has locked: the kernel lets go of them when it has ended, however, and no clock is asked.

Only the standard library: this runs inside the TGI or vLLM image.
"""

import fcntl
from pathlib import Path
from typing import IO


def locked(path: Path) -> IO[bytes] | None:
    """The file, locked until it and what was started with it are closed; `None` while somebody else has it."""
    file = open(path, "ab")  # noqa: SIM115  whoever asked holds it
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
