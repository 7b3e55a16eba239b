"""Two rankings into one: what a passage means and which words it shares with the question."""

import math

LEXICAL_WEIGHT = 0.1
"""Mean quality over eleven collections is flat from .06 to .1; of these, .1 loses least where words alone do best, as
in collections of reports that all look alike (`bench_retrieval` prints them)."""


def fuse_scores(*, cosine: float, bm25: float, query_weight: float, spread: float = 1.0) -> float:
    """Return the fused score of one chunk: `cosine / spread + LEXICAL_WEIGHT * bm25 / sqrt(query_weight)`.

    A convex combination keeps what ranks throw away, how much better the best is than the next (Bruch, Gai & Ingber,
    TOIS 2023: it beats reciprocal rank fusion in and out of domain). Theirs divides BM25 by the query's best score,
    so that a query that matches nothing well counts as much as one that matches everything. Dividing by the root
    of the query's own weight instead lets a long query that is matched word for word lean on its words, and a vague
    one on its meaning.

    Args:
        cosine: similarity of query and chunk vectors, -1 to 1.
        bm25: the chunk's BM25 score, 0 or more.
        query_weight: sum of the idf of the query's terms, 0 or more, each as often as it stands there.
        spread: how far the embedding model spreads its cosines, 1 for the default model.
    """
    return cosine / spread + LEXICAL_WEIGHT * bm25 / math.sqrt(max(query_weight, 1.0))
