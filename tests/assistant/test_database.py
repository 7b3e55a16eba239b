"""Sessions, encrypted columns and bad days of the database. Texts are invented."""

import logging
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from assistant.database import Database, EncryptedText, UtcTime, open_database, to_json
from assistant.errors import DatabaseUnavailable, DiskFull, WrongKey
from assistant.keys import load_key
from assistant.schema import Citation
from assistant.settings import StorageSettings

_NOTE = sa.Table(
    "note",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", EncryptedText),
    sa.Column("at", UtcTime),
)


@pytest.fixture
def notes(database: Database) -> Database:
    _NOTE.metadata.create_all(database.engine)
    return database


def _write(database: Database, text: str, **more: object) -> None:
    with database.session(write=True) as session:
        session.execute(sa.insert(_NOTE).values(text=text, **more))


def _texts(database: Database) -> list[str | None]:
    with database.session() as session:
        return list(session.scalars(sa.select(_NOTE.c.text).order_by(_NOTE.c.id)))


def test_the_database_sees_only_ciphertext(notes: Database) -> None:
    _write(notes, "Invented effusion.")
    with notes.session() as session:
        raw = bytes(session.execute(sa.text("SELECT text FROM note")).scalar_one())
    assert b"effusion" not in raw
    assert _texts(notes) == ["Invented effusion."]


def test_null_stays_null(notes: Database) -> None:
    with notes.session(write=True) as session:
        session.execute(sa.insert(_NOTE).values(text=None))
    assert _texts(notes) == [None]


def test_times_come_back_aware_and_in_utc(notes: Database) -> None:
    at = datetime(2026, 3, 29, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    _write(notes, "x", at=at)
    with notes.session() as session:
        kept = session.scalars(sa.select(_NOTE.c.at)).one()
    assert kept == at
    assert kept is not None
    assert kept.tzinfo is UTC


def test_a_block_that_raises_changes_nothing(notes: Database) -> None:
    def write_and_fail() -> None:
        with notes.session(write=True) as session:
            session.execute(sa.insert(_NOTE).values(text="lost"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert _texts(notes) == []


def test_eight_writers_at_once_lose_nothing(notes: Database) -> None:
    """Each reads, waits and writes what it read plus one: any lost update would show in the sum."""
    _write(notes, "0")
    lock_for_update = notes.engine.dialect.name == "postgresql"

    def add_ten() -> None:
        for _ in range(10):
            with notes.session(write=True) as session:
                query = sa.select(_NOTE.c.text)
                value = int(session.scalars(query.with_for_update() if lock_for_update else query).one() or 0)
                time.sleep(0.001)
                session.execute(sa.update(_NOTE).values(text=str(value + 1)))

    threads = [threading.Thread(target=add_ten) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _texts(notes) == ["80"]


def test_a_reader_does_not_wait_for_a_writer(notes: Database) -> None:
    _write(notes, "before")
    with notes.session(write=True) as session:
        session.execute(sa.update(_NOTE).values(text="after"))
        assert _texts(notes) == ["before"]
    assert _texts(notes) == ["after"]


def test_two_installations_in_one_process_do_not_share_their_keys(tmp_path: Path) -> None:
    one, other = (
        open_database(StorageSettings(data_dir=tmp_path / name), load_key(tmp_path / name)) for name in ("one", "other")
    )
    _NOTE.metadata.create_all(one.engine)
    _write(one, "Invented.")
    stolen = open_database(StorageSettings(data_dir=tmp_path / "one"), other.keys)
    with pytest.raises(WrongKey):
        _texts(stolen)
    assert _texts(one) == ["Invented."]
    for database in (one, other, stolen):
        database.close()


def test_opening_makes_and_connects_nothing(tmp_path: Path) -> None:
    open_database(StorageSettings(data_dir=tmp_path / "data"), load_key(tmp_path))
    open_database(StorageSettings(data_dir=tmp_path, database_url="postgresql://nowhere.invalid/x"), load_key(tmp_path))
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("postgresql+psycopg://127.0.0.1:9/curbside", id="nobody listens"),
        pytest.param("postgres:///curbside?host=/nonexistent", id="the socket's folder is not there"),
        pytest.param("not a url", id="the address is none"),
    ],
)
def test_a_database_that_is_away_says_so(tmp_path: Path, url: str) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(DatabaseUnavailable, match="CURBSIDE_STORAGE__DATABASE_URL"):
        _ask(open_database(StorageSettings(data_dir=tmp_path, database_url=url), load_key(tmp_path)))


@pytest.mark.parametrize("open_again", ["postgresql"], indirect=True)
def test_a_server_that_dies_is_reported_and_used_again_when_it_is_back(database: Database) -> None:
    kill = sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid()")
    with pytest.raises(DatabaseUnavailable), database.session() as session:  # noqa: PT012
        session.execute(sa.text("SELECT 1"))
        with database.engine.connect() as other:
            other.execute(kill)
        session.execute(sa.text("SELECT 1"))
    _ask(database)


def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    database = open_database(StorageSettings(data_dir=tmp_path / "gone"), load_key(tmp_path))
    with pytest.raises(DatabaseUnavailable, match="CANTOPEN"):
        _ask(database)


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    keys = load_key(tmp_path)
    (tmp_path / "curbside.db").write_bytes(b"this is an invented text file, and no database at all" * 99)
    with pytest.raises(DatabaseUnavailable, match="NOTADB"):
        _ask(open_database(StorageSettings(data_dir=tmp_path), keys))


def test_errors_and_logs_never_hold_the_values(notes: Database, caplog: pytest.LogCaptureFixture) -> None:
    wrong = sa.text("INSERT INTO nowhere (text) VALUES (:text)")
    with caplog.at_level(logging.DEBUG), pytest.raises(SQLAlchemyError) as raised, notes.session(write=True) as session:
        session.execute(wrong, {"text": "Invented Smith"})
    assert "Smith" not in str(raised.value)
    assert "Smith" not in caplog.text


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte, really mounted where that is allowed."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "none", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, check=False).returncode:
        pytest.skip("mounting a small file system is not allowed here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def _ask(database: Database, *, write: bool = False) -> None:
    with database.session(write=write) as session:
        session.execute(sa.text("SELECT 1"))


def _fill(database: Database) -> Callable[[], None]:
    def fill() -> None:
        for _ in range(100):
            _write(database, "x" * 50_000)

    return fill


def test_a_full_disk_says_so_keeps_what_was_kept_and_recovers(small_disk: Path) -> None:
    database = open_database(StorageSettings(data_dir=small_disk), load_key(small_disk))
    _NOTE.metadata.create_all(database.engine)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(300_000))
    _write(database, "kept")
    with pytest.raises(DiskFull, match="free some space"):
        _fill(database)()
    kept = _texts(database)
    assert kept[0] == "kept"
    ballast.unlink()
    _write(database, "after")
    assert _texts(database) == [*kept, "after"]
    database.close()


def test_a_database_that_may_not_grow_says_that_the_disk_is_full(tmp_path: Path) -> None:
    """The same where nothing can be mounted: SQLite raises the same error at its own limit."""
    database = open_database(StorageSettings(data_dir=tmp_path), load_key(tmp_path))
    event.listen(
        database.engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count=60").close()
    )
    _NOTE.metadata.create_all(database.engine)
    _write(database, "kept")
    with pytest.raises(DiskFull):
        _fill(database)()
    assert _texts(database)[0] == "kept"
    database.close()


def test_a_lock_held_for_too_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.database.BUSY_TIMEOUT_S", 0.1)
    settings, keys = StorageSettings(data_dir=tmp_path), load_key(tmp_path)
    one, other = open_database(settings, keys), open_database(settings, keys)
    with one.session(write=True) as session:
        session.execute(sa.text("SELECT 1"))
        with pytest.raises(DatabaseUnavailable, match="another program"):
            _ask(other, write=True)
    one.close()
    other.close()


def test_the_terminal_and_the_first_page_do_not_load_the_database() -> None:
    code = "import sys, ui.cli; sys.exit('sqlalchemy' in sys.modules or 'sqlmodel' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_json_of_a_value_with_a_lone_surrogate_can_be_read_again() -> None:
    adapter = TypeAdapter(tuple[Citation, ...])
    value = (Citation(report_id="r", section='a "\ud800" b', quote="🙂 q", start=1, end=2),)
    (read,) = adapter.validate_json(to_json(adapter, value))
    assert (read.section, read.quote) == ('a "\ufffd" b', "🙂 q")
