"""Reports on their way into the library: what becomes of a file that a parser chokes on. Every person is invented."""

import logging
from collections.abc import Callable, Iterator

import pytest

from assistant.deid.engine import Deidentifier
from assistant.errors import ReadingError
from assistant.ingest_results import IngestResult
from assistant.keys import load_key
from assistant.preparing import Preparer
from assistant.schema import RawReport, Report
from assistant.settings import DeidSettings

TEXT = "Patient: Zephyrine Quillfeather\n\nFINDINGS: Effusion on the left."
Read = Callable[..., Iterator[RawReport]]


@pytest.fixture(scope="module")
def preparer(tmp_path_factory: pytest.TempPathFactory) -> Preparer:
    keys = load_key(tmp_path_factory.mktemp("data"))
    return Preparer(deidentifier=Deidentifier(DeidSettings(), key=keys.pseudonym), keys=keys)


def breaking(error: Exception, *, after: int, bad_row: ReadingError | None = None) -> Read:
    """A reader that gives reports, then perhaps tells of a bad row, and breaks."""

    def read(*, on_bad_row: Callable[[ReadingError], None]) -> Iterator[RawReport]:
        for number in range(after):
            yield RawReport(text=f"{TEXT} {number}")
        if bad_row is not None:
            on_bad_row(bad_row)
        raise error

    return read


@pytest.mark.parametrize(
    ("after", "name"),
    [pytest.param(0, "notes.csv", id="at once"), pytest.param(2, "notes.csv, after report 2", id="in the middle")],
)
def test_a_parser_that_breaks_stops_its_file_alone_and_its_words_are_not_repeated(
    preparer: Preparer, caplog: pytest.LogCaptureFixture, after: int, name: str
) -> None:
    caplog.set_level(logging.INFO)
    *reports, (_, said, result) = preparer.prepare_all("notes.csv", breaking(KeyError("Quillfeather"), after=after))
    assert [type(found) for _, _, found in reports] == [Report] * after
    assert isinstance(result, IngestResult)
    assert (said, result.problem) == (name, "it could not be read (KeyError) and was not kept")
    assert "Quillfeather" not in caplog.text


def test_bad_rows_before_the_break_are_told_too(preparer: Preparer) -> None:
    read = breaking(ReadingError("it is torn"), after=1, bad_row=ReadingError("row 2 has no text"))
    found = list(preparer.prepare_all("notes.csv", read))
    told = [result.problem for _, _, result in found if isinstance(result, IngestResult)]
    assert len(found) == 3
    assert "row 2 has no text" in str(told[0])
    assert "it is torn" in str(told[1])


def test_of_several_parts_one_alone_tells_of_the_break(preparer: Preparer) -> None:
    parts = [
        list(preparer.prepare_all("notes.csv", breaking(KeyError(), after=0), part=part, parts=2)) for part in (0, 1)
    ]
    assert [len(found) for found in parts] == [1, 0]
