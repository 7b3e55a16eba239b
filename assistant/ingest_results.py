"""What becomes of a report on its way into the library: prepared, held for a person, refused, kept."""

from dataclasses import dataclass, field

from assistant.deid.residual import Residual
from assistant.errors import CurbsideError, in_doubt
from assistant.schema import MaskedText, Report

HELD = "held"
"""State of a report that waits for a person: see `NeedsReview`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A report ready to be kept, unless a person has to look at it first."""

    report: Report
    masked: MaskedText
    residual: tuple[Residual, ...] = ()
    """Places that still look like identifiers and that nobody has looked at, in offsets of the original text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestResult:
    """What became of one report, or of a file that could not be read."""

    name: str = field(repr=False)
    """The file's name and, in tables, the report's number in it: for the person who chose it, never for a log."""
    report_id: str | None = None
    masked: int = 0
    """Identifiers replaced."""
    sections: int = 0
    state: str = ""
    """`added`, `replaced`, `unchanged`; `held` if it waits for a person; empty if it was not kept for another reason."""
    indexed: bool = False
    problem: str | None = None
    """Why it was not kept or not indexed, and what to do."""


def refused(name: str, error: CurbsideError) -> IngestResult:
    """A report, or a file, that could not be prepared."""
    return IngestResult(name=name, problem=str(error))


def held(name: str, prepared: Prepared) -> IngestResult:
    """A report that a person has to look at first."""
    look = "look at it in the browser or with `curbside review FILE`"
    return IngestResult(
        name=name,
        masked=prepared.report.masked_count,
        sections=len(prepared.report.sections),
        state=HELD,
        problem=f"held: {in_doubt(len(prepared.residual))}; {look}",
    )


def failed(name: str, report: Report, problem: str) -> IngestResult:
    """A report that was prepared and could not be kept."""
    return IngestResult(name=name, masked=report.masked_count, sections=len(report.sections), problem=problem)
