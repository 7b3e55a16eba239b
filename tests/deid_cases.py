"""Reads the texts of `tests/data/deid`: invented clinical text with every identifier marked as `{{TYPE:text}}`.

It says where the identifiers are; it does not score anything and knows no rule of `assistant.deid`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

TYPES = frozenset(
    "NAME ADDRESS LOCATION ZIP ORGANIZATION DATE AGE_OVER_89 PHONE FAX EMAIL SSN MRN HEALTH_PLAN ACCOUNT LICENSE "
    "VEHICLE DEVICE URL IP BIOMETRIC ID".split()
)

_HEADER = re.compile(r"===(?!=)[ \t]*(.*)")
_BRACES = re.compile(r"\{\{|\}\}")
_OPENED = re.compile(r"([^:{}\s]*):")


class BrokenMarkup(ValueError):
    """The markup of a case cannot be read. Names the file and the line, and quotes no text."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(f"{path.name}, line {line}: {problem}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Case:
    """One text without its markup, and its identifiers as `(start, end, type)` in characters, in order."""

    id: str
    text: str
    spans: tuple[tuple[int, int, str], ...]


def read_cases(path: Path) -> list[Case]:
    """All cases of one file, in its order.

    A case begins at a line `=== id` and runs to the next one; blank lines at its two ends are not part of it.

    Raises:
        BrokenMarkup: If a line or a span is not what the markup allows, or an id stands twice.
    """
    cases: list[Case] = []
    seen: set[str] = set()
    for line, case_id, body in _bodies(path):
        if not case_id:
            raise BrokenMarkup(path, line, "a case needs an id: write `=== id`")
        if case_id in seen:
            raise BrokenMarkup(path, line, f"the id {case_id!r} stands twice; give each case its own")
        seen.add(case_id)
        text, spans = _unmark(path, line + 1, body)
        if not text:
            raise BrokenMarkup(path, line, f"the case {case_id!r} has no text")
        cases.append(Case(case_id, text, spans))
    return cases


def _bodies(path: Path) -> list[tuple[int, str, str]]:
    """`(line of the header, id, marked text)` of each case."""
    bodies: list[tuple[int, str, list[str]]] = []
    for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1):
        if header := _HEADER.fullmatch(line):
            bodies.append((number, header.group(1).strip(), []))
        elif bodies:
            bodies[-1][2].append(line)
        elif line.strip():
            raise BrokenMarkup(path, number, "text before the first case; begin with `=== id`")
    return [(number, case_id, "\n".join(lines)) for number, case_id, lines in bodies]


def _unmark(path: Path, first_line: int, body: str) -> tuple[str, tuple[tuple[int, int, str], ...]]:
    """The text without markup and without blank ends, and its spans."""
    lead = len(body) - len(body.lstrip())
    first_line += body[:lead].count("\n")
    body = body[lead:].rstrip()
    pieces: list[str] = []
    length = 0
    spans: list[tuple[int, int, str]] = []
    open_span: tuple[int, str, int] | None = None
    done = 0
    for brace in _BRACES.finditer(body):
        line = first_line + body.count("\n", 0, brace.start())
        pieces.append(body[done : brace.start()])
        length += brace.start() - done
        done = brace.end()
        if brace.group() == "{{":
            if open_span is not None:
                raise BrokenMarkup(path, line, f"`{{{{` inside the span that line {open_span[2]} opens; close it first")
            opened = _OPENED.match(body, done)
            if opened is None or opened.group(1) not in TYPES:
                raise BrokenMarkup(path, line, f"`{{{{` must be followed by a type and a colon; types: {sorted(TYPES)}")
            done = opened.end()
            open_span = (length, opened.group(1), line)
        else:
            if open_span is None:
                raise BrokenMarkup(path, line, "`}}` closes no span")
            marked = pieces[-1]
            if not marked.strip() or marked != marked.strip():
                raise BrokenMarkup(path, line, "a span is empty, or begins or ends with a blank; mark the words only")
            spans.append((open_span[0], length, open_span[1]))
            open_span = None
    if open_span is not None:
        raise BrokenMarkup(path, open_span[2], "a span is never closed; end it with `}}`")
    pieces.append(body[done:])
    return "".join(pieces), tuple(spans)
