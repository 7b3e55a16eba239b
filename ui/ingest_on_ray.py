"""Bulk ingest over the machines of a Ray cluster: they read, de-identify, section and embed; this process keeps and indexes.

One owner writes, so the store and the index may be files of this machine. The others need the report files and the data
folder, for its key, under the same paths. What travels through Ray is encrypted with that key, in both directions: its
object store, what it spills to disk and its dashboard hold no name of a file and no word of a report.
"""

import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from assistant.errors import MissingExtra, NotShared, RayUnavailable
from assistant.ingest_results import IngestResult
from assistant.reading import Columns
from assistant.retrieval.chunks import indexed_text
from assistant.schema import Report
from training.on_ray import TOKEN, reach
from ui.ingest_there import Found, Piece, prepare_there, seal, unseal

if TYPE_CHECKING:
    from ui.settings import Settings
    from ui.wiring import Parts

TASK = "curbside-ingest"
"""What Ray calls the work."""
_TABLES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson")
_PART_BYTES = 1_000_000
"""A larger table is prepared in parts: each machine reads all of it, and de-identifies its share."""
_MOST_FILES = 32
_LOOK_S = 5.0
_PORT = 6379
"""Ray's own, where an address has none."""
_RETRIES = 2
"""How often Ray itself does a piece again whose process was killed."""


def ingest_on_ray(
    parts: "Parts",
    paths: Sequence[Path],
    *,
    columns: Columns = Columns(),
    address: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Iterator[IngestResult]:
    """As `Ingest.ingest_paths`, with the same results in the same order.

    Args:
        address: `host:port` or `ray://host:port` of the cluster, `local` for one of this machine's cores that ends with
            the ingest. Default: `RAY_ADDRESS`, or the cluster that runs on this machine.

    Raises:
        RayUnavailable: There is no such cluster, or no longer: what was kept until then is kept.
        NotShared: Its machines do not reach the data folder.
        MissingExtra
    """
    parts.ingest  # noqa: B018  an installation begins here, with its key
    with redirect_stdout(cast(TextIO, _Ours(sys.stdout))), _connected(address) as cluster:
        absolute = [path.absolute() for path in paths]
        found = _prepared(parts, absolute, columns, cluster, on_progress or (lambda *_: None))
        yield from parts.ingest.keep_prepared(found)


def cut(paths: Sequence[Path], *, cpus: int) -> list[Piece]:
    """In the order of the paths: large tables in parts, other files some at a time."""
    most = max(1, min(_MOST_FILES, len(paths) // (4 * cpus)))
    pieces: list[Piece] = []
    for path in paths:
        size = path.stat().st_size if path.suffix.lower() in _TABLES and path.is_file() else 0
        if size > _PART_BYTES:
            parts = -(-size // _PART_BYTES)
            pieces += [Piece(files=(path,), part=part, parts=parts) for part in range(parts)]
        elif pieces and pieces[-1].parts == 1 and len(pieces[-1].files) < most:
            pieces[-1] = replace(pieces[-1], files=(*pieces[-1].files, path))
        else:
            pieces.append(Piece(files=(path,)))
    return pieces


class _Ours:
    """Standard output for our own threads. One of Ray's tells there of processes that died, and `--json` is for machines."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr if threading.current_thread().name.startswith("ray_") else self._stream, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cluster:
    cpus: int
    door: str
    """Where its head listens."""


@contextmanager
def _connected(address: str | None) -> Iterator[_Cluster]:
    """Within the cluster."""
    try:
        import ray
    except ImportError as error:
        raise MissingExtra(package="ray", extra="ray") from error
    from ray.exceptions import RayError

    address = address or os.environ.get("RAY_ADDRESS") or "auto"
    if address not in ("auto", "local"):
        reach(address, port=10001 if address.startswith("ray://") else _PORT)
    try:
        told: dict[str, Any] = {"include_dashboard": False} if address == "local" else {}
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, configure_logging=False, **told)
        cpus = max(1, int(ray.cluster_resources().get("CPU", 1)))
        client = address.startswith("ray://")
        cluster = _Cluster(cpus=cpus, door=address if client else ray.get_runtime_context().gcs_address)
    except (OSError, RuntimeError, ValueError, RayError) as error:
        ray.shutdown()
        where = "this machine" if address in ("auto", "local") else address
        problem = f"{type(error).__name__}; where it wants a token, {TOKEN}"
        raise RayUnavailable(address=where, problem=problem) from error
    try:
        yield cluster
    finally:
        with redirect_stdout(sys.stderr):  # it tells what it has not told yet
            ray.shutdown()


def _prepared(
    parts: "Parts", paths: Sequence[Path], columns: Columns, cluster: _Cluster, on_progress: Callable[[int, int], None]
) -> Iterator[tuple[str, Report | IngestResult]]:
    """Every report of the files in their order, prepared by the cluster, a few pieces ahead of who keeps them."""
    keys, submit = parts.keys, _submitter(parts, columns)
    waiting = iter(cut(paths, cpus=cluster.cpus))
    under_way: deque[tuple[Piece, Any]] = deque()
    done = 0
    of_one_file: list[Found] = []
    while under_way or (under_way := submit(islice(waiting, 1))):
        under_way += submit(islice(waiting, max(0, 2 * cluster.cpus - len(under_way))))
        piece, reference = under_way.popleft()
        try:
            of_one_file += unseal(_fetch(reference, cluster), keys)
        except _Died as died:
            if len(piece.files) > 1:
                # Which of them it was is not known: each gets a process of its own.
                under_way = submit(Piece(files=(path,)) for path in piece.files) + under_way
                continue
            of_one_file += [
                (0, path.name, IngestResult(name=path.name, problem=str(died)), None) for path in piece.files
            ]
        if piece.part == piece.parts - 1:
            if piece.parts > 1:
                of_one_file.sort(key=lambda found: found[0])
            for _, name, report, vectors in of_one_file:
                if isinstance(report, Report) and vectors is not None:
                    parts.embedder.take([indexed_text(chunk) for chunk in parts.library.chunk(report)], vectors)
                yield name, report
            of_one_file = []
            done += len(piece.files)
            on_progress(done, len(paths))


class _Died(Exception):
    """The process of a piece was killed again and again, or broke; as a sentence for the person who chose the file."""


def _submitter(parts: "Parts", columns: Columns) -> "Callable[[Iterator[Piece]], deque[tuple[Piece, Any]]]":
    """Gives pieces to the cluster."""
    import ray

    # Once: each makes Ray's head keep another copy of the function, and wait for a head that is gone.
    task = ray.remote(prepare_there).options(name=TASK, num_cpus=1, max_retries=_RETRIES)
    folder, ours, told = str(parts.data_dir.resolve()), version("curbside"), _told(parts.settings)

    def submit(pieces: Iterator[Piece]) -> deque[tuple[Piece, Any]]:
        return deque((piece, task.remote(folder, ours, seal((piece, told, columns), parts.keys))) for piece in pieces)

    return submit


def _fetch(reference: Any, cluster: _Cluster) -> bytes:
    import ray
    from ray.exceptions import GetTimeoutError, RayError, RayTaskError

    while True:
        try:
            problem, sealed = ray.get(reference, timeout=_LOOK_S)
            break
        except GetTimeoutError:
            # Left alone with a head that is gone, Ray ends this process after a minute.
            reach(cluster.door, port=_PORT)
        except OSError as error:
            raise RayUnavailable(address=cluster.door, problem=type(error).__name__) from error
        except RayTaskError as error:
            # It could not be begun: what it raises itself, it returns.
            problem, sealed = type(error.cause).__name__, b""
            break
        except RayError as error:
            kind = type(error).__name__
            raise _Died(f"the cluster's process that read it ended ({kind}); has its machine enough memory?") from error
    if problem:
        raise NotShared(
            what=f"a machine of the Ray cluster cannot prepare reports ({problem})",
            remedy="give it what this one has: this version of Curbside, its models, the data folder under the same path",
        )
    return sealed


def _told(settings: "Settings") -> dict[str, Any]:
    """The settings that preparing depends on."""
    return {group: getattr(settings, group).model_dump() for group in ("deid", "reading", "retrieval")}
