"""A short summary in the order a clinician reads: conclusion, what is abnormal, why the patient came, what is planned."""

import math
import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from assistant.generation.passages import Block, Passage
from assistant.generation.selection import Line, Material, distinct, within
from assistant.generation.selection_findings import OBJECTIVE, abnormal_lines
from assistant.generation.topics import is_early

_PRIOR = {
    "diagnosis": 1.6, "findings": 1.9, "complaint": 1.2, "imaging": 1.1, "laboratory": 1.0, "course": 1.05, "procedure": 0.4,
    "plan": 0.9, "present illness": 1.1, "examination": 1.0, "symptoms": 0.6, "vital signs": 0.6, "medical history": 0.9,
    "surgical history": 0.6, "medications": 0.5, "social": 0.3, "family": 0.3, "allergies": 0.4,
}  # fmt: skip
"""What a section's sentences are worth when no conclusion is stated; tuned on two thirds of the notes of the bench."""


_TALK = re.compile(
    r"\b(?:discuss(?:ed|ion)|explained|understands?|agrees?|agreed|consent|questions|counsel?led|informed|thank)\b",
    re.IGNORECASE,
)
_ABNORMAL_BONUS = 1.7
_SHORT_BLOCK_WORDS = 60
_MIN_WORDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much each part of a summary may take: words and lines."""

    conclusion: tuple[int, int] = (80, 7)
    procedure: tuple[int, int] = (20, 1)
    abnormal: tuple[int, int] = (30, 2)
    reason: tuple[int, int] = (25, 1)
    central: tuple[int, int] = (45, 2)
    plan: tuple[int, int] = (25, 2)


def select_summary(material: Material, *, breadth: int = 1, budget: Budget = Budget()) -> list[Line]:
    """Lines of a summary. `breadth` 2 and up gives a longer one. Empty only for a report without words."""

    def fit(lines: list[Line], part: tuple[int, int]) -> list[Line]:
        return within(distinct(lines), max_words=part[0] * breadth, max_lines=part[1] * breadth)

    conclusion = _conclusion(material)
    lines = fit([line for block in conclusion for line in _quotes(material, block)], budget.conclusion)
    if conclusion:
        done = fit(_procedure(material), budget.procedure)
        lines += done + fit(_abnormal(material), budget.abnormal)
        # What was done tells why the patient came.
        lines += [] if done else fit(_reason(material), budget.reason)
    else:
        done = fit(_procedure(material), budget.procedure)
        lines += fit(_reason(material), budget.reason) + done
        most = budget.central[1] - bool(done)  # the account of an operation has few sentences that sum it up
        lines += central_lines(material, max_words=budget.central[0] * breadth, max_lines=most * breadth)
    lines += fit(_plan(material, conclusion), budget.plan)
    return distinct(lines)


def central_lines(material: Material, *, max_words: int, max_lines: int) -> list[Line]:
    """The sentences nearest to what the whole report is about, in the report's order.

    Nearness is the cosine to the report's centroid (log term frequencies), weighted by the section and by whether the
    sentence states something abnormal; each choice makes sentences that repeat it less welcome. Linear in the report,
    unlike the pairwise centrality of LexRank (Erkan & Radev 2004), whose order it follows closely.
    """
    telling = [p for p in material.passages if material.tells(p)] or material.passages
    passages = [p for p in telling if len(p.stems) >= _MIN_WORDS] or telling
    counts = Counter(word for passage in passages for word in set(passage.content) if not word.isdigit())
    weight = {word: math.log1p(count) for word, count in counts.items() if count > 1 or len(passages) < 8}
    marks = material.abnormal_starts
    scored = sorted(
        (
            (_centrality(passage, weight) * _worth(material.block_of(passage), passage, marks), passage)
            for passage in passages
        ),
        key=lambda pair: (-pair[0], pair[1].start),
    )
    chosen: list[Passage] = []
    words: set[str] = set()
    total = 0
    for _, passage in islice(scored, 200):
        content = set(passage.content)
        if len(chosen) >= max_lines or not content:
            break
        if len(content & words) > 0.6 * len(content) or (chosen and total + len(passage.stems) > max_words):
            continue
        chosen.append(passage)
        words |= content
        total += len(passage.stems)
    return [material.line(passage) for passage in sorted(chosen, key=lambda p: p.start)]


def _centrality(passage: Passage, weight: dict[str, float]) -> float:
    content = set(passage.content)
    return sum(weight.get(word, 0.0) for word in content) / math.sqrt(len(content) + 6) if content else 0.0


def _worth(block: Block, passage: Passage, marks: list[int]) -> float:
    worth = max((_PRIOR.get(topic, 1.0) for topic in block.topics), default=1.0)
    at = bisect_left(marks, passage.start)
    return worth * (_ABNORMAL_BONUS if at < len(marks) and marks[at] < passage.end else 1.0)


def _conclusion(material: Material) -> list[Block]:
    """The blocks that conclude; what was thought before the operation or on admission only where nothing came after."""
    blocks = material.about("diagnosis")
    return [block for block in blocks if not is_early(block.heading)] or blocks


def _quotes(material: Material, block: Block) -> list[Line]:
    return [material.line(passage) for passage in block.passages if material.tells(passage)]


def _procedure(material: Material) -> list[Line]:
    """What was done, where a short section says it; the long account of how is left to a question."""
    for block in material.about("procedure"):
        if sum(len(passage.stems) for passage in block.passages) <= _SHORT_BLOCK_WORDS:
            return _quotes(material, block)
    return []


def _reason(material: Material) -> list[Line]:
    for block in material.about("complaint"):
        return _quotes(material, block)
    for block in material.about("present illness", "symptoms"):
        return [material.line(block.passages[0])]
    return []


def _abnormal(material: Material) -> list[Line]:
    return abnormal_lines(material, topics=OBJECTIVE)


def _plan(material: Material, conclusion: list[Block]) -> list[Line]:
    """What is to be done; what was talked over with whom only where nothing else is planned."""
    blocks = [block for block in material.about("plan") if block not in conclusion]
    passages = [p for block in blocks for p in islice(block.passages, 12) if material.tells(p)]
    acts = [passage for passage in passages if not _TALK.search(material.text, passage.start, passage.end)]
    return [material.line(passage) for passage in acts or passages]
