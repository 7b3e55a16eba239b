"""The vectors of past reports, in Chroma: on disk, on a server, or in memory.

Chroma is given vectors, ids and small metadata, never a text.
"""

import logging
import random
import threading
import uuid
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import IndexDamaged, IndexOutdated, IndexUnavailable
from assistant.heap import wipe_heap
from assistant.retrieval.clients import close_client, open_folder, open_memory, open_server
from assistant.retrieval.folder import IndexFolder
from assistant.retrieval.sharing import Sharing
from assistant.schema import Chunk

if TYPE_CHECKING:
    import numpy as np
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection as ChromaCollection
    from chromadb.api.types import Metadata

log = logging.getLogger(__name__)

_COLLECTION = "chunks"
_MODEL_KEY = "embedding_model"
MOVING_KEY = "moving_from"
"""In the metadata of a collection that a move has not brought whole."""
_BATCH = 1_000
"""Rows a call; Chroma takes about 5,000."""
_COPIED = 100
"""Rows at once where a server does it beside its work: Chroma makes a Python number of each component."""
_HNSW = {"space": "cosine", "ef_search": 200}
"""`ef_search` must exceed the neighbours asked for, or the last of them are poor."""
_BESIDE_A_VECTOR = 140
"""Bytes that hnswlib keeps for each besides its components: 32 neighbours, and a label."""
_DEAD_AT_LEAST = 2_000
"""Vectors that were deleted; fewer are not worth writing the folder anew."""
_APART = 1e-4
"""Equal texts have equal vectors ("No acute abnormality."), and hnswlib's graph of many equal points comes apart when some are
deleted: with four texts in 500 chunks it then found 33 to 90 of 100 neighbours. So each is moved by this share of its length, by chance
from its id: always 100."""
_SAMPLE = 20


class VectorStore:
    """One Chroma collection. Connects on first use; safe to call from many threads."""

    def __init__(self, *, path: Path | None, url: str | None, model: str) -> None:
        """`path`: folder of the embedded Chroma; `url`: a Chroma server instead; neither: in memory."""
        self._path, self._url, self._model = path, url, model
        self._folder = IndexFolder(path) if path else None
        self._sharing = Sharing()
        self._name = _COLLECTION if path or url else f"{_COLLECTION}-{uuid.uuid4().hex}"
        self._client: ClientAPI | None = None
        self._opened: ChromaCollection | None = None
        self._opening = threading.RLock()

    @property
    def built_with(self) -> str:
        """The embedding model whose vectors are stored; the configured one while there are none."""
        with self._use() as collection:
            return _model_of(collection)

    def count(self) -> int:
        with self._use() as collection:
            return collection.count()

    def upsert(self, chunks: Sequence[Chunk], vectors: "np.ndarray") -> None:
        """Store one vector a chunk: (len(chunks), dimensions) float32."""
        with self._use(usable=True) as collection:
            for first in range(0, len(chunks), _BATCH):
                batch = chunks[first : first + _BATCH]
                collection.upsert(
                    ids=[chunk.id for chunk in batch],
                    embeddings=_apart(vectors[first : first + _BATCH], [chunk.id for chunk in batch]),
                    metadatas=[
                        {"report_id": chunk.report_id, "start": chunk.start, "end": chunk.end, "kind": chunk.kind.value}
                        for chunk in batch
                    ],
                )

    def nearest(
        self, vector: "np.ndarray", *, limit: int, only: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return up to `limit` `(chunk id, cosine)`, nearest first; `only` holds report ids."""
        if only is not None and not only:
            return []
        where: Any = None if only is None else {"report_id": {"$in": sorted(only)}}

        def query(collection: "ChromaCollection") -> tuple[list[str], Sequence[float]]:
            found = collection.query(query_embeddings=vector[None], n_results=limit, where=where, include=["distances"])
            return found["ids"][0], (found["distances"] or [[]])[0]

        with self._use(usable=True) as collection:
            ids, distances = query(collection)
            if where is None and len(ids) < limit:  # counted only here: it takes as long as the search
                wanted = min(limit, collection.count())
                if len(ids) < wanted // 2:
                    _look_into(collection)
                    ids, distances = query(collection)  # others may have added some meanwhile
        return [(chunk_id, 1 - float(distance)) for chunk_id, distance in zip(ids, distances, strict=True)]

    def cosines(self, vector: "np.ndarray", chunk_ids: Sequence[str]) -> dict[str, float]:
        """Return the exact cosine of each chunk that is stored."""
        import numpy as np

        if not chunk_ids:
            return {}
        with self._use(usable=True) as collection:
            found = collection.get(ids=list(chunk_ids), include=["embeddings"])
        if not found["ids"]:
            return {}
        similar = np.asarray(found["embeddings"], np.float32) @ vector
        return {chunk_id: float(cosine) for chunk_id, cosine in zip(found["ids"], similar, strict=True)}

    def remove(self, report_ids: Sequence[str]) -> None:
        """Delete the chunks of these reports, and look whether any is left.

        Raises:
            IndexDamaged: some are left.
        """
        for first in range(0, len(report_ids), _BATCH):
            where: Any = {"report_id": {"$in": list(report_ids[first : first + _BATCH])}}
            with self._use() as collection:
                collection.delete(where=where)
                left = collection.get(where=where, limit=1, include=[])["ids"]
            if left:
                raise IndexDamaged(problem="a deleted chunk is still there")

    def chunk_ids(self) -> list[str]:
        with self._use() as collection:
            return collection.get(include=[])["ids"]

    def clear(self) -> None:
        """Delete everything, even from a damaged folder, and record the configured model."""
        from chromadb.errors import ChromaError

        with self._sharing.alone(), self._opening:
            if self._folder is not None:
                self._folder.open()
                with self._folder.alone() as alone:
                    if alone:
                        self._empty_folder(self._folder)
                        self._collection()
                        return
            try:
                self._connect().delete_collection(self._name)
            except (ChromaError, IndexDamaged, ValueError):
                log.warning("the index could not be emptied in place and is made anew")
                self._empty_folder(self._folder)
            self._opened = None
            self._collection()

    def compact(self) -> bool:
        """Write the folder anew without what was deleted, of which Chroma keeps vectors and ids. Searches go on meanwhile.

        The caller sees to it that nothing is added or removed until it is done: about 1,000 vectors a second.

        Returns:
            Whether nothing deleted is left in the files. `False` where another process has the folder open: then the next that
            opens it alone does it; and for a Chroma server, whose files are its own.

        Raises:
            IndexDamaged: The folder stays as it was.
        """
        if self._folder is None:
            return self._url is None
        self._collection()
        with self._folder.alone() as alone:
            if not alone:
                self._folder.owe()
                return False
            with self._use() as collection:
                self._write_anew(collection, self._folder)
            with self._sharing.alone(), self._errors():
                self._close_client()
                self._folder.replace()
        return True

    def wants_compacting(self) -> bool:
        """Whether the folder holds more deleted vectors than others. It looks at the size of files: cheap."""
        if self._folder is None:
            return False
        with self._use() as collection:
            count = collection.count()
            some = collection.get(limit=1, include=["embeddings"])["embeddings"]
            dimensions = len(some[0]) if some is not None and len(some) else 0
            kept = self._folder.size_bytes() // (4 * dimensions + _BESIDE_A_VECTOR)
        return kept - count > max(_DEAD_AT_LEAST, count)

    def close(self) -> None:
        """Let go of Chroma's files and threads."""
        self._close_client()
        if self._folder is not None:
            self._folder.close()

    def _close_client(self) -> None:
        with self._opening:
            if self._client is not None:
                close_client(self._client)
            self._client, self._opened = None, None

    def _empty_folder(self, folder: IndexFolder | None) -> None:
        self._close_client()
        if folder is not None:
            folder.empty()

    def _write_anew(self, collection: "ChromaCollection", folder: IndexFolder) -> None:
        client = open_folder(folder.begin())
        try:
            copy = self._open_collection(client, collection.metadata)
            ids = collection.get(include=[])["ids"]
            for first in range(0, len(ids), _COPIED):
                rows = collection.get(ids=ids[first : first + _COPIED], include=["embeddings", "metadatas"])
                copy.upsert(ids=rows["ids"], embeddings=rows["embeddings"], metadatas=rows["metadatas"])
            if (written := copy.count()) != len(ids):
                raise IndexDamaged(problem=f"{written} of {len(ids)} vectors could be written anew")
        except BaseException:
            close_client(client)
            folder.give_up()
            raise
        close_client(client)

    def _pay(self, folder: IndexFolder) -> None:
        """Write the folder anew before anybody uses it, because somebody wanted that and could not."""
        with folder.alone() as alone:
            if not alone:
                return
            client = open_folder(folder.path)
            try:
                with self._errors():
                    self._write_anew(self._open_collection(client), folder)
            except IndexDamaged as error:  # no room, perhaps; the next opening tries again
                log.warning("the index could not be written anew: %s", error.problem)
                return
            finally:
                close_client(client)
            folder.replace()

    @contextmanager
    def _use(self, *, usable: bool = False) -> Iterator["ChromaCollection"]:
        """The collection, of which nobody takes the folder away meanwhile; `usable`: built with the configured model."""
        with self._sharing.shared(), self._errors():
            yield self._usable_collection() if usable else self._collection()

    def _usable_collection(self) -> "ChromaCollection":
        collection = self._collection()
        if (built_with := _model_of(collection)) != self._model:
            raise IndexOutdated(built_with=built_with, configured=self._model)
        if MOVING_KEY in (collection.metadata or {}):
            raise IndexDamaged(problem="a move to it has not ended")
        return collection

    def _collection(self) -> "ChromaCollection":
        if (opened := self._opened) is not None:
            return opened
        with self._opening:
            if self._opened is None:
                client = self._connect()
                with self._errors():
                    collection = self._open_collection(client)
                    if _model_of(collection) != self._model and not collection.count():
                        client.delete_collection(self._name)  # an empty index is built with whatever is configured
                        collection = self._open_collection(client)
                    _look_into(collection)
                    self._opened = collection
            return self._opened

    def _open_collection(self, client: "ClientAPI", metadata: "Metadata | None" = None) -> "ChromaCollection":
        return client.get_or_create_collection(
            self._name,
            metadata=dict(metadata or {_MODEL_KEY: self._model}),
            configuration={"hnsw": _HNSW},  # type: ignore[typeddict-item]
            embedding_function=None,
        )

    def _connect(self) -> "ClientAPI":
        if self._client is None:
            with self._errors():
                self._client = self._new_client()
        return self._client

    def _new_client(self) -> "ClientAPI":
        if self._url:
            return open_server(self._url)
        if self._folder is None:
            return open_memory()
        wipe_heap()
        self._folder.open()
        if self._folder.owes:
            self._pay(self._folder)
        return open_folder(self._folder.path)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn Chroma's errors into ours. Their messages are kept out: they may name files."""
        import httpx
        from chromadb.errors import ChromaError

        try:
            yield
        except (ChromaError, ValueError, OSError, httpx.HTTPError) as error:
            problem = type(error).__name__
            if self._url:
                raise IndexUnavailable(url=self._url, problem=problem) from error
            raise IndexDamaged(problem=problem) from error


def _model_of(collection: "ChromaCollection") -> str:
    return str((collection.metadata or {}).get(_MODEL_KEY, "an unknown model"))


def _apart(vectors: "np.ndarray", ids: Sequence[str]) -> "np.ndarray":
    import numpy as np

    moves = np.stack([np.random.default_rng(zlib.crc32(id_.encode())).normal(size=vectors.shape[1]) for id_ in ids])
    moved = vectors + (_APART / vectors.shape[1] ** 0.5) * moves
    return (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)


def _look_into(collection: "ChromaCollection") -> None:
    """Of a graph that lost its files Chroma finds what is left and says nothing; asked for the vectors themselves, it raises."""
    if count := collection.count():
        # The oldest are in its files; the latest, up to a thousand, Chroma still has in its database.
        for start in (0, random.randrange(max(1, count - _SAMPLE))):
            collection.get(limit=_SAMPLE, offset=start, include=["embeddings"])
