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
_SHORT = 6
_VALUE_NAMES = (Wording.UNKNOWN, Wording.PART)
_LINE = re.compile(r"[^\n]*\n?")
# Markdown's marks, and the number before a heading in capitals. A roman one (`I. PROCEDURES`) is part of the heading.
_LEAD = re.compile(r"[ \t]{0,40}(?:#{1,6}[ \t]+)?[*_]{0,2}(?:\d{1,2}[.)][ \t]{1,4}(?=[A-Z]{2}))?")
_MARKDOWN = re.compile(r"[ \t]{0,40}(?:#{1,6}[ \t]|\*\*|__)")
_BULLET = re.compile(r"[ \t]{0,40}(?:[-•·>+–—]|\*[^*]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s?")
_BOUNDARY = re.compile(r"[.!?;][\"')\],]*(?:\s+|(?=[A-Z]))|[,)\]][ \t]+(?=[A-Z]{3})")
_TOKEN = re.compile(r"\S+")
_DASHED = re.compile(r"([A-Z][A-Z/&]*(?: [A-Z/&]+){0,5}) {1,2}[-–—][ \t]")
_AFTER_COLON = re.compile(r"[*_]{0,2}(?:[ \t]?[-–—](?=[ \t]))?\s{0,200}")
_PLACEHOLDER = re.compile(r"\[[A-Z]+_\d+\]")
_PARENTHESES = re.compile(r"\([^()]*\)?")
_LETTER_RUN = re.compile(r"[A-Za-z]+")
_SMALL_WORDS = frozenset(
    {"a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"}
)
_PROSE_WORDS = frozenset(
    {"is", "are", "was", "were", "be", "been", "has", "have", "had", "will", "would", "should", "can", "may", "i", "we"}
    | {"he", "she", "they", "it", "his", "her", "their", "this", "that", "these", "those", "there", "which", "who"}
    | {"following", "follows", "states", "reports", "denies", "includes", "included", "including", "as", "not", "dear"}
)
"""Words of sentences. What holds one and is not a known heading is a sentence that happens to end in a colon."""


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
    set_apart: bool
    """A blank line, or nothing at all, stands before it."""
    bounded: bool
    """It starts where a line or a sentence starts; else it was cut from the end of a longer piece."""
    marked: bool = False
    """Markdown marks it as a heading."""


def find_candidates(text: str) -> Iterator[Candidate]:
    """Yield what may be headings, in order, without overlaps. Linear in `len(text)`."""
    set_apart = sentence_ended = True
    for line in _LINE.finditer(text):
        start, end = line.span()
        if start == end:
            return
        end -= text[end - 1] == "\n"
        if not text[start : min(end, start + 200)].strip():
            set_apart = True
            continue
        yield from _in_line(text, start, end, set_apart=set_apart, sentence_ended=sentence_ended)
        set_apart = False
        sentence_ended = text[max(start, end - 8) : end].rstrip(" \"')]*_").endswith((".", ":", "!", "?", ","))


def _in_line(text: str, start: int, end: int, *, set_apart: bool, sentence_ended: bool) -> Iterator[Candidate]:
    lead = _LEAD.match(text, start, end)
    first = lead.end() if lead else start
    marked = bool(_MARKDOWN.match(text, start, end))
    bulleted = not marked and first == start and bool(_BULLET.match(text, start, end))
    colon = text.find(":", first, min(end, first + _MAX_HEADING + 2))
    done = start
    if bulleted:
        # What a bullet introduces is an item of a section, unless it shouts the name of one.
        found = _candidate(text, _after_bullet(text, start, end), colon, Place.LINE_START) if colon >= 0 else None
        if found and found.case is Case.UPPER and found.term.wording is Wording.MAIN:
            yield found
            done = found.body_start
        elif found:
            done = colon + 1
    elif (dash := _DASHED.match(text, first, min(end, first + _MAX_HEADING))) and (colon < 0 or dash.end() < colon):
        found = _candidate(text, first, dash.end(1), Place.LINE_START, set_apart=set_apart)
        if found and found.term.wording is Wording.MAIN:
            yield found
            done = found.body_start
    elif colon >= 0:
        found = _candidate(text, first, colon, Place.LINE_START, set_apart=set_apart, marked=marked)
        if found and found.term.wording is Wording.UNKNOWN:
            if _BOUNDARY.search(text, first + 4, colon):
                found = None  # sentences come first: what stands before the colon starts inside the line
            elif found.case is not Case.UPPER:
                found = _last_words(text, first, colon) or found
        if found:
            yield found
            done = found.body_start
    elif end - first <= _MAX_HEADING + 8:
        found = _alone(text, first, end, set_apart=set_apart, sentence_ended=sentence_ended, marked=marked)
        if found:
            yield found
        return
    yield from _inside(text, done, end)


def _after_bullet(text: str, start: int, end: int) -> int:
    bullet = _BULLET.match(text, start, end)
    return bullet.end() if bullet else start


def _alone(text: str, start: int, end: int, *, set_apart: bool, sentence_ended: bool, marked: bool) -> Candidate | None:
    while end > start and (text[end - 1].isspace() or text[end - 1] in "*_#-–"):
        end -= 1
    if end - start < 2 or text[end - 1] in ".,;?!":
        return None
    found = _candidate(text, start, end, Place.OWN_LINE, set_apart=set_apart, marked=marked)
    if found and found.case is Case.LOWER and not (set_apart or sentence_ended):
        return None  # the last words of a wrapped paragraph
    return found


def _inside(text: str, start: int, end: int) -> Iterator[Candidate]:
    """Yield candidates before each colon between `start` and `end`, both within one line."""
    done = start
    colon = text.find(":", start, end)
    while colon >= 0:
        following = text[colon + 1 : colon + 2]
        if not following.isdigit() and following != "/" and (found := _before_colon(text, done, colon)):
            yield found
            done = found.body_start
        elif not following.isdigit():
            done = colon + 1
        colon = text.find(":", max(colon + 1, done), end)


def _before_colon(text: str, floor: int, colon: int) -> Candidate | None:
    last = text[colon - 1 : colon]
    if colon == floor or not (last.isalnum() or last in " )]*_'\"."):
        return None
    reach = max(floor, colon - _MAX_HEADING - 10)
    start = reach
    for boundary in _BOUNDARY.finditer(text, reach, colon):
        start = boundary.end()
    if _BULLET.match(text, start, colon):
        return None
    whole = _candidate(text, start, colon, Place.INLINE) if start > reach or reach == floor else None
    if whole and whole.term.wording is not Wording.UNKNOWN:
        return whole
    return _last_words(text, start, colon) or whole


def _last_words(text: str, start: int, colon: int) -> Candidate | None:
    """A known heading at the end of a piece that has no full stop before it: `… Dose 5 mg PAST HISTORY:`.

    The words must share one case. A single word counts only where the word before it is of another, since any
    sentence may end in "… the following medications:".
    """
    tokens = list(_TOKEN.finditer(text, start, colon))[-7:]
    same_case = 0
    for token in reversed(tokens):
        if _is_lower(token.group()) is not _is_lower(tokens[-1].group()) or not token.group()[0].isalpha():
            break
        same_case += 1
    for count in range(same_case, 0, -1):
        if count == 1 and same_case > 1:
            break
        found = _candidate(text, tokens[-count].start(), colon, Place.INLINE, bounded=False)
        if found and found.term.wording is Wording.MAIN and found.end - found.start > 2:
            return found if found.case in (Case.UPPER, Case.LOWER) else None
    return None


def _is_lower(token: str) -> bool:
    return not any(letter.isupper() for letter in token)


def _candidate(
    text: str,
    start: int,
    end: int,
    place: Place,
    *,
    set_apart: bool = False,
    bounded: bool = True,
    marked: bool = False,
) -> Candidate | None:
    body = end if place is Place.OWN_LINE else end + 1
    while start < end and (text[start].isspace() or text[start] in "*_\"',"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in "*_,"):
        end -= 1
    if not 0 < end - start <= _MAX_HEADING:
        return None
    heading = text[start:end]
    case = _case_of(heading)
    if case is None:
        return None
    term = classify(heading)
    if term.wording is Wording.UNKNOWN and not marked and _is_prose(heading, case):
        return None
    after = _AFTER_COLON.match(text, body)
    if term.wording in _VALUE_NAMES and len(heading) <= _SHORT and text[body : body + 4].strip()[:1].isdigit():
        return None  # a value, not a section: "BP: 120/80"
    return Candidate(
        start=start,
        end=end,
        body_start=after.end() if after else body,
        place=place,
        case=case,
        term=term,
        set_apart=set_apart,
        bounded=bounded,
        marked=marked,
    )


def _case_of(heading: str) -> Case | None:
    """How it is capitalised; `None` for what is no wording at all: numbers, a placeholder, a long phrase."""
    wording = _PARENTHESES.sub(" ", _PLACEHOLDER.sub(" ", heading)) if "[" in heading or "(" in heading else heading
    words = [run for word in wording.split() if (run := _LETTER_RUN.search(word))]
    if not words or len(words) > _MAX_WORDS:
        return None
    letters = [letter for letter in wording if letter.isalpha()]
    if sum(letter.islower() for letter in letters) <= len(letters) * 0.1:
        return Case.UPPER
    starts = [word.group()[0].isupper() or word.group().lower() in _SMALL_WORDS for word in words]
    if words[0].group()[0].islower():
        return Case.LOWER
    return Case.TITLE if all(starts) else Case.SENTENCE


def _is_prose(heading: str, case: Case) -> bool:
    if case is Case.LOWER and not (heading[0].isalpha() and _is_lower(heading)):
        return True  # "5 mg tablet Sig"
    return not _PROSE_WORDS.isdisjoint(heading.lower().split())
