"""What is new, gone or changed between two reports, in quotes from both."""

import math
import re
from bisect import bisect_left
from collections import defaultdict

from assistant.generation.passages import Passage, quote
from assistant.generation.selection import BEFORE, GONE, NEW, NO_DIFFERENCE, NOW, Line, Material
from assistant.reading.values import Measurement, find_measurements

_ALIKE = 0.45
"""Cosine from which one passage is another version of the other."""
_ALWAYS_TOLD = frozenset({"diagnosis", "medications", "plan", "allergies"})
_FIRST = ("diagnosis", "findings", "imaging", "laboratory", "vital signs", "examination", "medications", "plan")
_MAX_PAIRS, _MAX_NEW, _MAX_GONE = 10, 8, 6
_POSTING_LIMIT = 60
"""Passages looked at per word: a word in more of them tells none apart, and this keeps the matching linear."""
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\d.]*[- ]years?[- ]old)")


def select_changes(now: Material, before: Material, *, breadth: int = 1) -> list[Line]:
    """Lines labelled `New:` for what has no counterpart, `Now:`/`Before:` for what changed, `No longer stated:`.

    Diagnoses that came and went stand first, then what changed, then the rest.
    """
    pairs, told_now, told_before = _changed_values(now, before)
    matches = _match(now, before)
    matched_before = {old.start for old in matches.values()}
    fresh: list[Passage] = []
    for passage in now.passages:
        old = matches.get(passage.start)
        if _overlaps(passage, told_now):
            continue
        if old is None:
            fresh.append(passage)
        elif _numbers(now, passage) != _numbers(before, old) or _is_abnormal(now, passage) != _is_abnormal(before, old):
            pairs += [_line(now, passage, NOW), _line(before, old, BEFORE)]
    gone = [p for p in before.passages if p.start not in matched_before and not _overlaps(p, told_before)]
    fresh = _weighty(now, fresh)[: _MAX_NEW * breadth]
    gone = _weighty(before, gone)[: _MAX_GONE * breadth]

    def unpaired(*, diagnoses: bool) -> list[Line]:
        sides = ((now, fresh, NEW), (before, gone, GONE))
        return [_line(m, p, label) for m, side, label in sides for p in side if _concludes(m, p) is diagnoses]

    lines = unpaired(diagnoses=True) + pairs[: 2 * _MAX_PAIRS * breadth] + unpaired(diagnoses=False)
    return lines or [Line(text=NO_DIFFERENCE)]


def _changed_values(now: Material, before: Material) -> tuple[list[Line], list[Measurement], list[Measurement]]:
    """The last value of each quantity in both reports, where they differ; and all measurements with a counterpart."""
    current, earlier = _last(find_measurements(now.text)), _last(find_measurements(before.text))
    lines: list[Line] = []
    for name in sorted(current.keys() & earlier.keys(), key=lambda n: current[n].start):
        new, old = current[name], earlier[name]
        if new.value != old.value:
            lines.append(Line(text=quote(now.text, new.start, new.end), label=NOW, start=new.start, end=new.end))
            lines.append(Line(text=quote(before.text, old.start, old.end), label=BEFORE, start=old.start, end=old.end))
    shared = current.keys() & earlier.keys()
    return lines, [current[name] for name in shared], [earlier[name] for name in shared]


def _last(measurements: list[Measurement]) -> dict[str, Measurement]:
    return {measurement.name: measurement for measurement in measurements}


def _match(now: Material, before: Material) -> dict[int, Passage]:
    """By the start of a passage of `now`, its counterpart in `before`: the most alike first, each used once."""
    found: dict[int, Passage] = {}
    old_passages = before.passages
    word_for_word = {passage.stems: passage for passage in reversed(old_passages)}
    postings: defaultdict[str, list[int]] = defaultdict(list)
    for number, passage in enumerate(old_passages):
        for word in _words(passage):
            postings[word].append(number)
    total = len(old_passages) + 1
    weight = {word: math.log1p(total / len(numbers)) ** 2 for word, numbers in postings.items()}
    unseen = math.log1p(total) ** 2

    def length(passage: Passage) -> float:
        return math.sqrt(sum(weight.get(word, unseen) for word in _words(passage))) or 1.0

    lengths = [length(passage) for passage in old_passages]
    alike: list[tuple[float, int, int]] = []
    for passage in now.passages:
        if passage.stems in word_for_word:
            found[passage.start] = word_for_word[passage.stems]
            continue
        scores: defaultdict[int, float] = defaultdict(float)
        for word in _words(passage):
            for number in postings.get(word, [])[:_POSTING_LIMIT]:
                scores[number] += weight[word]
        own = length(passage)
        alike += [
            (score / own / lengths[n], passage.start, n)
            for n, score in scores.items()
            if score >= _ALIKE * own * lengths[n]
        ]
    used = {passage.start for passage in found.values()}
    for _, start, number in sorted(alike, key=lambda entry: (-entry[0], entry[1], entry[2])):
        if start not in found and old_passages[number].start not in used:
            found[start] = old_passages[number]
            used.add(old_passages[number].start)
    return found


def _words(passage: Passage) -> set[str]:
    return {word for word in passage.content if not word[0].isdigit()} or set(passage.stems)


def _numbers(material: Material, passage: Passage) -> list[str]:
    return _NUMBER.findall(material.text, passage.start, passage.end)


def _is_abnormal(material: Material, passage: Passage) -> bool:
    marks = material.abnormal_starts
    at = bisect_left(marks, passage.start)
    return at < len(marks) and marks[at] < passage.end


def _concludes(material: Material, passage: Passage) -> bool:
    return "diagnosis" in material.block_of(passage).topics


def _overlaps(passage: Passage, measurements: list[Measurement]) -> bool:
    return any(passage.start <= m.start < passage.end for m in measurements)


def _weighty(material: Material, passages: list[Passage]) -> list[Passage]:
    """What matters to a reader, first things first: abnormal findings and the sections that conclude or treat."""

    def rank(passage: Passage) -> tuple[int, int]:
        topics = material.block_of(passage).topics
        return next((i for i, topic in enumerate(_FIRST) if topic in topics), len(_FIRST)), passage.start

    kept = [p for p in passages if _is_abnormal(material, p) or material.block_of(p).topics & _ALWAYS_TOLD]
    return sorted(kept or [p for p in passages if len(p.stems) >= 4], key=rank)


def _line(material: Material, passage: Passage, label: str) -> Line:
    return Line(
        text=quote(material.text, passage.start, passage.end), label=label, start=passage.start, end=passage.end
    )
