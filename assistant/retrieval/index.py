"""The index of past reports: vectors in Chroma, words in memory, one fused ranking."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from assistant.retrieval.dense import Embedder
from assistant.schema import Chunk


class ReportIndex:
    """Finds chunks. Chroma keeps vectors, ids and small metadata; the text lives in the database alone."""

    def __init__(self, *, path: Path | None, chroma_url: str | None, embedder: Embedder) -> None:
        """`path`: folder of the embedded Chroma; `chroma_url`: a Chroma server instead; neither: in memory."""
        raise NotImplementedError

    @property
    def built_with(self) -> str:
        """The embedding model the stored vectors come from."""
        raise NotImplementedError

    @property
    def count(self) -> int:
        """Chunks in the index."""
        raise NotImplementedError

    def report_ids(self) -> set[str]:
        """Reports with at least one chunk in the index."""
        raise NotImplementedError

    def load_lexical(self, chunks: Iterable[Chunk]) -> None:
        """Fill the word index from the database, once at start. Vectors are not touched."""
        raise NotImplementedError

    def add(self, chunks: Sequence[Chunk]) -> None:
        """Embed and store chunks; one that is already there is replaced."""
        raise NotImplementedError

    def remove(self, report_ids: Sequence[str]) -> None:
        """Remove every chunk of these reports and make sure that none is left."""
        raise NotImplementedError

    def clear(self) -> None:
        """Empty the index and record the configured embedding model: the first step of `curbside reindex`."""
        raise NotImplementedError

    def search(
        self, query: str, *, top_k: int, exclude: Collection[str] = (), only: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Rank chunks, best first: `(chunk id, fused score)`. `exclude` and `only` hold report ids."""
        raise NotImplementedError

    def search_reports(
        self, query: str, *, top_k: int, exclude: Collection[str] = (), only: Collection[str] | None = None
    ) -> list[tuple[str, str, float]]:
        """Rank reports, best first, each once: `(report id, its best chunk's id, score)`."""
        raise NotImplementedError
