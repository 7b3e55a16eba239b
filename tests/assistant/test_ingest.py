"""From files to indexed past reports, bad days included. Every report, name and number is invented."""

import contextlib
import json
import logging
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.database import Database
from assistant.deid.engine import Deidentifier
from assistant.errors import DiskFull, NeedsReview, ReportNotFound, RetrievalError, UnusableId
from assistant.ingest import Ingest
from assistant.ingest_results import IngestResult
from assistant.keys import load_key
from assistant.library import Library
from assistant.preparing import shifted_day
from assistant.reading import Columns
from assistant.retrieval.dense import Embedder
from assistant.retrieval.index import ReportIndex
from assistant.schema import RawReport
from assistant.settings import DeidSettings, ReadingSettings
from assistant.titles import make_title

MAX_WORDS = 40


@pytest.fixture(scope="module")
def deidentifier() -> Deidentifier:
    return Deidentifier(DeidSettings(), key=b"an invented key for these tests ")


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder()


class Installation:
    """An ingest and the parts it stands on, as `ui.wiring` puts them together."""

    def __init__(self, database: Database, folder: Path, deidentifier: Deidentifier, embedder: Embedder) -> None:
        self.database = database
        self.library = Library(database, max_words=MAX_WORDS)
        self.index = ReportIndex(path=folder / "chroma", chroma_url=None, embedder=embedder)
        self.ingest = Ingest(
            deidentifier=deidentifier,
            library=self.library,
            index=lambda: self.index,
            keys=database.keys,
            reading=ReadingSettings(),
        )

    def put(self, *paths: Path, **columns: str) -> list[IngestResult]:
        return list(self.ingest.ingest_paths(paths, columns=Columns(**columns)))

    def assert_whole(self, report_ids: set[str]) -> None:
        """Exactly these reports are kept, and exactly their chunks are in the index, each once."""
        assert {report.id for report in self.library.all_reports()} == report_ids
        assert self.library.count_unindexed() == 0
        assert self.index.report_ids() == report_ids
        assert self.index.count == len(list(self.library.all_chunks()))


@pytest.fixture
def place(database: Database, tmp_path: Path, deidentifier: Deidentifier, embedder: Embedder):
    installation = Installation(database, tmp_path / "data", deidentifier, embedder)
    yield installation
    installation.index.close()


ON_SQLITE = pytest.mark.parametrize("open_again", [pytest.param("sqlite", id="on SQLite")], indirect=True)
"""For what does not depend on the kind of database."""


def note(number: int) -> str:
    return (
        f"HISTORY: Invented patient number {number} with cough and fever for {number + 1} days.\n\n"
        f"FINDINGS: Invented consolidation of segment {number}. There is no pleural effusion. Heart size is normal. "
        "The invented lines and tubes are unchanged. No pneumothorax is seen on either side.\n\n"
        "IMPRESSION: Invented pneumonia.\n"
    )


def table(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_files_and_tables_become_indexed_reports(place: Installation, tmp_path: Path) -> None:
    single = tmp_path / "Invented Name.txt"
    single.write_text(note(1))
    rows = table(tmp_path / "many.jsonl", [{"id": f"n{n}", "text": note(n)} for n in range(2, 5)])
    results = place.put(single, rows)
    assert [(r.name, r.state, r.indexed, r.problem) for r in results] == [
        ("Invented Name.txt", "added", True, None),
        ("many.jsonl", "added", True, None),
        ("many.jsonl, report 2", "added", True, None),
        ("many.jsonl, report 3", "added", True, None),
    ]
    assert [r.sections for r in results] == [3, 3, 3, 3]
    assert results[0].report_id is not None
    assert results[0].report_id.startswith("r-")
    place.assert_whole({results[0].report_id, "n2", "n3", "n4"})
    assert place.index.search_reports("consolidation of segment 3", top_k=1)[0][0] == "n3"


def test_ingesting_again_doubles_nothing(place: Installation, tmp_path: Path) -> None:
    path = table(tmp_path / "notes.jsonl", [{"id": f"n{n}", "text": note(n)} for n in range(3)] + [{"text": note(9)}])
    first = place.put(path)
    again = place.put(path)
    assert [(r.report_id, r.state, r.indexed) for r in again] == [(r.report_id, "unchanged", True) for r in first]
    place.assert_whole({r.report_id or "" for r in first})


def test_a_changed_report_replaces_the_old_one_with_all_its_chunks(place: Installation, tmp_path: Path) -> None:
    place.put(table(tmp_path / "notes.jsonl", [{"id": "a", "text": note(1) * 5}, {"id": "b", "text": note(2)}]))
    results = place.put(table(tmp_path / "notes.jsonl", [{"id": "a", "text": "Invented and short."}]))
    assert [(r.state, r.indexed) for r in results] == [("replaced", True)]
    place.assert_whole({"a", "b"})
    assert place.library.get("a").text == "Invented and short."


def test_a_deleted_report_is_gone_from_store_and_index(place: Installation, tmp_path: Path) -> None:
    place.put(table(tmp_path / "notes.jsonl", [{"id": f"n{n}", "text": note(n)} for n in range(3)]))
    place.ingest.delete_report("n1")
    place.assert_whole({"n0", "n2"})
    assert "n1" not in {hit[0] for hit in place.index.search_reports("consolidation of segment 1", top_k=10)}
    with pytest.raises(ReportNotFound):
        place.ingest.delete_report("n1")


def test_an_id_that_holds_a_record_number_is_kept_as_a_hash_of_it(place: Installation, tmp_path: Path, caplog) -> None:
    rows = [
        {"id": "90000032-DS-21", "patient": "90000032", "text": "Invented note."},
        {"id": "visit-4471882", "text": "MRN: 4471882\nIMPRESSION: Invented pneumonia."},
        {"id": "note-3", "patient": "90000032", "text": "MRN: 4471882\nIMPRESSION: Invented effusion."},
    ]
    with caplog.at_level(logging.DEBUG, logger="assistant"):
        first = place.put(table(tmp_path / "notes.jsonl", rows), id="id", patient="patient")
        rows[0]["text"] = "Invented note, amended."
        again = place.put(table(tmp_path / "notes.jsonl", rows), id="id", patient="patient")
        ids = [result.report_id or "" for result in first]
        place.ingest.delete_report(ids[2])
    assert [id[:2] for id in ids] == ["r-", "r-", "no"]
    assert [len(id) for id in ids[:2]] == [14, 14]
    assert [result.report_id for result in again] == ids
    assert [result.state for result in again] == ["replaced", "unchanged", "unchanged"]
    place.assert_whole(set(ids[:2]))
    assert first[0].name == "notes.jsonl", "a result names the file"
    assert "90000032" not in repr(first) + caplog.text
    assert "note-3" not in caplog.text


def test_reindexing_gives_the_same_index(place: Installation, tmp_path: Path) -> None:
    place.put(table(tmp_path / "notes.jsonl", [{"id": f"n{n}", "text": note(n)} for n in range(3)]))
    before = dict(place.index.search("pneumonia", top_k=9))
    progress: list[tuple[int, int]] = []
    assert place.ingest.reindex(lambda done, total: progress.append((done, total))) == 3
    assert progress == [(3, 3)]
    place.assert_whole({"n0", "n1", "n2"})
    assert len(before) == 9
    assert dict(place.index.search("pneumonia", top_k=9)) == pytest.approx(before, abs=1e-4)


@ON_SQLITE
def test_one_bad_file_or_row_never_stops_the_rest(place: Installation, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.4 truncated")
    rows = [{"id": "a", "text": note(1)}, {"id": "x" * 300, "text": note(2)}, {"id": "c", "text": note(3)}]
    good = tmp_path / "good.txt"
    good.write_text(note(4))
    empty = tmp_path / "empty.txt"
    empty.touch()
    results = place.put(bad, empty, table(tmp_path / "rows.jsonl", rows), tmp_path / "nowhere.txt", good)
    assert [(r.name, r.problem is None) for r in results] == [
        ("bad.pdf", False),
        ("empty.txt", False),
        ("rows.jsonl", True),
        ("rows.jsonl, report 2", False),
        ("rows.jsonl, report 3", True),
        ("nowhere.txt", False),
        ("good.txt", True),
    ]
    assert all(r.report_id is None and not r.indexed and r.state == "" for r in results if r.problem)
    assert place.library.count() == 3


@ON_SQLITE
def test_a_bad_row_does_not_stop_the_rows_after_it(place: Installation, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        "\n".join([json.dumps({"id": "a", "text": note(1)}), "{", json.dumps({"id": "b", "text": note(2)})])
    )
    results = place.put(path)
    assert [r.report_id for r in results if r.problem is None] == ["a", "b"]
    assert ["line 2" in r.problem for r in results if r.problem is not None] == [True]


def test_a_table_that_breaks_off_keeps_the_rows_before(place: Installation, tmp_path: Path) -> None:
    path = table(tmp_path / "cut.jsonl", [{"id": "a", "text": note(1)}, {"id": "b", "text": note(2)}])
    path.write_text(path.read_text()[:-20])
    results = place.put(path)
    assert [(r.name, r.report_id) for r in results] == [("cut.jsonl", "a"), ("cut.jsonl", None)]
    assert "line 2" in (results[1].problem or "")
    place.assert_whole({"a"})


@ON_SQLITE
def test_a_missing_column_is_named_with_the_option(place: Installation, tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_text("id,body_of_note\n1,Invented.\n")
    (result,) = place.put(path, text="transcription")
    assert "--text-field" in (result.problem or "")


@ON_SQLITE
def test_of_rows_with_one_id_the_last_holds_and_each_gets_its_result(place: Installation, tmp_path: Path) -> None:
    rows = [{"id": "a", "text": note(n)} for n in (1, 1, 2)]
    assert [r.state for r in place.put(table(tmp_path / "notes.jsonl", rows))] == ["added", "unchanged", "replaced"]
    assert "segment 2" in place.library.get("a").text
    place.assert_whole({"a"})


@ON_SQLITE
def test_equal_texts_of_two_patients_are_two_reports(place: Installation, tmp_path: Path) -> None:
    rows = [{"text": note(1), "patient": patient} for patient in ("A-1", "A-2", "A-1")]
    results = place.put(table(tmp_path / "notes.jsonl", rows))
    assert [r.state for r in results] == ["added", "added", "unchanged"]
    assert len({r.report_id for r in results}) == 2


@ON_SQLITE
def test_reports_of_a_patient_are_ordered_and_spaced_but_not_dated(place: Installation, tmp_path: Path) -> None:
    days = {"first": "2023-12-30", "second": "2024-01-09", "third": "2024-03-01"}
    rows = [{"id": id, "text": note(1), "patient": "A-7", "date": day} for id, day in days.items()]
    place.put(table(tmp_path / "notes.jsonl", [*rows, {"id": "undated", "text": note(1), "patient": "A-7"}]))
    first, second, third = (place.library.get(id) for id in days)
    assert (second.day or 0) - (first.day or 0) == 10
    assert (third.day or 0) - (second.day or 0) == 52
    assert [first.year, third.year] == [2023, 2024]
    assert place.library.get("undated").day is None


@given(
    st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 30_000), st.text(max_size=20), st.binary(min_size=32)
)
def test_the_shift_keeps_intervals_and_is_within_its_bounds(day: date, apart: int, patient: str, key: bytes) -> None:
    shifted = shifted_day(day, patient, key=key)
    assert 1 <= shifted - (day - date(1900, 1, 1)).days <= 20_000
    assert shifted_day(day + timedelta(apart), patient, key=key) - shifted == apart


def test_patients_and_keys_have_different_calendars() -> None:
    day = date(2024, 1, 1)
    assert len({shifted_day(day, f"P-{n}", key=b"k") for n in range(100)}) > 95
    assert shifted_day(day, "P-1", key=b"k") != shifted_day(day, "P-1", key=b"other")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param(
            "CHEST X-RAY, TWO VIEWS OF THE CHEST\nmore", "CHEST X-RAY, TWO VIEWS OF THE CHEST", id="a telling line"
        ),
        pytest.param(
            "\n\n[NAME_1]\n----\nCHEST X-RAY\nCough.", "CHEST X-RAY · Cough.", id="the first lines that tell something"
        ),
        pytest.param("word " * 40, ("word " * 15).strip() + "…", id="cut between words"),
        pytest.param("x" * 300, "x" * 79 + "…", id="cut within an endless word"),
    ],
)
def test_titles(text: str, title: str) -> None:
    assert make_title(text) == title


@given(st.text())
def test_a_title_is_short_whatever_the_text(text: str) -> None:
    assert len(make_title(text)) <= 80


@ON_SQLITE
@pytest.mark.parametrize(
    "given", [pytest.param("x" * 201, id="too long"), pytest.param("a\nb", id="with a line break")]
)
def test_an_unusable_id_is_refused_without_repeating_it(place: Installation, given: str) -> None:
    with pytest.raises(UnusableId, match="--id-field") as raised:
        place.ingest.prepare(RawReport(text="Invented.", source_id=given))
    assert given not in str(raised.value)


@ON_SQLITE
def test_preparing_stores_nothing(place: Installation) -> None:
    prepared = place.ingest.prepare(RawReport(text="Patient: John Abernathy\n" + note(1), patient="John Abernathy"))
    report, masked = prepared.report, prepared.masked
    assert "Abernathy" in "Patient: John Abernathy"
    assert "Abernathy" not in report.text
    assert report.text == masked.text
    assert report.masked_count == len(masked.masks) > 0
    assert report.sections
    assert place.library.count() == 0


@ON_SQLITE
def test_a_report_reviewed_on_the_screen_is_kept_as_reviewed(place: Installation) -> None:
    raw = RawReport(text="Invented Zebrafish finding in segment 3.")
    prepared = place.ingest.prepare(raw, add=[(9, 18)])
    report = prepared.report
    result = place.ingest.keep_report(prepared, name="pasted")
    assert (result.state, result.indexed, result.name) == ("added", True, "pasted")
    assert "Zebrafish" not in place.library.get(report.id).text


@ON_SQLITE
def test_an_uploaded_file_is_ingested_from_memory(place: Installation) -> None:
    data = "".join(json.dumps({"id": f"n{n}", "text": note(n)}) + "\n" for n in range(3)).encode()
    assert [r.state for r in place.ingest.ingest_bytes(data, name="up.jsonl")] == ["added"] * 3
    (bad,) = place.ingest.ingest_bytes(b"\x00\x01", name="up.exe")
    assert bad.problem
    place.assert_whole({"n0", "n1", "n2"})


@ON_SQLITE
def test_an_index_that_is_away_loses_no_report(place: Installation, tmp_path: Path, embedder: Embedder) -> None:
    index = place.index
    place.index = ReportIndex(path=None, chroma_url="http://127.0.0.1:9", embedder=embedder)
    path = table(tmp_path / "notes.jsonl", [{"id": "a", "text": note(1)}])
    for state in ("added", "unchanged"):
        (result,) = place.put(path)
        assert (result.state, result.indexed) == (state, False)
        assert (result.problem or "").startswith("kept, but not indexed yet:")
    with pytest.raises(RetrievalError):
        place.ingest.resume()
    assert [report.id for report in place.library.unindexed()] == ["a"]
    place.index = index
    assert place.ingest.resume() == 1
    place.assert_whole({"a"})


@ON_SQLITE
def test_a_full_disk_is_told_for_each_report_and_the_ingest_goes_on_when_there_is_room(
    place: Installation, tmp_path: Path
) -> None:
    with place.database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    place.database.close()
    from sqlalchemy import event

    def limit(connection, _record) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + 2}").close()

    event.listen(place.database.engine, "connect", limit)
    path = table(tmp_path / "notes.jsonl", [{"id": f"n{n}", "text": note(n) * 20} for n in range(3)])
    assert {(r.state, "free some space" in (r.problem or "")) for r in place.put(path)} == {("", True)}
    with pytest.raises(DiskFull):
        place.ingest.keep_report(place.ingest.prepare(RawReport(text=note(1) * 50)))
    assert place.library.count() == 0
    event.remove(place.database.engine, "connect", limit)
    place.database.close()
    assert {r.state for r in place.put(path)} == {"added"}
    place.assert_whole({"n0", "n1", "n2"})


SECRET_NOTE = """Patient: John Vrabelshire   MRN: 59923456   Phone: (212) 867-4193   Date: 11/29/2023

FINDINGS: Fabulated quellbladder stones. Mr. Vrabelshire was seen on 11/29/2023.

IMPRESSION: Fabulated zorbelithiasis.
"""
KNOWN_WORDS = (
    "Vrabelshire",
    "867-4193",
    "59923456",
    "zorbelithiasis",
    "Fabulated",
    "quellbladder",
    "11/29/2023",
)
"""Words of this note alone: what earlier tests freed before memory was wiped may hold any other."""


@ON_SQLITE
def test_no_byte_in_the_data_folder_is_readable(place: Installation, tmp_path: Path, caplog) -> None:
    assert place.index.count == 0  # it is open, as in a server: from now on freed memory is wiped
    path = tmp_path / "Vrabelshire_John.txt"
    path.write_text(SECRET_NOTE)
    with caplog.at_level(logging.DEBUG, logger="assistant"):
        (result,) = place.put(path)
        rows = [{"text": SECRET_NOTE + str(n), "patient": "Vrabelshire", "date": "2023-11-29"} for n in range(40)]
        results = place.put(table(tmp_path / "rows.jsonl", rows))
        place.ingest.delete_report(results[0].report_id or "")
    place.library.list()
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    names = {path.name for path in files}
    assert {"curbside.db", "curbside.db-wal", "chroma.sqlite3"} <= names  # the WAL too is looked into
    content = b"\n".join(path.read_bytes() for path in files).lower()
    assert len(content) > 100_000
    for word in KNOWN_WORDS:
        assert word in SECRET_NOTE
        for encoding in ("utf-8", "utf-16-le"):
            assert word.lower().encode(encoding) not in content
        assert word not in " ".join(names)
    assert "Vrabelshire" not in caplog.text + repr(result) + repr(results)
    for line in caplog.text.splitlines():
        assert not any(word in line for word in KNOWN_WORDS)


STAGES = {
    "kept, nothing indexed yet": "before(ReportIndex, 'add', call=2)",
    "in the middle of indexing": "before(VectorStore, 'upsert', call=2)",
    "indexed, not yet marked so": "before(Library, 'mark_indexed', call=2)",
    "replaced, the old chunks still in the index": "before(ReportIndex, 'remove', call=1)",
    "the old chunks removed, the new ones not there": "after(ReportIndex, 'remove', call=1)",
}
DYING = """
import os, signal, sys
from pathlib import Path
from assistant.library import Library
from assistant.reading import Columns
from assistant.retrieval.index import ReportIndex
from assistant.retrieval.vectors import VectorStore
from ui.settings import load_settings
from ui.wiring import Parts

def die_at(owner, name, call, late):
    method, calls = getattr(owner, name), [0]
    def dying(self, *args, **kwargs):
        calls[0] += 1
        if late:
            method(self, *args, **kwargs)
        if calls[0] == call:
            os.kill(os.getpid(), signal.SIGKILL)
        if not late:
            return method(self, *args, **kwargs)
    setattr(owner, name, dying)

def before(owner, name, call): die_at(owner, name, call, False)
def after(owner, name, call): die_at(owner, name, call, True)

parts = Parts(load_settings(data_dir=Path(sys.argv[1]), retrieval={"chunk_words": 40}))
list(parts.ingest.ingest_paths([Path(sys.argv[2])], columns=Columns()))
exec(sys.argv[4])
list(parts.ingest.ingest_paths([Path(sys.argv[3])], columns=Columns()))
print("still alive")
"""


@ON_SQLITE
@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
def test_after_kill_9_a_restart_resumes_and_nothing_is_doubled_or_lost(
    stage: str, open_again: Callable[[], Database], tmp_path: Path, deidentifier: Deidentifier, embedder: Embedder
) -> None:
    few = table(tmp_path / "few.jsonl", [{"id": f"n{n:02}", "text": note(n) * 4} for n in range(10)])
    # More than one batch; the first ten replace longer ones.
    many = table(tmp_path / "many.jsonl", [{"id": f"n{n:02}", "text": note(n)} for n in range(70)])
    if "remove" not in stage:
        few = table(few, [{"id": "n00", "text": note(0)}])
    command = [sys.executable, "-c", DYING, str(tmp_path / "data"), str(few), str(many), stage]
    died = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr

    place = Installation(open_again(), tmp_path / "data", deidentifier, embedder)
    kept = {report.id for report in place.library.all_reports()}
    assert kept >= {f"n{n:02}" for n in range(10 if "remove" in stage else 1)}  # what was finished is not lost
    assert place.library.count_unindexed() > 0  # it did die half-way
    place.ingest.resume()
    place.assert_whole(kept)
    results = place.put(many)
    assert all(r.indexed and not r.problem for r in results)
    place.assert_whole({f"n{n:02}" for n in range(70)})
    assert place.library.get("n05").text == note(5)
    place.index.close()


@ON_SQLITE
def test_a_deletion_that_is_cut_off_leaves_the_report_whole(
    place: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put(table(tmp_path / "notes.jsonl", [{"id": "a", "text": note(1)}]))

    def cut_off(_report_id: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(place.library, "delete", cut_off)
        with pytest.raises(KeyboardInterrupt):
            place.ingest.delete_report("a")
    place.ingest.resume()
    place.assert_whole({"a"})
    place.ingest.delete_report("a")
    place.assert_whole(set())


def test_two_ingests_at_once_double_and_lose_nothing(place: Installation, tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    one = table(tmp_path / "one.jsonl", [{"id": f"n{n:02}", "text": note(n)} for n in range(0, 40)])
    other = table(tmp_path / "other.jsonl", [{"id": f"n{n:02}", "text": note(n)} for n in range(59, 19, -1)])
    with ThreadPoolExecutor(2) as pool:
        results = [result for batch in pool.map(place.put, [one, other]) for result in batch]
    assert all(r.indexed and not r.problem for r in results)
    assert sorted(r.state for r in results) == ["added"] * 60 + ["unchanged"] * 20
    place.assert_whole({f"n{n:02}" for n in range(60)})


@ON_SQLITE
def test_progress_counts_files(place: Installation, tmp_path: Path) -> None:
    paths = []
    for n in range(3):
        paths.append(tmp_path / f"{n}.txt")
        paths[-1].write_text(note(n))
    seen: list[tuple[int, int]] = []
    list(place.ingest.ingest_paths(paths, on_progress=lambda done, total: seen.append((done, total))))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_the_key_of_the_installation_decides_the_ids(tmp_path: Path, deidentifier: Deidentifier) -> None:
    def prepared(name: str) -> str:
        ingest = Ingest(
            deidentifier=deidentifier,
            library=None,  # type: ignore[arg-type] - nothing is stored
            index=lambda: None,  # type: ignore[arg-type,return-value]
            keys=load_key(tmp_path / name),
            reading=ReadingSettings(),
        )
        return ingest.prepare(RawReport(text="Invented.")).report.id

    assert prepared("one") == prepared("one") != prepared("other")


# ── held for a person ─────────────────────────────────────────────────────────────────────────────────────────────────

DOUBTFUL = "IMPRESSION: Invented pneumonia, read by four seven one nine two six."
FIRST = (DOUBTFUL.index("four seven one nine two six"), DOUBTFUL.index("four seven one nine two six") + 27)


def kept_rows(folder: Path) -> int:
    """Rows of reports in the database file itself."""
    with contextlib.closing(sqlite3.connect(folder / "curbside.db")) as connection:
        return connection.execute("select count(*) from report").fetchone()[0]


def ingest_of(place: Installation, on_residual: Literal["hold", "mask"] = "hold") -> Ingest:
    """With the rules as they come; numbers read out are what only the second look sees."""
    return Ingest(
        deidentifier=Deidentifier(DeidSettings(), key=b"an invented key for these tests "),
        library=place.library,
        index=lambda: place.index,
        keys=place.database.keys,
        reading=ReadingSettings(),
        on_residual=on_residual,
    )


@pytest.fixture
def doubting(place: Installation) -> Installation:
    place.ingest = ingest_of(place)
    return place


@ON_SQLITE
def test_a_report_in_doubt_is_held_and_the_others_go_on(doubting: Installation, tmp_path: Path) -> None:
    rows = [{"id": "a", "text": note(1)}, {"id": "b", "text": DOUBTFUL}, {"id": "c", "text": note(3)}]
    results = doubting.put(table(tmp_path / "rows.jsonl", rows))
    assert [(r.state, r.report_id) for r in results] == [("added", "a"), ("held", None), ("added", "c")]
    held = results[1]
    assert held.problem == (
        "held: 1 place still looks like an identifier; look at it in the browser or with `curbside review FILE`"
    )
    assert "four seven one nine two six" not in repr(held)
    doubting.assert_whole({"a", "c"})
    assert kept_rows(tmp_path / "data") == 2


@ON_SQLITE
def test_a_report_in_doubt_does_not_replace_the_one_that_was_kept(doubting: Installation, tmp_path: Path) -> None:
    doubting.put(table(tmp_path / "rows.jsonl", [{"id": "a", "text": note(1)}]))
    (result,) = doubting.put(table(tmp_path / "rows.jsonl", [{"id": "a", "text": DOUBTFUL}]))
    assert result.state == "held"
    assert "segment 1" in doubting.library.get("a").text


@ON_SQLITE
def test_a_report_is_kept_when_each_place_was_masked_or_confirmed(doubting: Installation, tmp_path: Path) -> None:
    raw = RawReport(text=DOUBTFUL)
    prepared = doubting.ingest.prepare(raw)
    with pytest.raises(NeedsReview, match="1 place still looks like an identifier") as raised:
        doubting.ingest.keep_report(prepared)
    assert "four seven one nine two six" not in str(raised.value)
    assert raised.value.details == {
        "count": 1,
        "places": [{"start": FIRST[0], "end": FIRST[1], "type": "PHONE", "reason": "digits"}],
    }
    assert kept_rows(tmp_path / "data") == 0
    assert doubting.ingest.keep_report(doubting.ingest.prepare(raw, add=[FIRST])).state == "added"
    assert [report.text for report in doubting.library.all_reports()] == [
        DOUBTFUL.replace("four seven one nine two six", "[OTHER_1]")
    ]
    assert doubting.ingest.keep_report(doubting.ingest.prepare(raw, confirmed=[FIRST])).state == "replaced"
    assert [report.text for report in doubting.library.all_reports()] == [DOUBTFUL]


@ON_SQLITE
def test_a_confirmation_holds_for_the_text_it_was_given_for(doubting: Installation) -> None:
    changed = RawReport(text="Signed. " + DOUBTFUL)
    assert doubting.ingest.prepare(changed, confirmed=[FIRST]).residual != (), "the same span is another word there"


@ON_SQLITE
def test_where_nobody_looks_the_places_are_masked_and_the_report_is_kept(
    doubting: Installation, tmp_path: Path
) -> None:
    path = table(tmp_path / "rows.jsonl", [{"id": "b", "text": DOUBTFUL}])
    (result,) = ingest_of(doubting, on_residual="mask").ingest_paths([path])
    assert (result.state, result.masked) == ("added", 1)
    assert doubting.library.get("b").text == DOUBTFUL.replace("four seven one nine two six", "[OTHER_1]")


KILLED_AFTER_HELD = """
import os, signal, sys
from pathlib import Path
from ui.settings import load_settings
from ui.wiring import Parts

parts = Parts(load_settings(data_dir=Path(sys.argv[1]), deid={}))
for result in parts.ingest.ingest_paths([Path(sys.argv[2])]):
    if result.state == "held":
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
def test_after_kill_9_nothing_of_a_held_report_is_in_the_database_file(tmp_path: Path) -> None:
    rows = [{"id": "a", "text": note(1)}, {"id": "secret-b", "text": DOUBTFUL}]
    path = table(tmp_path / "rows.jsonl", rows)
    command = [sys.executable, "-c", KILLED_AFTER_HELD, str(tmp_path / "data"), str(path)]
    died = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert kept_rows(tmp_path / "data") == 1
    stored = b"".join(file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file())
    assert b"secret-b" not in stored
    assert b"four seven one nine two six" not in stored
