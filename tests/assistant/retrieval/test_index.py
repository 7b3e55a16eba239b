"""The index on a real Chroma with the real embedding model. Every report here is invented."""

import os
import random
import shutil
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import IndexDamaged, IndexOutdated, IndexUnavailable, RetrievalError
from assistant.retrieval.dense import Embedder
from assistant.retrieval.index import ReportIndex
from assistant.schema import Chunk, SectionKind
from tests.chroma_server import ChromaServer
from tests.ports import nobody_listens

TEXTS = {
    "heart": ["Severely reduced ejection fraction of 25 percent.", "Furosemide 40 mg daily was started."],
    "knee": ["Tear of the medial meniscus.", "Physiotherapy for the knee was advised.", "No fracture."],
    "lung": ["Nodule of 8 mm in the right upper lobe.", "Repeat CT in three months."],
}
EMBEDDER = Embedder()


def chunks_of(report_id: str, texts: list[str]) -> list[Chunk]:
    return [
        Chunk(
            id=f"{report_id}#{number}",
            report_id=report_id,
            heading="FINDINGS",
            kind=SectionKind.FINDINGS,
            start=0,
            end=len(text),
            text=text,
        )
        for number, text in enumerate(texts)
    ]


ALL = [chunk for report_id, texts in TEXTS.items() for chunk in chunks_of(report_id, texts)]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[ReportIndex]:
    made = ReportIndex(path=tmp_path / "chroma", chroma_url=None, embedder=EMBEDDER)
    made.add(ALL)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("query", "best"),
    [
        pytest.param("exercise therapy of the leg joint", "knee#1", id="by meaning, without a shared word"),
        pytest.param("meniscus", "knee#0", id="by a rare word"),
        pytest.param("Repeat CT in three months.", "lung#1", id="by its own text"),
    ],
)
def test_search_finds(index: ReportIndex, query: str, best: str) -> None:
    assert index.search(query, top_k=3)[0][0] == best


def test_scores_fall_and_each_chunk_comes_once(index: ReportIndex) -> None:
    ranking = index.search("knee pain after a fall", top_k=50)
    scores = [score for _, score in ranking]
    assert scores == sorted(scores, reverse=True)
    assert sorted(chunk_id for chunk_id, _ in ranking) == sorted(chunk.id for chunk in ALL)


def test_excluded_reports_are_never_found_and_only_is_obeyed(index: ReportIndex) -> None:
    def reports(**limits: list[str]) -> set[str]:
        return {name.split("#")[0] for name, _ in index.search("meniscus of the knee", top_k=9, **limits)}  # type: ignore[arg-type]

    assert reports(exclude=["knee"]) == {"heart", "lung"}
    assert reports(only=["lung", "knee"]) == {"lung", "knee"}
    assert reports(only=["lung", "knee"], exclude=["knee"]) == {"lung"}
    assert reports(only=[]) == set()


@pytest.mark.parametrize(("query", "top_k"), [("", 5), ("  ", 5), ("knee", 0)])
def test_nothing_asked_finds_nothing(index: ReportIndex, query: str, top_k: int) -> None:
    assert index.search(query, top_k=top_k) == []


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    empty = ReportIndex(path=tmp_path / "chroma", chroma_url=None, embedder=EMBEDDER)
    assert (empty.search("knee", top_k=5), empty.count, empty.report_ids()) == ([], 0, set())
    empty.close()


def test_adding_again_doubles_nothing_and_replaces_text(index: ReportIndex) -> None:
    index.add(ALL)
    assert index.count == len(ALL)
    index.add(chunks_of("knee", ["Appendicitis.", *TEXTS["knee"][1:]]))
    assert index.count == len(ALL)
    assert index.search("appendicitis", top_k=1)[0][0] == "knee#0"
    assert index._lexical.score("meniscus").top(limit=1) == []


def test_a_removed_report_is_gone_from_both_rankings_and_from_disk(index: ReportIndex, tmp_path: Path) -> None:
    index.remove(["knee", "unknown"])
    assert index.report_ids() == {"heart", "lung"}
    assert index.count == 4
    assert not [name for name, _ in index.search("Tear of the medial meniscus.", top_k=9) if name.startswith("knee")]
    assert index._vectors.cosines(EMBEDDER.embed(["knee"])[0], ["knee#0", "knee#1"]) == {}
    index.close()
    again = ReportIndex(path=tmp_path / "chroma", chroma_url=None, embedder=EMBEDDER)
    assert again.report_ids() == {"heart", "lung"}
    again.close()


def test_no_word_of_a_report_is_on_the_disk(index: ReportIndex, tmp_path: Path) -> None:
    index.search("meniscus", top_k=1)
    index.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"report_id" in stored, "Chroma's files were not read"
    for word in (b"meniscus", b"Furosemide", b"FINDINGS"):
        assert word not in stored


def test_another_process_start_needs_the_words_again_but_not_the_vectors(index: ReportIndex, tmp_path: Path) -> None:
    index.close()
    again = ReportIndex(path=tmp_path / "chroma", chroma_url=None, embedder=EMBEDDER)
    assert again.search("exercise therapy of the leg joint", top_k=1)[0][0] == "knee#1"
    again.load_lexical(ALL)
    assert again.search("meniscus", top_k=1)[0][0] == "knee#0"
    assert again.count == len(ALL)
    again.close()


class RenamedEmbedder(Embedder):
    """The default model under another name: what a changed setting looks like to the index."""

    @property
    def name(self) -> str:
        return "another-model"


def test_a_changed_model_asks_for_reindexing_and_reindexing_helps(index: ReportIndex, tmp_path: Path) -> None:
    index.close()
    changed = ReportIndex(path=tmp_path / "chroma", chroma_url=None, embedder=RenamedEmbedder())
    assert changed.built_with == "all-MiniLM-L6-v2"
    with pytest.raises(IndexOutdated, match="curbside reindex"):
        changed.search("knee", top_k=1)
    with pytest.raises(IndexOutdated, match="curbside reindex"):
        changed.add(ALL[:1])
    changed.clear()
    assert (changed.built_with, changed.count) == ("another-model", 0)
    changed.add(ALL)
    assert changed.search("meniscus", top_k=1)[0][0] == "knee#0"
    changed.close()


def test_an_empty_index_takes_the_configured_model(tmp_path: Path) -> None:
    empty = ReportIndex(path=tmp_path / "chroma", chroma_url=None, embedder=EMBEDDER)
    assert empty.count == 0
    empty.close()
    changed = ReportIndex(path=tmp_path / "chroma", chroma_url=None, embedder=RenamedEmbedder())
    assert changed.built_with == "another-model"
    changed.close()


def spoil_database(folder: Path) -> None:
    (folder / "chroma.sqlite3").write_bytes(random.Random(5).randbytes(5_000))


def truncate_database(folder: Path) -> None:
    os.truncate(folder / "chroma.sqlite3", (folder / "chroma.sqlite3").stat().st_size // 2)


def spoil_graph(folder: Path) -> None:
    for path in folder.glob("*/*"):
        path.write_bytes(random.Random(path.name).randbytes(100))


def lose_graph(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)


def replace_by_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("not a folder")


def lose(folder: Path) -> None:
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(spoil_database, id="an overwritten database"),
        pytest.param(truncate_database, id="a database cut short"),
        pytest.param(spoil_graph, id="an overwritten graph"),
        pytest.param(lose_graph, id="a lost graph"),
        pytest.param(replace_by_file, id="a file in the folder's place"),
        pytest.param(lose, id="a lost folder"),
    ],
)
def test_damage_names_the_remedy_and_the_remedy_works(tmp_path: Path, damage) -> None:
    folder = tmp_path / "chroma"
    many = chunks_of(
        "many", [f"Finding number {number}." for number in range(1_200)]
    )  # enough to be written as a graph
    first = ReportIndex(path=folder, chroma_url=None, embedder=CHEAP)
    first.add(many)
    first.close()
    damage(folder)
    index = ReportIndex(path=folder, chroma_url=None, embedder=CHEAP)
    index.load_lexical(many)
    with pytest.raises(IndexDamaged, match="curbside reindex"):
        index.search("FINDINGS: Finding number 7.", top_k=3)
    index.clear()
    index.add(many[:50])
    assert index.search("FINDINGS: Finding number 7.", top_k=3)[0][0] == "many#7"
    index.close()


class CheapEmbedder(Embedder):
    """A random vector a text, the same each time: damage needs many vectors, not good ones."""

    def embed(self, texts):
        import numpy as np

        seeds = [np.random.default_rng(zlib.crc32(text.encode())) for text in texts]
        vectors = np.stack([seed.normal(size=384) for seed in seeds]).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


CHEAP = CheapEmbedder()


def test_threads_may_add_remove_and_search_at_once(index: ReportIndex) -> None:
    errors: list[Exception] = []

    def write(number: int) -> None:
        try:
            for step in range(4):
                index.add(chunks_of(f"new{number}-{step}", ["Gallstones.", f"Patient number {number}."]))
            index.remove([f"new{number}-0"])
        except Exception as error:  # noqa: BLE001 - handed to the main thread
            errors.append(error)

    def read() -> None:
        try:
            for _ in range(15):
                assert index.search("Tear of the medial meniscus", top_k=2)[0][0] == "knee#0"
        except Exception as error:  # noqa: BLE001 - handed to the main thread
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    threads += [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert index.count == len(ALL) + 3 * 3 * 2
    assert len(index.search("gallstones", top_k=9)) == 9


def test_reports_are_ranked_once_each(index: ReportIndex) -> None:
    ranking = index.search_reports("knee with meniscus tear", top_k=10)
    assert next(report_id for report_id, _, _ in ranking) == "knee"
    assert sorted(report_id for report_id, _, _ in ranking) == ["heart", "knee", "lung"]
    assert ranking[0][1] == "knee#0"
    assert len(index.search_reports("knee", top_k=2)) == 2


def test_a_chroma_server_that_is_away_says_which_setting_to_correct() -> None:
    with nobody_listens() as port:
        index = ReportIndex(path=None, chroma_url=f"http://127.0.0.1:{port}", embedder=EMBEDDER)
        with pytest.raises(IndexUnavailable, match="CURBSIDE_STORAGE__CHROMA_URL"):
            index.search("knee", top_k=1)


def test_two_indexes_in_memory_do_not_meet() -> None:
    first = ReportIndex(path=None, chroma_url=None, embedder=EMBEDDER)
    second = ReportIndex(path=None, chroma_url=None, embedder=EMBEDDER)
    first.add(ALL)
    assert (first.count, second.count) == (len(ALL), 0)


def test_every_error_here_is_a_retrieval_error() -> None:
    assert all(issubclass(error, RetrievalError) for error in (IndexDamaged, IndexOutdated, IndexUnavailable))


@pytest.mark.slow
def test_a_chroma_server_works_like_the_folder(tmp_path: Path) -> None:
    server = ChromaServer(tmp_path)
    server.start()
    try:
        server.wait()
        index = ReportIndex(path=None, chroma_url=server.url, embedder=EMBEDDER)
        index.add(ALL)
        assert index.search("meniscus", top_k=1)[0][0] == "knee#0"
        index.remove(["knee"])
        assert index.report_ids() == {"heart", "lung"}
        index.clear()
        assert index.count == 0
    finally:
        server.kill()
