"""What is new, gone or changed between two reports, in quotes from both."""

import math
import re
from bisect import bisect_left
from collections import Counter, defaultdict

from assistant.generation.passages import Passage, quote
from assistant.generation.selection import BEFORE, GONE, NEW, NO_DIFFERENCE, NOW, Line, Material
from assistant.reading.findings import ABNORMAL, UNCERTAIN
from assistant.reading.values import Measurement, find_measurements

_SAME, _ALIKE = 0.85, 0.4
"""Cosine from which two passages say the same, and from which one is another version of the other."""
_WORTH = frozenset({"diagnosis", "findings", "medications", "laboratory", "imaging", "plan", "allergies", "procedure",
                    "examination", "vital signs", "symptoms", "present illness", "complaint", "course"})  # fmt: skip
_FIRST = ("diagnosis", "findings", "imaging", "laboratory", "vital signs", "examination", "medications", "plan")
_MAX_PAIRS, _MAX_NEW, _MAX_GONE = 10, 8, 6
_POSTING_LIMIT = 200
"""Passages looked at per word: a word in more of them tells none apart, and this keeps the matching linear."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def select_changes(now: Material, before: Material, *, breadth: int = 1) -> list[Line]:
    """Lines labelled `Now:`/`Before:` for what changed, `New:` and `No longer stated:` for what has no counterpart."""
    changed, told_now, told_before = _changed_values(now, before)
    matches = _match(now, before)
    back = {id(old): score for old, score in matches.values() if old is not None}
    pairs, fresh = list(changed), []
    for passage in now.passages:
        old, score = matches.get(id(passage), (None, 0.0))
        if old is not None and score >= _ALIKE:
            if _numbers_differ(now, passage, before, old) and not _overlaps(passage, told_now):
                pairs += [_line(now, passage, NOW), _line(before, old, BEFORE)]
        elif not _overlaps(passage, told_now):
            fresh.append(passage)
    gone = [p for p in before.passages if id(p) not in back and not _overlaps(p, told_before)]
    lines = pairs[: 2 * _MAX_PAIRS * breadth]
    lines += [_line(now, p, NEW) for p in _weighty(now, fresh)[: _MAX_NEW * breadth]]
    lines += [_line(before, p, GONE) for p in _weighty(before, gone)[: _MAX_GONE * breadth]]
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


def _match(now: Material, before: Material) -> dict[int, tuple[Passage | None, float]]:
    """For each passage of `now` (by identity) its nearest one of `before` and their cosine."""
    old_passages = before.passages
    postings: defaultdict[str, list[int]] = defaultdict(list)
    spread: Counter[str] = Counter()
    vectors: list[set[str]] = []
    for number, passage in enumerate(old_passages):
        words = _words(passage)
        vectors.append(words)
        spread.update(words)
        for word in words:
            postings[word].append(number)
    total = len(old_passages) + 1
    weight = {word: math.log1p(total / count) ** 2 for word, count in spread.items()}
    default = math.log1p(total) ** 2
    lengths = [math.sqrt(sum(weight[word] for word in words)) for words in vectors]
    found: dict[int, tuple[Passage | None, float]] = {}
    for passage in now.passages:
        words = _words(passage)
        length = math.sqrt(sum(weight.get(word, default) for word in words))
        scores: defaultdict[int, float] = defaultdict(float)
        for word in words:
            for number in postings.get(word, [])[:_POSTING_LIMIT]:
                scores[number] += weight[word]
        if scores and length:
            number, score = max(scores.items(), key=lambda pair: pair[1] / (lengths[pair[0]] or 1))
            found[id(passage)] = (old_passages[number], score / (length * (lengths[number] or 1)))
    return {key: value for key, value in found.items() if value[1] >= _ALIKE}


def _words(passage: Passage) -> set[str]:
    return {word for word in passage.content if not word[0].isdigit()} or set(passage.stems)


def _numbers_differ(now: Material, new: Passage, before: Material, old: Passage) -> bool:
    return _NUMBER.findall(now.text, new.start, new.end) != _NUMBER.findall(before.text, old.start, old.end)


def _overlaps(passage: Passage, measurements: list[Measurement]) -> bool:
    return any(passage.start <= m.start < passage.end for m in measurements)


def _weighty(material: Material, passages: list[Passage]) -> list[Passage]:
    """What matters to a reader, first things first: abnormal findings and the sections that conclude or treat."""
    marks = sorted(f.start for f in material.findings if f.label in {ABNORMAL, UNCERTAIN})

    def rank(passage: Passage) -> tuple[int, int]:
        topics = material.block_of(passage).topics
        place = next((i for i, topic in enumerate(_FIRST) if topic in topics), len(_FIRST))
        return place, passage.start

    kept = []
    for passage in passages:
        at = bisect_left(marks, passage.start)
        abnormal = at < len(marks) and marks[at] < passage.end
        topics = material.block_of(passage).topics
        if abnormal or topics & {"diagnosis", "medications", "plan", "allergies"}:
            kept.append(passage)
    return sorted(kept or [p for p in passages if len(p.stems) >= 4], key=rank)


def _line(material: Material, passage: Passage, label: str) -> Line:
    return Line(
        text=quote(material.text, passage.start, passage.end), label=label, start=passage.start, end=passage.end
    )
