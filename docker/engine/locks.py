"""Files that one process at a time has locked: the kernel lets go of them when it has ended, however, and no clock is asked.

Only the standard library: this runs inside the TGI or vLLM image.
"""

import fcntl
import sys
from pathlib import Path
from typing import IO


def locked(path: Path) -> IO[bytes] | None:
    """The file, locked until it and what was started with it are closed; `None` while somebody else has it.

    Ends the process where files cannot be locked: without a lock nobody may touch the GPU.
    """
    try:
        file = open(path, "ab")  # noqa: SIM115  whoever asked holds it
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    except OSError as error:
        sys.exit(
            f"{path} cannot be locked: {error.strerror}; this folder must be on a disk of this machine, and writable"
        )
    return file
