"""Writes the parts of a note as one text: as they stood, or with other headings in another layout, so that no layout is learnt by heart."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.schema import Section, SectionKind
from assistant.sentences import split_sentences
from training.starter.notes import Part

_FRAMES = ("{upper}: {body}\n\n", "{upper}:\n{body}\n\n", "{title}: {body}\n", "{title}\n{body}\n\n", "**{title}**\n{body}\n\n", "## {title}\n{body}\n\n", "{upper}\n{body}\n", "{title}:\n{body}\n\n", "{upper} - {body}\n")  # fmt: skip
_LIST_MARK = re.compile(r"^(?:[-*•·]|\(?\d{1,2}[.)])\s+")
_OTHER_HEADING = 0.35
_LISTED = 0.25
"""Shares of the parts that get another heading of their topic, and whose sentences are put on lines of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A report with its parts and sentences. Offsets in `text`."""

    text: str = field(repr=False)
    parts: tuple[tuple[Part, int, int, int], ...] = field(repr=False)
    """Part, start, where its body starts, end."""
    sentences: tuple[tuple[int, int], ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        return tuple(
            Section(
                heading=part.heading,
                kind=SectionKind.OTHER,
                start=start,
                body_start=body,
                end=end,
            )
            for part, start, body, end in self.parts
            if part.heading
        )

    def quote(self, number: int) -> str:
        """Sentence `number` on one line, without a heading or a list's mark before it: as `generation.quotable` offers it."""
        start, end = self.sentences[number]
        body = max((body for _, first, body, _ in self.parts if first <= start), default=0)
        line = " ".join(self.text[max(start, body) if body < end else start : end].split())
        return _LIST_MARK.sub("", line, count=1)

    def says_something(self, number: int) -> bool:
        """Whether sentence `number` is more than a heading or a mark."""
        start, end = self.sentences[number]
        for _, first, body, _ in self.parts:
            if first <= start and end <= body:
                return False
        text = self.quote(number)
        return sum(letter.isalnum() for letter in text) > 2 and not (text.endswith((":", "**")) and len(text) < 60)


def write(parts: Sequence[Part], rng: random.Random, headings: Mapping[str, Sequence[str]]) -> Written:
    """One report. `headings`: by topic, how headings of it are worded elsewhere."""
    as_it_stood = rng.random() < 0.5
    frame, listed = rng.choice(_FRAMES), rng.random() < _LISTED
    pieces: list[tuple[Part, str, int]] = []
    for part in parts:
        if as_it_stood or not part.heading:
            pieces.append((part, part.written, len(part.written) - len(part.body)))
            continue
        heading = part.heading
        if part.named and rng.random() < _OTHER_HEADING:
            heading = rng.choice(headings.get(rng.choice(sorted(part.topics)), (heading,)))
        body = _list(part.body, rng) if listed else part.body.strip()
        shown = frame.format(upper=heading.upper(), title=heading.capitalize(), body=body)
        part = Part(heading=heading, body=body, written=shown, topics=part.topics, named=part.named)
        pieces.append((part, shown, shown.find(body) if body else len(shown)))
    text, placed = "", []
    for part, shown, body in pieces:
        placed.append((part, len(text), len(text) + body, len(text) + len(shown)))
        text += shown
    return Written(text=text, parts=tuple(placed), sentences=tuple(split_sentences(text)))


def _list(body: str, rng: random.Random) -> str:
    mark = rng.choice(("- ", "", "* "))
    return "\n".join(f"{mark}{' '.join(body[a:b].split())}" for a, b in split_sentences(body))
