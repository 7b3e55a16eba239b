"""The cluster's side of `ui.ingest_on_ray`: read, de-identify, section, embed. And the seal around what travels.

No database and no index is opened here.
"""

import logging
import os
import pickle
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import CurbsideError, WrongKey
from assistant.ingest_results import IngestResult
from assistant.keys import KEY_FILE, Keys, load_key
from assistant.preparing import Preparer
from assistant.reading import Columns, read_file
from assistant.retrieval.chunks import chunk_report, indexed_text
from assistant.schema import Report

if TYPE_CHECKING:
    import numpy as np

    from ui.wiring import Parts

Found = tuple[int, str, "Report | IngestResult", "np.ndarray | None"]
"""What sorts a file's reports, a name for people, the report or why there is none, its chunks' vectors."""

_NONCE_BYTES = 12
_PURPOSE = b"curbside ingest on ray 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What one task prepares: some files, or a part of one."""

    files: tuple[Path, ...]
    part: int = 0
    parts: int = 1


def prepare_there(folder: str, wanted: str, sealed: bytes) -> tuple[str, bytes]:
    """The task: why this machine can prepare nothing, or what it has prepared. Another version than `wanted` masks otherwise."""
    _be_quiet()
    try:
        if (found := version("curbside")) != wanted:
            return f"Curbside is {found} there and {wanted} here", b""
        if not os.access(Path(folder) / KEY_FILE, os.R_OK):
            return f"{folder} holds no {KEY_FILE} there that its user can read", b""
        keys = load_key(Path(folder))
        piece, told, columns = unseal(sealed, keys)
        return "", seal(list(_work(_there(folder, pickle.dumps(told)), piece, columns)), keys)
    except CurbsideError as error:
        return str(error), b""
    except Exception as error:  # noqa: BLE001  a process edge: Ray would keep its message, which may quote a report
        return type(error).__name__, b""


def _work(parts: "Parts", piece: Piece, columns: Columns) -> Iterator[Found]:
    deid = parts.settings.deid
    preparer = Preparer(deidentifier=parts.deidentifier, keys=parts.keys, on_residual=deid.on_residual)
    for path in piece.files:
        read = partial(read_file, path, settings=parts.settings.reading, columns=columns)
        for number, name, found in preparer.prepare_all(path.name, read, part=piece.part, parts=piece.parts):
            yield number, name, found, _embed(parts, found) if isinstance(found, Report) else None


def _embed(parts: "Parts", report: Report) -> "np.ndarray | None":
    import numpy as np

    chunks = chunk_report(report, max_words=parts.settings.retrieval.chunk_words)
    # One at a time: several would be spread over all cores of the machine, and Ray gave this process one.
    rows = [parts.embedder.embed([indexed_text(chunk)])[0] for chunk in chunks]
    return np.stack(rows) if rows else None


@lru_cache(maxsize=1)
def _there(folder: str, told: bytes) -> "Parts":
    """The parts that prepare, loaded once a process. None of them opens a database or an index."""
    from ui.settings import Settings
    from ui.wiring import Parts

    parts = Parts(Settings(storage={"data_dir": Path(folder)}, **pickle.loads(told)))  # type: ignore[arg-type]
    parts.keys  # noqa: B018  before de-identification: pseudonyms need it
    return parts


def _be_quiet() -> None:
    """Ray keeps what its processes print, and a library may quote what it cannot read."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")


def seal(value: object, keys: Keys) -> bytes:
    """Encrypted with the installation's key, for `unseal`."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(keys.encryption).encrypt(nonce, pickle.dumps(value), _PURPOSE)


def unseal(sealed: bytes, keys: Keys) -> Any:
    """Raises `WrongKey`: it was sealed by another installation, or changed on the way."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return pickle.loads(AESGCM(keys.encryption).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _PURPOSE))
    except InvalidTag:
        raise WrongKey(path=str(keys.path)) from None
