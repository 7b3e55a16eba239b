"""Chroma's clients: of a folder, of a server, in memory. None reports to anybody."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.config import Settings


def open_folder(path: Path) -> "ClientAPI":
    """May raise nearly anything where the folder is damaged."""
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient

    try:
        return chromadb.PersistentClient(path=str(path), settings=_settings())
    except Exception:
        # Chroma keeps the half-started system and would hand it out again, even for a repaired folder.
        SharedSystemClient.clear_system_cache()
        raise


def open_server(url: str) -> "ClientAPI":
    import chromadb

    parts = urlsplit(url)
    return chromadb.HttpClient(
        host=parts.hostname or "127.0.0.1", port=parts.port or 8000, ssl=parts.scheme == "https", settings=_settings()
    )


def open_memory() -> "ClientAPI":
    import chromadb

    return chromadb.EphemeralClient(settings=_settings())


def close_client(client: "ClientAPI") -> None:
    from chromadb.api.client import Client

    if isinstance(client, Client):  # always, but Chroma's own types do not say so
        client.close()


def _settings() -> "Settings":
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False)
