"""The abnormal findings of a report, quoted."""

import re
from bisect import bisect_right

from assistant.generation.passages import Block, Passage, quote
from assistant.generation.selection import NOTHING_ABNORMAL, Line, Material, distinct
from assistant.generation.topics import is_early
from assistant.reading.findings import ABNORMAL, NAMES_DEVICE, UNCERTAIN, WITHIN_RANGE, Finding

OBJECTIVE = frozenset({"examination", "vital signs", "laboratory", "imaging", "findings"})
_CONCLUDING = frozenset({"diagnosis"})
_SUBJECTIVE = frozenset({"symptoms", "complaint", "present illness"})
_HANDLING = re.compile(
    r"\b(?:advanced|exchanged|inserted|removed|sutured|parked|introduced|withdrawn|closed|performed|prepped|flushed|irrigated)\b",
    re.IGNORECASE,
)
_MAX_LINES = 40
_SHORT_WORDS, _TINY_WORDS = 28, 4
"""A sentence up to this length is quoted whole, so that its clause keeps its side, place and time."""


def select_abnormal(material: Material, *, max_lines: int = _MAX_LINES) -> list[Line]:
    """Every abnormal finding or value, in the report's order; what was examined first, complaints only without any.

    Denied and normal findings are left out. `NOTHING_ABNORMAL` where nothing is left.
    """
    examined = any(block.topics & OBJECTIVE for block in material.blocks)
    first = OBJECTIVE | _CONCLUDING if examined else OBJECTIVE | _CONCLUDING | _SUBJECTIVE
    lines = abnormal_lines(material, topics=first)
    if not lines and not any(block.topics & first for block in material.blocks):
        lines = abnormal_lines(material, topics=None)
    if lines:
        return lines[:max_lines]
    return [Line(text=NOTHING_ABNORMAL)]


def abnormal_lines(material: Material, *, topics: frozenset[str] | None) -> list[Line]:
    """Quote the abnormal clauses in blocks about `topics`; `None` takes the blocks that are about nothing known."""
    starts = [block.start for block in material.blocks]
    by_passage: dict[tuple[int, int], list[Finding]] = {}
    places: dict[tuple[int, int], tuple[Block, Passage]] = {}
    lists: set[tuple[int, int]] = set()
    for finding in material.findings:
        number = bisect_right(starts, finding.start) - 1
        if number < 0:
            continue
        block = material.blocks[number]
        if not _wanted(block, topics) or _is_handling(material, block, finding):
            continue
        passage = _passage_at(block, finding.start)
        if passage is None:
            continue
        key = (passage.start, passage.end)
        places[key] = (block, passage)
        if finding.label in {ABNORMAL, UNCERTAIN}:
            by_passage.setdefault(key, []).append(finding)
        elif finding.reason == WITHIN_RANGE:
            lists.add(key)  # of values, of which only some are out of range
    lines: list[Line] = []
    for key, found in sorted(by_passage.items()):
        block, passage = places[key]
        if len(passage.stems) <= (_TINY_WORDS if key in lists else _SHORT_WORDS):
            lines.append(material.line(passage, heading=len(passage.stems) <= 4))
        else:
            lines.extend(_clauses(material, passage, found))
    return distinct(lines)


def _is_handling(material: Material, block: Block, finding: Finding) -> bool:
    """Hardware in use during an operation is no finding; hardware seen on a film is."""
    if finding.reason != NAMES_DEVICE:
        return False
    return "procedure" in block.topics or bool(_HANDLING.search(material.text, finding.start, finding.end))


def _clauses(material: Material, passage: Passage, found: list[Finding]) -> list[Line]:
    """A line for each clause; neighbours with nothing but a comma between them share one."""
    spans: list[list[int]] = []
    for finding in found:
        start = max(finding.start, passage.start)
        if spans and not material.text[spans[-1][1] : start].strip(" ,;\n"):
            spans[-1][1] = finding.end
        else:
            spans.append([start, finding.end])
    return [Line(text=quote(material.text, start, end), start=start, end=end) for start, end in spans]


def _wanted(block: Block, topics: frozenset[str] | None) -> bool:
    if is_early(block.heading):
        return False
    if topics is None:
        return not block.topics & {"family", "allergies", "medications", "social", "plan", "procedure"}
    return bool(block.topics & topics)


def _passage_at(block: Block, offset: int) -> Passage | None:
    """The passage that holds `offset`, or the next one: a list mark before a passage belongs to it."""
    index = bisect_right(block.passages, offset, key=lambda p: p.end)
    return block.passages[index] if index < len(block.passages) else None
