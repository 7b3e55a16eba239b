"""Which passages of a report answer a prompt: pure functions from texts to lines, no generator around them.

Every line quotes its source word for word; only `FIXED_PHRASES` are ours.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from assistant.generation.passages import Block, Passage, cut, quote, with_heading
from assistant.generation.words import content_stems
from assistant.reading.findings import ABNORMAL, UNCERTAIN, Finding, find_findings
from assistant.schema import Section

_PLACEHOLDER = re.compile(r"\[[A-Z0-9_]{1,40}\]")

NOT_STATED = "Not stated in this report."
NOT_IN_SOURCES = "Not stated in the sources."
NOTHING_ABNORMAL = "No abnormal finding is stated in this report."
NO_DIFFERENCE = "No difference found between the two reports."
NEW, GONE, NOW, BEFORE = "New:", "No longer stated:", "Now:", "Before:"
FIXED_PHRASES = (NOT_STATED, NOT_IN_SOURCES, NOTHING_ABNORMAL, NO_DIFFERENCE, NEW, GONE, NOW, BEFORE)
"""All that an answer may hold besides quotes. They claim nothing that a source could support."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an answer: a quote, perhaps with a label before it."""

    text: str = field(repr=False)
    label: str = ""
    start: int = -1
    end: int = -1
    """Offsets of the quote in its text; -1 for a fixed phrase."""

    @property
    def words(self) -> int:
        return len(self.text.split()) + len(self.label.split())

    def __str__(self) -> str:
        return f"{self.label} {self.text}" if self.label else self.text


class Material:
    """A text with what selection asks of it again and again, worked out once."""

    def __init__(self, text: str, sections: Sequence[Section] = ()) -> None:
        self.text = text
        self.sections = tuple(sections)
        self.blocks = cut(text, sections)

    @cached_property
    def findings(self) -> list[Finding]:
        return find_findings(self.text, self.sections)

    @cached_property
    def abnormal_starts(self) -> list[int]:
        """Where the clauses start that state something abnormal, perhaps in doubt."""
        return [f.start for f in self.findings if f.label in {ABNORMAL, UNCERTAIN}]

    @cached_property
    def passages(self) -> list[Passage]:
        return [passage for block in self.blocks for passage in block.passages]

    def about(self, *topics: str) -> list[Block]:
        """The blocks about any of `topics`, in order, empty ones left out; those so named where there are any."""
        wanted = set(topics)
        blocks = [block for block in self.blocks if block.topics & wanted and block.passages]
        return [block for block in blocks if block.named] or blocks

    def tells(self, passage: Passage) -> bool:
        """Whether it says more than who, when or under which number: "Dictated by [NAME_1]" does not."""
        masked = len(_PLACEHOLDER.findall(self.text, passage.start, passage.end))
        if not masked:
            return True
        words = content_stems(_PLACEHOLDER.sub(" ", self.text[passage.start : passage.end]))
        return len(words) > masked

    def block_of(self, passage: Passage) -> Block:
        return self.blocks[passage.block]

    def line(self, passage: Passage, *, heading: bool | None = None) -> Line:
        """Quote `passage`; with its heading where it says little without one, or as `heading` demands."""
        block = self.block_of(passage)
        if heading is None:
            heading = len(block.passages) == 1 and len(passage.stems) <= 12
        start = with_heading(self.text, block, passage) if heading else passage.start
        return Line(text=quote(self.text, start, passage.end), start=start, end=passage.end)


def distinct(lines: Iterable[Line]) -> list[Line]:
    """Leave out lines that repeat an earlier one or are part of it."""
    kept: list[Line] = []
    seen: list[str] = []
    for line in lines:
        plain = "".join(char for char in line.text.lower() if char.isalnum())
        if not plain or any(plain in earlier for earlier in seen[-40:]):
            continue
        seen.append(plain)
        kept.append(line)
    return kept


def within(lines: Iterable[Line], *, max_words: int, max_lines: int) -> list[Line]:
    """The first lines that fit; at least one, if there is any."""
    kept: list[Line] = []
    words = 0
    for line in lines:
        if len(kept) >= max_lines or (kept and words + line.words > max_words):
            break
        kept.append(line)
        words += line.words
    return kept
