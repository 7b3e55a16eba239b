"""Sentences of clinical prose: where each starts and ends.

Notes break the rules of prose: decimals (`4.7 cm`), doses (`q.d.`), numbered lists (`1. Mild …`), lines without a
full stop, headings that end in a colon. A line break ends a sentence only where the line itself looks finished, since
much text is wrapped at a fixed width.
"""

import re
from collections.abc import Iterator

_NEVER_LAST = frozenset(
    "dr mr mrs ms prof st vs approx appt dept fig vol cf e.g i.e temp resp wt ht hx dx rx tx fx sx pt pts".split()
)
"""Abbreviations that something always follows."""
_SELDOM_LAST = frozenset(
    "sr jr est inc ca etc al b.i.d t.i.d q.i.d q.d q.h.s q.o.d p.o p.r.n i.v i.m s.c a.m p.m h.s a.c p.c o.d o.s o.u "
    "min sec hr hrs wk wks mo mos yr yrs lb lbs oz".split()
)
"""Abbreviations that end a sentence only where a capital follows: "Take b.i.d. The patient …"."""
_NUMBERED = frozenset({"no", "nos"})
"""Abbreviations before a number only: "no. 5", but "Smoker: no."."""
_STARTERS = frozenset(
    {"the", "a", "an", "he", "she", "it", "they", "we", "i", "this", "that", "there", "these", "his", "her", "patient"}
    | {
        "no",
        "in",
        "on",
        "at",
        "after",
        "for",
        "if",
        "is",
        "was",
        "will",
        "has",
        "had",
        "denies",
        "reports",
        "and",
        "but",
    }
)
"""Words that start sentences and are no surnames: "hepatitis C. The …", but "J. Smith"."""
_BOUNDARY = re.compile(
    r"[.!?]+[\"')\]]*(?=\s|$|[A-Z][a-z]|\d{1,2}[.)]\s)|\n[ \t]*\n|\n(?=[ \t]*(?:[-*•·]|\(?\d{1,2}[.)])\s)|\n"
)
_LIST_MARK = re.compile(r"^[\s,;]*(?:[-*•·]|\(?\d{1,2}[.)])\s*$")
_WORD_BEFORE = re.compile(r"[\w.]{1,12}\Z")
_DOSING = re.compile(r"q|q[.\d].*|n\.p\.o")
_NEXT_WORD = re.compile(r"\s{0,20}\w{1,20}")
_WRAPPED_WIDTH = 60
"""A line shorter than this that is followed by a capital is taken for a line of its own, not for wrapped prose."""


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Return `(start, end)` of each sentence, in order, without surrounding white space. Linear in `len(text)`."""
    spans: list[tuple[int, int]] = []
    start = 0
    for end in _ends(text):
        piece = text[start:end]
        if _LIST_MARK.match(piece):  # "1." belongs to what follows it
            continue
        _append_trimmed(text, start, end, spans)
        start = end
    _append_trimmed(text, start, len(text), spans)
    return spans


def _ends(text: str) -> Iterator[int]:
    line_start = 0
    for match in _BOUNDARY.finditer(text):
        mark = match.group()
        if mark.startswith("\n"):
            ends = mark.count("\n") > 1 or _ends_line(text, line_start, match.start(), match.end())
            line_start = match.end()
            if ends:
                yield match.end()
        elif _ends_sentence(text, match.start(), match.end()):
            yield match.end()


def _ends_line(text: str, line_start: int, line_end: int, next_start: int) -> bool:
    following = text[next_start : next_start + 4].lstrip()
    if not following or not following[0].islower():
        return line_end - line_start < _WRAPPED_WIDTH or not following or not following[0].isalpha()
    return False


def _ends_sentence(text: str, start: int, end: int) -> bool:
    if text[start] != ".":
        return True
    if end < len(text) and not text[end].isspace():  # "well.She": a missing space, unless an initialism or a decimal
        return start > 1 and text[start - 1].islower() and text[start - 2].islower()
    found = _WORD_BEFORE.search(text, max(0, start - 12), start)
    word = found.group().lower() if found else ""
    following = _NEXT_WORD.match(text, end)
    next_word = following.group().lstrip() if following else ""
    if word.isdigit() and len(word) <= 2:
        return not _is_list_mark(text, start - len(word))
    if word in _NEVER_LAST:
        return False
    if word in _SELDOM_LAST or _DOSING.fullmatch(word):
        return next_word[:1].isupper()
    if word in _NUMBERED:
        return not next_word.isdigit()
    if next_word[:1].islower() and (len(word) <= 2 or "." in word):
        return False  # "C. difficile", "2 mm. blade"
    if len(word) == 1 and text[start - 1].isupper() and next_word[:1].isupper():
        return next_word.lower() in _STARTERS
    return True


def _is_list_mark(text: str, start: int) -> bool:
    """Whether a number starts an item behind a heading: `PLAN: 1. Rest`, `PLAN,1. Rest`."""
    before = text[max(0, start - 4) : start]
    return before.rstrip(" ,").endswith(":") or (before.endswith(",") and before[-2:-1].isupper())


def _append_trimmed(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))
