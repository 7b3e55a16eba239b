"""Forgetting a turn, a report or a patient everywhere: library, index, conversations, copies in prompts. And the proof."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.errors import CurbsideError, InputError
from feedback.schema import Forgotten

if TYPE_CHECKING:
    from ui.wiring import Parts

_PAGE = 200


class NotForgotten(CurbsideError):
    """A second look still finds something."""

    exit_code = 5
    http_status = 500

    def __init__(self, *, left: int) -> None:
        super().__init__(
            f"{left} places still hold what was to be forgotten; run the command again while nobody asks about it"
        )
        self.left = left


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was deleted, and what a second look found afterwards. Ids and counts only."""

    said: Forgotten
    """In the conversations."""
    from_library: int
    """Reports that were deleted from library and index."""
    left: int
    """Rows, reports and passages in which any of it is still found: 0."""


def forget(
    parts: "Parts", *, turns: Collection[int] = (), reports: Collection[str] = (), patient: str | None = None
) -> Proof:
    """Delete it all, then look again.

    Args:
        patient: As the reports' files name them; only a keyed pseudonym was ever kept.

    Raises:
        InputError: Nothing is named.
        NotForgotten: Something is still found.
    """
    if not turns and not reports and not (patient and patient.strip()):
        raise InputError("nothing is named to be forgotten; give --turn, --report or --patient")
    pseudonym = parts.deidentifier.pseudonym(patient) if patient and patient.strip() else None
    named = {*reports, *(_reports_of(parts, pseudonym) if pseudonym else ())}
    said = parts.feedback.forget(turn_ids=turns, report_ids=named, patient=pseudonym)
    about = sorted({*named, *said.reports})
    kept = parts.library.get_all(about)
    # After the conversations: cut off in between, the report is still there to be named again.
    for report in kept:
        parts.ingest.delete_report(report.id)
    left = said.left + len(parts.library.get_all(about))
    left += len(parts.index.report_ids().intersection(about)) if kept else 0
    left += sum(1 for _ in _reports_of(parts, pseudonym)) if pseudonym else 0
    if left:
        raise NotForgotten(left=left)
    return Proof(said=said, from_library=len(kept), left=left)


def _reports_of(parts: "Parts", pseudonym: str) -> Iterator[str]:
    offset = 0
    while page := parts.library.list(offset=offset, limit=_PAGE):
        yield from (summary.id for summary in page if summary.patient == pseudonym)
        offset += len(page)
