"""The engine, its sessions and the encrypted text columns. SQLite in the data folder, or any database by URL.

SQLite runs in WAL mode: readers never wait for the writer. `synchronous` is FULL, not NORMAL: under NORMAL a power
cut can take back the last commits, and "your correction is kept" must then be a lie. It costs one flush a commit;
ingest commits in batches and a clinician saves an edit a minute, so nobody notices. Writers start with
`BEGIN IMMEDIATE`: a transaction that reads first and writes later would otherwise fail at once, without waiting, when
another one wrote in between.
"""

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError
from sqlalchemy import event
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session

from assistant.errors import DatabaseUnavailable, DiskFull, MissingExtra
from assistant.keys import DATABASE_FILE, Keys, TextCipher
from assistant.settings import StorageSettings

_SURROGATE = re.compile("[\ud800-\udfff]")
BUSY_TIMEOUT_S = 15
"""How long a writer waits for another one. A batch of an ingest holds the lock for well under a second."""


class EncryptedText(sa.types.TypeDecorator[str]):
    """A text column of which the database only ever sees ciphertext.

    The key belongs to the engine (its dialect carries the cipher), so two installations can be open in one process.
    """

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else _cipher(dialect).encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else _cipher(dialect).decrypt(bytes(value))


def to_json(adapter: TypeAdapter[Any], value: object) -> str:
    """A value as the JSON of an encrypted column, whatever a browser has sent.

    A lone surrogate, which a JSON escape can smuggle in, becomes U+FFFD; offsets stay what they are.
    """
    try:
        return adapter.dump_json(value).decode()
    except PydanticSerializationError:
        return _SURROGATE.sub("\ufffd", json.dumps(adapter.dump_python(value), ensure_ascii=False))


class UtcTime(sa.types.TypeDecorator[datetime]):
    """An aware time, kept in UTC; SQLite forgets the zone, so it is put back on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """An open database and its keys. Safe to share between threads; a session is not."""

    def __init__(self, engine: sa.Engine, keys: Keys) -> None:
        self.engine = engine
        self.keys = keys
        self._writing = engine.execution_options(curbside_writes=True)

    @contextmanager
    def session(self, *, write: bool = False) -> Iterator[Session]:
        """A session that commits at the end of the block, or rolls back if the block raises.

        Args:
            write: Whether the block changes anything; it then waits for its turn to write before it reads.

        Raises:
            DiskFull: The change was not saved.
            DatabaseUnavailable: The server does not answer, or another writer held the file for too long.
        """
        with Session(self._writing if write else self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def open_database(settings: StorageSettings, keys: Keys) -> Database:
    """Connects lazily: nothing is opened or made before the first session. Tables come from `ui.migrations`.

    Raises:
        MissingExtra: The URL names PostgreSQL and psycopg is not installed.
    """
    if settings.database_url is None:
        path = settings.data_dir / DATABASE_FILE
        engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(path)),
            connect_args={"timeout": BUSY_TIMEOUT_S, "isolation_level": None, "check_same_thread": False},
            hide_parameters=True,
        )
    else:
        try:
            engine = sa.create_engine(_server_url(settings.database_url), pool_pre_ping=True, hide_parameters=True)
        except ModuleNotFoundError as error:
            raise MissingExtra(package=error.name or "psycopg", extra="postgres") from error
    engine.dialect.curbside_cipher = keys.cipher  # type: ignore[attr-defined]
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "handle_error", _ErrorTranslator(settings.data_dir))
    return Database(engine, keys)


def _server_url(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except ArgumentError as error:
        raise DatabaseUnavailable(problem="its address is not a SQLAlchemy URL") from error
    if parsed.drivername in ("postgres", "postgresql"):
        # psycopg 3 is the driver that the `postgres` extra installs.
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.update_query_dict({"connect_timeout": parsed.query.get("connect_timeout", "5")})
    return parsed


def _cipher(dialect: Dialect) -> TextCipher:
    return dialect.curbside_cipher  # type: ignore[attr-defined]


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: sa.Connection) -> None:
    # The driver is told to begin nothing by itself (`isolation_level=None`): it would begin deferred, and too late.
    writes = connection.get_execution_options().get("curbside_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class _ErrorTranslator:
    """Turns what drivers raise into errors with a remedy; everything else passes unchanged."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def __call__(self, context: ExceptionContext) -> None:
        error: Any = context.original_exception
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        state = getattr(error, "sqlstate", None) or ""
        if code == sqlite3.SQLITE_FULL or state == "53100":
            raise DiskFull(free_bytes=shutil.disk_usage(self._data_dir).free) from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise DatabaseUnavailable(problem=f"another program held it for {BUSY_TIMEOUT_S} seconds") from error
        if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOTADB):
            raise DatabaseUnavailable(problem=error.sqlite_errorname) from error
        if context.is_disconnect or (
            context.connection is None and isinstance(context.sqlalchemy_exception, OperationalError)
        ):
            raise DatabaseUnavailable(problem=str(error).partition("\n")[0].strip() or "no connection") from error
