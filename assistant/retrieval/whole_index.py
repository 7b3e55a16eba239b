"""A whole Chroma collection, row by row: what moves an installation to another Chroma, and proves that nothing was lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.retrieval.vectors import MOVING_KEY, VectorStore

if TYPE_CHECKING:
    import numpy as np

ALIKE = 1e-6
"""Chroma scales a vector to length 1 whenever it writes it into its graph, so the last bits of a copy may differ: largest
difference of a component that is no difference. The cosine of two vectors changes by less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexState:
    count: int
    mark: str | None
    """Whose half-done move this is."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VectorRows:
    ids: tuple[str, ...]
    vectors: "np.ndarray"
    """(len(ids), dimensions) float32."""
    metadatas: tuple[dict[str, Any], ...]

    def unlike(self, other: "VectorRows") -> int:
        """How many rows the other one lacks, has besides, or has otherwise."""
        import numpy as np

        theirs = {row_id: number for number, row_id in enumerate(other.ids)}
        different = len(theirs.keys() - set(self.ids))
        for number, row_id in enumerate(self.ids):
            there = theirs.get(row_id)
            different += there is None or not (
                self.metadatas[number] == other.metadatas[there]
                and np.allclose(self.vectors[number], other.vectors[there], rtol=0, atol=ALIKE)
            )
        return different


class WholeIndex(VectorStore):
    """Every method may raise `IndexDamaged` or, on a server, `IndexUnavailable`."""

    def state(self) -> IndexState | None:
        """`None` where there is no collection; none is made."""
        from chromadb.errors import NotFoundError

        if self._path is not None and not self._path.is_dir():
            return None
        client = self._connect()
        with self._errors():
            try:
                collection = client.get_collection(self._name, embedding_function=None)
            except NotFoundError:
                return None
            return IndexState(count=collection.count(), mark=(collection.metadata or {}).get(MOVING_KEY))

    def ids(self) -> list[str]:
        """Sorted."""
        return sorted(self.chunk_ids())

    def read(self, ids: Sequence[str]) -> VectorRows:
        """The rows of these ids, as far as they are there."""
        import numpy as np

        collection = self._collection()
        with self._errors():
            found = collection.get(ids=list(ids), include=["embeddings", "metadatas"])
        return VectorRows(
            ids=tuple(found["ids"]),
            vectors=np.asarray(found["embeddings"], np.float32),
            metadatas=tuple(dict(values) for values in found["metadatas"] or ()),
        )

    def write(self, rows: VectorRows) -> None:
        """Store rows; one that is there already is replaced."""
        collection = self._collection()
        with self._errors():
            collection.upsert(ids=list(rows.ids), embeddings=rows.vectors, metadatas=list(rows.metadatas))

    def drop(self, ids: Sequence[str]) -> None:
        collection = self._collection()
        with self._errors():
            collection.delete(ids=list(ids))

    def set_mark(self, mark: str | None) -> None:
        """Say whose half-done move this is, or that it is none."""
        collection = self._collection()
        kept = {key: value for key, value in (collection.metadata or {}).items() if key != MOVING_KEY}
        with self._errors():
            collection.modify(metadata=kept | ({MOVING_KEY: mark} if mark else {}))
