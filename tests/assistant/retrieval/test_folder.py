"""What is deleted leaves the files of the embedded Chroma, whoever is killed on the way."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from assistant.retrieval.dense import Embedder
from assistant.retrieval.folder import IndexFolder
from assistant.retrieval.vectors import VectorStore
from assistant.schema import Chunk, SectionKind

ROOT = Path(__file__).parents[3]
RANDOM = np.random.default_rng(5)
NORMAL = (
    "No acute cardiopulmonary abnormality.",
    "No effusion or pneumothorax.",
    "Heart size is normal.",
    "No change.",
)
GONE = "invented-gone"
MARKED = np.zeros(24, np.float32)
MARKED[[3, 4, 11, 17]] = (0.5, -0.5, -0.5, 0.5)
"""Of length 1 to the last bit: Chroma writes it as it is."""


@pytest.fixture(autouse=True)
def _drawn_anew() -> None:
    """The same vectors, whichever tests have run before."""
    RANDOM.bit_generator.state = np.random.default_rng(5).bit_generator.state


def vectors(count: int) -> np.ndarray:
    drawn = RANDOM.normal(size=(count, 24)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def fill(store: VectorStore, reports: list[str], each: int = 3) -> np.ndarray:
    chunks = [
        Chunk(id=f"{report}#{n}", report_id=report, heading="", kind=SectionKind.OTHER, start=0, end=1, text="x")
        for report in reports
        for n in range(each)
    ]
    drawn = vectors(len(chunks))
    store.upsert(chunks, drawn)
    return drawn


def fill_marked(store: VectorStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vector that is found in files byte by byte."""
    with monkeypatch.context() as patch:
        patch.setattr("assistant.retrieval.vectors._APART", 0)
        store.upsert(
            [Chunk(id=f"{GONE}#0", report_id=GONE, heading="", kind=SectionKind.OTHER, start=0, end=1, text="x")],
            MARKED[None],
        )


def opened(path: Path) -> VectorStore:
    return VectorStore(path=path, url=None, model="model")


def files_with(folder: Path, needle: bytes) -> list[str]:
    return [file.name for file in folder.rglob("*") if file.is_file() and needle in file.read_bytes()]


def test_a_deleted_vector_and_its_id_stay_in_chromas_files_until_they_are_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(tmp_path / "chroma")
    fill_marked(store, monkeypatch)
    kept = fill(store, [f"kept-{n}" for n in range(400)])  # more than Chroma keeps back before it writes
    store.remove([GONE])
    assert files_with(tmp_path, MARKED.tobytes()), "Chroma cleans up by itself now: `compact` is not needed any more"
    assert store.compact()
    assert files_with(tmp_path, MARKED.tobytes()) == []
    assert files_with(tmp_path, GONE.encode()) == []
    assert store.count() == 1200
    assert store.nearest(kept[7], limit=5)[0] == ("kept-2#1", pytest.approx(1, abs=1e-5))
    store.close()
    assert opened(tmp_path / "chroma").count() == 1200
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chroma", "chroma.lock"]


def test_what_comes_and_goes_does_not_grow_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.retrieval.vectors._DEAD_AT_LEAST", 400)
    store = opened(tmp_path / "chroma")
    fill(store, [f"kept-{n}" for n in range(20)])
    sizes = []
    for _ in range(16):
        fill(store, [f"passing-{n}" for n in range(100)])
        store.remove([f"passing-{n}" for n in range(100)])
        if store.wants_compacting():
            store.compact()
        sizes.append(IndexFolder(tmp_path / "chroma").size_bytes())
    assert max(sizes) > 0
    assert max(sizes[8:]) <= max(sizes[:8]) * 1.1, sizes
    assert store.count() == 60


def test_equal_texts_come_and_go_and_all_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `_APART` Chroma finds about half of them, once its graph was built of many at a time."""
    monkeypatch.setattr("assistant.retrieval.vectors._look_into", lambda _: None)  # it would be built of few at a time
    store = opened(tmp_path / "chroma")
    four = Embedder("all-MiniLM-L6-v2").embed(NORMAL)
    draw = np.random.default_rng(1)

    def add(report: str, count: int) -> None:
        chunks = [
            Chunk(id=f"{report}#{n}", report_id=report, heading="", kind=SectionKind.OTHER, start=0, end=1, text="x")
            for n in range(count)
        ]
        store.upsert(chunks, four[draw.integers(0, 4, count)])

    for n in range(60):
        add(f"kept-{n}", 4)
    found = []
    for _ in range(30):
        report = f"passing-{draw.integers(40)}"
        store.remove([report])
        add(report, int(draw.integers(1, 12)))
        found += [len(store.nearest(vector, limit=100)) for vector in four]
    assert found == [100] * len(found)


@pytest.mark.parametrize("place", [0, 0.5, 1], ids=["the oldest", "the middle", "the latest"])
def test_a_graph_that_lost_its_files_is_noticed_wherever_one_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: float
) -> None:
    from assistant.errors import IndexDamaged

    monkeypatch.setattr("assistant.retrieval.vectors.random.randrange", lambda end: int(place * (end - 1)))

    store = opened(tmp_path / "chroma")
    kept = fill(store, [f"kept-{n}" for n in range(400)])
    store.close()
    for folder in (tmp_path / "chroma").iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    with pytest.raises(IndexDamaged, match="curbside reindex"):
        opened(tmp_path / "chroma").nearest(kept[0], limit=10)


def test_searches_go_on_while_the_folder_is_written_anew(tmp_path: Path) -> None:
    store = opened(tmp_path / "chroma")
    kept = fill(store, [f"kept-{n}" for n in range(300)])
    done, searched = threading.Event(), []

    def search() -> None:
        while True:
            searched.append(store.nearest(kept[0], limit=3)[0][0])
            searched.append(store.count() == 900)
            if done.is_set():
                return

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            assert store.compact()
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert set(searched) == {"kept-0#0", True}


def test_a_folder_that_another_process_has_open_is_written_anew_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = opened(tmp_path / "chroma"), opened(tmp_path / "chroma")
    fill_marked(store, monkeypatch)
    fill(store, [f"kept-{n}" for n in range(400)])
    assert other.count() == 1201
    store.remove([GONE])
    assert not store.compact(), "it took the folder away from the other"
    assert other.count() == 1200
    other.close()
    store.close()
    assert files_with(tmp_path, MARKED.tobytes())
    assert opened(tmp_path / "chroma").count() == 1200
    assert files_with(tmp_path, MARKED.tobytes()) == []


def test_on_a_disk_without_locks_the_index_works_and_is_never_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    store = opened(tmp_path / "chroma")
    kept = fill(store, [f"kept-{n}" for n in range(10)])
    assert not store.compact()
    assert store.nearest(kept[0], limit=1)[0][0] == "kept-0#0"


KILLED_IN = """
import os, sys
from pathlib import Path
from assistant.retrieval import folder
from assistant.retrieval.vectors import VectorStore

calls = 0
def killed(real):
    def wrapper(*args, **kwargs):
        global calls
        calls += 1
        if calls == int(sys.argv[3]):
            os.kill(os.getpid(), 9)
        return real(*args, **kwargs)
    return wrapper

store = VectorStore(path=Path(sys.argv[1]), url=None, model="model")
store.count()
owner, name = {"rename": (Path, "rename"), "rmtree": (folder.shutil, "rmtree"), "flush": (folder, "flush")}[sys.argv[2]]
setattr(owner, name, killed(getattr(owner, name)))
store.compact()
"""


@pytest.mark.parametrize(
    ("step", "call"),
    [
        pytest.param("flush", 1, id="once the new folder is written"),
        pytest.param("rename", 1, id="before it is called finished"),
        pytest.param("rename", 2, id="before the old one is moved away"),
        pytest.param("rename", 3, id="between the old one and the new one"),
        pytest.param("rmtree", 2, id="while what was cut off is looked for"),
        pytest.param("rmtree", 3, id="before the old one is deleted"),
    ],
)
def test_killed_anywhere_nothing_is_lost_and_nothing_left_behind(tmp_path: Path, step: str, call: int) -> None:
    store = opened(tmp_path / "chroma")
    fill(store, [GONE])
    kept = fill(store, [f"kept-{n}" for n in range(100)])
    store.remove([GONE])
    store.close()
    command = [sys.executable, "-c", KILLED_IN, str(tmp_path / "chroma"), step, str(call)]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert killed.returncode == -9, killed.stderr
    again = opened(tmp_path / "chroma")
    assert again.count() == 300
    assert again.nearest(kept[0], limit=1)[0][0] == "kept-0#0"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chroma", "chroma.lock"]


def test_a_folder_that_cannot_be_written_anew_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.errors import IndexDamaged

    store = opened(tmp_path / "chroma")
    fill(store, [f"kept-{n}" for n in range(100)])

    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("assistant.retrieval.folder.flush", full)
    with pytest.raises(IndexDamaged, match="OSError"):
        store.compact()
    assert store.count() == 300
    store.close()
    monkeypatch.undo()
    assert opened(tmp_path / "chroma").count() == 300
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chroma", "chroma.lock"]
