"""Time and memory of the index at 10,000 and 50,000 chunks: `python -m tests.benchmarks.bench_index [--small]`.

Embedding 50,000 passages takes an hour of two cores, so the stored vectors are SYNTHETIC: clustered at random, with the
dimensions of the real ones. Queries are embedded by the real model, and the words come from invented text with a
Zipf-like vocabulary of clinical length, so that postings are as long as real ones.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant.retrieval.dense import Embedder
from assistant.retrieval.index import ReportIndex
from assistant.schema import Chunk, SectionKind

SIZES = (10_000, 50_000)
CHUNKS_A_REPORT = 5
WORDS_A_CHUNK = 100
QUERIES = 60
VOCABULARY = 30_000


class SyntheticEmbedder(Embedder):
    """Random vectors around 300 centres for passages, the real model for queries."""

    def __init__(self) -> None:
        super().__init__()
        self._random = np.random.default_rng(0)
        self._centres = self._random.normal(size=(300, 384))

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        if len(texts) == 1:
            return super().embed(texts)
        vectors = self._centres[self._random.integers(0, 300, len(texts))]
        vectors = (vectors + self._random.normal(size=vectors.shape)).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def main() -> None:
    print("stored vectors are synthetic, queries are embedded by the real model")
    sizes = SIZES[:1] if "--small" in sys.argv else SIZES
    if len(sizes) == 1:
        print("(without 50,000 chunks: --small was given)")
    print(
        f"{'chunks':>8s}{'vectors s':>11s}{'words s':>9s}{'RSS MB':>8s}{'search p50':>12s}{'p95 ms':>8s}"
        f"{'embed ms':>10s}{'words ms':>10s}{'only ms':>9s}{'brute ms':>10s}"
    )
    for size in sizes:
        _measure(size)


def _measure(size: int) -> None:
    embedder = SyntheticEmbedder()
    chunks = _chunks(size)
    queries = [chunk.text[:80] for chunk in chunks[:: size // QUERIES]][:QUERIES]
    with tempfile.TemporaryDirectory() as folder:
        index = ReportIndex(path=Path(folder) / "chroma", chroma_url=None, embedder=embedder)
        started = time.perf_counter()
        index.add(chunks)
        build_s = time.perf_counter() - started
        index._lexical.clear()
        started = time.perf_counter()
        index.load_lexical(chunks)
        words_s = time.perf_counter() - started
        index.search("warm up", top_k=6)
        search = _milliseconds(lambda query: index.search(query, top_k=6), queries)
        embed = _milliseconds(lambda query: embedder.embed([query]), queries)
        words = _milliseconds(lambda query: index._lexical.score(query).top(limit=100), queries)
        only = _milliseconds(lambda query: index.search(query, top_k=6, only=["r1", "r2"]), queries[:10])
        matrix = np.ones((size, 384), np.float32)
        vector = np.ones(384, np.float32)
        brute = _milliseconds(lambda _: np.argpartition(matrix @ vector, -100), queries[:10])
        resident_mb = int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6 - matrix.nbytes / 1e6
        print(
            f"{size:8d}{build_s - words_s:11.1f}{words_s:9.1f}{resident_mb:8.0f}{np.percentile(search, 50):12.1f}"
            f"{np.percentile(search, 95):8.1f}{np.median(embed):10.1f}{np.median(words):10.1f}{np.median(only):9.1f}"
            f"{np.median(brute):10.1f}",
            flush=True,
        )
        index.close()


def _chunks(size: int) -> list[Chunk]:
    random = np.random.default_rng(1)
    weights = 1 / np.arange(1, VOCABULARY + 1)
    numbers = random.choice(VOCABULARY, size=(size, WORDS_A_CHUNK), p=weights / weights.sum())
    words = np.array([f"word{_letters(number)}" for number in range(VOCABULARY)])
    return [
        Chunk(
            id=f"r{row // CHUNKS_A_REPORT}#{row % CHUNKS_A_REPORT}",
            report_id=f"r{row // CHUNKS_A_REPORT}",
            heading="",
            kind=SectionKind.OTHER,
            start=0,
            end=1,
            text=" ".join(words[numbers[row]]),
        )
        for row in range(size)
    ]


def _letters(number: int) -> str:
    return "".join("bcdfghklmn"[int(digit)] + "a" for digit in str(number))


def _milliseconds(work, inputs: Sequence[str]) -> np.ndarray:
    times = []
    for value in inputs:
        started = time.perf_counter()
        work(value)
        times.append((time.perf_counter() - started) * 1e3)
    return np.array(times)


if __name__ == "__main__":
    main()
