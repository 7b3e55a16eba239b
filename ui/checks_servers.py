"""What `curbside doctor` looks at beyond the data folder: database and index, wherever they run. Each has a time limit."""

import socket
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ui.checks_values import Found

if TYPE_CHECKING:
    from ui.wiring import Parts

_TIMEOUT_S = 5.0
_NOT_YET = "none yet (made at the first start)"


def database(parts: "Parts") -> Found:
    """Nothing is made by looking: without a key there is nothing to open, and a server is only asked whether it is there."""
    from assistant.keys import DATABASE_FILE, KEY_FILE

    url = parts.settings.storage.database_url
    if not (parts.data_dir / KEY_FILE).exists():
        if (parts.data_dir / DATABASE_FILE).exists():
            return Found(
                False, "it cannot be opened: its key is not there", f"put {KEY_FILE} back into {parts.data_dir}"
            )
        return _database_server(url) if url else Found(True, _NOT_YET)
    if not parts.has_data:
        return Found(True, _NOT_YET)
    parts.library.check_key()
    waiting, kept = parts.library.count_unindexed(), parts.library.count()
    tail = f", {waiting} still to be indexed (start Curbside or run `curbside reindex`)" if waiting else ""
    return Found(True, f"{parts.database.engine.dialect.name}, {kept} reports{tail}")


def index(parts: "Parts") -> Found:
    url = parts.settings.storage.chroma_url
    if url:
        problem = _chroma_problem(url)
        if problem:
            return Found(
                False, f"the Chroma server at {_shown(url)} does not answer ({problem})",
                "start it or correct CURBSIDE_STORAGE__CHROMA_URL",
            )  # fmt: skip
    where = f"Chroma at {_shown(url)}: " if url else ""
    if not database_was_made(parts) or parts.library.count() == 0:
        return Found(True, f"{where}none yet (nothing was ingested)")
    return Found(True, f"{where}{parts.index.count} chunks, {parts.index.built_with}")


def database_was_made(parts: "Parts") -> bool:
    from assistant.keys import KEY_FILE

    return parts.has_data and (parts.data_dir / KEY_FILE).exists()


def _database_server(url: str) -> Found:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    remedy = "start the server or correct CURBSIDE_STORAGE__DATABASE_URL"
    try:
        parsed = make_url(url)
    except ArgumentError:
        return Found(False, "its address is not a SQLAlchemy URL", "correct CURBSIDE_STORAGE__DATABASE_URL")
    if parsed.get_backend_name() != "postgresql":
        return Found(True, f"{parsed.get_backend_name()}, not opened yet: nothing is kept here")
    host = str(parsed.query.get("host") or parsed.host or "localhost")
    problem = _unreachable(host, parsed.port or 5432)
    value = f"PostgreSQL at {host}"
    if problem:
        return Found(False, f"{value} does not answer ({problem})", remedy)
    return Found(True, f"{value} is there; nothing is kept in it from this folder yet")


def _unreachable(host: str, port: int) -> str | None:
    """Why no connection can be made, or `None`. A host that begins with a slash is the folder of a socket."""
    try:
        if host.startswith("/"):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(_TIMEOUT_S)
                connection.connect(str(Path(host) / f".s.PGSQL.{port}"))
        else:
            socket.create_connection((host, port), timeout=_TIMEOUT_S).close()
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or type(error).__name__
    return None


def _chroma_problem(url: str) -> str | None:
    import httpx

    try:
        reply = httpx.get(f"{url.rstrip('/')}/api/v2/heartbeat", timeout=_TIMEOUT_S)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return type(error).__name__
    return None if reply.is_success else f"status {reply.status_code}"


def _shown(url: str) -> str:
    """Without credentials."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or '?'}{f':{parts.port}' if parts.port else ''}"
