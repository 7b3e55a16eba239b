"""Words that were masked only after an answer was kept, taken out of what was kept. Pure: texts and values in, others out.

Every text of a conversation is changed the same way, and offsets are moved along, so that citations still point at
what they quote. Reports of the library that are cited besides keep their offsets: their own copy stays as it is.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from assistant.deid.mask import Placeholders
from assistant.schema import Answer, Citation, Message, Report, Section, Source

Masked = tuple[str, str]
"""The type and the words of something that was masked: `("NAME", "Okafor")`."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text without the words, and where its characters went."""

    text: str
    starts: Sequence[int] = ()
    ends: Sequence[int] = ()
    shifts: Sequence[int] = ()
    """What is added to positions from each of `ends` on."""

    def start(self, position: int) -> int:
        at = bisect_right(self.starts, position) - 1
        if at >= 0 and position < self.ends[at]:
            return self.starts[at] + (self.shifts[at - 1] if at else 0)
        return position + (self.shifts[at] if at >= 0 else 0)

    def end(self, position: int) -> int:
        """Of an end, which lies behind the last character: within a word it moves to the end of its placeholder."""
        at = bisect_right(self.starts, position - 1) - 1
        return max(position, self.ends[at]) + self.shifts[at] if at >= 0 else position

    def section(self, section: Section, heading: str) -> Section:
        return replace(
            section,
            heading=heading,
            start=self.start(section.start),
            body_start=self.start(section.body_start),
            end=self.end(section.end),
        )


class Scrub:
    """Replaces words wherever they stand whole, in any case, by placeholders that no text of the conversation has yet."""

    def __init__(self, words: Iterable[Masked], texts: Iterable[str]) -> None:
        """`texts`: all of the conversation, whose placeholders are somebody else's."""
        placeholders = Placeholders()
        for text in texts:
            placeholders.reserve(text)
        self._instead = {_key(piece): placeholders.get(kind, piece) for kind, piece in words if _key(piece)}
        longest_first = sorted(self._instead, key=len, reverse=True)
        # White space may have been broken or joined on the way into an answer.
        pieces = [r"\s+".join(map(re.escape, key.split())) for key in longest_first]
        self._found = re.compile(rf"(?<!\w)(?:{'|'.join(pieces)})(?!\w)", re.IGNORECASE) if pieces else None

    def rewrite(self, text: str) -> Rewritten:
        starts: list[int] = []
        ends: list[int] = []
        shifts: list[int] = []
        shift = 0

        def placeholder(found: re.Match[str]) -> str:
            nonlocal shift
            # A letter may match another of the same sound in upper case, whose key nobody has: it is hidden all the same.
            instead = self._instead.get(_key(found.group()), "[OTHER_1]")
            shift += len(instead) - len(found.group())
            starts.append(found.start())
            ends.append(found.end())
            shifts.append(shift)
            return instead

        return Rewritten(self._found.sub(placeholder, text), starts, ends, shifts) if self._found else Rewritten(text)

    def text(self, text: str) -> str:
        return self.rewrite(text).text

    def report(self, report: Report) -> Report:
        new = self.rewrite(report.text)
        sections = tuple(new.section(section, self.text(section.heading)) for section in report.sections)
        return replace(report, text=new.text, sections=sections, title=self.text(report.title))

    def messages(self, messages: Iterable[Message]) -> tuple[Message, ...]:
        return tuple(replace(message, content=self.text(message.content)) for message in messages)

    def answer(self, answer: Answer, about: Collection[str]) -> Answer:
        """`about`: ids of the conversation's reports, which are changed too."""
        moved = {
            source.report_id: self.rewrite(source.text)
            for source in answer.sources
            if source.report_id in about and not source.offset
        }
        new = self.rewrite(answer.text)
        sentences = tuple(
            replace(
                sentence,
                text=self.text(sentence.text),
                citations=tuple(
                    self._citation(citation, moved.get(citation.report_id)) for citation in sentence.citations
                ),
                start=new.start(sentence.start),
                end=new.end(sentence.end),
            )
            for sentence in answer.sentences
        )
        sources = tuple(self._source(source, moved.get(source.report_id)) for source in answer.sources)
        return replace(answer, text=new.text, sentences=sentences, sources=sources)

    def _citation(self, citation: Citation, moved: Rewritten | None) -> Citation:
        quote, section = self.text(citation.quote), self.text(citation.section)
        where = moved or Rewritten("")
        return replace(
            citation, quote=quote, section=section, start=where.start(citation.start), end=where.end(citation.end)
        )

    def _source(self, source: Source, moved: Rewritten | None) -> Source:
        where = moved or Rewritten("")
        sections = tuple(where.section(section, self.text(section.heading)) for section in source.sections)
        return replace(source, text=self.text(source.text), sections=sections)


def _key(piece: str) -> str:
    """The words as they are looked for, without what stands around them."""
    return re.sub(r"^[\W_]+|[\W_]+$", "", " ".join(piece.casefold().split()))
