"""De-identified again before anything is trained on: rules get better, and a model may write a name that nobody typed.

The prompt is masked once more. Of an answer, which is what a model learns to write, the second look must find nothing
either: what it finds is masked too, and an answer in which it still finds something is left out. Placeholders stay what
they are; so do surrogates and shifted dates of an installation that uses them, where the prompt has them.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assistant.deid.mask import Placeholders, apply_masks
from assistant.deid.residual_remains import ELSEWHERE, NAME_PART
from assistant.deid.review import is_stand_in, stands_in
from assistant.errors import DeidError
from assistant.prompts.fencing import neutralise
from assistant.schema import IdentifierSpan, Message, Source

if TYPE_CHECKING:
    from assistant.deid.engine import Deidentifier
    from assistant.deid.residual import Residual

log = logging.getLogger(__name__)

_OURS = re.compile(
    r"^(?:</?(?:source \d+|examples) key=[0-9a-f]{16}.*>|The sources of this message carry the key [0-9a-f]{16}\.)$",
    re.MULTILINE,
)
"""Lines of a prompt that no report can hold; their keys look like identifiers."""
_REMAINS = frozenset({NAME_PART, ELSEWHERE})
_ROUNDS = 3
"""What is masked changes what stands beside it."""
_LEAST_REPORT = 200
"""Characters from which on a text is looked for in a prompt, to be read apart from it."""
_SURE = 0.51
"""From this score on, words that were masked in one text of an item are looked for in the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A prompt and what is written for it, de-identified again."""

    prompt: tuple[Message, ...]
    answers: tuple[str, ...] = field(repr=False)
    masked: int
    """Places that were masked now."""


class Cleaner:
    """Remembers what it read, since prompts about one report repeat it. One for each dataset; not for several threads."""

    def __init__(self, deidentifier: "Deidentifier") -> None:
        self._deidentifier = deidentifier
        self._found: dict[str, list[IdentifierSpan]] = {}
        self._looked: dict[str, list[Residual]] = {}

    def clean(
        self, prompt: Sequence[Message], answers: Sequence[str], sources: Sequence[Source] = ()
    ) -> Cleaned | None:
        """`None` where something in an answer may still identify somebody, or masking failed: nothing of it may be used.

        Args:
            sources: What the answers rest on; the prompt may show them in part.

        Raises:
            TaggerNotFound, DeidModelNotFound: Nothing can be masked at all.
        """
        self._deidentifier.warm()
        try:
            return self._clean(prompt, answers, sources)
        except DeidError as error:
            log.warning("left out of training, not masked: %s", type(error).__name__)
            return None

    def _clean(self, prompt: Sequence[Message], answers: Sequence[str], sources: Sequence[Source]) -> Cleaned | None:
        contents = [list(_pieces(message.content, sources)) for message in prompt]
        kept = "\n".join([*(message.content for message in prompt), *(source.text for source in sources)])
        texts = [piece for pieces in contents for piece, ours in pieces if not ours]
        looks = [_Look(text, [span for span in self._find(text) if not self._reads_real(span)]) for text in texts]
        for answer in answers:
            stand_ins = [
                answer[span.start : span.end]
                for span in self._find(answer)
                if self._reads_real(span) and is_stand_in(answer[span.start : span.end], span.type, kept)
            ]
            found = [span for span in self._find(answer) if answer[span.start : span.end] not in stand_ins]
            looks.append(_Look(answer, found, stand_ins=stand_ins))
        placeholders = Placeholders()
        for look in looks:
            placeholders.reserve(look.text)
        for look in looks:
            look.mask(placeholders)
        hidden = list(dict.fromkeys(words for look in looks for words in look.hidden))
        in_prompt, in_answers = looks[: len(texts)], looks[len(texts) :]
        if hidden:
            for look in in_prompt:
                look.found = [_span(place) for place in self._residual(look, hidden) if place.reason in _REMAINS]
                look.mask(placeholders)
        shown = "\n".join(look.text for look in in_prompt)
        if not all(self._second_look(look, hidden, shown, placeholders) for look in in_answers):
            return None
        written = iter(look.text for look in in_prompt)
        messages = tuple(
            replace(message, content="".join(piece if ours else next(written) for piece, ours in pieces))
            for message, pieces in zip(prompt, contents, strict=True)
        )
        return Cleaned(
            prompt=messages,
            answers=tuple(look.text for look in in_answers),
            masked=sum(look.masked for look in looks),
        )

    def _second_look(
        self, look: "_Look", hidden: Sequence[tuple[str, str]], shown: str, placeholders: Placeholders
    ) -> bool:
        """Mask what still looks like an identifier; whether nothing is left then."""
        for _ in range(_ROUNDS):
            look.found = self._left(look, hidden, shown)
            if not look.found:
                return True
            look.mask(placeholders)
        return not self._left(look, hidden, shown)

    def _left(self, look: "_Look", hidden: Sequence[tuple[str, str]], shown: str) -> list[IdentifierSpan]:
        """What the second look finds, but for what the prompt shows: there a person let it through."""
        return [
            _span(place)
            for place in self._residual(look, hidden)
            if place.reason in _REMAINS or not stands_in(look.text[place.start : place.end], shown)
        ]

    def _find(self, text: str) -> list[IdentifierSpan]:
        if text not in self._found:
            self._found[text] = self._deidentifier.find(text)
        return self._found[text]

    def _residual(self, look: "_Look", hidden: Sequence[tuple[str, str]]) -> "list[Residual]":
        if hidden or look.stand_ins:
            return self._deidentifier.residual(look.text, kept=look.stand_ins, hidden=hidden)
        if look.text not in self._looked:
            self._looked[look.text] = self._deidentifier.residual(look.text)
        return self._looked[look.text]

    def _reads_real(self, span: IdentifierSpan) -> bool:
        return self._deidentifier.is_realistic and self._deidentifier.reads_real(span.type)


@dataclass(slots=True)
class _Look:
    """One text of an item while it is masked."""

    text: str = field(repr=False)
    found: "list[IdentifierSpan]"
    stand_ins: list[str] = field(default_factory=list, repr=False)
    """Words of it that stand for identifiers already."""
    hidden: list[tuple[str, str]] = field(default_factory=list, repr=False)
    """What was masked in it now: type and words."""
    masked: int = 0

    def mask(self, placeholders: Placeholders) -> None:
        """Mask what was found."""
        if not self.found:
            return
        self.hidden += [(span.type, self.text[span.start : span.end]) for span in self.found if span.score >= _SURE]
        self.text = apply_masks(self.text, self.found, placeholders).text
        self.masked += len(self.found)
        self.found = []


def _span(place: "Residual") -> IdentifierSpan:
    return IdentifierSpan(start=place.start, end=place.end, type=place.type, score=0.0)


def _pieces(content: str, sources: Sequence[Source]) -> Iterator[tuple[str, bool]]:
    """A message cut into our own lines (`True`), whole reports, and what stands between them; together they are the message."""
    reports = [report for source in sources if len(report := neutralise(source.text).strip()) >= _LEAST_REPORT]
    at = 0
    for line in _OURS.finditer(content):
        yield from _reports_apart(content[at : line.start()], reports)
        yield line.group(), True
        at = line.end()
    yield from _reports_apart(content[at:], reports)


def _reports_apart(text: str, reports: Sequence[str]) -> Iterator[tuple[str, bool]]:
    # Apart from the question, a report is masked once, however much is asked about it.
    for number, report in enumerate(reports):
        before, found, after = text.partition(report)
        if found:
            yield from _reports_apart(before, reports[number + 1 :])
            yield found, False
            yield from _reports_apart(after, reports[number + 1 :])
            return
    if text:
        yield text, False
