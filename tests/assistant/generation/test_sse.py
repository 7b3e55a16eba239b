"""Server-sent events, cut anywhere. The events are invented."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.generation.sse import MAX_EVENT_BYTES, EventReader

STREAM = (
    ': keep-alive\n\ndata: {"a": "体温 37 °C"}\n\ndata:{"no": "space"}\r\n\r\nevent: x\nid: 7\ndata: one\ndata: two\n\n'
    "\n\n:\n\ndata: [DONE]\n\n"
).encode()
EVENTS = ['{"a": "体温 37 °C"}'.encode(), b'{"no": "space"}', b"one\ntwo", b"[DONE]"]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_events_are_the_same_wherever_the_bytes_are_cut(cuts: list[int]) -> None:
    reader, events, bounds = EventReader(), [], [0, *sorted(cuts), len(STREAM)]
    for start, end in pairwise(bounds):
        events += reader.feed(STREAM[start:end])
    assert events == EVENTS


def test_a_last_event_without_its_blank_line_is_read_at_the_end() -> None:
    reader = EventReader()
    assert reader.feed(b"data: last") == []
    assert reader.close() == [b"last"]


@pytest.mark.parametrize("piece", [b"x" * 100_000, b"data: x\n" * 1000], ids=["one endless line", "endless lines"])
def test_an_event_without_end_is_refused(piece: bytes) -> None:
    reader = EventReader()

    def feed_for_ever() -> None:
        for _ in range(2 * MAX_EVENT_BYTES // 10_000):
            reader.feed(piece)

    with pytest.raises(ValueError, match="without end"):
        feed_for_ever()
