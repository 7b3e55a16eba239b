"""Endless training examples: a report out of the parts of notes, and one to four turns about it."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from assistant.generation.selection import NO_DIFFERENCE
from assistant.prompts.compact import compact_text
from assistant.schema import Mode
from assistant.sentences import split_sentences
from training.starter import questions
from training.starter.invented import invented_comparison, invented_turns
from training.starter.layouts import Written, write
from training.starter.notes import Note, Part
from training.starter.turns import Asker, Turn

_CHARACTERS = ((0.45, 900), (0.35, 1_400), (0.12, 1_800), (0.08, 3_000))
"""How long a report may be: share, characters. A word piece has about 3.7 of them."""
_COMPARED, _UNCHANGED, _REPLACED = 0.07, 0.1, 0.4
"""Shares: of the examples, those that compare; of these, those without a change; of the changes, those with a sentence before."""
_MOST_COMPARED = 600
_MOST_TURNS = 6
_LONG_ENOUGH_ALONE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A conversation: what the user says and what the model is to answer, in turn."""

    turns: tuple[tuple[str, str], ...] = field(repr=False)

    @property
    def characters(self) -> int:
        return sum(len(said) + len(answer) for said, answer in self.turns)


class Examples:
    """Draws examples from `notes`. Several turns about one report teach more for the same reading."""

    longest = max(size for _, size in _CHARACTERS)
    """Characters that a report may have at present: training begins with short ones."""

    def __init__(
        self, notes: Sequence[Note], rng: random.Random, *, most_turns: int = _MOST_TURNS, invented: float = 0.5
    ) -> None:
        """`invented`: the share of examples about invented reports."""
        self._notes, self._rng, self._most_turns, self._invented = notes, rng, most_turns, invented
        self._wordings: dict[str, list[str]] = {}
        for part in (part for note in notes for part in note.parts if part.named and len(part.heading) < 40):
            for topic in part.topics:
                self._wordings.setdefault(topic, []).append(part.heading)
        self._headings = sorted({part.heading for note in notes for part in note.parts if 3 < len(part.heading) < 40})
        self._words = _rare_words(notes)

    def __iter__(self) -> Iterator[Example]:
        while True:
            if self._rng.random() < self._invented and (example := self._invent()):
                yield example
                continue
            note = self._rng.choice(self._notes)
            room = self._rng.choices([size for _, size in _CHARACTERS], [share for share, _ in _CHARACTERS])[0]
            room = min(room, round(self.longest * self._rng.uniform(0.5, 1.0))) if room > self.longest else room
            compared = self._rng.random() < _COMPARED
            parts = fit(note.parts, room // 2 if compared else room, self._rng)
            if not parts:
                continue
            written = write(parts, self._rng, self._wordings)
            example = self._compare(written, note) if compared else self._ask(written)
            if example is not None:
                yield example

    def _invent(self) -> Example | None:
        if self._rng.random() < _COMPARED:
            compared = invented_comparison(self._rng, longest=self.longest)
            return _conversation(compared[0], compared[1], earlier=compared[2]) if compared else None
        asked = invented_turns(self._rng, longest=self.longest, most_turns=self._most_turns)
        return _conversation(*asked) if asked else None

    def _asker(self, written: Written) -> Asker:
        return Asker(written, self._rng, absent_words=self._words, headings=self._headings)

    def _ask(self, written: Written) -> Example | None:
        turns = self._asker(written).turns(self._rng.randint(min(2, self._most_turns), self._most_turns))
        return _conversation(turns, written.text) if turns else None

    def _compare(self, written: Written, note: Note) -> Example | None:
        """The earlier report lacks some sentences of this one and has others that this one lacks: new, then gone."""
        sentences = [n for n in range(len(written.sentences)) if written.says_something(n)]
        if len(sentences) < 4:
            return None
        changed = 0 if self._rng.random() < _UNCHANGED else self._rng.randint(1, 4)
        new = sorted(self._rng.sample(sentences, min(len(sentences) // 2, changed)))
        earlier, at = "", 0
        gone: list[str] = []
        for number in new:
            start, end = written.sentences[number]
            other = self._other_sentence(note) if self._rng.random() < _REPLACED else ""
            gone += [other] if other else []
            earlier += written.text[at:start] + other
            at = end
        earlier += written.text[at:]
        lines = tuple(dict.fromkeys([*(written.quote(number) for number in new), *gone])) or (NO_DIFFERENCE,)
        if sum(map(len, lines)) > _MOST_COMPARED:
            return None
        turn = Turn(mode=Mode.COMPARE, question=self._rng.choice(questions.COMPARE), lines=lines)
        more = self._asker(written).turns(self._rng.randint(0, 2))
        return _conversation([turn, *more], written.text, earlier=earlier)

    def _other_sentence(self, note: Note) -> str:
        body = self._rng.choice(self._rng.choice(self._notes).parts or note.parts).body
        sentences = [" ".join(body[a:b].split()) for a, b in split_sentences(body)]
        return next((one for one in sentences if one.endswith(".") and 20 < len(one) < 160), "")


def fit(parts: Sequence[Part], room: int, rng: random.Random) -> list[Part]:
    """Parts that fit `room` characters together, in their order; a long one loses its end."""
    chosen: dict[int, Part] = {}
    for number in rng.sample(range(len(parts)), len(parts)):
        part = parts[number]
        size = len(part.written)
        if size > room:
            if room < _LONG_ENOUGH_ALONE or (chosen and rng.random() < 0.7):
                continue
            part = _cut(part, room)
            size = len(part.written)
        chosen[number] = part
        room -= size
    return [chosen[number] for number in sorted(chosen)]


def _cut(part: Part, room: int) -> Part:
    end = part.written.rfind(". ", 0, room) + 1 or room
    head = len(part.written) - len(part.body)
    written = part.written[: max(end, head)].rstrip() + "\n\n"
    return Part(heading=part.heading, body=written[head:], written=written, topics=part.topics, named=part.named)


def _conversation(turns: Sequence[Turn], report: str, *, earlier: str = "") -> Example:
    said = [compact_text(turn.mode, turn.question, "") for turn in turns]
    said[0] = compact_text(turns[0].mode, turns[0].question, report.strip(), earlier=earlier.strip())
    return Example(turns=tuple((words, turn.answer) for words, turn in zip(said, turns, strict=True)))


def _rare_words(notes: Sequence[Note]) -> list[str]:
    """Words of five letters and more that stand in a few notes: what could be asked about and is mostly absent."""
    counts = Counter(
        word
        for note in notes
        for word in {
            word for part in note.parts for word in part.body.lower().split() if word.isalpha() and len(word) > 4
        }
    )
    return sorted(word for word, count in counts.items() if 2 <= count <= len(notes) // 8 + 2)
