"""One way to write each character, with every offset mapped back: what people see alike, the rules see alike."""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field

_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufe00-\ufe0f"
_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_QUOTES = {
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "`": "'",
    "´": "'",
    "′": "'",
    "＇": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "″": '"',
}
_DASHES = "\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
_ODD = re.compile(
    f"[{_INVISIBLE}]+|[{_SPACES}\t\x0b\x0c]|[{''.join(_QUOTES)}]|[{_DASHES}]"
    "|[^\\W\\d_][\u0300-\u036f]{1,4}|[\uff01-\uff5e\ufb00-\ufb06\u2460-\u249b\U0001d400-\U0001d7ff]|[^\\x00-\\x7f](?<=\\d)"
)
"""Everything that is rewritten. Each alternative has a bounded length, so the whole is linear."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text`, and how to get from its offsets to those of the original."""

    text: str = field(repr=False)
    positions: tuple[int, ...]
    """Where the mapping changes, in `text`."""
    originals: tuple[int, ...]
    """The original offset at each of `positions`; between two of them both count alike."""
    length: int
    """Of the original."""

    def original(self, position: int) -> int:
        """The original offset of the character at `position` of `text`."""
        if position >= len(self.text):
            return self.length
        at = bisect_right(self.positions, position) - 1
        return min(self.originals[at] + position - self.positions[at], self.length)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original span of `[start, end)`; takes in accents and hidden characters inside it, none around it."""
        first = self.original(start)
        last = self.original(end - 1)
        following = self.original(end)
        # A composed letter has one offset here and several characters there.
        return first, following if following - last > 1 and self._is_composed(end - 1) else last + 1

    def _is_composed(self, position: int) -> bool:
        at = bisect_right(self.positions, position) - 1
        return (
            self.positions[at] == position and at + 1 < len(self.positions) and self.positions[at + 1] == position + 1
        )


def normalise(text: str) -> Normalised:
    """Rewrite look-alike and hidden characters. Linear in `len(text)`; line breaks stay."""
    pieces: list[str] = []
    positions, originals = [0], [0]
    done = length = 0
    for odd in _ODD.finditer(text):
        new = _rewritten(odd.group())
        if new == odd.group():
            continue
        pieces += (text[done : odd.start()], new)
        length += odd.start() - done
        if len(new) != odd.end() - odd.start():
            for offset in range(len(new)):
                positions.append(length + offset)
                originals.append(min(odd.start() + offset, odd.end() - 1))
            positions.append(length + len(new))
            originals.append(odd.end())
        length += len(new)
        done = odd.end()
    pieces.append(text[done:])
    return Normalised("".join(pieces), tuple(positions), tuple(originals), len(text))


def _rewritten(piece: str) -> str:
    first = piece[0]
    if re.match(f"[{_INVISIBLE}]", first):
        return ""
    if first.isspace():
        return " "
    if first in _QUOTES:
        return _QUOTES[first]
    if re.match(f"[{_DASHES}]", first):
        return "-"
    if first.isdigit() and unicodedata.decimal(first, None) is not None:
        return str(unicodedata.decimal(first))
    if len(piece) > 1:
        composed = unicodedata.normalize("NFC", piece)
        return composed if len(composed) == 1 else first
    return unicodedata.normalize("NFKC", piece)
