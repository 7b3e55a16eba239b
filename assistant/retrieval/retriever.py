"""From a question to the passages that are shown to the model."""

from collections.abc import Callable, Collection, Sequence

from assistant.retrieval.index import ReportIndex
from assistant.schema import Chunk, Hit


class Retriever:
    """Searches the index and reads the chunks' text from the library."""

    def __init__(self, index: ReportIndex, fetch_chunks: Callable[[Sequence[str]], list[Chunk]]) -> None:
        """`fetch_chunks` reads chunks by id from the database; ids it does not know are left out."""
        self._index, self._fetch_chunks = index, fetch_chunks

    def retrieve(self, query: str, *, top_k: int, exclude: Collection[str] = ()) -> list[Hit]:
        """Return at most `top_k` different passages, best first, none from the reports in `exclude`."""
        raise NotImplementedError
