"""The sources, cut into passages and indexed by what their words mean."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import log

from assistant.grounding.statements import Statement, read_statement
from assistant.grounding.tokens import Token, Vocabulary
from assistant.reading.sections import section_at
from assistant.schema import Citation, Source
from assistant.sentences import split_sentences

_REPLY = re.compile(
    r"(?:[A-Za-z_ ]{1,20}:)?\s*(?:(?:um|uh|oh|well|hm+)[,.]?\s+)*(yes|yeah|yep|no|nope|none|never|not)\b", re.I
)
_HANGING = re.compile(r"(?:\s|^)(?:is|was|are|were|of|and|or|the|a|an|with|to|for|in|on|at|by|from|than)\Z", re.I)
"""A line that ends like this was wrapped, whatever follows."""
_MAX_ATTEMPTS = 50
"""Places where a quote may stand within longer words before the search is given up."""
_WORD = re.compile(r"\S+")


@dataclass(slots=True)
class Passage:
    """A sentence of a source, or a question together with its yes or no."""

    number: int
    """Position among all passages."""
    source: int
    """Position of its source in the list."""
    start: int
    end: int
    """In the source's own text."""
    tokens: list[Token] = field(repr=False)
    reply_negative: bool | None = None
    asks: bool = False
    """It begins with a question."""
    statement: Statement | None = field(default=None, repr=False)

    def read(self) -> Statement:
        if self.statement is None:
            self.statement = read_statement(self.tokens, asks=self.asks, reply_negative=self.reply_negative)
        return self.statement


class SourceIndex:
    """Finds the passages that a statement may rest on. Built in time linear in the length of the sources."""

    def __init__(self, sources: Sequence[Source], vocabulary: Vocabulary) -> None:
        self.sources = sources
        self.passages: list[Passage] = []
        self._vocabulary = vocabulary
        self._postings: dict[str, list[int]] = {}
        self._flat: list[_FlatText] = []
        self._heading_keys: dict[tuple[int, int], frozenset[str]] = {}
        for number, source in enumerate(sources):
            self._flat.append(_FlatText(source.text))
            self._add(number, source.text)

    def _add(self, number: int, text: str) -> None:
        spans = split_sentences(text)
        position = 0
        while position < len(spans):
            start, end = spans[position]
            while position + 1 < len(spans) and _HANGING.search(text, max(start, end - 12), end):
                position += 1
                end = spans[position][1]
            reply: bool | None = None
            asks = text[end - 1] == "?" and position + 1 < len(spans) and spans[position + 1][0] - end < 60
            if asks:
                position += 1
                after, end = spans[position]
                answered = _REPLY.match(text, after, end)
                reply = answered.group(1).lower() not in ("yes", "yeah", "yep") if answered else None
            tokens = self._vocabulary.tokenize(text, start, end)
            identity = len(self.passages)
            self.passages.append(Passage(identity, number, start, end, tokens, reply, asks))
            for key in {key for token in tokens if token.weight for key in token.keys}:
                self._postings.setdefault(key, []).append(identity)
            position += 1

    def rarity(self, key: str) -> float:
        """How much it says that a passage has this key; 0 if none or nearly all have it."""
        found = len(self._postings.get(key, ()))
        return log((len(self.passages) + 1) / (found + 0.5)) if found else 0.0

    def candidates(self, statement: Statement, *, limit: int) -> list[Passage]:
        """The passages that share most with the statement, best first; earlier sources first among equals."""
        scores: dict[int, float] = {}
        for keys in {token.keys for token in statement.tokens if token.weight and token.keys}:
            gained: dict[int, float] = {}
            for key in keys:
                postings = self._postings.get(key)
                if not postings:
                    continue
                rarity = self.rarity(key)
                if rarity < 0.7 and len(postings) > 200:  # in half of a long report: finds everything, tells nothing
                    continue
                for identity in postings:
                    if rarity > gained.get(identity, 0.0):
                        gained[identity] = rarity
            for identity, gain in gained.items():
                scores[identity] = scores.get(identity, 0.0) + gain
        best = sorted(scores, key=lambda identity: (-scores[identity], identity))[:limit]
        return [self.passages[identity] for identity in best]

    def knows(self, token: Token) -> bool:
        """Whether any source has a word of this meaning."""
        return any(key in self._postings for key in token.keys)

    def find_verbatim(self, quote: str) -> Iterator[tuple[int, int, int]]:
        """`(source, start, end)` of places where this text stands word for word, whatever its white space."""
        for number, flat in enumerate(self._flat):
            for start, end in flat.find(quote):
                yield number, start, end

    def passages_within(self, source: int, start: int, end: int) -> list[Passage]:
        """The passages that overlap this span."""
        low = bisect_right(self.passages, (source, start), key=lambda passage: (passage.source, passage.end))
        found: list[Passage] = []
        for passage in self.passages[low:]:
            if passage.source != source or passage.start >= end:
                break
            found.append(passage)
        return found

    def neighbours(self, passage: Passage) -> list[Passage]:
        """The passage before and the two after, in the same source."""
        around = self.passages[max(0, passage.number - 1) : passage.number + 3]
        return [other for other in around if other is not passage and other.source == passage.source]

    def is_whole(self, passages: Sequence[Passage], start: int, end: int) -> bool:
        """Whether a span leaves out nothing of these passages but punctuation and list marks."""
        text = self.sources[passages[0].source].text
        left_out = text[passages[0].start : start] + text[end : passages[-1].end]
        return not any(character.isalpha() for character in left_out)

    def cite(self, source: int, start: int, end: int) -> Citation:
        origin = self.sources[source]
        section = section_at(origin.sections, origin.offset + start)
        return Citation(
            report_id=origin.report_id,
            section=section.heading if section else "",
            quote=origin.text[start:end],
            start=origin.offset + start,
            end=origin.offset + end,
            label=origin.label,
        )

    def heading_keys(self, passage: Passage) -> frozenset[str]:
        """What the heading above a passage says: `Medications` stands for every drug below it."""
        origin = self.sources[passage.source]
        section = section_at(origin.sections, origin.offset + passage.start)
        if section is None:
            return frozenset()
        place = (passage.source, section.start)
        if place not in self._heading_keys:
            tokens = self._vocabulary.tokenize(section.heading)
            self._heading_keys[place] = frozenset(key for token in tokens for key in token.keys)
        return self._heading_keys[place]


class _FlatText:
    """A text with single spaces, in lower case, that knows where its words stood."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._flat = _lower(f" {' '.join(text.split())} ")
        self._starts: list[int] = []
        self._places: list[int] = []

    def find(self, quote: str) -> Iterator[tuple[int, int]]:
        wanted = _lower(" ".join(quote.split()))
        at = self._flat.find(wanted) if wanted else -1
        for _ in range(_MAX_ATTEMPTS):
            if at < 0:
                break
            after = at + len(wanted)
            if not (_joins(self._flat[at - 1]) and wanted[0].isalnum()) and not (
                _joins(self._flat[after]) and wanted[-1].isalnum()
            ):
                yield self._original(at), self._original(after - 1) + 1
            at = self._flat.find(wanted, at + 1)

    def _original(self, position: int) -> int:
        if not self._starts:  # most texts are never quoted
            place = 1
            for match in _WORD.finditer(self._text):
                self._starts.append(match.start())
                self._places.append(place)
                place += match.end() - match.start() + 1
        index = bisect_right(self._places, position) - 1
        return self._starts[index] + position - self._places[index]


def _lower(text: str) -> str:
    """Lower case of the same length: `İ` would become two characters and shift every offset after it."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := character.lower()) == 1 else character for character in text)


def _joins(character: str) -> bool:
    """Whether a character beside a word makes it another word: `amoxicillin` is no `amoxicillin-clavulanate`."""
    return character.isalnum() or character in "-/"
