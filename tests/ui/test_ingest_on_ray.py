"""Bulk ingest over a real Ray cluster, compared with the same ingest on this machine. Every report and person is invented."""

import dataclasses
import json
import os
import signal
import sys
import threading
import types
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from typer.testing import CliRunner

import ui.cli
import ui.ingest_on_ray
import ui.ingest_there
from assistant.deid.engine import Deidentifier
from assistant.errors import NotShared, RayUnavailable, UnknownValue, WrongKey
from assistant.ingest_results import IngestResult
from assistant.keys import load_key, plant_key
from assistant.preparing import Preparer
from assistant.reading import read_file, report_paths
from assistant.settings import DeidSettings, ReadingSettings
from ui.ingest_on_ray import TASK, cut, ingest_on_ray
from ui.ingest_there import Piece, prepare_there, seal, unseal
from ui.settings import load_settings
from ui.wiring import Parts

if TYPE_CHECKING:
    from tests.ray_cluster import RayCluster

PATIENT, FILE = "Quillfeather", "Zephyrine-Quillfeather"
TEXT = (
    "Patient: {patient}\nDate of Birth: 03/04/1961\n\nFINDINGS: Effusion of {number} ml on the left. No pneumothorax.\n\n"
    "IMPRESSION: Effusion of {number} ml.\n\nPLAN: CT of the chest in two weeks."
)
COLUMNS = "id,patient,date,text\n"


def report(number: int) -> str:
    return TEXT.format(patient=f"Zephyrine {PATIENT}", number=number)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Plain texts, a table that is cut into parts, and a file that cannot be read."""
    folder = tmp_path_factory.mktemp("reports")
    for number in range(1, 10):
        (folder / f"{FILE}-{number}.txt").write_text(report(number))
    rows = [f'n-{number % 5},{PATIENT},2020-01-{number:02d},"{report(100 + number)}"\n' for number in range(1, 9)]
    (folder / "table.csv").write_text(COLUMNS + "".join(rows[:4]) + "n-77,x,2020-01-01,\n" + "".join(rows[4:]))
    (folder / "torn.pdf").write_bytes(b"%PDF-1.7 cut off")
    return folder


def installation(folder: Path) -> Parts:
    plant_key(folder, bytes(range(32)))
    return Parts(load_settings(data_dir=folder))


@contextmanager
def killing(times: int, cluster: "RayCluster") -> Iterator[list[int]]:
    """`kill -9` the first processes that the cluster does the work in; the ids of those that were killed."""
    killed: list[int] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.05) and len(killed) < times:
            for process in Path("/proc").glob("[0-9]*"):
                number = int(process.name)
                try:
                    if at_work(process, cluster) and number not in killed and len(killed) < times:
                        os.kill(number, signal.SIGKILL)
                        killed.append(number)
                except OSError:  # it has ended by itself, or is somebody else's
                    continue

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def at_work(process: Path, cluster: "RayCluster") -> bool:
    """Whether a process does the work now, and for this cluster: there may be others on the machine."""
    title, log = (process / "cmdline").read_bytes(), os.readlink(process / "fd" / "1")
    return title.startswith(f"ray::{TASK}".encode()) and log.startswith(str(cluster.folder))


def kept(parts: Parts) -> list[Any]:
    return sorted(parts.library.all_reports(), key=lambda one: one.id)


def by_chunk(parts: Parts) -> dict[str, "np.ndarray"]:
    found: Any = parts.index._vectors._collection().get(include=["embeddings"])
    return dict(zip(found["ids"], np.asarray(found["embeddings"]), strict=True))


@pytest.mark.slow
def test_the_result_is_that_of_this_machine_also_when_a_worker_is_killed_in_the_middle(
    tmp_path: Path, folder: Path, ray_cluster: "RayCluster", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ui.ingest_on_ray, "_PART_BYTES", 700)
    paths = report_paths([folder])
    here, there = installation(tmp_path / "here"), installation(tmp_path / "there")
    expected = list(here.ingest.ingest_paths(paths))
    progress: list[tuple[int, int]] = []
    told = {"address": ray_cluster.address, "on_progress": lambda *done: progress.append(done)}
    with killing(1, ray_cluster) as killed:
        results = list(ingest_on_ray(there, paths, **told))
    assert killed, "a worker was at work and was killed"
    assert results == expected
    assert kept(there) == kept(here)
    assert len(kept(there)) == 9 + 5
    (torn,) = (result for result in results if result.name == "torn.pdf")
    assert "cannot be read" in (torn.problem or "")
    assert progress[-1] == (11, 11)
    assert [done for done, _ in progress] == sorted(done for done, _ in progress)
    ours, theirs = by_chunk(here), by_chunk(there)
    assert ours.keys() == theirs.keys()
    assert all(np.allclose(ours[chunk], theirs[chunk], atol=1e-5) for chunk in ours)
    assert ray_cluster.files_with(TASK.encode()), "the cluster's files are there to be searched"
    for words in (PATIENT, FILE, "pneumothorax", here.keys.encryption.hex()):
        assert ray_cluster.files_with(words.encode()) == []
    for parts in (here, there):
        parts.close()


@pytest.mark.slow
def test_in_the_terminal_a_file_whose_process_is_killed_every_time_fails_alone(
    tmp_path: Path, ray_cluster: "RayCluster"
) -> None:
    long = tmp_path / "long.txt"  # so long that no process is through before it is seen
    long.write_text("\n\n".join(report(number) for number in range(400)))
    options = ["--on", "ray", "--address", ray_cluster.address, "--data", str(tmp_path / "data"), "--json"]
    with killing(1000, ray_cluster):
        result = CliRunner().invoke(ui.cli.app, ["ingest", str(long), *options])
    assert result.exit_code == 3, result.exception
    (record,) = map(json.loads, result.stdout.splitlines())
    assert "process that read it ended (WorkerCrashedError)" in record["problem"]


@pytest.mark.slow
def test_a_cluster_whose_head_is_gone_is_said_and_not_waited_for(
    ray_cluster: "RayCluster", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody listens at the door that is looked at, and the task never ends, as where its machine is gone too."""
    import ray

    def for_ever() -> None:
        threading.Event().wait()

    monkeypatch.setattr(ui.ingest_on_ray, "_LOOK_S", 0.2)
    with ui.ingest_on_ray._connected(ray_cluster.address) as cluster:
        assert cluster.door == ray_cluster.address.replace("127.0.0.1", cluster.door.partition(":")[0])
        never = ray.remote(for_ever).options(num_cpus=0).remote()
        with pytest.raises(RayUnavailable, match=r"at 127\.0\.0\.1:1 does not answer"):
            ui.ingest_on_ray._fetch(never, dataclasses.replace(cluster, door="127.0.0.1:1"))
        ray.cancel(never, force=True)


@pytest.mark.slow
def test_a_machine_without_curbside_is_said_to_lack_it(
    ray_cluster: "RayCluster", monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray

    only_here = types.ModuleType("only_here")
    exec("def prepare() -> None: ...", only_here.__dict__)
    monkeypatch.setitem(sys.modules, "only_here", only_here)
    with ui.ingest_on_ray._connected(ray_cluster.address) as cluster:
        begun = ray.remote(only_here.prepare).remote()
        with pytest.raises(NotShared, match=r"cannot prepare reports \(\w+\); give it .* this version of Curbside"):
            ui.ingest_on_ray._fetch(begun, cluster)


def test_a_table_prepared_in_parts_gives_what_it_gives_whole(tmp_path: Path, folder: Path) -> None:
    keys = load_key(tmp_path)
    preparer = Preparer(deidentifier=Deidentifier(DeidSettings(), key=keys.pseudonym), keys=keys)

    def read(**told: Any) -> Any:
        return read_file(folder / "table.csv", settings=ReadingSettings(), **told)

    whole = list(preparer.prepare_all("table.csv", read))
    parted = [found for part in range(3) for found in preparer.prepare_all("table.csv", read, part=part, parts=3)]
    assert sorted(parted, key=lambda found: found[0]) == whole
    assert len(whole) == 8
    torn = [list(preparer.prepare_all("torn.pdf", _torn, part=part, parts=2)) for part in range(2)]
    assert isinstance(torn[0][0][2], IngestResult)
    assert torn[1] == []


def _torn(**_told: Any) -> Any:
    return read_file(Path("nowhere.pdf"), settings=ReadingSettings())


def test_files_are_cut_into_pieces_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ui.ingest_on_ray, "_PART_BYTES", 10)
    table = tmp_path / "b.csv"
    table.write_bytes(b"x" * 25)
    notes = [tmp_path / f"c{number}.txt" for number in range(30)]
    first, *parts, second, third, fourth = cut([tmp_path / "a.txt", table, *notes], cpus=1)[:7]
    assert first == Piece(files=(tmp_path / "a.txt",))
    assert parts == [Piece(files=(table,), part=part, parts=3) for part in range(3)]
    assert [len(piece.files) for piece in (second, third, fourth)] == [8, 8, 8]
    assert [path for piece in cut(notes, cpus=1) for path in piece.files] == notes


@pytest.mark.parametrize(
    ("options", "error"),
    [
        pytest.param(["--on", "ray", "--address", "127.0.0.1:1"], RayUnavailable, id="no cluster there"),
        pytest.param(["--on", "spark"], UnknownValue, id="another engine"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_read(
    tmp_path: Path, folder: Path, options: list[str], error: type[Exception]
) -> None:
    pytest.importorskip("ray")
    result = CliRunner().invoke(ui.cli.app, ["ingest", str(folder), "--data", str(tmp_path / "data"), *options])
    assert isinstance(result.exception, error)


def test_a_machine_without_the_key_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ui.ingest_there, "_be_quiet", lambda: None)
    problem, sealed = prepare_there(str(tmp_path / "elsewhere"), version("curbside"), b"")
    assert problem == f"{tmp_path / 'elsewhere'} holds no curbside.key there that its user can read"
    assert not sealed
    assert not (tmp_path / "elsewhere").exists()


def test_a_machine_with_another_version_says_so_for_it_would_mask_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ui.ingest_there, "_be_quiet", lambda: None)
    load_key(tmp_path)
    problem, sealed = prepare_there(str(tmp_path), "99.1", b"")
    assert problem == f"Curbside is {version('curbside')} there and 99.1 here"
    assert not sealed


def test_what_travels_opens_with_the_installation_s_key_alone(tmp_path: Path) -> None:
    ours, other = load_key(tmp_path / "ours"), load_key(tmp_path / "other")
    sealed = seal({"path": FILE}, ours)
    assert FILE.encode() not in sealed
    assert unseal(sealed, ours) == {"path": FILE}
    with pytest.raises(WrongKey):
        unseal(sealed, other)
