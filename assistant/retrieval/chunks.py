"""A report's passages: the unit that is embedded, ranked and quoted."""

import math
import re
from collections.abc import Iterator

from assistant.schema import Chunk, Report, SectionKind
from assistant.sentences import split_sentences

_WORD = re.compile(r"\S+")


def chunk_report(report: Report, *, max_words: int) -> list[Chunk]:
    """Cut a report into passages of at most `max_words` words (runs of non-space), in order.

    A passage never crosses a section's border nor cuts a sentence, unless the sentence alone is longer. The passages
    of a section are about equally long, so that none is a leftover of three words. Headings are not part of the text:
    `indexed_text` puts them back for ranking.

    Returns:
        Chunks with `text == report.text[start:end]`. Together they hold every character of the sections' bodies but
        the white space between them.

    Raises:
        ValueError: If `max_words` is below 1.
    """
    if max_words < 1:
        raise ValueError(f"max_words must be 1 or more, not {max_words}")
    chunks: list[Chunk] = []
    for heading, kind, body_start, body_end in _bodies(report):
        for start, end in _passages(report.text, body_start, body_end, max_words):
            chunks.append(
                Chunk(
                    id=f"{report.id}#{len(chunks)}",
                    report_id=report.id,
                    heading=heading,
                    kind=kind,
                    start=start,
                    end=end,
                    text=report.text[start:end],
                )
            )
    return chunks


def indexed_text(chunk: Chunk) -> str:
    """What is ranked: the passage under its heading. "Denied." alone says nothing; "Allergies: Denied." does."""
    return f"{chunk.heading}: {chunk.text}" if chunk.heading else chunk.text


def _bodies(report: Report) -> Iterator[tuple[str, SectionKind, int, int]]:
    """Yield `(heading, kind, start, end)` of every stretch of text under one heading, the unheaded ones included."""
    position = 0
    for section in report.sections:
        if section.start > position:
            yield "", SectionKind.OTHER, position, section.start
        yield section.heading, section.kind, max(section.body_start, position), section.end
        position = max(position, section.end)
    if position < len(report.text):
        yield "", SectionKind.OTHER, position, len(report.text)


def _passages(text: str, start: int, end: int, max_words: int) -> Iterator[tuple[int, int]]:
    pieces = list(_pieces(text, start, end, max_words))
    total = sum(words for _, _, words in pieces)
    wanted = total / max(1, math.ceil(total / max_words))
    open_start, open_end, open_words = 0, 0, 0
    for piece_start, piece_end, words in pieces:
        if open_words and (open_words + words > max_words or open_words + words / 2 > wanted):
            yield open_start, open_end
            open_words = 0
        if not open_words:
            open_start = piece_start
        open_end = piece_end
        open_words += words
    if open_words:
        yield open_start, open_end


def _pieces(text: str, start: int, end: int, max_words: int) -> Iterator[tuple[int, int, int]]:
    """Yield `(start, end, words)` of each sentence; one that is too long comes in parts."""
    for from_, to in split_sentences(text[start:end]):
        words = [match.span() for match in _WORD.finditer(text, start + from_, start + to)]
        for first in range(0, len(words), max_words):
            part = words[first : first + max_words]
            yield part[0][0], part[-1][1], len(part)
