"""An embedded installation moves to a real PostgreSQL and a real Chroma server. Every report, name and number is invented."""

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

import ui.cli
from assistant.errors import IndexDamaged, InputError, StorageError, WrongKey
from assistant.reading import Columns
from tests.chroma_server import ChromaServer, empty, running_chroma
from tests.postgres import new_database
from tests.ui.loop_site import correct, install_adapter, keep_turn, run_through, start_nothing, verdict
from training.schema import RunState
from ui.cli_answers import answer
from ui.moving_values import CannotMove
from ui.settings import load_settings
from ui.wiring import Parts

pytestmark = pytest.mark.slow

FINDINGS = (
    "nodule of 8 mm in the right upper lobe",
    "tear of the medial meniscus",
    "severely reduced ejection fraction",
    "gallstones",
)
ASKED = "IMPRESSION: Nodule of 8 mm in the right upper lobe.\nPLAN: Repeat CT in three months.\n"


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    with running_chroma(tmp_path_factory.mktemp("chroma-server")) as server:
        yield server


@pytest.fixture(scope="module")
def filled(
    chroma: ChromaServer, tmp_path_factory: pytest.TempPathFactory, heavy_parts: dict[str, Any]
) -> tuple[Path, Any]:
    """An installation with reports, feedback, runs and a schedule, and what it answers; nobody has it open."""
    folder = tmp_path_factory.mktemp("filled") / "data"
    notes = folder.parent / "notes.jsonl"
    lines = [
        {"id": f"n{number}", "text": f"FINDINGS: {FINDINGS[number % 4].capitalize()}, case {number}.\nPLAN: Follow-up {number}.\n" * 3,
         "patient": f"MRN {number % 5}"}
        for number in range(24)
    ]  # fmt: skip
    notes.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    parts = open_parts(folder, heavy_parts)
    columns = Columns(text="text", id="id", patient="patient")
    assert all(result.report_id for result in parts.ingest.ingest_paths([notes], columns=columns))
    turn = keep_turn(parts, 1)
    parts.feedback.rate(turn, rater="doctor", thumbs=1)
    correct(parts, 2)
    deleted = parts.feedback.turn(keep_turn(parts, 3)).conversation_id
    parts.feedback.delete_conversation(deleted)
    run_through(parts, RunState.REFUSED, verdict=verdict(promote=False))
    install_adapter(parts, "invented-adapter")
    start_nothing(parts)
    assert parts.scheduler.next_run_at is not None
    said = ask(parts)
    assert {citation["report_id"][0] for sentence in said[:-1] for citation in sentence["citations"]} >= {"n"}
    parts.close()
    return folder, said


@pytest.fixture
def source(filled: tuple[Path, Any], tmp_path: Path) -> Path:
    """A copy of the installation."""
    shutil.copytree(filled[0], tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def servers(chroma: ChromaServer, postgres_server: str) -> list[str]:
    """The options that name an empty database and an empty Chroma."""
    chroma.wait()
    empty(chroma.url)
    return ["--to-database", new_database(postgres_server), "--to-chroma", chroma.url]


def open_parts(folder: Path, heavy: dict[str, Any], **storage: Any) -> Parts:
    parts = Parts(load_settings(data_dir=folder, storage=storage))
    parts.__dict__.update(heavy)
    return parts


def ask(parts: Parts) -> Any:
    """The answer's sentences with their citations, from this report and from past ones."""
    found = asyncio.run(answer(parts, "Which past cases had a nodule, and what was planned?", None, ASKED, None))
    hits = parts.index.search("nodule of the lung", top_k=5)
    return [*found["sentences"], {"citations": [{"report_id": name, "score": round(score, 5)} for name, score in hits]}]


def migrate(source: Path, *options: str) -> Result:
    return CliRunner().invoke(ui.cli.app, ["migrate", "--data", str(source), *options])


def rows_of(result: Result) -> dict[str, dict[str, Any]]:
    assert result.exit_code == 0, (result.output, result.exception)
    return {row["what"]: row for row in json.loads(result.stdout)}


def contents(database: Path) -> list[str]:
    connection = sqlite3.connect(database)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def test_everything_is_moved_and_answers_alike(
    source: Path, filled: tuple[Path, Any], servers: list[str], heavy_parts: dict[str, Any]
) -> None:
    before = contents(source / "curbside.db"), (source / "curbside.key").read_bytes()
    dry = rows_of(migrate(source, *servers, "--dry-run", "--json"))
    assert dry["report"]["here"] == 24
    assert dry["index"]["here"] >= 24
    assert all(row["there"] == 0 for row in dry.values())

    assert "nothing was written" in migrate(source, *servers, "--dry-run").stdout

    shown = migrate(source, *servers)
    assert shown.exit_code == 0, (shown.output, shown.exception)
    assert "CURBSIDE_STORAGE__DATABASE_URL" in shown.stdout
    assert "To go back" in shown.stdout
    assert (contents(source / "curbside.db"), (source / "curbside.key").read_bytes()) == before

    again = rows_of(migrate(source, *servers, "--json"))
    assert all(row["equal"] and row["here"] == row["there"] for row in again.values())
    assert {name: row["here"] for name, row in again.items()} == {name: row["here"] for name, row in dry.items()}
    assert again["edit"]["here"] == again["rating"]["here"] == again["training_schedule"]["here"] == 1

    moved = open_parts(source, heavy_parts, database_url=servers[1], chroma_url=servers[3])
    try:
        assert ask(moved) == filled[1]
        assert moved.library.count_unindexed() == 0
        assert moved.scheduler.next_run_at is not None
        assert moved.ledger.runs()[0].verdict is not None
        # Ids of what was deleted are not given again, nor those of what is there.
        assert moved.feedback.conversation(conversation := moved.feedback.turn(keep_turn(moved, 9)).conversation_id)
        assert conversation == 4
        with moved.database.engine.connect() as connection:
            assert not sa.inspect(connection).has_table("moving_from")
    finally:
        moved.close()

    used = migrate(source, *servers)
    assert isinstance(used.exception, CannotMove)
    assert "is not empty" in str(used.exception)


KILLED_WHILE_COPYING_TABLES = (
    "import ui.moving_tables as moving; real = moving.copy_batch; calls = []\n"
    "def copy(*args):\n    calls.append(1)\n    len(calls) == 4 and os.kill(os.getpid(), signal.SIGKILL)\n    real(*args)\n"
    "moving.copy_batch = copy"
)
KILLED_WHILE_COPYING_VECTORS = (
    "import ui.moving_index as moving; from assistant.retrieval.whole_index import WholeIndex\n"
    "moving._BATCH = 10; real = WholeIndex.write\n"
    "def write(self, rows):\n    real(self, rows)\n    self.state().count >= 20 and os.kill(os.getpid(), signal.SIGKILL)\n"
    "WholeIndex.write = write"
)
KILLED_BEFORE_TABLES_ARE_MADE = "import ui.moving as moving\ndef upgrade(*args, **named):\n    os.kill(os.getpid(), signal.SIGKILL)\nmoving.upgrade = upgrade"
KILLED_BEFORE_THE_LAST_MARK_GOES = (
    "from assistant.retrieval.whole_index import WholeIndex; real = WholeIndex.set_mark\n"
    "def set_mark(self, mark):\n    real(self, mark)\n    mark is None and os.kill(os.getpid(), signal.SIGKILL)\n"
    "WholeIndex.set_mark = set_mark"
)


@pytest.mark.parametrize(
    "kill",
    [
        pytest.param(KILLED_BEFORE_TABLES_ARE_MADE, id="before tables are made"),
        pytest.param(KILLED_WHILE_COPYING_TABLES, id="while tables are copied"),
        pytest.param(KILLED_WHILE_COPYING_VECTORS, id="while vectors are copied"),
        pytest.param(KILLED_BEFORE_THE_LAST_MARK_GOES, id="when all is there, before it is said"),
    ],
)
def test_a_move_that_was_killed_goes_on(
    source: Path, servers: list[str], heavy_parts: dict[str, Any], kill: str
) -> None:
    code = f"import os, signal, sys\n{kill}\nimport ui.cli\nsys.argv[0] = 'curbside'\nui.cli.main()"
    killed = subprocess.run(
        [sys.executable, "-c", code, "migrate", "--data", str(source), *servers],
        capture_output=True, text=True, timeout=200, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    too_early = open_parts(source, heavy_parts, database_url=servers[1], chroma_url=servers[3])
    with pytest.raises(StorageError, match="run `curbside migrate` again"):
        too_early.database  # noqa: B018
    if kill is KILLED_WHILE_COPYING_VECTORS:
        half = open_parts(source, heavy_parts, chroma_url=servers[3])
        with pytest.raises(IndexDamaged, match="a move to it has not ended"):
            half.index.search("nodule of the lung", top_k=5)
        half.close()
    # Meanwhile a report was deleted at the source: what was copied of it must go.
    with sqlite3.connect(source / "curbside.db") as connection:
        connection.execute("DELETE FROM report WHERE id = 'n3'")
    connection.close()
    rows = rows_of(migrate(source, *servers, "--json"))
    assert rows["report"]["there"] == 23
    assert rows["index"]["there"] >= 24
    assert all(row["equal"] for row in rows.values())


def flip_a_byte(servers: list[str]) -> None:
    engine = sa.create_engine(servers[1])
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE report SET text = set_byte(text, 40, get_byte(text, 40) # 1) WHERE id = 'n7'"
        )
    engine.dispose()


def lose_a_row(servers: list[str]) -> None:
    engine = sa.create_engine(servers[1])
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM run_event WHERE id = 3")
    engine.dispose()


def bend_a_vector(servers: list[str]) -> None:
    import chromadb

    host, _, port = servers[3].removeprefix("http://").partition(":")
    collection = chromadb.HttpClient(host=host, port=int(port)).get_collection("chunks", embedding_function=None)
    found = collection.get(ids=["n7#0"], include=["embeddings"])
    vector = list(found["embeddings"][0])  # type: ignore[index]
    vector[5] += 0.001
    collection.update(ids=["n7#0"], embeddings=[vector])


@pytest.mark.parametrize(
    ("change", "where"),
    [
        pytest.param(flip_a_byte, "report", id="one bit of a ciphertext"),
        pytest.param(lose_a_row, "run_event", id="a lost row"),
        pytest.param(bend_a_vector, "index", id="a thousandth in a vector"),
    ],
)
def test_the_comparison_finds(
    filled: tuple[Path, Any], moved_once: list[str], change: Callable[[list[str]], None], where: str
) -> None:
    """One target serves all cases: each damages another part of it, and each part is compared by itself."""
    change(moved_once)
    part = moved_once[2:] if where == "index" else moved_once[:2]
    result = migrate(filled[0], *part)
    assert isinstance(result.exception, CannotMove)
    assert f"{where}: " in str(result.exception)


@pytest.fixture(scope="module")
def moved_once(filled: tuple[Path, Any], chroma: ChromaServer, postgres_server: str) -> list[str]:
    chroma.wait()
    empty(chroma.url)
    options = ["--to-database", new_database(postgres_server), "--to-chroma", chroma.url]
    rows_of(migrate(filled[0], *options, "--json"))
    return options


def test_a_server_that_runs_on_the_folder_stands_in_the_way(source: Path, postgres_url: str) -> None:
    code = (
        f"import sqlite3, sys; c = sqlite3.connect({str(source / 'curbside.db')!r}); c.execute('SELECT 1 FROM report');"
        "print('open', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        result = migrate(source, "--to-database", postgres_url)
        assert isinstance(result.exception, CannotMove)
        assert "stop the server" in str(result.exception)
    finally:
        other.communicate()
    assert migrate(source, "--to-database", postgres_url, "--dry-run").exit_code == 0


def test_a_database_of_another_installation_is_left_alone(
    source: Path, postgres_url: str, tmp_path: Path, heavy_parts: dict[str, Any]
) -> None:
    other = open_parts(tmp_path / "other", heavy_parts, database_url=postgres_url)
    keep_turn(other, 1)
    other.close()
    result = migrate(source, "--to-database", postgres_url)
    assert isinstance(result.exception, CannotMove)
    assert "is not empty" in str(result.exception)


def on_server(url: str, *statements: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def owned_by_another(url: str) -> str:
    name = f"weak_{url.partition('?')[0].rpartition('/')[2]}"
    on_server(url, f"CREATE ROLE {name} LOGIN", "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    return url.replace("curbside@", f"{name}@")


def without_every_letter(url: str) -> str:
    on_server(url, "CREATE DATABASE plain ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    return url.replace(url.partition("?")[0].rpartition("/")[2], "plain")


def with_times_of_another_style(url: str) -> str:
    on_server(url, f"ALTER DATABASE {url.partition('?')[0].rpartition('/')[2]} SET datestyle = 'SQL, DMY'")
    return url


def with_a_table_of_that_name(url: str) -> str:
    on_server(url, "CREATE TABLE report (a int)")
    return url


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        pytest.param(owned_by_another, "owner", id="the user may make no tables"),
        pytest.param(without_every_letter, "SQL_ASCII", id="text without an encoding"),
        pytest.param(with_times_of_another_style, "datestyle", id="times that cannot be read back"),
        pytest.param(with_a_table_of_that_name, "a table report", id="a table that is another program's"),
    ],
)
def test_a_database_that_cannot_take_it_is_said_before_anything_is_written(
    source: Path, postgres_url: str, prepare: Callable[[str], str], said: str
) -> None:
    target = prepare(postgres_url)
    for more in (["--dry-run"], []):
        result = migrate(source, "--to-database", target, *more)
        assert isinstance(result.exception, CannotMove), result.exception
        assert said in str(result.exception)
    engine = sa.create_engine(postgres_url)
    assert "moving_from" not in sa.inspect(engine).get_table_names()
    engine.dispose()


def test_a_server_of_another_time_zone_gets_the_same_times_and_new_ids_begin_after_the_old(
    source: Path, postgres_url: str, heavy_parts: dict[str, Any]
) -> None:
    on_server(
        postgres_url,
        f"ALTER DATABASE {postgres_url.partition('?')[0].rpartition('/')[2]} SET timezone = 'Asia/Kathmandu'",
    )
    rows_of(migrate(source, "--to-database", postgres_url, "--json"))
    embedded = open_parts(source, heavy_parts)
    moved = open_parts(source, heavy_parts, database_url=postgres_url)
    here, there = embedded.ledger.runs()[0], moved.ledger.runs()[0]
    assert (there.created_at, there.ended_at) == (here.created_at, here.ended_at)
    with closing(sqlite3.connect(source / "curbside.db")) as connection:
        expected: dict[str, int] = dict(connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    with moved.database.engine.connect() as connection:
        for table, highest in expected.items():
            assert connection.scalar(sa.text(f"SELECT nextval(pg_get_serial_sequence('{table}', 'id'))")) == highest + 1
    assert {"conversation", "turn", "edit", "rating", "run", "run_event"} <= set(expected)
    embedded.close()
    moved.close()


def test_a_row_that_postgresql_does_not_take_is_named(source: Path, postgres_url: str) -> None:
    with sqlite3.connect(source / "curbside.db") as connection:
        connection.execute("UPDATE run_event SET stage = 'a' || char(0) WHERE id = 3")
    connection.close()
    result = migrate(source, "--to-database", postgres_url)
    assert isinstance(result.exception, CannotMove)
    assert "the row 3 of the table run_event" in str(result.exception)
    assert "NUL" in str(result.exception)


def test_what_was_written_at_the_source_meanwhile_is_not_lost_without_a_word(
    source: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody starts Curbside after the tables were compared, answers a question, and stops it again."""
    import ui.moving

    real = ui.moving.compare_all

    def compared(*arguments: Any) -> Any:
        found = real(*arguments)
        with sqlite3.connect(source / "curbside.db") as connection:
            connection.execute("UPDATE report SET year = 1999 WHERE id = 'n5'")
        connection.close()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(ui.moving, "compare_all", compared)
        result = migrate(source, "--to-database", postgres_url)
    assert isinstance(result.exception, CannotMove)
    assert "written to meanwhile" in str(result.exception)
    rows = rows_of(migrate(source, "--to-database", postgres_url, "--json"))
    assert all(row["equal"] for row in rows.values())
    engine = sa.create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT year FROM report WHERE id = 'n5'")) == 1999
    engine.dispose()


def test_an_installation_that_cannot_be_read_is_said(source: Path, postgres_url: str) -> None:
    (source / "curbside.db").write_bytes(b"no database " * 1000)
    result = migrate(source, "--to-database", postgres_url)
    assert isinstance(result.exception, CannotMove)
    assert "restore it from a backup" in str(result.exception)


def of_another_key(source: Path) -> None:
    (source / "curbside.key").write_text(f"curbside key 1\n{'ab' * 32}\n")


def of_another_version(source: Path) -> None:
    with sqlite3.connect(source / "curbside.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0002'")
    connection.close()


@pytest.mark.parametrize(
    ("change", "options", "error", "said"),
    [
        pytest.param(None, [], InputError, "--to-database", id="nothing named"),
        pytest.param(None, ["--to-database", "sqlite:///x.db"], InputError, "postgresql://", id="not PostgreSQL"),
        pytest.param(None, ["--to-chroma", "localhost:8000"], InputError, "http://", id="not an address"),
        pytest.param(
            None, ["--to-database", "postgresql://me:hunter2@127.0.0.1:9/none"], CannotMove, "correct --to-database", id="no database"
        ),
        pytest.param(None, ["--to-chroma", "http://127.0.0.1:9"], CannotMove, "correct --to-chroma", id="no Chroma"),
        pytest.param(None, ["--to-chroma", "http://me:hunter2@127.0.0.1:9"], InputError, "give http", id="a password for Chroma"),
        pytest.param(of_another_key, ["--to-chroma", "http://127.0.0.1:9"], WrongKey, "put back", id="another key"),
        pytest.param(of_another_version, ["--to-chroma", "http://127.0.0.1:9"], CannotMove, "start this version", id="another version"),
    ],
)  # fmt: skip
def test_what_stands_against_a_move_is_said_without_a_password(
    source: Path, change: Callable[[Path], None] | None, options: list[str], error: type[Exception], said: str
) -> None:
    if change:
        change(source)
    result = migrate(source, *options)
    assert isinstance(result.exception, error)
    assert said in str(result.exception)
    assert "hunter2" not in f"{result.exception} {result.output}"


def test_a_folder_without_an_installation_gets_none(tmp_path: Path) -> None:
    result = migrate(tmp_path / "none", "--to-chroma", "http://127.0.0.1:9")
    assert isinstance(result.exception, CannotMove)
    assert not (tmp_path / "none").exists()


def test_what_is_on_a_server_already_is_not_moved(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURBSIDE_STORAGE__CHROMA_URL", "http://127.0.0.1:9")
    result = migrate(source, "--to-chroma", "http://127.0.0.1:8")
    assert isinstance(result.exception, CannotMove)
    assert "is set" in str(result.exception)


def test_an_index_whose_database_is_on_a_server_is_made_anew_there(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURBSIDE_STORAGE__DATABASE_URL", "postgresql://me@127.0.0.1:9/none")
    result = migrate(source, "--to-chroma", "http://127.0.0.1:8")
    assert isinstance(result.exception, CannotMove)
    assert "curbside reindex" in str(result.exception)
