"""The PostgreSQL that an installation is moved to: one move at a time, and what it must be able to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

from assistant.errors import DatabaseUnavailable, DiskFull, IndexDamaged, IndexUnavailable
from ui.moving_values import CannotMove

_LOCK = 0x637572626D76
"""Any number that no other program takes for its advisory lock; not that of the migrations, which run inside of it."""
_LOCK_TIMEOUT_S = 10


@contextmanager
def alone(target: sa.Engine) -> Iterator[None]:
    """One move to a database at a time. A process that was killed lets go as soon as the server notices."""
    with target.connect() as connection:
        connection.exec_driver_sql(f"SET lock_timeout = '{_LOCK_TIMEOUT_S}s'")
        try:
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({_LOCK})")
        except OperationalError as error:
            raise CannotMove(
                problem="another move to this database is under way", remedy="wait until it has ended"
            ) from error
        connection.commit()
        try:
            yield
        finally:
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_LOCK})")


def check_text(connection: Any, _record: object) -> None:
    """Of a new psycopg connection: whether it carries every text and time as it is. Raises `CannotMove`."""
    told = connection.info.parameter_status
    if (encoding := told("server_encoding")) != "UTF8":
        raise CannotMove(
            problem=f"the database keeps text as {encoding}, which does not hold every letter",
            remedy="give one made with `createdb --encoding=UTF8 --template=template0 NAME`",
        )
    if not (style := told("DateStyle")).startswith("ISO"):
        raise CannotMove(
            problem=f"the database writes times in the style {style}, which cannot be read back",
            remedy="set it to ISO (`ALTER DATABASE NAME SET datestyle = ISO`)",
        )


def check_target(connection: sa.Connection) -> None:
    """Whether tables may be made there. Raises `CannotMove`."""
    if not connection.scalar(sa.text("SELECT has_schema_privilege(current_schema(), 'CREATE')")):
        raise CannotMove(
            problem="the database lets this user make no tables",
            remedy="make the user its owner (`createdb --owner=USER NAME`, or `ALTER DATABASE NAME OWNER TO USER`)",
        )


@contextmanager
def explained() -> Iterator[None]:
    """In words for somebody who moves: what goes wrong elsewhere names settings that are not set yet."""
    again = "run the same command again: it goes on where it was"
    try:
        yield
    except DatabaseUnavailable as error:
        raise CannotMove(
            problem=f"the database to move to does not answer ({error.problem})",
            remedy=f"start it or correct --to-database, and {again}",
        ) from error
    except IndexUnavailable as error:
        raise CannotMove(
            problem=f"the Chroma server at {error.url} does not answer ({error.problem})",
            remedy=f"start it or correct --to-chroma, and {again}",
        ) from error
    except IndexDamaged as error:
        raise CannotMove(
            problem=f"the installation's own index cannot be read ({error.problem})",
            remedy=f"stop Curbside, `curbside reindex`, and {again}",
        ) from error
    except DiskFull as error:
        raise CannotMove(
            problem="the disk of the database to move to is full", remedy=f"free some space there, and {again}"
        ) from error
    except DBAPIError as error:
        said = str(error.orig).partition("\n")[0]
        if isinstance(error.orig, sqlite3.Error):
            raise CannotMove(
                problem=f"the installation's own database cannot be read ({said})", remedy="restore it from a backup"
            ) from error
        raise CannotMove(
            problem=f"the database to move to does not let this be done ({said})",
            remedy=f"mend that, and {again}",
        ) from error
