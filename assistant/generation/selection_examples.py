"""Quoting as clinicians corrected it: which kinds of lines they struck out of summaries of other reports, which they
added, and in which order they put them.

A correction is read as a choice among its report's passages, beside the choice that quoting makes there by itself. For
each kind of passage (the topic of its section, and whether it states something abnormal) that gives two rates: of quoted
ones kept, and of others added. What most corrections agree on is done to the quotes of the new report. Nothing but the
choice carries over; every line still quotes the report at hand.
"""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import mean

from assistant.generation.passages import Block, Passage
from assistant.generation.selection import Line, Material, distinct
from assistant.generation.selection_findings import OBJECTIVE
from assistant.generation.selection_summary import select_summary
from assistant.schema import Example

_LEAST_EXAMPLES = 2
"""One correction may be about its report; two that agree are about what the clinician wants."""
_DOUBT = 1
"""So many imagined corrections, which left everything as it was, are counted with the real ones."""
_READABLE = 0.6
"""Share of a correction's lines that must stand in its report; otherwise it was written freely, and shows no choice."""
_WORD = re.compile(r"\w+")
_FINDINGS = "findings"
_MIDDLE = 0.5
"""Where lines stand of which the corrections say nothing."""

_Kind = tuple[str, bool]
"""A topic, and whether the passage states something abnormal."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """What an accepted or corrected summary of a report shows, passage by passage."""

    quoted: Counter[_Kind] = field(default_factory=Counter)
    """Passages that quoting takes by itself."""
    struck: Counter[_Kind] = field(default_factory=Counter)
    unquoted: Counter[_Kind] = field(default_factory=Counter)
    added: Counter[_Kind] = field(default_factory=Counter)
    order: tuple[_Kind, ...] = ()
    """The kinds of its lines, first to last."""
    bare: int = 0
    """1 where it takes headings off the lines that quoting puts them before, -1 where it keeps them."""


def select_as_corrected(material: Material, examples: Sequence[Example]) -> list[Line]:
    """The lines that clinicians would keep, judged by `examples`; empty where these show no wish or nothing fits."""
    choices = [choice for choice in map(_choice, examples) if choice]
    if len(choices) < _LEAST_EXAMPLES:
        return []
    struck = _agreed((choice.struck, choice.quoted) for choice in choices)
    added = _agreed((choice.added, choice.unquoted) for choice in choices)
    bare = sum(choice.bare for choice in choices) > 0
    place = _places(choices)
    quotes = _quotes(material)
    taken = {passage for passages in quotes.values() for passage in passages}
    placed: list[tuple[float, Line]] = []
    for line, passages in quotes.items():
        kinds = {_kind(material, passage) for passage in passages}
        if not kinds <= struck:
            at = min((place.get(kind, _MIDDLE) for kind in kinds), default=_MIDDLE)
            placed.append((at, _bare(material, line, passages) if bare else line))
    room = max(len(choice.order) for choice in choices) - len(placed)
    for passage in material.passages:
        kind = _kind(material, passage)
        if passage not in taken and kind in added and room > 0:
            placed.append((place.get(kind, _MIDDLE), material.line(passage, heading=False)))
            room -= 1
    lines = [line for _, line in sorted(placed, key=lambda one: one[0])]
    return [] if lines == list(quotes) else distinct(lines)


def _choice(example: Example) -> _Choice | None:
    """`None` where the answer shows no choice of lines."""
    if example.report is None:
        return None
    material = Material(example.report.text, example.report.sections)
    plain = {passage: _plain(material.text[passage.start : passage.end]) for passage in material.passages}
    wanted = [words for line in example.answer.splitlines() if (words := _plain(line))]
    order: list[Passage] = []
    readable = 0
    for line in wanted:
        # A line may hold several passages, or a passage with its heading.
        held = sorted((line.find(words), p.start, p) for p, words in plain.items() if words and words in line)
        readable += bool(held)
        order += [passage for _, _, passage in held]
    if not wanted or readable < _READABLE * len(wanted):
        return None
    quotes, chosen = _quotes(material), set(order)
    taken = {passage for passages in quotes.values() for passage in passages}
    headed = [line for line, passages in quotes.items() if set(passages) & chosen and line.start < passages[0].start]
    choice = _Choice(
        order=tuple(_kind(material, passage) for passage in order),
        bare=(-1 if any(_plain(line.text) in one for line in headed for one in wanted) else 1) if headed else 0,
    )
    for passage in material.passages:
        kind = _kind(material, passage)
        if passage in taken:
            choice.quoted[kind] += 1
            choice.struck[kind] += passage not in chosen
        else:
            choice.unquoted[kind] += 1
            choice.added[kind] += passage in chosen
    return choice


def _quotes(material: Material) -> dict[Line, list[Passage]]:
    """The lines that quoting takes by itself → the passages they are of."""
    return {
        line: [passage for passage in material.passages if line.start < passage.end and passage.start < line.end]
        for line in select_summary(material)
        if line.start >= 0
    }


def _bare(material: Material, line: Line, passages: Sequence[Passage]) -> Line:
    """Without its heading."""
    return material.line(passages[0], heading=False) if passages and line.start < passages[0].start else line


def _agreed(corrections: Iterable[tuple[Counter[_Kind], Counter[_Kind]]]) -> set[_Kind]:
    """The kinds of passages to which it was done more often than not, by how many it was done to and might have been."""
    share: dict[_Kind, list[float]] = defaultdict(list)
    for done, possible in corrections:
        for kind, count in possible.items():
            share[kind].append(done[kind] / count)
    return {kind for kind, shares in share.items() if sum(shares) > 0.5 * (len(shares) + _DOUBT)}


def _places(choices: Sequence[_Choice]) -> dict[_Kind, float]:
    """The mean rank of each kind among the lines, 0 first to 1 last."""
    places: dict[_Kind, list[float]] = defaultdict(list)
    for choice in choices:
        for rank, kind in enumerate(choice.order):
            places[kind].append(rank / len(choice.order))
    return {kind: mean(ranks) for kind, ranks in places.items()}


def _kind(material: Material, passage: Passage) -> _Kind:
    topic = _topic(material.block_of(passage))
    marks = material.abnormal_starts
    at = bisect_left(marks, passage.start)
    # Elsewhere it tells nothing: a diagnosis is abnormal by nature, a plan for one too.
    return topic, topic == _FINDINGS and at < len(marks) and marks[at] < passage.end


def _topic(block: Block) -> str:
    """Findings go by many headings (chest film, examination, laboratory) and are one topic here."""
    if block.topics & OBJECTIVE:
        return _FINDINGS
    return min(block.topics, default="")


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))
