"""Moves an embedded installation (SQLite, Chroma in the data folder) to PostgreSQL and a Chroma server, and compares both.

The source is only read. The target says whose half-done move it holds until everything was compared, so that a move that
was killed is simply started again, and a target in use is never written to. Key, adapters, runs and accounts stay in the
data folder.
"""

import errno
import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit

import sqlalchemy as sa
from sqlalchemy import event

from assistant.database import Database, open_database
from assistant.errors import InputError, WrongKey
from assistant.keys import DATABASE_FILE, Keys
from assistant.settings import StorageSettings
from assistant.tables import InstallationRow
from ui.migrations import HALF_MOVED, config, upgrade
from ui.moving_index import look_at_index, move_index
from ui.moving_tables import RawTable, compare_all, copy, raw_tables
from ui.moving_target import alone, check_target, check_text, explained
from ui.moving_values import CannotMove, Compared, Moved, OnProgress, not_empty

_SQLITE_OPEN_BYTE = 128
"""Of the `-shm` file: SQLite holds a lock on it as long as any process has the database open (walformat, "DMS")."""
_MARK = sa.Table(HALF_MOVED, sa.MetaData(), sa.Column("key_fingerprint", sa.String, primary_key=True))


class Holds(Enum):
    """What a database that may be moved to holds."""

    NOTHING = "nothing"
    A_PART = "a part of this very move"
    PERHAPS_ALL = "tables of this installation: all that would be moved, or it is refused"


class Move:
    """One move. Opens nothing before it is asked."""

    def __init__(self, data_dir: Path, keys: Keys, *, database_url: str | None, chroma_url: str | None) -> None:
        """Either URL may be `None`: that part stays where it is. Raises `InputError` for a URL of another kind."""
        if database_url is not None and not urlsplit(database_url).scheme.startswith(("postgresql", "postgres")):
            raise InputError("--to-database must name a PostgreSQL database; give postgresql://user@host/name")
        if chroma_url is not None and urlsplit(chroma_url).scheme not in ("http", "https"):
            raise InputError("--to-chroma must name a Chroma server; give http://host:port")
        if chroma_url is not None and "@" in urlsplit(chroma_url).netloc:
            raise InputError(
                "--to-chroma holds a name or a password, which no request would carry; give http://host:port"
            )
        self._data_dir, self._keys = data_dir, keys
        self._database_url, self._chroma_url = database_url, chroma_url

    def look(self) -> Moved:
        """What would be moved, and what is there already; nothing is written. Raises as `run`."""
        found: list[Compared] = []
        with explained(), self._source() as source:
            tables = raw_tables(source)
            if self._database_url:
                with self._target() as target, target.engine.connect() as connection:
                    check_target(connection)
                    self._whose(connection, tables)
                    there = set(sa.inspect(connection).get_table_names())
                    found = [
                        Compared(
                            what=table.name,
                            here=table.count(source),
                            there=table.count(connection) if table.name in there else 0,
                            different=0,
                        )
                        for table in tables
                    ]
        if self._chroma_url:
            found.append(look_at_index(self._data_dir / "chroma", self._chroma_url))
        return Moved(compared=tuple(found), was_complete=False)

    def run(self, on_progress: OnProgress) -> Moved:
        """Copy what is missing in the target, then read both sides again and compare.

        Raises:
            CannotMove: The source is in use, damaged or of another version, or the target is away, full or holds something else.
            WrongKey
        """
        with explained():
            return self._run(on_progress)

    def _run(self, on_progress: OnProgress) -> Moved:
        with self._source():
            pass  # whatever stands against it is said before anything is written
        before = self._written()
        found: list[Compared] = []
        complete = True
        if self._database_url:
            found, complete = self._move_tables(on_progress)
        if self._chroma_url:
            index, was_complete = move_index(
                self._data_dir / "chroma", self._chroma_url, mark=self._keys.fingerprint, on_progress=on_progress
            )
            found, complete = [*found, index], complete and was_complete
        with self._source():
            pass  # nobody began to use it meanwhile
        if self._written() != before:
            raise CannotMove(
                problem="the installation was written to meanwhile",
                remedy="let nothing run on it, and run the same command again: it goes on where it was",
            )
        # Not before the index is there too: until then the move may be started again, with whatever the source is then.
        if self._database_url and all(one.equal for one in found):
            with self._target() as target, target.engine.begin() as connection:
                _MARK.drop(connection, checkfirst=True)
        return Moved(compared=tuple(found), was_complete=complete)

    def _written(self) -> list[tuple[int, int]]:
        """When each file of the database was last written, in nanoseconds, and its bytes."""
        path = self._data_dir / DATABASE_FILE
        files = (path, path.with_name(f"{path.name}-wal"))
        return [(file.stat().st_mtime_ns, file.stat().st_size) for file in files if file.is_file()]

    # The tables

    def _move_tables(self, on_progress: OnProgress) -> tuple[list[Compared], bool]:
        with self._target() as target, alone(target.engine):
            with self._source() as source:
                tables = raw_tables(source)
                with target.engine.connect() as connection:
                    check_target(connection)
                    filled = self._whose(connection, tables) is Holds.PERHAPS_ALL
                if not filled:
                    self._copy_tables(source, target, tables, on_progress)
            # Read anew: a source that was written to meanwhile shows here.
            with self._source() as source:
                found = compare_all(source, target.engine, tables, on_progress)
            if filled and not all(one.equal for one in found):
                raise not_empty("the database", found)
            return found, filled

    def _copy_tables(
        self, source: sa.Connection, target: Database, tables: list[RawTable], on_progress: OnProgress
    ) -> None:
        with target.engine.begin() as connection:
            _MARK.create(connection, checkfirst=True)
            if connection.scalar(sa.select(_MARK.c.key_fingerprint)) is None:
                connection.execute(sa.insert(_MARK).values(key_fingerprint=self._keys.fingerprint))
        upgrade(target, half_moved=True)
        for table in tables:
            copy(source, target.engine, table, partial(on_progress, f"copying {table.name}"))

    def _whose(self, target: sa.Connection, tables: list[RawTable]) -> "Holds":
        """Raises `CannotMove` for what is none of them."""
        there = set(sa.inspect(target).get_table_names())
        if _MARK.name in there:
            mark = target.scalar(sa.select(_MARK.c.key_fingerprint))
            if mark in (None, self._keys.fingerprint):
                return Holds.A_PART
            raise CannotMove(
                problem="the database holds the half-done move of another installation",
                remedy="give an empty one (`createdb NAME`)",
            )
        filled = [table for table in tables if table.name in there and table.count(target)]
        if not filled:
            if strange := sorted(there & {table.name for table in tables} if "alembic_version" not in there else ()):
                raise CannotMove(
                    problem=f"the database has a table {strange[0]} that Curbside did not make",
                    remedy="give an empty one (`createdb NAME`)",
                )
            return Holds.NOTHING
        if {table.name for table in tables} <= there and self._key_of(target) == self._keys.fingerprint:
            return Holds.PERHAPS_ALL
        raise CannotMove(
            problem=f"the database is not empty ({filled[0].name} has {filled[0].count(target)} rows)",
            remedy="give an empty one (`createdb NAME`); what is in it was left alone",
        )

    # Both ends

    @contextmanager
    def _source(self) -> Iterator[sa.Connection]:
        """The embedded database, for reading only, as it is at this moment."""
        path = self._data_dir / DATABASE_FILE
        if not path.is_file():
            raise CannotMove(
                problem=f"there is no embedded installation in {self._data_dir}", remedy="name its folder with --data"
            )
        if in_use(path):
            raise CannotMove(
                problem=f"another Curbside has {path} open",
                remedy="stop the server (and whatever else runs on it), then move",
            )
        address = f"file:{quote(str(path))}?mode=ro"
        engine = sa.create_engine(
            "sqlite://", creator=lambda: sqlite3.connect(address, uri=True, isolation_level=None), hide_parameters=True
        )
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("BEGIN")
                self._check_source(connection)
                yield connection
        finally:
            engine.dispose()

    def _check_source(self, source: sa.Connection) -> None:
        from alembic.script import ScriptDirectory

        newest = ScriptDirectory.from_config(config()).get_current_head()
        revision = None
        if sa.inspect(source).has_table("alembic_version"):
            revision = source.scalar(sa.text("SELECT version_num FROM alembic_version"))
        if revision != newest:
            raise CannotMove(
                problem=f"the data is of another version (revision {revision}, this Curbside has {newest})",
                remedy="start this version of Curbside on it once, and stop it again",
            )
        if self._key_of(source) not in (None, self._keys.fingerprint):
            raise WrongKey(path=str(self._keys.path))

    @contextmanager
    def _target(self) -> Iterator[Database]:
        database = open_database(StorageSettings(data_dir=self._data_dir, database_url=self._database_url), self._keys)
        # Before SQLAlchemy asks for the version, which it cannot read in some encodings.
        event.listen(database.engine, "connect", check_text, insert=True)
        try:
            yield database
        finally:
            database.close()

    def _key_of(self, connection: sa.Connection) -> str | None:
        table = sa.table(str(InstallationRow.__tablename__), sa.column("key_fingerprint"))
        return connection.scalar(sa.select(table.c.key_fingerprint))


def in_use(database: Path) -> bool:
    """Whether another process has this SQLite database (in WAL mode) open."""
    try:
        file = open(database.with_name(f"{database.name}-shm"), "r+b")  # noqa: SIM115 - closed below
    except FileNotFoundError:
        return False
    with file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _SQLITE_OPEN_BYTE)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN):
                return True
            raise
        return False
