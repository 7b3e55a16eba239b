"""A text with its identifiers marked, and templates cut into literals and slots. What a slot holds is not decided here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from string import Formatter


@dataclass(frozen=True, slots=True)
class Tagged:
    """A text and the spans of its identifiers: `(start, end, label)`, sorted, not overlapping."""

    text: str
    spans: tuple[tuple[int, int, str], ...] = ()

    @classmethod
    def whole(cls, text: str, label: str) -> "Tagged":
        """All of `text` is one identifier."""
        return cls(text, ((0, len(text), label),))

    @classmethod
    def join(cls, parts: "Iterable[Tagged]", separator: str = "") -> "Tagged":
        """The parts one after another, `separator` between them, unmarked."""
        texts: list[str] = []
        spans: list[tuple[int, int, str]] = []
        length = 0
        for part in parts:
            if texts:
                texts.append(separator)
                length += len(separator)
            spans += [(start + length, end + length, label) for start, end, label in part.spans]
            texts.append(part.text)
            length += len(part.text)
        return cls("".join(texts), tuple(spans))

    def lowered(self) -> "Tagged":
        """The same in lower case, every character at its place."""
        return Tagged(_same_length(self.text, self.text.lower(), str.lower), self.spans)

    def uppered(self) -> "Tagged":
        """The same in upper case, every character at its place."""
        return Tagged(_same_length(self.text, self.text.upper(), str.upper), self.spans)


def _same_length(text: str, changed: str, change: Callable[[str], str]) -> str:
    # "ß" becomes two letters in upper case, "İ" two characters in lower case: such a character stays as it is.
    if len(changed) == len(text) and text.isascii():
        return changed
    return "".join(new if len(new := change(character)) == 1 else character for character in text)


@lru_cache(maxsize=20_000)
def pieces(template: str) -> tuple[tuple[str, str | None], ...]:
    """The template as `(literal, slot)` pairs; the slot is None after the last literal. `{{` and `}}` write braces."""
    found: list[tuple[str, str | None]] = []
    for literal, slot, layout, conversion in Formatter().parse(template):
        if layout or conversion:
            raise ValueError(f"slot {slot!r} carries a format or conversion; write only `{{name}}` or `{{name.form}}`")
        found.append((literal, slot))
    return tuple(found)
