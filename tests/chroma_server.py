"""A real Chroma server (`chroma run`) for the tests of whatever keeps vectors there. It can be killed and started again."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import free_port

_PATIENCE_S = 120


class ChromaServer:
    """On a port and a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Returns at once; `wait` until it answers."""
        command = Path(sys.executable).with_name("chroma")
        if not command.is_file():
            pytest.skip("the command `chroma` is not beside this Python")
        self._process = subprocess.Popen(
            [command, "run", "--path", str(self._folder), "--port", str(self._port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait(self) -> None:
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}/api/v2/heartbeat", timeout=5):
                    return
            except OSError:
                assert self._process is not None
                assert self._process.poll() is None, "the Chroma server ended by itself"
                time.sleep(0.1)
        pytest.fail(f"the Chroma server does not answer after {_PATIENCE_S} s")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(20)
            self._process = None


@contextmanager
def running_chroma(folder: Path) -> Iterator[ChromaServer]:
    """A server that was started, and that `wait` must be asked for before it is used."""
    server = ChromaServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def empty(url: str) -> None:
    """Delete every collection."""
    import chromadb

    host, _, port = url.removeprefix("http://").partition(":")
    client = chromadb.HttpClient(host=host, port=int(port))
    for collection in client.list_collections():
        client.delete_collection(collection.name)
