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
    spaced: bool
    """Sections are set apart by blank lines, so a single line break starts no unknown section."""

    def is_own(self, candidate: Candidate) -> bool:
        if candidate.place is Place.INLINE and candidate.case is Case.LOWER:  # the first of them starts the line
            known = self.known[Place.INLINE, Case.LOWER] + self.known[Place.LINE_START, Case.LOWER]
        else:
            known = self.known[candidate.place, candidate.case]
        return known >= _ESTABLISHED


def _style_of(candidates: Sequence[Candidate]) -> _Style:
    main = [candidate for candidate in candidates if candidate.term.wording is Wording.MAIN]
    known = Counter((candidate.place, candidate.case) for candidate in main)
    on_lines = [candidate for candidate in main if candidate.place is not Place.INLINE]
    after_blank = sum(candidate.after_blank for candidate in on_lines)
    return _Style(known=known, spaced=after_blank > len(on_lines) / 2)


def _is_heading(candidate: Candidate, style: _Style, enclosing: SectionKind | None) -> bool:
    if candidate.strong and candidate.place is not Place.INLINE:
        return True
    wording = candidate.term.wording
    match candidate.place:
        case Place.LINE_START:
            if wording is Wording.MAIN:
                return True
            if style.spaced and not candidate.after_blank:
                return False
            if wording is Wording.PART and not candidate.after_blank and enclosing in _PARTS_BELONG_TO:
                return False
            if candidate.case is Case.UPPER:
                return True
            if wording is Wording.COMPOSED:
                return candidate.after_blank or style.is_own(candidate)
            return candidate.after_blank and candidate.case is not Case.SENTENCE and style.is_own(candidate)
        case Place.OWN_LINE:
            if wording is Wording.MAIN:
                return True
            return candidate.after_blank and candidate.case is not Case.SENTENCE and style.is_own(candidate)
        case Place.INLINE:
            if wording is Wording.MAIN:
                return True
            return candidate.case in (Case.UPPER, Case.LOWER) and style.is_own(candidate)
