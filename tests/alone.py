"""Does a test's work in a Python process of its own, which may fork: it has one thread.

The process of the tests has had Chroma, torch and servers by then. Whatever lock one of their threads holds at the moment of
a fork is held for ever in the child, and an open SQLite file is not made to be taken along either.
"""

import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from inspect import getfile
from pathlib import Path

_ROOT = Path(__file__).parents[1]


def alone(work: Callable[..., object], *arguments: Path | str) -> None:
    """Call a function of a module below `tests/`, found there by its name. Fails where it raises, with what it said.

    Nothing that it forked is left when this returns. What it changes in modules stays in that process.
    """
    module = ".".join(Path(getfile(work)).relative_to(_ROOT).with_suffix("").parts)
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.alone", module, work.__name__, *map(str, arguments)],
            cwd=_ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        output.seek(0)
        assert process.returncode == 0, output.read()


def main(module: str, name: str, *arguments: str) -> None:
    try:
        getattr(import_module(module), name)(*arguments)
    except BaseException as error:  # noqa: BLE001  the edge of a process: values tell what a line alone does not
        traceback.TracebackException.from_exception(error, capture_locals=True).print()
        sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
