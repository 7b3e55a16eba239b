"""What in a text could be a heading, and how it is set on the page. `sections` decides which of these are.

Three settings: at the start of a line with a colon (`PLAN: rest`), alone on a line without one (`Plan`), and with a
colon inside a line (`… no fever. Plan: rest`). Every look back or ahead is bounded, so a line of 5 MB takes the time
of 5 MB of lines.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from assistant.reading.terminology import Term, Wording, classify

_MAX_HEADING = 80
_MAX_WORDS = 10
_LINE = re.compile(r"[^\n]*\n?")
# Markdown marks, then the numbering of headings (`I.`), which is part of the heading. A list's number is not.
_LEAD = re.compile(r"[ \t]{0,40}(?:#{1,6}[ \t]+)?[*_]{0,2}(?:\d{1,2}[.)][ \t]{1,4}(?=[A-Z]{2}))?")
_STRONG_LEAD = re.compile(r"[ \t]{0,40}(?:#{1,6}[ \t]|\*\*|__)")
_BULLET = re.compile(r"[ \t]{0,40}(?:[-•·>+–—]|\*[^*]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s?")
_COLON = re.compile(r":(?!//)")
_SENTENCE_END = re.compile(r"[.!?;][\"')\],]*(?:\s+|(?=[A-Z]))|[,)\]][ \t]+(?=[A-Z]{3})")
_CAPITALS_AT_END = re.compile(r"(?:[A-Z][A-Z'&/-]{0,20} {1,2}(?:(?:AND|OF|/|&) )?){0,6}[A-Z][A-Z/&-]{2,24}\Z")
_AFTER_COLON = re.compile(r"[ \t]{0,40}[*_]{0,2}\s{0,200}")
_PLACEHOLDER = re.compile(r"\[[A-Z]+_\d+\]")
_SMALL_WORDS = frozenset("a an and as at by for from in of on or the to with vs".split())
_LETTER_RUN = re.compile(r"[A-Za-z][A-Za-z']*")


class Place(Enum):
    LINE_START = "at the start of a line, with a colon"
    OWN_LINE = "alone on a line, without a colon"
    INLINE = "inside a line, with a colon"


class Case(Enum):
    UPPER = "PAST HISTORY"
    TITLE = "Past History"
    SENTENCE = "Past history"
    LOWER = "past history"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A piece of text that may be a heading. Offsets in the text; `body_start` lies behind colon and white space."""

    start: int
    end: int
    body_start: int
    place: Place
    case: Case
    term: Term
    after_blank: bool
    """A blank line, or nothing at all, stands before it."""
    strong: bool = False
    """Markdown marks it as a heading."""


def find_candidates(text: str) -> Iterator[Candidate]:
    """Yield what may be headings, in order, without overlaps. Linear in `len(text)`."""
    after_blank, before_ends = True, True
    for line in _LINE.finditer(text):
        start, end = line.span()
        if start == end:
            return
        content_end = end - 1 if text[end - 1] == "\n" else end
        if not text[start : min(content_end, start + 200)].strip():
            after_blank = True
            continue
        yield from _in_line(text, start, content_end, after_blank, before_ends)
        after_blank = False
        before_ends = (
            text[max(start, content_end - 5) : content_end].rstrip(" \"')]*_").endswith((".", ":", "!", "?", ","))
        )


def _in_line(text: str, start: int, end: int, after_blank: bool, before_ends: bool) -> Iterator[Candidate]:
    lead = _LEAD.match(text, start, end)
    first = lead.end() if lead else start
    strong = bool(_STRONG_LEAD.match(text, start, end))
    bulleted = not strong and bool(_BULLET.match(text, start, end)) and first == start
    colon = text.find(":", first, min(end, first + _MAX_HEADING + 1))
    if colon < 0 and end - start <= _MAX_HEADING + 10:
        if not bulleted and (alone := _own_line(text, first, end, after_blank, before_ends, strong)):
            yield alone
        return
    done = start
    if colon >= 0 and not bulleted:
        candidate = _candidate(text, first, colon, Place.LINE_START, after_blank=after_blank, strong=strong)
        if candidate and (
            candidate.term.wording is not Wording.UNKNOWN or not _SENTENCE_END.search(text, first, colon)
        ):
            yield candidate
            done = candidate.body_start
    yield from _inline(text, start, done, end)


def _own_line(text: str, start: int, end: int, after_blank: bool, before_ends: bool, strong: bool) -> Candidate | None:
    while end > start and (text[end - 1].isspace() or text[end - 1] in "*_#"):
        end -= 1
    if end <= start or text[end - 1] in ".,;?!":
        return None
    found = _candidate(text, start, end, Place.OWN_LINE, after_blank=after_blank, strong=strong)
    if found and found.case is Case.LOWER and not (after_blank or before_ends):
        return None  # the last words of a wrapped paragraph
    return found


def _inline(text: str, line_start: int, start: int, end: int) -> Iterator[Candidate]:
    done = start
    for colon in _COLON.finditer(text, start, end):
        position = colon.start()
        if position + 1 < end and text[position + 1].isdigit() and text[position - 1].isdigit():
            continue  # a time, a ratio
        floor = max(done, position - _MAX_HEADING - 10)
        begin = floor
        for boundary in _SENTENCE_END.finditer(text, floor, position):
            begin = boundary.end()
        cut = begin == floor and floor != done and floor > line_start  # no boundary within reach
        found = None if cut else _candidate(text, begin, position, Place.INLINE)
        if found is None or found.term.wording is Wording.UNKNOWN:
            capitals = _CAPITALS_AT_END.search(text, max(begin, position - _MAX_HEADING), position)
            if capitals and capitals.start() > begin:
                tail = _candidate(text, capitals.start(), position, Place.INLINE)
                found = tail if tail and tail.term.wording is Wording.MAIN else found
        if found:
            yield found
            done = found.body_start
        else:
            done = max(done, position + 1) if begin == done else done


def _candidate(
    text: str, start: int, end: int, place: Place, *, after_blank: bool = False, strong: bool = False
) -> Candidate | None:
    body = end if place is Place.OWN_LINE else end + 1
    while start < end and (text[start].isspace() or text[start] in "*_\"'"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in "*_,"):
        end -= 1
    if not 0 < end - start <= _MAX_HEADING:
        return None
    heading = text[start:end]
    case = _case_of(heading)
    if case is None:
        return None
    after = _AFTER_COLON.match(text, body)
    return Candidate(
        start=start,
        end=end,
        body_start=after.end() if after else body,
        place=place,
        case=case,
        term=classify(heading),
        after_blank=after_blank,
        strong=strong,
    )


def _case_of(heading: str) -> Case | None:
    """How it is capitalised; `None` for what is no wording at all: numbers, a placeholder, a long phrase."""
    words = _LETTER_RUN.findall(_PLACEHOLDER.sub("", heading))
    if not words or len(words) > _MAX_WORDS:
        return None
    letters = "".join(words)
    lower = sum(letter.islower() for letter in letters)
    if lower <= len(letters) * 0.1 or heading.endswith(("(s)", "(es)")) and lower <= 2:
        return Case.UPPER
    if words[0][0].islower():
        return Case.LOWER
    capitalised = all(word[0].isupper() or word.lower() in _SMALL_WORDS for word in words)
    return Case.TITLE if capitalised else Case.SENTENCE
