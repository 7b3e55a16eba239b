"""From files to indexed past reports: read → de-identify → section → keep → index.

What is kept is marked as unindexed until all its chunks are in the index, so that an ingest that was cut off, even by
`kill -9`, is finished by `resume` without doubling or losing anything. No file name is ever stored or logged: it may
hold a patient's name.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Literal

from assistant.deid.engine import Deidentifier
from assistant.errors import CurbsideError, NeedsReview
from assistant.ingest_results import IngestResult, Prepared, failed
from assistant.keys import Keys
from assistant.library import Kept, Library
from assistant.preparing import Preparer
from assistant.reading import Columns, read_bytes, read_file
from assistant.retrieval.index import ReportIndex
from assistant.schema import Chunk, RawReport, Report
from assistant.settings import ReadingSettings

log = logging.getLogger(__name__)

_BATCH_REPORTS = 32
"""Reports that are kept and embedded together: enough for full batches of chunks, few enough for a moving bar."""


class Ingest:
    """Brings reports into the library and its index. One ingest writes at a time; several threads may ask."""

    def __init__(
        self,
        *,
        deidentifier: Deidentifier,
        library: Library,
        index: Callable[[], ReportIndex],
        keys: Keys,
        reading: ReadingSettings,
        on_residual: Literal["hold", "mask"] = "hold",
    ) -> None:
        """`index` is asked for when the first chunk is there: it loads the embedding model.

        `on_residual` as in `DeidSettings`.
        """
        self._preparer = Preparer(deidentifier=deidentifier, keys=keys, on_residual=on_residual)
        self.prepare = self._preparer.prepare  # what is looked at before it is kept
        self._library = library
        self._index = index
        self._reading = reading
        self._lock = threading.Lock()

    def ingest_paths(
        self,
        paths: Sequence[Path],
        *,
        columns: Columns = Columns(),
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Iterator[IngestResult]:
        """Yield a result for each report, and for each file that cannot be read, as they are done.

        Args:
            paths: Files (`report_paths` finds them in folders).
            on_progress: Called with files done and files in all.
        """
        read = partial(read_file, settings=self._reading, columns=columns)
        batch: dict[str, tuple[str, Report]] = {}
        for done, path in enumerate(paths, start=1):
            yield from self._ingest(path.name, partial(read, path), batch)
            if on_progress is not None:
                on_progress(done, len(paths))
        yield from self._finish(batch)

    def ingest_bytes(self, data: bytes, *, name: str, columns: Columns = Columns()) -> Iterator[IngestResult]:
        """As `ingest_paths`, for the content of one uploaded file."""
        batch: dict[str, tuple[str, Report]] = {}
        read = partial(read_bytes, data, name=name, settings=self._reading, columns=columns)
        yield from self._ingest(name, read, batch)
        yield from self._finish(batch)

    def keep_prepared(self, found: Iterable[tuple[str, Report | IngestResult]]) -> Iterator[IngestResult]:
        """As `ingest_paths`, for reports that were prepared elsewhere, each under its name, or why there is none."""
        batch: dict[str, tuple[str, Report]] = {}
        yield from self._take(found, batch)
        yield from self._finish(batch)

    def keep_report(self, prepared: Prepared, *, name: str = "") -> IngestResult:
        """Keep and index a report.

        Raises:
            NeedsReview: Something in it still looks like an identifier; nothing is kept.
            StorageError: It could not be kept.
        """
        if prepared.residual:
            raise NeedsReview(places=prepared.residual)
        return self._store([(name, prepared.report)])[0]

    def resume(self, on_progress: Callable[[int, int], None] | None = None) -> int:
        """Index what was kept but not indexed, after an interruption. The number of reports indexed.

        Raises:
            RetrievalError: The index cannot be written; try again when it can.
        """
        total, done = self._library.count_unindexed(), 0
        reports = self._library.unindexed()
        while batch := list(islice(reports, _BATCH_REPORTS)):
            with self._lock:
                # Read again under the lock: another thread may have indexed, replaced or deleted some meanwhile.
                pending = self._library.unindexed_among(report.id for report in batch)
                self._index_reports(self._library.get_all(pending), stale=pending)
            done += len(batch)
            if on_progress is not None:
                on_progress(done, max(done, total))
        return done

    def reindex(self, on_progress: Callable[[int, int], None] | None = None) -> int:
        """Build the index anew from the library, after a change of the embedding model. The number of reports."""
        with self._lock:
            # In this order: cut off after the first step, `resume` still completes the index.
            self._library.mark_all_unindexed()
            self._index().clear()
        return self.resume(on_progress)

    def delete_report(self, report_id: str) -> None:
        """Remove a report from the index and from the library. Raises `ReportNotFound`."""
        with self._lock:
            self._library.get(report_id)
            # In this order: cut off in the middle, the report is still there, whole, and can be deleted again.
            self._library.mark_unindexed([report_id])
            self._index().remove([report_id])
            self._library.delete(report_id)
        log.info("deleted reports=1")  # no id: it may come from a file, and nobody knows what it tells

    def _ingest(
        self, file: str, read: Callable[..., Iterator[RawReport]], batch: dict[str, tuple[str, Report]]
    ) -> Iterator[IngestResult]:
        """Bring a file's reports into `batch`, and yield what is finished on the way. Nothing is raised."""
        found = self._preparer.prepare_all(file, read)
        yield from self._take(((name, prepared) for _, name, prepared in found), batch)

    def _take(
        self, found: Iterable[tuple[str, Report | IngestResult]], batch: dict[str, tuple[str, Report]]
    ) -> Iterator[IngestResult]:
        for name, prepared in found:
            if isinstance(prepared, IngestResult):
                yield from self._finish(batch)
                yield prepared
                continue
            # The same id again: the first is kept before the second replaces it, so that each gets its own result.
            if prepared.id in batch or len(batch) >= _BATCH_REPORTS:
                yield from self._finish(batch)
            batch[prepared.id] = (name, prepared)

    def _finish(self, batch: dict[str, tuple[str, Report]]) -> list[IngestResult]:
        """Keep and index a batch and empty it; the results in its order. Nothing is raised."""
        items = list(batch.values())
        batch.clear()
        if not items:
            return []
        try:
            return self._store(items)
        except CurbsideError as error:
            log.warning("batch not kept reports=%d error=%s", len(items), type(error).__name__)
            return [failed(name, report, str(error)) for name, report in items]

    def _store(self, items: Sequence[tuple[str, Report]]) -> list[IngestResult]:
        """Keep and index reports with different ids. Raises `StorageError` if they could not be kept."""
        reports = [report for _, report in items]
        problem: str | None = None
        with self._lock:
            states = self._library.keep_all(reports)
            # Also what is unchanged but was never indexed, because an earlier ingest was cut off.
            pending = self._library.unindexed_among(states)
            replaced = {id for id, state in states.items() if state is not Kept.ADDED}
            try:
                self._index_reports([report for report in reports if report.id in pending], stale=pending & replaced)
                pending = set()
            except CurbsideError as error:
                log.warning("batch not indexed reports=%d error=%s", len(pending), type(error).__name__)
                problem = f"kept, but not indexed yet: {error}"
        return [
            IngestResult(
                name=name,
                report_id=report.id,
                masked=report.masked_count,
                sections=len(report.sections),
                state=states[report.id].value,
                indexed=report.id not in pending,
                problem=problem if report.id in pending else None,
            )
            for name, report in items
        ]

    def _index_reports(self, reports: Sequence[Report], *, stale: set[str]) -> None:
        """Put all chunks of these reports into the index. `stale`: reports that may have other chunks there."""
        if not reports:
            return
        index = self._index()
        if stale:
            index.remove(sorted(stale))
        chunks: list[Chunk] = [chunk for report in reports for chunk in self._library.chunk(report)]
        index.add(chunks)
        self._library.mark_indexed(report.id for report in reports)
        log.info("indexed reports=%d chunks=%d", len(reports), len(chunks))
