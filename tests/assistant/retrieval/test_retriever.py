"""Passages for the model. Every report here is invented."""

from collections.abc import Sequence

import pytest

from assistant.retrieval.chunks import chunk_report
from assistant.retrieval.dense import Embedder
from assistant.retrieval.index import ReportIndex
from assistant.retrieval.retriever import Retriever
from assistant.schema import Chunk, Report

TEMPLATE = "The knee shows a tear of the medial meniscus with a small joint effusion and no fracture"
REPORTS = [Report(id=f"copy{number}", text=f"{TEMPLATE}, case {number}.") for number in range(9)] + [
    Report(id="other", text="Arthroscopy of the knee was advised."),
    Report(id="heart", text="Severely reduced ejection fraction."),
]
CHUNKS = {chunk.id: chunk for report in REPORTS for chunk in chunk_report(report, max_words=50)}


def fetch(chunk_ids: Sequence[str]) -> list[Chunk]:
    return [CHUNKS[chunk_id] for chunk_id in reversed(chunk_ids) if chunk_id in CHUNKS]


@pytest.fixture(scope="module")
def index() -> ReportIndex:
    made = ReportIndex(path=None, chroma_url=None, embedder=Embedder())
    made.add(list(CHUNKS.values()))
    return made


def test_copies_of_a_passage_are_shown_once(index: ReportIndex) -> None:
    hits = Retriever(index, fetch).retrieve("tear of the meniscus of the knee", top_k=4)
    assert hits[0].chunk.text.startswith("The knee shows a tear")
    assert sum(hit.chunk.text.startswith("The knee shows a tear") for hit in hits) == 1
    assert {hit.chunk.report_id for hit in hits[1:]} == {"other", "heart"}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_excluded_reports_are_left_out(index: ReportIndex) -> None:
    hits = Retriever(index, fetch).retrieve("knee", top_k=3, exclude=["other"])
    assert "other" not in {hit.chunk.report_id for hit in hits}


def test_a_report_deleted_meanwhile_is_left_out(index: ReportIndex) -> None:
    retriever = Retriever(index, lambda ids: [chunk for chunk in fetch(ids) if chunk.report_id != "other"])
    assert "other" not in {hit.chunk.report_id for hit in retriever.retrieve("arthroscopy", top_k=3)}


def test_no_passage_wanted_asks_nothing(index: ReportIndex) -> None:
    def refuse(_: Sequence[str]) -> list[Chunk]:
        raise AssertionError("the database was asked")

    assert Retriever(index, refuse).retrieve("knee", top_k=0) == []
