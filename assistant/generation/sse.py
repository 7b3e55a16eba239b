"""Server-sent events as model servers send them: bytes in, the `data` of complete events out.

Pieces arrive cut anywhere, also in the middle of a character, so lines are decoded only when complete. Comments
(`: keep-alive`) and other fields are skipped; TGI writes `data:{…}` without a space, some proxies end lines in CRLF.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream, without its bare CR.
"""

MAX_EVENT_BYTES = 1_000_000
"""A longer event is no token. Chosen by us."""


class EventReader:
    """Collects one stream's bytes. `feed` what was read, get back what is complete."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []

    def feed(self, piece: bytes) -> list[bytes]:
        """Return the data of the events that `piece` completes, in order.

        Raises:
            ValueError: If an event is larger than `MAX_EVENT_BYTES`.
        """
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > MAX_EVENT_BYTES or len(self._data) > MAX_EVENT_BYTES // 100:
            raise ValueError("an event without end")
        events: list[bytes] = []
        for line in lines:
            line = line.removesuffix(b"\r")
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line.startswith(b"data: ") else line[5:])
            elif not line and self._data:
                events.append(b"\n".join(self._data))
                self._data.clear()
        return events

    def close(self) -> list[bytes]:
        """The last event, where the server left out the blank line after it."""
        return self.feed(b"\n\n")
