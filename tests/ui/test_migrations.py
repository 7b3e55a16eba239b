"""Tables and migrations agree, on both databases. No patient text is in these tests."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

import feedback.tables  # noqa: F401 - importing declares the tables
from assistant.database import Database, open_database
from assistant.errors import StorageError, WrongKey
from assistant.keys import load_key
from assistant.settings import StorageSettings
from ui.migrations import config, upgrade


def test_the_migrations_make_exactly_the_tables_that_the_code_declares(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_comparison_itself_sees_a_missing_column(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE report DROP COLUMN masked_count")
        differences = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    assert [difference[0] for difference in differences] == ["add_column"]


def test_upgrading_again_changes_nothing_and_keeps_the_rows(open_again: Callable[[], Database]) -> None:
    from feedback.store import FeedbackStore

    kept = FeedbackStore(open_again()).start_conversation(rater="dr-a", title="Invented")
    assert FeedbackStore(open_again()).conversation(kept).title == "Invented"


def test_every_step_can_be_taken_back(database: Database) -> None:
    with database.engine.begin() as connection:
        command.downgrade(config(connection), "base")
    assert set(sa.inspect(database.engine).get_table_names()) == {"alembic_version"}
    upgrade(database)
    assert "report" in sa.inspect(database.engine).get_table_names()


def test_eight_starting_at_once_migrate_once(open_again: Callable[[], Database]) -> None:
    with ThreadPoolExecutor(8) as pool:
        databases = [future.result() for future in [pool.submit(open_again) for _ in range(8)]]
    with databases[0].session() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM alembic_version")) == 1
        assert session.scalar(sa.text("SELECT count(*) FROM installation")) == 1


def test_a_newer_installations_data_are_left_alone(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError, match="newer Curbside"):
        upgrade(database)


def test_another_key_does_not_open_the_data(database: Database, tmp_path) -> None:
    other = StorageSettings(
        data_dir=tmp_path / "other", database_url=database.engine.url.render_as_string(hide_password=False)
    )
    with pytest.raises(WrongKey, match="put back the key file"):
        upgrade(open_database(other, load_key(other.data_dir)))
