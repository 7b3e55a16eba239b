"""The past reports and access to them. The only SQL of this package.

Chunks are not stored: cutting is deterministic, so a chunk is cut again from its report when it is needed.
"""

import threading
from builtins import list as List  # `Library.list` hides it within the class
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from assistant.database import Database, to_json
from assistant.errors import ReportNotFound, WrongKey
from assistant.retrieval.chunks import chunk_report
from assistant.schema import Chunk, Report, Section
from assistant.tables import InstallationRow, ReportRow

_BATCH = 200
"""Rows read or named in one statement: a batch of reports fits in memory, its ids in any database's parameters."""
_CACHED_REPORTS = 256
_SECTIONS = TypeAdapter(tuple[Section, ...])
_Row: Any = ReportRow
"""SQLModel types a column as the value it holds; statements are written with columns."""


class Kept(StrEnum):
    """What became of a report that was to be kept."""

    ADDED = "added"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSummary:
    """A report as a line in a list."""

    id: str
    title: str = field(repr=False)
    patient: str | None
    year: int | None
    masked_count: int
    added_at: datetime
    indexed: bool


class Library:
    """Keeps reports. Safe to share between threads."""

    def __init__(self, database: Database, *, max_words: int) -> None:
        """`max_words`: longest chunk, `chunk_words` of the settings; after changing it, everything is indexed anew."""
        self._database = database
        self._max_words = max_words
        self._chunked: OrderedDict[str, tuple[str, dict[str, Chunk]]] = OrderedDict()
        self._lock = threading.Lock()

    def check_key(self) -> None:
        """Remember the key in a new database; raise `WrongKey` if this one was made with another."""
        try:
            self._check_key()
        except IntegrityError:  # another process of this installation starts too, and was first
            self._check_key()

    def _check_key(self) -> None:
        keys = self._database.keys
        with self._database.session(write=True) as session:
            row = session.get(InstallationRow, 1)
            if row is None:
                session.add(InstallationRow(key_fingerprint=keys.fingerprint))
            elif row.key_fingerprint != keys.fingerprint:
                raise WrongKey(path=str(keys.path))

    def keep(self, report: Report) -> bool:
        """Store a report, or replace the one with its id; it is unindexed then. `False` if it is there unchanged."""
        return self.keep_all([report])[report.id] is not Kept.UNCHANGED

    def keep_all(self, reports: Iterable[Report]) -> dict[str, Kept]:
        """Store several reports in one transaction, all or none; by id, what became of them."""
        # In one order: two writers that lock rows in opposite orders would wait for each other.
        rows = {report.id: self._row(report) for report in sorted(reports, key=lambda report: report.id)}
        if not rows:
            return {}
        with self._database.session(write=True) as session:
            known: set[str] = set()
            for ids in _batches(rows):
                known.update(session.scalars(sa.select(_Row.id).where(_Row.id.in_(ids))))
            # One statement both inserts and replaces, so that two writers with the same report cannot collide.
            postgres = session.get_bind().dialect.name == "postgresql"
            insert = postgresql.insert(ReportRow) if postgres else sqlite.insert(ReportRow)
            upsert = insert.on_conflict_do_update(
                index_elements=[_Row.id],
                set_={column.name: insert.excluded[column.name] for column in _Row.__table__.c if column.name != "id"},
                where=_Row.content_hash != insert.excluded.content_hash,
            )
            changed = set(session.scalars(upsert.returning(_Row.id), list(rows.values())))
        states = {id: Kept.REPLACED if id in known else Kept.ADDED for id in changed}
        return {id: states.get(id, Kept.UNCHANGED) for id in rows}

    def get(self, report_id: str) -> Report:
        """Raises `ReportNotFound`."""
        with self._database.session() as session:
            row = session.get(ReportRow, report_id)
        if row is None:
            raise ReportNotFound(report_id=report_id)
        return _report(row)

    def get_all(self, report_ids: Iterable[str]) -> List[Report]:
        """The reports with these ids, in this order; unknown ids are left out."""
        wanted = list(dict.fromkeys(report_ids))
        rows: dict[str, ReportRow] = {}
        with self._database.session() as session:
            for ids in _batches(wanted):
                found = session.scalars(sa.select(ReportRow).where(_Row.id.in_(ids)))
                rows.update((row.id, row) for row in found)
        return [_report(rows[id]) for id in wanted if id in rows]

    def get_chunks(self, chunk_ids: Sequence[str]) -> List[Chunk]:
        """The chunks with these ids, in this order; ids of deleted reports are left out."""
        wanted = [(chunk_id.rpartition("#")[0], chunk_id) for chunk_id in chunk_ids]
        chunks = self._chunks_of({report_id for report_id, _ in wanted})
        return [chunks[report_id][id] for report_id, id in wanted if id in chunks.get(report_id, {})]

    def list(self, *, offset: int = 0, limit: int = 50) -> List[ReportSummary]:
        """Reports, the last added first."""
        columns = (_Row.id, _Row.title, _Row.patient, _Row.year, _Row.masked_count, _Row.added_at, _Row.indexed_at)
        query = sa.select(*columns).order_by(_Row.added_at.desc(), _Row.id).offset(offset).limit(limit)
        with self._database.session() as session:
            rows = session.execute(query).all()
        return [
            ReportSummary(
                id=row.id,
                title=row.title,
                patient=row.patient,
                year=row.year,
                masked_count=row.masked_count,
                added_at=row.added_at,
                indexed=row.indexed_at is not None,
            )
            for row in rows
        ]

    def count(self) -> int:
        with self._database.session() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(ReportRow)) or 0

    def all_reports(self) -> Iterator[Report]:
        """Every report by id, a batch in memory at a time; no transaction stays open between batches."""
        return self._stream()

    def all_chunks(self) -> Iterator[Chunk]:
        """Every chunk, cut again from its report: what the word index is filled from at start."""
        for report in self.all_reports():
            yield from self.chunk(report)

    def chunk(self, report: Report) -> List[Chunk]:
        """A report's chunks, as `get_chunks` will find them."""
        return chunk_report(report, max_words=self._max_words)

    def unindexed(self) -> Iterator[Report]:
        """Reports that were kept but are not completely in the index. They may be marked while iterating."""
        return self._stream(_Row.indexed_at.is_(None))

    def count_unindexed(self) -> int:
        query = sa.select(sa.func.count()).select_from(ReportRow).where(_Row.indexed_at.is_(None))
        with self._database.session() as session:
            return session.scalar(query) or 0

    def unindexed_among(self, report_ids: Iterable[str]) -> set[str]:
        """Which of these reports are not completely in the index."""
        found: set[str] = set()
        with self._database.session() as session:
            for ids in _batches(report_ids):
                query = sa.select(_Row.id).where(_Row.id.in_(ids), _Row.indexed_at.is_(None))
                found.update(session.scalars(query))
        return found

    def mark_indexed(self, report_ids: Iterable[str]) -> None:
        """Every chunk of these reports is in the index."""
        self._mark(report_ids, indexed_at=datetime.now(UTC))

    def mark_unindexed(self, report_ids: Iterable[str]) -> None:
        """Something of these reports is missing in the index."""
        self._mark(report_ids, indexed_at=None)

    def mark_all_unindexed(self) -> None:
        """The index starts anew."""
        with self._database.session(write=True) as session:
            session.execute(sa.update(ReportRow).values(indexed_at=None))

    def delete(self, report_id: str) -> None:
        """Remove a report. Raises `ReportNotFound`."""
        with self._database.session(write=True) as session:
            deleted = session.execute(sa.delete(ReportRow).where(_Row.id == report_id))
            if not deleted.rowcount:  # type: ignore[attr-defined]
                raise ReportNotFound(report_id=report_id)
        with self._lock:
            self._chunked.pop(report_id, None)

    def _stream(self, *conditions: sa.ColumnElement[bool]) -> Iterator[Report]:
        query = sa.select(ReportRow).where(*conditions).order_by(_Row.id).limit(_BATCH)
        last = ""
        while True:
            with self._database.session() as session:
                rows = session.scalars(query.where(_Row.id > last)).all()
            yield from map(_report, rows)
            if len(rows) < _BATCH:
                return
            last = rows[-1].id

    def _mark(self, report_ids: Iterable[str], *, indexed_at: datetime | None) -> None:
        with self._database.session(write=True) as session:
            for ids in _batches(report_ids):
                where = _Row.id.in_(ids)
                session.execute(sa.update(ReportRow).where(where).values(indexed_at=indexed_at))

    def _chunks_of(self, report_ids: Collection[str]) -> dict[str, dict[str, Chunk]]:
        """By report id, by chunk id. A report's hash decides whether its cached chunks still hold."""
        hashes: dict[str, str] = {}
        with self._database.session() as session:
            for ids in _batches(report_ids):
                found_rows = session.execute(sa.select(_Row.id, _Row.content_hash).where(_Row.id.in_(ids)))
                hashes.update((row.id, row.content_hash) for row in found_rows)
        found: dict[str, dict[str, Chunk]] = {}
        with self._lock:
            for id, content_hash in hashes.items():
                cached = self._chunked.get(id)
                if cached is not None and cached[0] == content_hash:
                    self._chunked.move_to_end(id)
                    found[id] = cached[1]
        for report in self.get_all(id for id in hashes if id not in found):
            found[report.id] = {chunk.id: chunk for chunk in self.chunk(report)}
            with self._lock:
                self._chunked[report.id] = (self._hash(report), found[report.id])
                while len(self._chunked) > _CACHED_REPORTS:
                    self._chunked.popitem(last=False)
        return found

    def _hash(self, report: Report) -> str:
        facts = (report.patient, report.day, report.year, report.title, report.masked_count)
        return self._database.keys.content_hash(report.text, _write_sections(report), *map(str, facts))

    def _row(self, report: Report) -> dict[str, Any]:
        return {
            "id": report.id,
            "text": report.text,
            "sections": _write_sections(report),
            "title": report.title,
            "patient": report.patient,
            "day": report.day,
            "year": report.year,
            "masked_count": report.masked_count,
            "content_hash": self._hash(report),
            "added_at": datetime.now(UTC),
            "indexed_at": None,
        }


def _write_sections(report: Report) -> str:
    return to_json(_SECTIONS, report.sections)


def _report(row: ReportRow) -> Report:
    return Report(
        id=row.id,
        text=row.text,
        sections=_SECTIONS.validate_json(row.sections),
        patient=row.patient,
        day=row.day,
        year=row.year,
        title=row.title,
        masked_count=row.masked_count,
    )


def _batches(values: Iterable[str]) -> Iterator[List[str]]:
    items = list(values)
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))
