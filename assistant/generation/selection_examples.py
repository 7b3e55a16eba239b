"""Quoting as clinicians corrected it: which kinds of lines they kept in summaries of other reports, and in which order.

A correction is read as a choice of lines: each line of it that stands in its report tells the topic of its section and
whether it states something abnormal. What most corrections agree on is looked up in the new report. Nothing but the
choice carries over; every line still quotes the report at hand.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import mean, median_high

from assistant.generation.passages import Block, Passage
from assistant.generation.selection import Line, Material, distinct
from assistant.generation.selection_findings import OBJECTIVE
from assistant.schema import Example

_LEAST_EXAMPLES = 2
"""One correction may be about its report; two that agree are about what the clinician wants."""
_AGREEING = 0.5
_READABLE = 0.6
"""Share of a correction's lines that must stand in its report; otherwise it was written freely, and shows no choice."""
_WORD = re.compile(r"\w+")
_FINDINGS = "findings"

_Kind = tuple[str, bool]
"""A topic, and whether the line states something abnormal."""


@dataclass(frozen=True, slots=True)
class _Wish:
    kind: _Kind
    place: float
    """Mean rank among the lines, 0 first to 1 last."""
    most: int
    """Lines of this kind that a correction usually keeps."""


def select_as_corrected(material: Material, examples: Sequence[Example]) -> list[Line]:
    """The lines that clinicians would keep, judged by `examples`; empty where these do not agree or nothing fits."""
    choices = [choice for choice in map(_choice, examples) if choice]
    if len(choices) < _LEAST_EXAMPLES:
        return []
    lines: list[Line] = []
    by_kind: dict[_Kind, list[Passage]] = {}
    for kind, passage in _kinds(material):
        by_kind.setdefault(kind, []).append(passage)
    for wish in _wishes(choices):
        lines += [material.line(passage, heading=False) for passage in by_kind.get(wish.kind, [])[: wish.most]]
    return distinct(lines)


def _choice(example: Example) -> list[_Kind]:
    """The kinds of an accepted answer's lines, in its order; empty where it shows no choice of lines."""
    if example.report is None:
        return []
    material = Material(example.report.text, example.report.sections)
    kinds = {_plain(example.report.text[p.start : p.end]): kind for kind, p in _kinds(material)}
    wanted = [plain for line in example.answer.splitlines() if (plain := _plain(line))]
    found: list[_Kind] = []
    readable = 0
    for line in wanted:
        # A line may hold several passages, or a passage with its heading.
        held = [(line.find(text), kind) for text, kind in kinds.items() if text and text in line]
        readable += bool(held)
        found += [kind for _, kind in sorted(held)]
    return found if wanted and readable >= _READABLE * len(wanted) else []


def _kinds(material: Material) -> Iterator[tuple[_Kind, Passage]]:
    marks = material.abnormal_starts
    for block in material.blocks:
        topic = _topic(block)
        for passage in block.passages:
            at = bisect_left(marks, passage.start)
            # Elsewhere it tells nothing: a diagnosis is abnormal by nature, a plan for one too.
            abnormal = topic == _FINDINGS and at < len(marks) and marks[at] < passage.end
            yield (topic, abnormal), passage


def _topic(block: Block) -> str:
    """Findings go by many headings (chest film, examination, laboratory) and are one topic here."""
    if block.topics & OBJECTIVE:
        return _FINDINGS
    return min(block.topics, default="")


def _wishes(choices: Sequence[Sequence[_Kind]]) -> list[_Wish]:
    wishes: list[_Wish] = []
    for kind in {kind for choice in choices for kind in choice}:
        holding = [choice for choice in choices if kind in choice]
        if len(holding) < max(_LEAST_EXAMPLES, _AGREEING * len(choices)):
            continue
        places = [choice.index(kind) / len(choice) for choice in holding]
        wishes.append(_Wish(kind, mean(places), median_high(choice.count(kind) for choice in holding)))
    return sorted(wishes, key=lambda wish: (wish.place, wish.kind))


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))
