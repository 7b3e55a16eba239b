"""From a question to the passages that are shown to the model."""

from collections.abc import Callable, Collection, Sequence

from assistant.retrieval.index import ReportIndex
from assistant.schema import Chunk, Hit

_SPARE = 3
"""Candidates looked at for each passage wanted: reports copied from a template repeat themselves."""
_NEAR_DUPLICATE = 0.8
"""Share of words in common (Jaccard) from which two passages say the same. By eye, on notes with copied paragraphs."""


class Retriever:
    """Searches the index and reads the chunks' text from the library."""

    def __init__(self, index: ReportIndex, fetch_chunks: Callable[[Sequence[str]], list[Chunk]]) -> None:
        """`fetch_chunks` reads chunks by id from the database, in any order; ids it does not know are left out."""
        self._index, self._fetch_chunks = index, fetch_chunks

    def retrieve(self, query: str, *, top_k: int, context: str = "", exclude: Collection[str] = ()) -> list[Hit]:
        """Return at most `top_k` different passages, best first, none from the reports in `exclude`.

        `context` is what the query is asked about.

        Raises:
            RetrievalError: the index cannot be used; its message says what to do.
        """
        if top_k < 1:
            return []
        ranking = self._index.search(query, top_k=_SPARE * top_k, context=context, exclude=exclude)
        chunks = {chunk.id: chunk for chunk in self._fetch_chunks([chunk_id for chunk_id, _ in ranking])}
        hits: list[Hit] = []
        kept_words: list[set[str]] = []
        for chunk_id, score in ranking:
            if chunk_id not in chunks:  # deleted since
                continue
            words = set(chunks[chunk_id].text.lower().split())
            if any(_overlap(words, kept) >= _NEAR_DUPLICATE for kept in kept_words):
                continue
            hits.append(Hit(chunk=chunks[chunk_id], score=score))
            kept_words.append(words)
            if len(hits) == top_k:
                break
        return hits


def _overlap(words: set[str], others: set[str]) -> float:
    """Jaccard similarity, 0 to 1; two empty sets are the same."""
    either = len(words | others)
    return len(words & others) / either if either else 1.0
