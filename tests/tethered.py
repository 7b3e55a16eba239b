"""`python -m tests.tethered COMMAND …`: becomes a command that is told to end (SIGTERM) when the process that started it dies.

On Linux; elsewhere it becomes the command and no more.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(command: list[str]) -> None:
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before anybody could be told
            sys.exit(143)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
