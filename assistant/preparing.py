"""A report on its way into the library, up to the point where it is kept: read → de-identify → section.

Nothing here needs a database or an index, so it may be done on another machine that has the installation's key.
"""

import hashlib
import hmac
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Literal

from assistant.deid.engine import Deidentifier
from assistant.deid.mask import Placeholders
from assistant.deid.review import mask_and_look
from assistant.errors import CurbsideError, ReadingError, UnusableId
from assistant.given_ids import NUMBER_TYPES, tells
from assistant.ingest_results import IngestResult, Prepared, held, refused
from assistant.keys import Keys
from assistant.reading.sections import find_sections
from assistant.schema import IdentifierSpan, RawReport, Report
from assistant.titles import make_title

log = logging.getLogger(__name__)

_MAX_ID = 200
_CALENDAR_START = date(1900, 1, 1)
_MAX_SHIFT_DAYS = 20_000


class Preparer:
    """Safe to share between threads."""

    def __init__(
        self, *, deidentifier: Deidentifier, keys: Keys, on_residual: Literal["hold", "mask"] = "hold"
    ) -> None:
        """`on_residual` as in `DeidSettings`."""
        self._deidentifier = deidentifier
        self._keys = keys
        self._mask_rest = on_residual == "mask"

    def prepare(
        self,
        raw: RawReport,
        *,
        placeholders: Placeholders | None = None,
        keep: Sequence[tuple[int, int]] = (),
        add: Sequence[tuple[int, int]] = (),
        confirmed: Sequence[tuple[int, int]] = (),
    ) -> Prepared:
        """De-identify and section a report; nothing is stored. `keep`, `add` and `confirmed` as in `mask_and_look`.

        Raises:
            DeidError: A span outside the text.
            UnusableId: The file gives an id that cannot be one.
        """
        patient = self._deidentifier.pseudonym(raw.patient) if raw.patient and raw.patient.strip() else None
        placeholders = placeholders if placeholders is not None else Placeholders()
        # Stand-ins are keyed by the report's id, which depends on what is masked: found once more, where there are any.
        found = self._deidentifier.find(raw.text) if raw.source_id and self._deidentifier.is_realistic else ()
        placeholders.begin(patient or self._report_id(raw, found))
        # Masked before anything else: sections, title and chunks only ever see the text without identifiers.
        masked, residual = mask_and_look(
            self._deidentifier,
            raw.text,
            placeholders=placeholders,
            keep=keep,
            add=add,
            confirmed=confirmed,
            patient=raw.patient,
            mask_rest=self._mask_rest,
        )
        report = Report(
            id=self._report_id(raw, masked.spans),
            text=masked.text,
            sections=tuple(find_sections(masked.text)),
            patient=patient,
            day=shifted_day(raw.date, patient, key=self._keys.pseudonym) if raw.date and patient else None,
            year=raw.date.year if raw.date else None,
            title=make_title(masked.text),
            masked_count=len(masked.masks),
        )
        return Prepared(report=report, masked=masked, residual=residual)

    def prepare_all(
        self, file: str, read: Callable[..., Iterator[RawReport]], *, part: int = 0, parts: int = 1
    ) -> Iterator[tuple[int, str, Report | IngestResult]]:
        """Each report of a file under its name, or the result that says why there is none; before it, what sorts them.

        Args:
            part, parts: One of so many parts of the file, which others prepare. Problems of the file belong to part 0.
        """
        number, stopped = 0, None
        bad_rows: list[ReadingError] = []
        try:
            for number, raw in enumerate(read(on_bad_row=bad_rows.append), start=1):
                while bad_rows:
                    bad_row = bad_rows.pop(0)
                    if part == 0:
                        yield 2 * number - 1, file, refused(file, bad_row)
                if number % parts != part:
                    continue
                name = file if number == 1 else f"{file}, report {number}"
                try:
                    prepared = self.prepare(raw)
                    if prepared.residual:
                        log.info("held for review places=%d", len(prepared.residual))
                        yield 2 * number, name, held(name, prepared)
                    else:
                        yield 2 * number, name, prepared.report
                except Exception as error:  # noqa: BLE001 - the edge of one report: the others must go on
                    yield 2 * number, name, _unprepared(name, error, what="de-identified")
        except Exception as error:  # noqa: BLE001 - the edge of one file: the others must go on
            stopped = _unprepared(file if number == 0 else f"{file}, after report {number}", error, what="read")
        if part == 0:
            yield from ((2 * number + 1, file, refused(file, error)) for error in bad_rows)
            if stopped is not None:
                yield 2 * number + 1, stopped.name, stopped

    def _report_id(self, raw: RawReport, spans: Sequence[IdentifierSpan]) -> str:
        """The id that the file gives, unless it tells who the patient is; then a hash of it, the same for the same id."""
        if raw.source_id is not None and (given := raw.source_id.strip()):
            if len(given) > _MAX_ID or not given.isprintable():
                raise UnusableId(length=len(given), limit=_MAX_ID)
            numbers = [raw.text[span.start : span.end] for span in spans if span.type in NUMBER_TYPES]
            return "r-" + self._keys.content_hash(given)[:12] if tells(given, raw.patient or "", numbers) else given
        # Patient and date go in: two patients may have the same short normal report, and both are kept.
        parts = (raw.text, raw.patient or "", raw.date.isoformat() if raw.date else "")
        return "r-" + self._keys.content_hash(*parts)[:12]


def _unprepared(name: str, error: Exception, *, what: str) -> IngestResult:
    if isinstance(error, CurbsideError):
        return refused(name, error)
    # The type alone: the message of a foreign error may quote the text.
    log.error("report not %s error=%s", what, type(error).__name__)
    return IngestResult(name=name, problem=f"it could not be {what} ({type(error).__name__}) and was not kept")


def shifted_day(day: date, patient: str, *, key: bytes) -> int:
    """A day on the patient's own calendar, which begins 1 to 20,000 days early, by a keyed hash of the pseudonym.

    Order and intervals within a patient hold; without the key, nobody can tell the date to within 54 years.
    """
    digest = hmac.digest(key, f"calendar/{patient}".encode(), hashlib.sha256)
    return (day - _CALENDAR_START).days + 1 + int.from_bytes(digest[:8], "big") % _MAX_SHIFT_DAYS
