"""The index of past reports: vectors in Chroma, words in memory, one fused ranking."""

import heapq
import logging
import threading
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from assistant.errors import IndexDamaged
from assistant.retrieval.chunks import indexed_text
from assistant.retrieval.dense import Embedder
from assistant.retrieval.fusion import fuse_scores
from assistant.retrieval.lexical import LexicalIndex
from assistant.retrieval.vectors import VectorStore
from assistant.schema import Chunk

log = logging.getLogger(__name__)

_POOL = 60
"""Candidates taken from each ranking. Fused quality is flat from about 50."""
_EMBED_BATCH = 256
_REPORT_POOL = 5
"""Chunks fetched for each report wanted, since a report has several."""
_MEAN_SHARE = 0.2
"""Share of the mean over all chunks in a report's score. nDCG@10 with 0, .2 and .5: long notes .942, .946, .947;
med-retrieval .793, .794, .782; pubmedqa .993, .994, .992."""


class ReportIndex:
    """Finds chunks. Chroma keeps vectors, ids and small metadata; the text lives in the database alone.

    Every method may be called from any thread, also while another adds. Every method may raise `IndexDamaged`,
    `IndexUnavailable` (Chroma server) or `EmbeddingModelNotFound`; `add` and the searches also `IndexOutdated`.
    """

    def __init__(self, *, path: Path | None, chroma_url: str | None, embedder: Embedder) -> None:
        """`path`: folder of the embedded Chroma; `chroma_url`: a Chroma server instead; neither: in memory.

        Nothing is opened yet. One process owns `path`; several share a Chroma server.
        """
        self._embedder = embedder
        self._vectors = VectorStore(path=path, url=chroma_url, model=embedder.name)
        self._lexical = LexicalIndex()
        self._writing = threading.Lock()

    @property
    def built_with(self) -> str:
        """The embedding model the stored vectors come from."""
        return self._vectors.built_with

    @property
    def count(self) -> int:
        """Chunks in the index."""
        return self._vectors.count()

    def report_ids(self) -> set[str]:
        """Reports with at least one chunk in the index."""
        return {_report_of(chunk_id) for chunk_id in self._vectors.chunk_ids()}

    def load_lexical(self, chunks: Iterable[Chunk]) -> None:
        """Fill the word index from the database, once at start. Vectors are not touched."""
        self._lexical.add((chunk.id, indexed_text(chunk)) for chunk in chunks)

    def add(self, chunks: Sequence[Chunk]) -> None:
        """Embed and store chunks; one that is already there is replaced, so an interrupted call is simply repeated.

        A report that may have fewer chunks than before is removed first.
        """
        for first in range(0, len(chunks), _EMBED_BATCH):
            batch = chunks[first : first + _EMBED_BATCH]
            texts = [indexed_text(chunk) for chunk in batch]
            vectors = self._embedder.embed(texts)
            with self._writing:
                self._vectors.upsert(batch, vectors)
                self._lexical.add(zip((chunk.id for chunk in batch), texts, strict=True))
                self._compact_if_wanted()

    def remove(self, report_ids: Sequence[str]) -> None:
        """Remove every chunk of these reports and make sure that none is left."""
        gone = set(report_ids)
        with self._writing:
            self._lexical.remove([chunk_id for chunk_id in self._lexical.ids() if _report_of(chunk_id) in gone])
            self._vectors.remove(list(gone))
            self._compact_if_wanted()

    def compact(self) -> bool:
        """Take what was deleted out of the files too; whether nothing is left there (`VectorStore.compact`)."""
        with self._writing:
            return self._vectors.compact()

    def _compact_if_wanted(self) -> None:
        if self._vectors.wants_compacting():
            log.info("writing the index anew without what was deleted")
            self._vectors.compact()

    def clear(self) -> None:
        """Empty the index, damaged or not, and record the configured model: the first step of `curbside reindex`."""
        with self._writing:
            self._lexical.clear()
            self._vectors.clear()

    def close(self) -> None:
        """Let go of Chroma's files and threads."""
        self._vectors.close()

    def search(
        self,
        query: str,
        *,
        top_k: int,
        context: str = "",
        exclude: Collection[str] = (),
        only: Collection[str] | None = None,
    ) -> list[tuple[str, float]]:
        """Rank chunks, best first: `(chunk id, fused score)`. `exclude` and `only` hold report ids.

        `context` is what the query is asked about: it draws the ranking towards similar cases.

        Scores are unitless and comparable within one search only.
        """
        if top_k < 1 or not query.strip():
            return []
        words = self._lexical.score(f"{query}\n{context}" if context else query)
        pool = max(_POOL, 2 * top_k)
        skipped = frozenset(exclude)
        wanted = None if only is None else frozenset(only) - skipped

        def allowed(chunk_id: str) -> bool:
            report_id = _report_of(chunk_id)
            return report_id not in skipped if wanted is None else report_id in wanted

        by_words = [(chunk_id, bm25) for chunk_id, bm25 in words.top(limit=pool, allowed=allowed)]
        vector = self._embedder.embed_query(query, context)
        # An excluded report may fill the nearest places; asking for more costs less than a filter in Chroma.
        spare = sum(map(self._count_chunks, skipped)) if wanted is None else 0
        nearest = self._vectors.nearest(vector, limit=pool + spare, only=wanted)
        if by_words and not nearest and not self._vectors.count():
            raise IndexDamaged(problem="it holds no vectors, the database holds reports")
        by_meaning = {chunk_id: cosine for chunk_id, cosine in nearest if allowed(chunk_id)}

        def fused(cosine: float, bm25: float) -> float:
            return fuse_scores(cosine=cosine, bm25=bm25, query_weight=words.query_weight, spread=self._embedder.spread)

        scores = {
            chunk_id: fused(cosine, bm25)
            for (chunk_id, cosine), bm25 in zip(by_meaning.items(), words.of(list(by_meaning)), strict=True)
        }
        # A chunk found by its words alone is at most as near as the last neighbour. Only where that would still bring
        # it among the best is its vector worth reading.
        farthest = min(by_meaning.values(), default=1.0)
        needed = heapq.nlargest(top_k, scores.values())[-1] if len(scores) >= top_k else float("-inf")
        promising = {
            chunk_id: bm25 for chunk_id, bm25 in by_words if chunk_id not in scores and fused(farthest, bm25) > needed
        }
        for chunk_id, cosine in self._vectors.cosines(vector, list(promising)).items():
            scores[chunk_id] = fused(cosine, promising[chunk_id])
        return heapq.nlargest(top_k, scores.items(), key=lambda item: item[1])

    def _count_chunks(self, report_id: str) -> int:
        """How many chunks a report has; they are numbered from 0."""
        number = 0
        while f"{report_id}#{number}" in self._lexical:
            number += 1
        return number

    def search_reports(
        self, query: str, *, top_k: int, exclude: Collection[str] = (), only: Collection[str] | None = None
    ) -> list[tuple[str, str, float]]:
        """Rank reports, best first, each once: `(report id, its best chunk's id, the report's score)`.

        A report scores as its best chunk, and a little as all of them together: of two reports with an equally good
        passage the one that is about the matter throughout comes first.
        """
        best: dict[str, tuple[str, float]] = {}
        for chunk_id, score in self.search(query, top_k=_REPORT_POOL * top_k, exclude=exclude, only=only):
            best.setdefault(_report_of(chunk_id), (chunk_id, score))
        means = self._mean_scores(query, list(best)[: 2 * top_k])
        ranking = [
            (report_id, chunk_id, (1 - _MEAN_SHARE) * score + _MEAN_SHARE * means.get(report_id, score))
            for report_id, (chunk_id, score) in best.items()
        ]
        return heapq.nlargest(top_k, ranking, key=lambda entry: entry[2])

    def _mean_scores(self, query: str, report_ids: Sequence[str]) -> dict[str, float]:
        """Return the mean fused score of each report's chunks."""
        if not report_ids:
            return {}
        chunk_ids = [
            f"{report_id}#{number}" for report_id in report_ids for number in range(self._count_chunks(report_id))
        ]
        words = self._lexical.score(query)
        cosines = self._vectors.cosines(self._embedder.embed_query(query), chunk_ids)
        scores: dict[str, list[float]] = {}
        for chunk_id, bm25 in zip(cosines, words.of(list(cosines)), strict=True):
            fused = fuse_scores(
                cosine=cosines[chunk_id], bm25=bm25, query_weight=words.query_weight, spread=self._embedder.spread
            )
            scores.setdefault(_report_of(chunk_id), []).append(fused)
        return {report_id: sum(values) / len(values) for report_id, values in scores.items()}


def _report_of(chunk_id: str) -> str:
    return chunk_id.rpartition("#")[0]
