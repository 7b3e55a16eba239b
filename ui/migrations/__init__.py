"""Alembic migrations over the tables of all packages, applied at start: nobody runs a migration by hand."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa
    from alembic.config import Config

    from assistant.database import Database

log = logging.getLogger(__name__)

_LOCK = 0x637572627369  # "curbsi": any number that no other program takes for its advisory lock


HALF_MOVED = "moving_from"
"""A table that is there while `ui.moving` has not brought everything."""


def upgrade(database: "Database", *, half_moved: bool = False) -> None:
    """Bring the tables to this version's shape, and check that the key opens them. Safe to call from several processes.

    Args:
        half_moved: The caller is who brings the rest.

    Raises:
        WrongKey: The data was made with another key.
        DatabaseUnavailable, DiskFull: Nothing was changed.
        StorageError: The data was made by a newer Curbside, or a move to this database has not ended.
    """
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    from assistant.errors import StorageError
    from assistant.library import Library

    script = ScriptDirectory.from_config(config())
    # One transaction for all steps; on SQLite it takes the write lock first, so a second process waits and finds it done.
    with database.engine.execution_options(curbside_writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            if not half_moved and connection.dialect.has_table(connection, HALF_MOVED):
                raise StorageError(
                    "the database holds a move that has not ended; run `curbside migrate` again with the same addresses"
                )
        current = MigrationContext.configure(connection).get_current_revision()
        if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
            raise StorageError(
                f"the data is of a newer Curbside (revision {current}); install that version, or a later one"
            )
        if current != script.get_current_head():
            _run(connection)
            log.info("migrated from=%s to=%s", current, script.get_current_head())
    Library(database, max_words=1).check_key()


def config(connection: "sa.Connection | None" = None) -> "Config":
    """Alembic's configuration without an ini file. With `connection`, commands run in its transaction."""
    from alembic.config import Config

    result = Config()
    result.set_main_option("script_location", str(Path(__file__).parent))
    result.attributes["connection"] = connection
    return result


def _run(connection: "sa.Connection") -> None:
    from alembic import command

    command.upgrade(config(connection), "head")
