"""A report cut into quotable passages: sentences or list items, each with its section and what that is about."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.generation.topics import section_topics
from assistant.generation.words import STOPWORDS, stem, stems
from assistant.schema import Section
from assistant.sentences import split_sentences

_LONGEST_WORDS = 60
"""A longer sentence is cut at its commas or, without any, at this many words: nobody reads such a quote."""
_LEAD = re.compile(r"(?:[\s,;:.|*•·\-–]|\(?\d{1,2}[.)](?=\s|[A-Za-z]))*")
_SPACE = re.compile(r"\s+")
_STOP_STEMS = frozenset(stem(word) for word in STOPWORDS)
_WORDLIKE = re.compile(r"\S+")
_NUMBER_ALONE = re.compile(r"\(?\d{1,2}[.)]?")
"""Of the heading that follows: it says nothing."""
_ANNOUNCES = re.compile(r"(?:[A-Za-z)]:|[,:][ \t]?1[.)])\Z")
_NEXT_ITEM = re.compile(r"(?<=[\s,;.])(?:\d{1,2}[.)]|[•·])(?=\s*[A-Za-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A quotable piece. Offsets in the text it was cut from; list marks stand outside."""

    start: int
    end: int
    block: int
    """Number of its block."""
    stems: tuple[str, ...]

    @property
    def content(self) -> list[str]:
        return [word for word in self.stems if word not in _STOP_STEMS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A section's body, or what stands outside all sections (`heading` empty)."""

    heading: str
    heading_stems: tuple[str, ...]
    topics: frozenset[str]
    named: bool
    """Whether the heading names the topics; otherwise they follow from the section's kind."""
    start: int
    body_start: int
    end: int
    passages: tuple[Passage, ...]


def cut(text: str, sections: Sequence[Section] = ()) -> list[Block]:
    """Cut `text` into blocks of passages, in order. Linear in `len(text)`."""
    blocks: list[Block] = []
    before: frozenset[str] = frozenset()
    at = 0
    for section in sorted(sections, key=lambda s: s.start):
        if section.start < at:
            continue
        if text[at : section.start].strip():
            blocks.append(_block(text, len(blocks), "", (frozenset(), False), at, at, section.start))
        topics = section_topics(section, before)
        before = topics[0]
        blocks.append(
            _block(text, len(blocks), section.heading, topics, section.start, section.body_start, section.end)
        )
        at = max(at, section.end)
    if text[at:].strip():
        blocks.append(_block(text, len(blocks), "", (frozenset(), False), at, at, len(text)))
    return blocks


def quote(text: str, start: int, end: int) -> str:
    """The words of `text[start:end]` on one line."""
    return _SPACE.sub(" ", text[start:end]).strip()


def with_heading(text: str, block: Block, passage: Passage) -> int:
    """Where to start quoting so that the heading is part of the quote; the passage's own start if it is not first."""
    between = text[block.body_start : passage.start]
    if not block.heading or between.strip(" \t\r\n:,.-•*1)("):
        return passage.start
    bold = "**" in text[block.start : passage.start]  # half of its marks would stand in the quote
    return passage.start if bold else block.start


def _block(
    text: str, number: int, heading: str, topics: tuple[frozenset[str], bool], start: int, body_start: int, end: int
) -> Block:
    spans = [
        span
        for sentence_start, sentence_end in split_sentences(text[body_start:end])
        for span in _pieces(text, body_start + sentence_start, body_start + sentence_end)
    ]
    passages = tuple(
        Passage(start=first, end=last, block=number, stems=tuple(stems(text[first:last])))
        for first, last in _joined(text, spans)
    )
    return Block(
        heading=heading,
        heading_stems=tuple(stems(heading[:200])),
        topics=topics[0],
        named=topics[1],
        start=start,
        body_start=body_start,
        end=end,
        passages=tuple(p for p in passages if p.stems and not _NUMBER_ALONE.fullmatch(text, p.start, p.end)),
    )


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A sentence without its list marks, in pieces of a readable length."""
    pieces: list[tuple[int, int]] = []
    marks = [match.start() for match in _NEXT_ITEM.finditer(text, start + 1, end)]
    bounds = [start, *marks, end]
    for first, last in pairwise(bounds):
        lead = _LEAD.match(text, first, last)
        first = lead.end() if lead else first
        if last - first > 4 * _LONGEST_WORDS:
            pieces.extend(_readable(text, first, last))
        elif first < last:
            pieces.append((first, last))
    return [(a, _rstrip(text, a, b)) for a, b in pieces if text[a:b].strip()]


def _joined(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Put what only announces ("Labs:", "DIAGNOSES,1.") together with what it announces."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and end - joined[-1][0] < 4 * _LONGEST_WORDS and _ANNOUNCES.search(text, *joined[-1]):
            start = joined.pop()[0]
        joined.append((start, end))
    return joined


def _readable(text: str, start: int, end: int) -> list[tuple[int, int]]:
    words = [match.span() for match in _WORDLIKE.finditer(text, start, end)]
    pieces: list[tuple[int, int]] = []
    first = 0
    while first < len(words):
        last = min(first + _LONGEST_WORDS, len(words))
        if last < len(words):
            commas = [i for i in range(last - 1, first + _LONGEST_WORDS // 3, -1) if text[words[i][1] - 1] in ",;:"]
            last = commas[0] + 1 if commas else last
        # a single endless word is cut too: nothing in a quote may grow with the report
        end = words[last - 1][1]
        pieces.extend((at, min(at + 2_000, end)) for at in range(words[first][0], end, 2_000))
        first = last
    return pieces


def _rstrip(text: str, start: int, end: int) -> int:
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",;"):
        end -= 1
    return end
