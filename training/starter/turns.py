"""Questions about a written report, each with the sentences that answer it: what the model is to learn."""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from assistant.generation.quoting import select
from assistant.generation.selection import NOT_STATED, NOTHING_ABNORMAL
from assistant.generation.topics import evidence, is_early
from assistant.reading.values import find_measurements
from assistant.schema import Mode, Prompt, Report
from training.starter import questions
from training.starter.layouts import Written

_MOST_SENTENCES = 8
_MOST_CHARACTERS = 600
"""About 150 word pieces."""
_WORD = re.compile(r"[a-z]{5,18}")
_COMMON = frozenset(
    "patient which there their other after before where while would could should about these those being under without "
    "history normal right reveals showed noted state states stated since during between within".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    mode: Mode
    question: str
    lines: tuple[str, ...] = field(repr=False)

    @property
    def answer(self) -> str:
        return "\n".join(self.lines)


class Asker:
    """Asks about one report. Every answer's lines are whole sentences of it, none twice, or the fixed phrase alone."""

    def __init__(self, written: Written, rng: random.Random, *, absent_words: Sequence[str], headings: Sequence[str]):
        self._written, self._rng = written, rng
        self._absent_words, self._headings = absent_words, headings
        self._numbers = [n for n in range(len(written.sentences)) if written.says_something(n)]

    def turns(self, count: int) -> list[Turn]:
        """Up to `count` turns with different answers."""
        kinds: list[tuple[float, Callable[[], Turn | None]]] = [
            (0.34, self._topic),
            (0.08, self._heading),
            (0.16, self._one_thing),
            (0.05, self._value),
            (0.13, self._summary),
            (0.05, self._styled_summary),
            (0.09, self._abnormal),
            (0.10, self._missing),
        ]
        weights = [weight for weight, _ in kinds]
        found: list[Turn] = []
        for _ in range(count * 4):
            if len(found) == count:
                break
            (_, ask), *_ = self._rng.choices(kinds, weights)
            turn = ask()
            if turn and all(turn.question != other.question and turn.lines != other.lines for other in found):
                found.append(turn)
        return found

    def _topic(self) -> Turn | None:
        topics = sorted(
            {topic for part, *_ in self._written.parts if part.named for topic in part.topics}
            & questions.BY_TOPIC.keys()
        )
        if not topics:
            return self._one_thing()
        topic = self._rng.choice(topics)
        return self._ask(Mode.QUESTION, questions.BY_TOPIC[topic], self._about(topic))

    def _heading(self) -> Turn | None:
        places = [place for place in self._written.parts if place[0].heading]
        if not places:
            return None
        part, start, _, end = self._rng.choice(places)
        heading = part.heading if self._rng.random() < 0.3 else part.heading.lower()
        return self._ask(Mode.QUESTION, questions.BY_HEADING, self._between(start, end), heading)

    def _one_thing(self) -> Turn | None:
        if not self._numbers:
            return None
        words = _content(self._written.quote(self._rng.choice(self._numbers)))
        if not words:
            return None
        word = self._rng.choice(words)
        pattern = re.compile(rf"\b{word}\b", re.IGNORECASE)
        numbers = [n for n in self._numbers if pattern.search(self._written.quote(n))]
        return self._ask(Mode.QUESTION, questions.ABOUT_ONE_THING, numbers[:3], word) if len(numbers) < 6 else None

    def _value(self) -> Turn | None:
        measured = find_measurements(self._written.text)
        if not measured:
            return None
        one = self._rng.choice(measured)
        return self._ask(Mode.QUESTION, questions.ABOUT_A_VALUE, self._holding(one.start), one.name)

    def _summary(self) -> Turn | None:
        conclusion = self._conclusion()[:4]
        rest = self._selected(Mode.SUMMARIZE)
        numbers = list(dict.fromkeys([*conclusion, *(rest if len(conclusion) < 2 else rest[:3])]))
        return self._ask(Mode.SUMMARIZE, questions.SUMMARY, numbers)

    def _styled_summary(self) -> Turn | None:
        style, wordings = self._rng.choice(sorted(questions.SUMMARY_IN_STYLE.items()))
        conclusion = self._conclusion()[:3]
        match style:
            case "diagnosis first":
                numbers = [*conclusion, *self._selected(Mode.ABNORMAL)[:3]]
            case "short":
                numbers = (conclusion or self._selected(Mode.SUMMARIZE))[:2]
            case "values":
                numbers = self._out_of_range()
            case "history":
                numbers = [*(self._about("complaint") or self._about("present illness"))[:2], *conclusion]
            case "medications":
                numbers = [*conclusion[:2], *self._about("medications")[:3]]
            case _:
                numbers = [*conclusion, *self._about("plan")[:3]]
        return self._ask(Mode.SUMMARIZE, wordings, numbers) if numbers else None

    def _abnormal(self) -> Turn | None:
        numbers = list(dict.fromkeys([*self._selected(Mode.ABNORMAL), *self._out_of_range()]))
        return self._ask(
            Mode.ABNORMAL, questions.ABNORMAL, sorted(numbers[:_MOST_SENTENCES]), otherwise=NOTHING_ABNORMAL
        )

    def _missing(self) -> Turn | None:
        text = self._written.text.lower()
        draw = self._rng.random()
        if draw < 0.5 and self._absent_words:
            word = self._rng.choice(self._absent_words)
            if word[:5] in text:
                return None
            question = self._rng.choice(questions.ABOUT_ONE_THING).format(word)
        elif draw < 0.65 and self._headings:
            heading = self._rng.choice(self._headings).lower()
            if any(word[:5] in text for word in _content(heading)) or not _content(heading):
                return None
            question = self._rng.choice(questions.BY_HEADING).format(heading)
        else:
            topic = self._rng.choice(sorted(questions.BY_TOPIC))
            told = evidence(topic)
            if any(topic in part.topics for part, *_ in self._written.parts) or told is None or told.search(text):
                return None
            question = self._rng.choice(questions.BY_TOPIC[topic])
        return Turn(mode=Mode.QUESTION, question=question, lines=(NOT_STATED,))

    def _ask(
        self,
        mode: Mode,
        wordings: Sequence[str],
        numbers: Sequence[int],
        thing: str = "",
        *,
        otherwise: str = "",
    ) -> Turn | None:
        lines = tuple(fitting(self._written.quote(number) for number in numbers))
        if not lines and otherwise:
            lines = (otherwise,)
        return Turn(mode=mode, question=self._rng.choice(wordings).format(thing), lines=lines) if lines else None

    def _about(self, topic: str) -> list[int]:
        """Sentences of the parts about `topic`: those whose heading says so, else those whose kind it is."""
        places = [place for place in self._written.parts if topic in place[0].topics]
        places = [place for place in places if place[0].named] or places
        return [number for _, start, _, end in places for number in self._between(start, end)]

    def _conclusion(self) -> list[int]:
        places = [place for place in self._written.parts if "diagnosis" in place[0].topics and place[0].named]
        places = [place for place in places if not is_early(place[0].heading)] or places
        return [number for _, start, _, end in places for number in self._between(start, end)]

    def _between(self, start: int, end: int) -> list[int]:
        return [n for n in self._numbers if start <= self._written.sentences[n][0] < end]

    def _holding(self, offset: int) -> list[int]:
        return [n for n in self._numbers if self._written.sentences[n][0] <= offset < self._written.sentences[n][1]]

    def _selected(self, mode: Mode) -> list[int]:
        """The sentences that hold what `quoting` selects."""
        report = Report(id="training", text=self._written.text, sections=self._written.sections)
        lines = select(Prompt(version="", mode=mode, question="", messages=(), sources=(), report=report))
        return list(dict.fromkeys(n for line in lines if line.start >= 0 for n in self._holding(line.start)))

    def _out_of_range(self) -> list[int]:
        measured = find_measurements(self._written.text)
        return list(
            dict.fromkeys(n for one in measured if one.status in ("high", "low") for n in self._holding(one.start))
        )


def fitting(lines: Iterable[str]) -> Iterator[str]:
    """The first lines that make an answer of readable length, none twice; at least one."""
    left, seen = _MOST_CHARACTERS, set[str]()
    for line in lines:
        left -= len(line)
        if seen and (left < 0 or len(seen) == _MOST_SENTENCES):
            return
        if line not in seen:
            seen.add(line)
            yield line


def _content(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.lower()) if word not in _COMMON]
