"""Which accepted and corrected answers come back as examples: to the same kind of question, the clinician's own first,
then by how alike the reports are. Pure.

Likeness is the cosine of word stems weighted by how rare they are among what is remembered; the question and the
opening of the report's diagnosis count. It costs microseconds an example, so that the first word of an answer does not
wait for it.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from assistant.chat import about
from assistant.generation.words import content_stems
from assistant.schema import Example, Mode, Report

_ALIKE_QUESTIONS = 0.5
"""Questions that share less than this (by weight) ask something else, and their answers are no examples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """An answer that somebody accepted or corrected."""

    turn_id: int
    key: str
    """What was said, as in `feedback.items`."""
    rater: str
    mode: Mode
    question: str = field(repr=False)
    answer: str = field(repr=False)
    given_at: datetime
    corrected: bool
    report: Report | None


class Memory:
    """What is remembered, with the words of each worked out once."""

    def __init__(self, remembered: Sequence[Remembered]) -> None:
        self._remembered = tuple(remembered)
        self._questions = [Counter(content_stems(one.question)) for one in self._remembered]
        self._reports = [Counter(content_stems(about(one.report))) for one in self._remembered]
        self._rarity = _rarity([*self._questions, *self._reports])

    def __len__(self) -> int:
        return len(self._remembered)

    def recall(
        self, *, mode: Mode, question: str, report: Report | None, rater: str, limit: int
    ) -> tuple[Example, ...]:
        """At most `limit` examples, best first; never one about the same report, which would be the answer itself."""
        asked, case = Counter(content_stems(question)), Counter(content_stems(about(report)))
        ranked: list[tuple[bool, float, datetime, Remembered]] = []
        for one, words, about_it in zip(self._remembered, self._questions, self._reports, strict=True):
            if one.mode is not mode or (report is not None and one.report is not None and one.report.id == report.id):
                continue
            if mode is Mode.QUESTION and self._alike(asked, words) < _ALIKE_QUESTIONS:
                continue
            ranked.append((one.rater == rater, self._alike(case, about_it), one.given_at, one))
        ranked.sort(key=lambda entry: entry[:3], reverse=True)
        return tuple(_example(one, own=own) for own, _, _, one in ranked[:limit])

    def _alike(self, one: Counter[str], other: Counter[str]) -> float:
        """Cosine, 0 to 1."""
        shared = sum(self._weight(one, word) * self._weight(other, word) for word in one.keys() & other.keys())
        return shared / (self._norm(one) * self._norm(other)) if shared else 0.0

    def _norm(self, words: Counter[str]) -> float:
        return math.sqrt(sum(self._weight(words, word) ** 2 for word in words))

    def _weight(self, words: Counter[str], word: str) -> float:
        return (1 + math.log(words[word])) * self._rarity.get(word, self._rarity[""])


def _rarity(texts: Sequence[Counter[str]]) -> Mapping[str, float]:
    """Inverse document frequency; under `""` that of a word never seen."""
    held = Counter(word for words in texts for word in words)
    return {"": math.log(1 + len(texts))} | {word: math.log(1 + len(texts) / count) for word, count in held.items()}


def _example(one: Remembered, *, own: bool) -> Example:
    return Example(
        turn_id=one.turn_id,
        key=one.key,
        question=one.question,
        answer=one.answer,
        given_at=one.given_at,
        own=own,
        corrected=one.corrected,
        report=one.report,
    )
