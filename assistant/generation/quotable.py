"""What an answer may quote: the sentences of the report, each on one line, and the phrases that say there is nothing."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from assistant.generation.selection import BEFORE, NO_DIFFERENCE, NOT_IN_SOURCES, NOT_STATED, NOTHING_ABNORMAL
from assistant.schema import Mode, Prompt, Section
from assistant.sentences import split_sentences

_LIST_MARK = re.compile(r"(?:[-*•·]|\(?\d{1,2}[.)])\s+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
"""Half a character, from a broken file: no tokenizer takes it."""
_LEAST_LETTERS = 3
_LONGEST_HEADING = 60


@dataclass(frozen=True, slots=True)
class Quote:
    """Something that a model may write. Two wordings of one sentence, with and without its heading, share `sentence`."""

    text: str = field(repr=False)
    """What the model writes."""
    sentence: int
    label: str = ""
    """What is put before it for people."""
    alone: bool = False
    """Nothing else may be written beside it."""

    @property
    def line(self) -> str:
        return f"{self.label} {self.text}" if self.label else self.text


def find_quotes(prompt: Prompt) -> list[Quote]:
    """All that an answer to `prompt` may be made of; never empty. Linear in the length of the reports.

    A sentence that stands twice counts once. What only the earlier report says is labelled, so that nobody takes it for now.
    """
    phrases = [NOT_STATED] if prompt.report is not None else [NOT_IN_SOURCES]
    phrases += [NOTHING_ABNORMAL] if prompt.report is not None and prompt.mode is Mode.ABNORMAL else []
    phrases += [NO_DIFFERENCE] if prompt.report is not None and prompt.mode is Mode.COMPARE else []
    quotes = {phrase: Quote(phrase, number, alone=True) for number, phrase in enumerate(phrases)}
    number = len(phrases)
    for text, sections, offset, label in _texts(prompt):
        for wordings in _sentences(text, sections, offset):
            for wording in wordings:
                quotes.setdefault(wording, Quote(wording, number, label))
            number += 1
    return list(quotes.values())


def _texts(prompt: Prompt) -> Iterator[tuple[str, Sequence[Section], int, str]]:
    """Text, sections, the text's offset in the sections' report, label."""
    if prompt.report is None:
        yield from ((source.text, source.sections, source.offset, "") for source in prompt.sources)
        return
    yield prompt.report.text, prompt.report.sections, 0, ""
    if prompt.mode is Mode.COMPARE and prompt.earlier is not None:
        yield prompt.earlier.text, prompt.earlier.sections, 0, BEFORE


def _sentences(text: str, sections: Sequence[Section], offset: int) -> Iterator[list[str]]:
    """Of each sentence that says something: its wordings, the longest first."""
    ordered = sorted(sections, key=lambda section: section.start)
    starts = [section.start - offset for section in ordered]
    for start, end in split_sentences(text):
        before = bisect_right(starts, start) - 1
        body = ordered[before].body_start - offset if before >= 0 else 0
        if end <= body:
            continue
        sentence = _one_line(text[start:end])
        wordings = [sentence, _one_line(text[max(start, body) : end])]
        mark = _LIST_MARK.match(wordings[-1])
        wordings.append(wordings[-1][mark.end() :] if mark else wordings[-1])
        if _says_something(wordings[-1]) and not _SURROGATE.search(sentence):
            yield list(dict.fromkeys(wordings))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _says_something(wording: str) -> bool:
    """Whether it is more than a mark, or a heading that no section knows."""
    if wording.endswith(":") and len(wording) < _LONGEST_HEADING:
        return False
    return sum(letter.isalnum() for letter in wording[:200]) >= _LEAST_LETTERS
