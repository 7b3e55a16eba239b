"""Tokens → text, one token at a time, without ever handing out half a character."""

from typing import Protocol

_REPLACEMENT = "\ufffd"
_LONGEST_CHARACTER = 8
"""Tokens that may be needed for one character; a model that writes invalid bytes is not waited for any longer."""


class Tokenizer(Protocol):
    """The part of a transformers tokenizer that is used here."""

    def decode(self, token_ids: list[int], *, skip_special_tokens: bool = ...) -> str: ...


class Detokenizer:
    """Collects tokens; `push` returns the text that became certain.

    A token's text may depend on the one before (a leading space is dropped at the start), so a few tokens are decoded
    together with and without the newest, and the difference counts.

    Source: the scheme of TGI and vLLM (`prefix_offset`, `read_offset`).
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._prefix = 0
        self._read = 0

    def push(self, token_id: int) -> str:
        """Return the text that `token_id` completes; empty while a character is incomplete."""
        self._ids.append(token_id)
        text = self._pending()
        if text.endswith(_REPLACEMENT) and len(self._ids) - self._read < _LONGEST_CHARACTER:
            return ""
        if text:
            self._prefix, self._read = self._read, len(self._ids)
        return text

    def close(self) -> str:
        """The rest, without a character that was never completed."""
        return self._pending().rstrip(_REPLACEMENT)

    def _pending(self) -> str:
        known = self._decode(self._ids[self._prefix : self._read])
        return self._decode(self._ids[self._prefix :])[len(known) :]

    def _decode(self, ids: list[int]) -> str:
        return self._tokenizer.decode(ids, skip_special_tokens=True)
