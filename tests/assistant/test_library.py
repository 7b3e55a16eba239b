"""The library keeps, finds and deletes reports, on both databases. Every report is invented."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import cast

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import SQLAlchemyError

from assistant.database import Database
from assistant.errors import ReportNotFound
from assistant.library import Kept, Library
from assistant.reading.sections import find_sections
from assistant.schema import Report

TEXT = """HISTORY: An invented patient with cough for three days.

FINDINGS: The invented right lower lobe shows consolidation. No effusion.

IMPRESSION: Invented pneumonia of the right lower lobe.
"""


def report(id: str = "a", *, text: str = TEXT, **more) -> Report:
    return Report(id=id, text=text, sections=tuple(find_sections(text)), **more)


@pytest.fixture
def library(database: Database) -> Library:
    return Library(database, max_words=12)


def test_a_report_comes_back_as_it_was_kept(library: Library) -> None:
    kept = report(patient="P-1", day=12, year=2024, title="Invented", masked_count=3)
    library.keep(kept)
    assert library.get("a") == kept
    assert kept.sections


def test_keeping_twice_changes_nothing(library: Library) -> None:
    assert library.keep(report())
    library.mark_indexed(["a"])
    assert not library.keep(report())
    assert library.count() == 1
    assert list(library.unindexed()) == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"text": "Another invented text."}, id="another text"),
        pytest.param({"sections": ()}, id="other sections"),
        pytest.param({"patient": "P-2"}, id="another patient"),
        pytest.param({"day": 13}, id="another day"),
        pytest.param({"year": 2025}, id="another year"),
        pytest.param({"title": "Other"}, id="another title"),
    ],
)
def test_the_same_id_with_something_else_replaces_and_is_unindexed(library: Library, change: dict) -> None:
    before = report(patient="P-1", day=12, year=2024)
    library.keep(before)
    library.mark_indexed(["a"])
    assert library.keep(replace(before, **change))
    assert library.get("a") == replace(before, **change)
    assert [r.id for r in library.unindexed()] == ["a"]
    assert library.count() == 1


def test_a_batch_says_what_became_of_each(library: Library) -> None:
    library.keep_all([report("a"), report("b")])
    states = library.keep_all([report("a"), report("b", text="Changed."), report("c")])
    assert states == {"a": Kept.UNCHANGED, "b": Kept.REPLACED, "c": Kept.ADDED}
    assert library.keep_all([]) == {}


def test_a_batch_is_kept_whole_or_not_at_all(library: Library, database: Database) -> None:
    with pytest.raises(SQLAlchemyError):
        library.keep_all([report("a"), report("b", masked_count=cast(int, None))])
    assert library.count() == 0


def test_two_writers_with_the_same_reports_double_and_lose_nothing(library: Library, open_again) -> None:
    libraries = [library, Library(open_again(), max_words=12)]
    errors: list[Exception] = []

    def write(library: Library, reports: list[Report]) -> None:
        try:
            for one in reports:
                library.keep_all([one, report("shared", text=one.text)])
        except Exception as error:  # noqa: BLE001 - carried to the test's own thread
            errors.append(error)

    # One from the front, one from the back: they meet in the middle and overlap.
    reports = [report(f"r{n:03}", text=f"Invented text {n}.") for n in range(60)]
    threads = [
        threading.Thread(target=write, args=(libraries[0], reports)),
        threading.Thread(target=write, args=(libraries[1], reports[::-1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [r.id for r in library.all_reports()] == [*(r.id for r in reports), "shared"]


def test_batches_in_opposite_orders_do_not_wait_for_each_other_for_ever(library: Library, open_again) -> None:
    def write(library: Library, order: int, text: str) -> None:
        for n in range(10):
            library.keep_all([report(f"r{k:02}", text=f"{text} {n}.") for k in range(40)][::order])

    with ThreadPoolExecutor(2) as pool:
        writing = [
            pool.submit(write, library, 1, "Invented forwards"),
            pool.submit(write, Library(open_again(), max_words=12), -1, "Invented backwards"),
        ]
        for one in writing:
            one.result()
    assert len({r.text for r in library.all_reports()}) == 1
    assert library.count() == 40


def test_an_unknown_report_is_not_found(library: Library) -> None:
    for ask in (library.get, library.delete):
        with pytest.raises(ReportNotFound, match="'nobody'"):
            ask("nobody")


def test_a_deleted_report_is_gone_everywhere(library: Library) -> None:
    library.keep(report())
    ids = [chunk.id for chunk in library.chunk(report())]
    assert library.get_chunks(ids)
    library.delete("a")
    assert library.get_chunks(ids) == []
    assert library.count() == 0
    assert library.list() == []


def test_chunks_are_cut_again_in_the_order_asked_for(library: Library) -> None:
    library.keep_all([report("a"), report("b#1")])
    chunks = [*library.chunk(library.get("a")), *library.chunk(library.get("b#1"))]
    assert len(chunks) > 2
    assert list(library.all_chunks()) == chunks
    asked = [chunk.id for chunk in reversed(chunks)]
    assert library.get_chunks([*asked, "a#999", "nobody#0", "no chunk id"]) == chunks[::-1]
    assert library.get_chunks(asked) == chunks[::-1]  # from the cache


def test_chunks_of_a_report_that_another_process_replaced_are_new(library: Library, open_again) -> None:
    library.keep(report())
    first = library.chunk(report())[0].id
    assert "cough" in library.get_chunks([first])[0].text
    Library(open_again(), max_words=12).keep(report(text="Replaced and invented."))
    assert library.get_chunks([first])[0].text == "Replaced and invented."


def test_the_list_shows_the_last_added_first_in_pages(library: Library) -> None:
    for id in ("a", "b", "c"):
        library.keep(report(id, title=f"Title {id}", year=2024))
    library.mark_indexed(["b"])
    assert [(s.id, s.title, s.indexed) for s in library.list()] == [
        ("c", "Title c", False),
        ("b", "Title b", True),
        ("a", "Title a", False),
    ]
    assert [s.id for s in library.list(offset=1, limit=1)] == ["b"]
    assert "Title" not in repr(library.list())


@pytest.mark.parametrize("open_again", ["sqlite"], indirect=True)
def test_streams_are_complete_across_batches_even_while_reports_are_marked(library: Library) -> None:
    library.keep_all(report(f"{n:04}", text=f"Invented {n}.") for n in range(250))
    seen = []
    for one in library.unindexed():
        seen.append(one.id)
        library.mark_indexed([one.id])
    assert seen == [f"{n:04}" for n in range(250)]
    assert library.count_unindexed() == 0
    assert len(list(library.all_reports())) == 250
    library.mark_all_unindexed()
    assert library.count_unindexed() == 250
    assert library.unindexed_among(["0001", "nobody"]) == {"0001"}


@pytest.mark.parametrize("open_again", ["sqlite"], indirect=True)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(text=st.text(alphabet=st.characters(exclude_categories=())), id=st.text(min_size=1, alphabet="ab#/ é🙂'\"%_"))
def test_any_text_and_id_come_back(library: Library, text: str, id: str) -> None:
    library.keep(Report(id=id, text=text))
    assert library.get(id).text == text
    library.delete(id)


def test_texts_and_titles_are_unreadable_in_the_database(library: Library, database: Database) -> None:
    library.keep(report(title="Invented title"))
    with database.session() as session:
        row = session.execute(sa.text("SELECT * FROM report")).one()
    stored = b"".join(bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for value in row)
    for word in (b"cough", b"FINDINGS", b"IMPRESSION", b"title", b"nvented"):
        assert word not in stored


def test_the_hash_tells_nobody_without_the_key_which_text_is_kept(
    library: Library, open_again: Callable[[], Database], tmp_path
) -> None:
    from assistant.keys import load_key

    library.keep(report())
    other = load_key(tmp_path / "other")
    with open_again().session() as session:
        stored = session.scalar(sa.text("SELECT content_hash FROM report"))
    assert stored != other.content_hash(TEXT)
