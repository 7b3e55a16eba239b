"""The sections of a clinical note: where each heading starts, what it is about, and how far its section reaches.

A note's own style decides what its wording leaves open. Headings whose names are known come first; how they are set
(capitals, colon, a line of their own, a blank line before) then tells which of the unknown candidates are headings
too, and whether `HEENT:` is a section of its own or a part of the examination.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.reading.layout import Candidate, Case, Place, find_candidates
from assistant.reading.terminology import Wording
from assistant.schema import Section, SectionKind

_ESTABLISHED = 2
"""So many known headings of one style make it the style of the note."""
_ABBREVIATION = 2
"""Two letters alone on a line (`US`, `PE`) may be anything where the note has no other heading like it."""
_PARTS_BELONG_TO = frozenset({SectionKind.EXAMINATION, SectionKind.SYMPTOMS})


def find_sections(text: str) -> tuple[Section, ...]:
    """Return the sections of a note, in order, each up to the next heading. Linear in `len(text)`.

    `heading` is the heading as written, without its colon: `text[s.start : s.start + len(s.heading)] == s.heading`.
    Text before the first heading belongs to no section; a text without headings has none.
    """
    candidates = list(find_candidates(text))
    style = _style_of(candidates)
    headings: list[Candidate] = []
    enclosing: SectionKind | None = None
    for candidate in candidates:
        if _is_heading(candidate, style, enclosing):
            headings.append(candidate)
            if candidate.term.wording is not Wording.PART:
                enclosing = candidate.term.kind
    ends = [*(heading.start for heading in headings[1:]), len(text)]
    return tuple(
        Section(
            heading=text[heading.start : heading.end],
            kind=heading.term.kind,
            start=heading.start,
            body_start=min(heading.body_start, end),
            end=end,
        )
        for heading, end in zip(headings, ends, strict=False)
    )


def section_at(sections: Sequence[Section], offset: int) -> Section | None:
    """Return the section that holds the character at `offset`, or `None` before the first heading."""
    index = bisect_right(sections, offset, key=lambda section: section.start) - 1
    return sections[index] if index >= 0 and offset < sections[index].end else None


@dataclass(frozen=True, slots=True)
class _Style:
    """How the known headings of a note are set."""

    known: Counter[tuple[Place, Case]]
    parts_apart: Counter[tuple[Place, Case]]
    """Names of parts that blank lines set apart."""
    spaced: bool
    """Sections are set apart by blank lines, so a single line break starts no unknown section."""

    def is_own(self, candidate: Candidate) -> bool:
        if candidate.case is Case.LOWER and candidate.place is not Place.OWN_LINE:
            # In running text the first heading starts the line and the others stand inside it.
            return self.known[Place.INLINE, Case.LOWER] + self.known[Place.LINE_START, Case.LOWER] >= _ESTABLISHED
        return self.known[candidate.place, candidate.case] >= _ESTABLISHED

    def holds_parts(self, candidate: Candidate) -> bool:
        """Parts are what this note sets apart: an examination without any other heading."""
        setting = (candidate.place, candidate.case)
        return self.parts_apart[setting] > _ESTABLISHED and not self.known[candidate.place, Case.UPPER]


def _style_of(candidates: Sequence[Candidate]) -> _Style:
    main = [candidate for candidate in candidates if candidate.term.wording is Wording.MAIN and candidate.bounded]
    parts = [candidate for candidate in candidates if candidate.term.wording is Wording.PART and candidate.set_apart]
    on_lines = [candidate for candidate in main if candidate.place is not Place.INLINE]
    return _Style(
        known=Counter((candidate.place, candidate.case) for candidate in main),
        parts_apart=Counter((candidate.place, candidate.case) for candidate in parts),
        spaced=sum(candidate.set_apart for candidate in on_lines) > len(on_lines) / 2,
    )


def _is_heading(candidate: Candidate, style: _Style, enclosing: SectionKind | None) -> bool:
    if candidate.marked and candidate.place is not Place.INLINE:
        return True
    match candidate.place:
        case Place.LINE_START:
            return _is_heading_at_line_start(candidate, style, enclosing)
        case Place.OWN_LINE:
            return _is_heading_on_own_line(candidate, style)
        case Place.INLINE:
            return _is_heading_inside_line(candidate, style, enclosing)


def _is_heading_at_line_start(candidate: Candidate, style: _Style, enclosing: SectionKind | None) -> bool:
    wording = candidate.term.wording
    if wording is Wording.MAIN:
        return True
    if style.spaced and not candidate.set_apart:
        return candidate.case is Case.LOWER and style.is_own(candidate) and wording is not Wording.PART
    if wording is Wording.PART and not candidate.set_apart and enclosing in _PARTS_BELONG_TO:
        return False
    if candidate.case is Case.UPPER:
        return True
    if wording is Wording.COMPOSED:
        return candidate.set_apart or style.is_own(candidate)
    own = style.is_own(candidate) or (wording is Wording.PART and style.holds_parts(candidate))
    return candidate.set_apart and candidate.case is not Case.SENTENCE and own


def _is_heading_on_own_line(candidate: Candidate, style: _Style) -> bool:
    wording = candidate.term.wording
    if wording is Wording.MAIN:
        short = candidate.end - candidate.start <= _ABBREVIATION
        return style.is_own(candidate) or (not short and (candidate.set_apart or candidate.case is Case.UPPER))
    if not candidate.set_apart or candidate.case is Case.SENTENCE:
        return False
    if wording is Wording.COMPOSED and candidate.case is Case.TITLE:
        return True
    return style.is_own(candidate) or (wording is Wording.PART and style.holds_parts(candidate))


def _is_heading_inside_line(candidate: Candidate, style: _Style, enclosing: SectionKind | None) -> bool:
    wording = candidate.term.wording
    if wording is Wording.MAIN:
        return candidate.bounded or candidate.case is Case.UPPER or style.is_own(candidate)
    if wording is Wording.PART and (candidate.case is Case.UPPER or enclosing in _PARTS_BELONG_TO):
        return False
    return candidate.case in (Case.UPPER, Case.LOWER) and style.is_own(candidate)
