"""The text in a stream of `chat.completion.chunk` events, and whether the stream ended as it should."""

import json
from collections.abc import Iterable
from typing import Any

from assistant.generation.server_errors import error_in


class ChunkParser:
    """Reads events in order and remembers how far the answer has come.

    A stream has ended well once a chunk gave a `finish_reason` or `[DONE]` came. A last chunk with `choices: []`
    (usage), empty deltas and a `reasoning_content` beside the answer add no text.
    """

    def __init__(self) -> None:
        self.ended = False
        """The answer is complete, though usage or `[DONE]` may still come."""
        self.done = False
        """Nothing more will come."""
        self.moved = False
        """The last call read at least one chunk: the model is at work, even if it wrote no answer text."""
        self.garbled = False
        self.failure: tuple[int, Any] | None = None
        """Status and body of an error event."""

    def read(self, events: Iterable[bytes]) -> str:
        """Return the text of `events`, up to the first that is an error or no chunk."""
        pieces: list[str] = []
        self.moved = False
        for event in events:
            if event == b"[DONE]":
                self.ended = self.done = True
                break
            try:
                chunk = json.loads(event)
                if (status := error_in(chunk)) is not None:
                    self.failure = status, chunk
                    break
                pieces.append(self._text(chunk))
            except (ValueError, LookupError, TypeError, AttributeError):
                self.garbled = True
                break
            self.moved = True
        return "".join(pieces)

    def _text(self, chunk: dict[str, Any]) -> str:
        if not chunk["choices"]:
            return ""
        choice = chunk["choices"][0]
        reason = choice.get("finish_reason")
        if reason == "error":
            self.failure = 500, chunk
        elif reason:
            self.ended = True
        content = (choice.get("delta") or {}).get("content")
        if content is not None and not isinstance(content, str):
            raise TypeError
        return content or ""
