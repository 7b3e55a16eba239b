"""Copies every table as it is, ciphertext as ciphertext, from an embedded database to PostgreSQL, and compares them.

A table is walked in the order of its key, a stretch at a time: a stretch that is alike on both sides is left, another is
replaced as a whole in one transaction. So a copy that was killed goes on where it was, and one that is done changes nothing.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

import feedback.tables  # noqa: F401 - importing declares the tables
import training.tables  # noqa: F401
from assistant.database import EncryptedText
from ui.moving_values import CannotMove, Compared

_STRETCH = 500
"""Rows read, compared and written together: encrypted reports of some kilobytes each."""


class RawTable:
    """A table without encryption: what its bytes are is nobody's business here."""

    def __init__(self, table: sa.Table) -> None:
        self.name = table.name
        self._table = sa.table(
            table.name,
            *(sa.column(c.name, sa.LargeBinary() if isinstance(c.type, EncryptedText) else c.type) for c in table.c),
        )
        self._key = [self._table.c[c.name] for c in table.primary_key]
        self._key_places = [list(table.c.keys()).index(c.name) for c in table.primary_key]
        self._sequences = [c.name for c in table.primary_key if isinstance(c.type, sa.Integer) and len(self._key) == 1]

    def count(self, connection: sa.Connection) -> int:
        return connection.scalar(sa.select(sa.func.count()).select_from(self._table)) or 0

    def stretches(self, source: sa.Connection) -> Iterator[tuple[Any, Any, list[sa.Row[Any]]]]:
        """`(key before, last key, rows)` in the order of the key; the last stretch has no last key and may have no rows."""
        after = None
        while True:
            rows = self.read(source, after=after, limit=_STRETCH)
            last = self.key(rows[-1]) if len(rows) == _STRETCH else None
            yield after, last, rows
            if last is None:
                return
            after = last

    def read(
        self, connection: sa.Connection, *, after: Any, last: Any = None, limit: int | None = None
    ) -> list[sa.Row[Any]]:
        """Rows beyond the key `after`, up to the key `last`."""
        query = sa.select(self._table).where(*self._between(connection, after, last))
        return list(connection.execute(query.order_by(*self._ordered(connection)).limit(limit)))

    def replace(self, target: sa.Connection, after: Any, last: Any, rows: Sequence[sa.Row[Any]]) -> None:
        target.execute(sa.delete(self._table).where(*self._between(target, after, last)))
        if rows:
            target.execute(sa.insert(self._table), [dict(row._mapping) for row in rows])

    def set_sequence(self, source: sa.Connection, target: sa.Connection) -> None:
        """Let PostgreSQL count on where SQLite would have: ids of deleted rows are never given again."""
        for column in self._sequences:
            quoted = target.dialect.identifier_preparer.quote(self.name)
            sequence = target.scalar(sa.select(sa.func.pg_get_serial_sequence(quoted, column)))
            highest = source.scalar(sa.select(sa.func.max(self._table.c[column]))) or 0
            if sa.inspect(source).has_table("sqlite_sequence"):
                given = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name")
                highest = max(highest, source.scalar(given, {"name": self.name}) or 0)
            if sequence and highest:
                target.execute(sa.select(sa.func.setval(sequence, highest)))

    def key(self, row: sa.Row[Any]) -> tuple[Any, ...]:
        return tuple(row[place] for place in self._key_places)

    def _between(self, connection: sa.Connection, after: Any, last: Any) -> list[Any]:
        key = sa.tuple_(*self._ordered(connection))
        bounds = []
        if after is not None:
            bounds.append(key > self._literal(after))
        if last is not None:
            bounds.append(key <= self._literal(last))
        return bounds

    def _literal(self, key: tuple[Any, ...]) -> Any:
        return sa.tuple_(*(sa.literal(value, column.type) for value, column in zip(key, self._key, strict=True)))

    def _ordered(self, connection: sa.Connection) -> list[Any]:
        # Both sides in the order of bytes: a server's own order of text is that of its language.
        bytewise = connection.dialect.name == "postgresql"
        return [sa.collate(c, "C") if bytewise and isinstance(c.type, sa.String) else c for c in self._key]


def raw_tables(source: sa.Connection) -> list[RawTable]:
    """All tables, those that others point to first.

    Raises:
        CannotMove: The database has a table that this version does not know: it would be lost.
    """
    known = SQLModel.metadata.sorted_tables
    there = {name for name in sa.inspect(source).get_table_names() if not name.startswith("sqlite_")}
    unknown, missing = there - {t.name for t in known} - {"alembic_version"}, {t.name for t in known} - there
    if unknown or missing:
        raise CannotMove(
            problem=f"the database is not of this version's shape ({', '.join(sorted(unknown | missing))})",
            remedy="start this version of Curbside on it once, and stop it again",
        )
    return [RawTable(table) for table in known]


def copy_stretch(target: sa.Engine, table: RawTable, after: Any, last: Any, rows: Sequence[sa.Row[Any]]) -> None:
    """Make a stretch of the target what it is in the source. Raises `CannotMove` for a row that PostgreSQL does not take."""
    try:
        with target.begin() as connection:
            there = table.read(connection, after=after, last=last)
            if [canonical(row) for row in there] != [canonical(row) for row in rows]:
                table.replace(connection, after, last, rows)
    except (DBAPIError, ValueError) as error:
        raise CannotMove(
            problem=f"PostgreSQL does not take rows of the table {table.name} ({type(error).__name__})",
            remedy="nothing is lost: the installation is what it was",
        ) from error


def compare(source: sa.Connection, target: sa.Connection, table: RawTable) -> Compared:
    """Every row of both sides, read again."""
    digest = hashlib.sha256()
    here_count = there_count = different = 0
    for after, last, rows in table.stretches(source):
        here = {table.key(row): canonical(row) for row in rows}
        there = {table.key(row): canonical(row) for row in table.read(target, after=after, last=last)}
        for value in here.values():
            digest.update(value)
        here_count, there_count = here_count + len(here), there_count + len(there)
        different += sum(here.get(key) != there.get(key) for key in here.keys() | there.keys())
    return Compared(what=table.name, here=here_count, there=there_count, different=different, digest=digest.hexdigest())


def canonical(row: sa.Row[Any]) -> bytes:
    """A row's values as bytes that are the same on every database."""
    return json.dumps([_plain(value) for value in row], sort_keys=True, default=str).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, memoryview)):
        return {"bytes": bytes(value).hex()}
    return {"time": value.isoformat()} if isinstance(value, datetime) else value
