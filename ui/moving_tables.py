"""Copies every table as it is, ciphertext as ciphertext, from an embedded database to PostgreSQL, and compares them.

A table is walked in the order of its key, a batch at a time: a batch that is alike on both sides is left, another is
replaced as a whole in one transaction. So a copy that was killed goes on where it was, and one that is done changes nothing.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

import feedback.tables  # noqa: F401 - importing declares the tables
import training.tables  # noqa: F401
from assistant.database import EncryptedText
from ui.moving_values import CannotMove, Compared, OnProgress

_BATCH = 500
"""Rows read, compared and written together: encrypted reports of some kilobytes each."""


class RawTable:
    """A table without encryption: what its bytes are is nobody's business here."""

    def __init__(self, table: sa.Table) -> None:
        self.name = table.name
        self._table = sa.table(
            table.name,
            *(sa.column(c.name, sa.LargeBinary() if isinstance(c.type, EncryptedText) else c.type) for c in table.c),
        )
        (key,) = table.primary_key
        self._key = self._table.c[key.name]

    def keys(self, connection: sa.Connection) -> list[Any]:
        """Of all rows, in the order of SQLite: of bytes. PostgreSQL's own order of text is that of its language."""
        return sorted(connection.scalars(sa.select(self._key)))

    def count(self, connection: sa.Connection) -> int:
        return connection.scalar(sa.select(sa.func.count()).select_from(self._table)) or 0

    def read(self, connection: sa.Connection, keys: Sequence[Any]) -> dict[Any, dict[str, Any]]:
        """The rows of these keys as far as they are there, by key, in this order."""
        query = sa.select(self._table).where(self._key.in_(keys))
        found = {row[self._key.name]: dict(row) for row in connection.execute(query).mappings()}
        return {key: found[key] for key in keys if key in found}

    def put(self, target: sa.Connection, keys: Sequence[Any], rows: Sequence[dict[str, Any]]) -> None:
        """Let the rows of these keys be these."""
        target.execute(sa.delete(self._table).where(self._key.in_(keys)))
        if rows:
            target.execute(sa.insert(self._table), rows)

    def set_sequence(self, source: sa.Connection, target: sa.Connection) -> None:
        """Let PostgreSQL count on where SQLite would have: ids of deleted rows are never given again."""
        if not isinstance(self._key.type, sa.Integer):
            return
        quoted = target.dialect.identifier_preparer.quote(self.name)
        sequence = target.scalar(sa.select(sa.func.pg_get_serial_sequence(quoted, self._key.name)))
        highest = source.scalar(sa.select(sa.func.max(self._key))) or 0
        if sa.inspect(source).has_table("sqlite_sequence"):
            given = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name")
            highest = max(highest, source.scalar(given, {"name": self.name}) or 0)
        if sequence and highest:
            target.execute(sa.select(sa.func.setval(sequence, highest)))


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


def copy(source: sa.Connection, target: sa.Engine, table: RawTable, on_done: Callable[[int, int], None]) -> None:
    """Make a table of the target what it is in the source.

    Args:
        on_done: Told how many rows are done, and of how many.

    Raises:
        CannotMove: A row that PostgreSQL does not take.
    """
    keys = table.keys(source)
    with target.begin() as connection:
        extra = sorted(set(table.keys(connection)) - set(keys))
        for batch in _batches(extra):
            table.put(connection, batch, [])
    done = 0
    for batch in _batches(keys):
        rows = table.read(source, batch)
        copy_batch(target, table, batch, rows)
        done += len(batch)
        on_done(done, len(keys))
    with target.begin() as connection:
        table.set_sequence(source, connection)


def copy_batch(target: sa.Engine, table: RawTable, keys: Sequence[Any], rows: dict[Any, dict[str, Any]]) -> None:
    """One transaction, and none where everything is there. Raises `CannotMove`, which names the row."""
    try:
        with target.begin() as connection:
            there = table.read(connection, keys)
            if {key: canonical(row) for key, row in there.items()} != {
                key: canonical(row) for key, row in rows.items()
            }:
                table.put(connection, keys, list(rows.values()))
    except (DBAPIError, ValueError) as error:
        if len(keys) == 1:
            said = str(getattr(error, "orig", None) or type(error).__name__).partition("\n")[0]
            raise CannotMove(
                problem=f"PostgreSQL does not take the row {keys[0]!r} of the table {table.name} ({said})",
                remedy="correct or delete it in Curbside, stop that again and run the same command: it goes on where it was",
            ) from error
        for key in keys:  # one of them it is
            copy_batch(target, table, [key], {key: rows[key]})


def compare(source: sa.Connection, target: sa.Connection, table: RawTable) -> Compared:
    """Every row of both sides, read again."""
    digest, keys, others = hashlib.sha256(), table.keys(source), set(table.keys(target))
    different = len(others - set(keys))
    for batch in _batches(keys):
        here, there = table.read(source, batch), table.read(target, batch)
        for key, row in here.items():
            digest.update(value := canonical(row))
            different += key not in there or canonical(there[key]) != value
    return Compared(what=table.name, here=len(keys), there=len(others), different=different, digest=digest.hexdigest())


def compare_all(
    source: sa.Connection, target: sa.Engine, tables: Sequence[RawTable], on_progress: OnProgress
) -> list[Compared]:
    found = []
    with target.connect() as connection:
        for done, table in enumerate(tables, start=1):
            found.append(compare(source, connection, table))
            on_progress("comparing tables", done, len(tables))
    return found


def canonical(row: Mapping[str, Any]) -> bytes:
    """A row's values as bytes that are the same on every database."""
    return json.dumps([_plain(value) for value in row.values()], sort_keys=True, default=str).encode() + b"\n"


def _batches(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (keys[first : first + _BATCH] for first in range(0, len(keys), _BATCH))


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, memoryview)):
        return {"bytes": bytes(value).hex()}
    return {"time": value.isoformat()} if isinstance(value, datetime) else value
