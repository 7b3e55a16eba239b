"""The product's ordinary days on a real Chroma server and a real PostgreSQL. Every report, name and number is invented."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import IndexUnavailable, ReportNotFound
from assistant.reading import Columns
from tests.chroma_server import ChromaServer, empty, running_chroma
from ui.cli_answers import answer
from ui.settings import load_settings
from ui.wiring import Parts

pytestmark = pytest.mark.slow

ASKED = "IMPRESSION: Nodule of 8 mm in the right upper lobe.\nPLAN: Repeat CT in three months.\n"
COLUMNS = Columns(text="text", id="id")


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    with running_chroma(tmp_path_factory.mktemp("chroma-server")) as server:
        yield server


@pytest.fixture
def parts(chroma: ChromaServer, postgres_url: str, tmp_path: Path, heavy_parts: dict[str, Any]) -> Iterator[Parts]:
    chroma.wait()
    empty(chroma.url)
    made = open_parts(tmp_path, postgres_url, chroma, heavy_parts)
    yield made
    made.close()


def open_parts(folder: Path, database: str, chroma: ChromaServer, heavy: dict[str, Any]) -> Parts:
    storage = {"database_url": database, "chroma_url": chroma.url}
    made = Parts(load_settings(data_dir=folder / "data", storage=storage))
    made.__dict__.update(heavy)
    return made


def notes(folder: Path, numbers: range) -> Path:
    path = folder / f"notes-{numbers.start}.jsonl"
    lines = [
        {"id": f"n{n}", "text": f"FINDINGS: Nodule of {n} mm in the right lung.\nPLAN: Look again."} for n in numbers
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def ask(parts: Parts, question: str) -> Any:
    return asyncio.run(answer(parts, question, None, ASKED, None))


def assert_whole(parts: Parts, ids: set[str]) -> None:
    """Exactly these reports are kept, and exactly their chunks are in the index, each once."""
    assert {report.id for report in parts.library.all_reports()} == ids
    assert parts.library.count_unindexed() == 0
    assert parts.index.report_ids() == ids
    assert parts.index.count == len(list(parts.library.all_chunks()))


def test_ingest_ask_search_and_delete(
    parts: Parts, tmp_path: Path, postgres_url: str, chroma: ChromaServer, heavy_parts: dict[str, Any]
) -> None:
    ids = {f"n{number}" for number in range(1, 7)}
    results = list(parts.ingest.ingest_paths([notes(tmp_path, range(1, 7))], columns=COLUMNS))
    assert [result.problem for result in results] == [None] * 6
    assert_whole(parts, ids)

    said = ask(parts, "What is the plan?")
    assert said["model_id"] == "quoting"
    assert "Repeat CT in three months." in said["answer"]
    cited = {c["report_id"] for s in ask(parts, "Which past cases had a nodule?")["sentences"] for c in s["citations"]}
    assert cited & ids
    assert parts.index.search("Nodule of 5 mm", top_k=1)[0][0].startswith("n5#")

    parts.desk.delete_report("n5")
    with pytest.raises(ReportNotFound):
        parts.library.get("n5")
    assert_whole(parts, ids - {"n5"})

    # A second process on the same servers sees the same, and what it adds is seen here.
    other = open_parts(tmp_path, postgres_url, chroma, heavy_parts)
    try:
        assert_whole(other, ids - {"n5"})
        list(other.ingest.ingest_paths([notes(tmp_path, range(7, 9))], columns=COLUMNS))
    finally:
        other.close()
    assert_whole(parts, (ids - {"n5"}) | {"n7", "n8"})


def test_nothing_is_lost_when_the_chroma_server_dies_in_the_middle(
    parts: Parts, tmp_path: Path, chroma: ChromaServer
) -> None:
    problems = []
    for number, result in enumerate(parts.ingest.ingest_paths([notes(tmp_path, range(1, 41))], columns=COLUMNS)):
        if number == 0:
            chroma.kill()  # the first batch of 32 is in, the second is not
        problems.append(result.problem)
    assert problems[:32] == [None] * 32
    assert all(problem and "kept, but not indexed yet: the Chroma server" in problem for problem in problems[32:])

    for away in (
        lambda: parts.index.search("nodule", top_k=3),
        lambda: ask(parts, "Which past cases had a nodule?"),
        lambda: parts.desk.delete_report("n3"),
        lambda: parts.ingest.resume(),
    ):
        with pytest.raises(IndexUnavailable, match="CURBSIDE_STORAGE__CHROMA_URL"):
            away()
    assert parts.library.count() == 40
    assert parts.library.get("n3").text

    chroma.start()
    chroma.wait()
    # What was to be deleted was marked, and is whole again or goes when it is asked for again.
    assert parts.ingest.resume() == 9
    assert_whole(parts, {f"n{number}" for number in range(1, 41)})
    parts.desk.delete_report("n3")
    assert_whole(parts, {f"n{number}" for number in range(1, 41) if number != 3})
