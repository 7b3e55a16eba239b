"""A real PostgreSQL server in a temporary folder, for the tests of whatever keeps data.

`initdb` refuses to run as root, so root runs it as `nobody`.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_USER = "nobody"


@contextmanager
def running_postgres() -> Iterator[str]:
    """Yield the SQLAlchemy URL of a running server's first database; skip the test, with the reason, where none runs."""
    initdb, pg_ctl = _command("initdb"), _command("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip("PostgreSQL's initdb and pg_ctl are neither on the PATH nor where Debian has them")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    as_root = os.geteuid() == 0
    if as_root and shutil.which("setpriv") is None:
        pytest.skip("PostgreSQL does not run as root, and setpriv is not there to become somebody else")
    # Short, because a socket's path has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    become: list[str] = []
    if as_root:
        user = pwd.getpwnam(_USER)
        os.chown(folder, user.pw_uid, user.pw_gid)
        become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    data = folder / "data"
    # Nothing here outlives the test: durability would only cost time.
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c synchronous_commit=off"

    def run(*command: str) -> None:
        done = subprocess.run([*become, *command], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            pytest.skip(f"PostgreSQL does not start here: {done.stderr.strip().splitlines()[-1:]}")

    try:
        run(initdb, "-D", str(data), "-U", "curbside", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        run(pg_ctl, "-D", str(data), "-l", str(folder / "log"), "-o", options, "-w", "start")
        try:
            yield f"postgresql+psycopg://curbside@/postgres?host={folder}"
        finally:
            run(pg_ctl, "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _command(name: str) -> str | None:
    """Debian and Ubuntu keep a server's commands off the PATH."""
    there = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(there))


def new_database(server_url: str) -> str:
    """Make an empty database on the server and return its URL."""
    import sqlalchemy as sa

    name = f"test_{secrets.token_hex(6)}"
    engine = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server_url.replace("/postgres?", f"/{name}?")
