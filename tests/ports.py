"""Ports for servers that are told theirs before they listen."""

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager

_GIVEN: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on, and that the system gives to nobody meanwhile.

    Whoever asks for any port, and whoever connects, gets one from 32,768 on (Linux; elsewhere from 49,152 on). Ray's
    doors for its clients are below 24,000.
    """
    while True:
        port = random.SystemRandom().randrange(24_001, 32_000)
        if port in _GIVEN:
            continue
        with socket.socket() as one:
            try:
                one.bind(("", port))
            except OSError:
                continue
        _GIVEN.add(port)
        return port


@contextmanager
def nobody_listens() -> Iterator[int]:
    """A port of 127.0.0.1 where connections are refused, held so that nobody begins to listen there."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
