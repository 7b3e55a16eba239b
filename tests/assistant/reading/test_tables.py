"""csv, tsv, JSON and JSON lines. All reports are invented."""

import csv
import io
import json
from datetime import date

import pytest

from assistant.errors import EmptyFile, MissingColumn, ReadingError, ReportTooLong, UnreadableFile
from assistant.reading import Columns, read_bytes
from assistant.schema import RawReport
from assistant.settings import ReadingSettings

SETTINGS = ReadingSettings()


def read(data: str | bytes, name: str = "notes.csv", columns: Columns = Columns()) -> list[RawReport]:
    data = data.encode() if isinstance(data, str) else data
    return list(read_bytes(data, name=name, settings=SETTINGS, columns=columns))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        pytest.param("n.csv", "note_id,mrn,note,date\n7,P1,Rest.,2024-01-31\n8,P2,Walk.,bad\n", id="commas"),
        pytest.param("n.csv", "note_id;mrn;note;date\r\n7;P1;Rest.;31.01.2024\r\n8;P2;Walk.;\r\n", id="semicolons"),
        pytest.param(
            "n.csv", "note_id|mrn|note|date\n7|P1|Rest.|01/31/2024\n\n8|P2|Walk.|x\n", id="bars, a blank line"
        ),
        pytest.param("n.tsv", "note_id\tmrn\tnote\tdate\n7\tP1\tRest.\tJan 31, 2024\n8\tP2\tWalk.\t-\n", id="tabs"),
        pytest.param(
            "n.jsonl",
            '{"note_id": 7, "mrn": "P1", "note": "Rest.", "date": "2024-01-31T09:00:00Z"}\n\n'
            '{"note": "Walk.", "note_id": "8", "mrn": "P2", "date": null}\n',
            id="JSON lines",
        ),
        pytest.param(
            "n.json",
            '[{"note_id": 7, "mrn": "P1", "note": "Rest.", "date": "20240131"},'
            ' {"note_id": 8, "mrn": "P2", "note": "Walk.", "date": "2024-02-31"}]',
            id="a JSON list",
        ),
        pytest.param(
            "n.json",
            '{"version": 2, "tags": [], "notes": [{"note_id": 7, "mrn": "P1", "note": "Rest.", "date": "31 Jan 2024"},'
            ' {"note_id": 8, "mrn": "P2", "note": "Walk."}]}',
            id="a list inside a JSON object",
        ),
        pytest.param(
            "n.json",
            '{"note_id": 7, "mrn": "P1", "note": "Rest.", "date": "2024/1/31"}\n{"note_id": 8, "mrn": "P2", "note": "Walk."}',
            id="JSON lines called .json",
        ),
    ],
)
def test_rows_become_reports(name: str, data: str) -> None:
    assert read(data, name) == [
        RawReport(text="Rest.", source_id="7", patient="P1", date=date(2024, 1, 31)),
        RawReport(text="Walk.", source_id="8", patient="P2", date=None),
    ]


def test_one_object_is_one_report() -> None:
    assert read('{"text": "Rest.", "id": 1}', "n.json") == [RawReport(text="Rest.", source_id="1")]


def test_columns_can_be_named() -> None:
    data = "text,Befund,Nr,Wer,Am\nx,Ruhe.,3,P,1.2.2024\n"
    columns = Columns(text="befund", id="nr", patient="wer", date="am")
    assert read(data, columns=columns) == [RawReport(text="Ruhe.", source_id="3", patient="P", date=date(2024, 2, 1))]


def test_quoted_line_breaks_stay_in_the_report() -> None:
    (report,) = read('text\r\n"PLAN:\r\nRest, ""much"" of it."\r\n')
    assert report.text == 'PLAN:\nRest, "much" of it.'


def test_a_field_beyond_the_default_limit_of_csv_is_read() -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["text"], ["word " * 60_000]])
    (report,) = read(buffer.getvalue())
    assert len(report.text) == 300_000


@pytest.mark.parametrize(
    ("data", "name", "columns", "message"),
    [
        pytest.param(
            "a,b\n1,2\n", "n.csv", Columns(), r"no column 'text'; the file has 'a', 'b'.*--text-field", id="text"
        ),
        pytest.param("text\nx\n", "n.csv", Columns(id="nr"), r"no column 'nr'.*--id-field", id="a named id in csv"),
        pytest.param(
            '{"text": "x"}', "n.jsonl", Columns(date="am"), r"no column 'am'.*--date-field", id="in JSON lines"
        ),
        pytest.param('[{"a": 1, "b": 2}]', "n.json", Columns(text="c"), r"no column 'c'.*'a', 'b'", id="in JSON"),
    ],
)
def test_a_missing_column_is_named_with_the_option(data: str, name: str, columns: Columns, message: str) -> None:
    with pytest.raises(MissingColumn, match=message):
        read(data, name, columns)


def test_a_table_without_a_header_does_not_leak_its_first_row() -> None:
    with pytest.raises(MissingColumn) as caught:
        read("John Example,1950-02-03,He has the flu and a cough.\n" * 2)
    assert "Example" not in str(caught.value)
    assert "'column 1', 'column 2', 'column 3'" in str(caught.value)


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        pytest.param(
            "id,text\n1,ok\n2,secret,more\n",
            "n.csv",
            "line 3 has 3 fields where the header has 2",
            id="a comma too many",
        ),
        pytest.param("id,text\n1,ok\n2", "n.csv", "line 3 has 1 fields", id="csv cut off in a row"),
        pytest.param('id,text\n1,ok\n2,"secret\nand so on', "n.csv", "line 3 is damaged", id="csv cut off in quotes"),
        pytest.param('id,text\n1,"a" secret\n', "n.csv", "line 2 is damaged", id="a stray quotation mark"),
        pytest.param(
            '{"text": "ok"}\n{"text": secret}\n', "n.jsonl", "line 2 is not valid JSON at column 10", id="bad JSON line"
        ),
        pytest.param('{"text": "ok"}\n"secret', "n.jsonl", "line 2 .*JSON", id="JSON lines cut off"),
        pytest.param('{"text": "ok"}\n[1, 2]\n', "n.jsonl", "line 2 is not an object", id="a line that is no object"),
        pytest.param('[{"text": "ok"}, {"text": "secr', "n.json", "cannot be read: (it|line 1)", id="JSON cut off"),
        pytest.param("[" * 200_000, "n.json", "nested too deeply|ends too early", id="JSON nested without end"),
        pytest.param(
            '[{"text": "ok", "n": ' + "9" * 5_000 + "}]", "n.json", "number that is too long", id="endless number"
        ),
        pytest.param(
            '[{"text": {"secret": 1}}]', "n.json", "the text of report 1 is not a string", id="text is an object"
        ),
        pytest.param('{"text": "sec\\u0000ret"}', "n.jsonl", "line 1 holds a NUL character", id="an escaped NUL"),
    ],
)
def test_bad_rows_are_named_by_line_and_not_shown(data: str, name: str, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message) as caught:
        read(data, name)
    error: BaseException | None = caught.value
    assert "secret" not in str(error)
    assert error.__cause__ is None or "secret" not in str(error.__cause__)


def test_rows_before_a_bad_one_are_read() -> None:
    reports = read_bytes(b'{"text": "ok"}\n{', name="n.jsonl", settings=SETTINGS)
    assert next(reports).text == "ok"
    with pytest.raises(UnreadableFile, match="line 2 ends too early"):
        next(reports)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        pytest.param("text\n", "n.csv", id="a header alone"),
        pytest.param("id,text\n1,\n2, \n", "n.csv", id="rows without text"),
        pytest.param("[]", "n.json", id="an empty list"),
        pytest.param('{"text": null}', "n.jsonl", id="null"),
    ],
)
def test_tables_without_text_are_refused(data: str, name: str) -> None:
    with pytest.raises(EmptyFile):
        read(data, name)


def test_rows_without_text_are_left_out_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    assert len(read("id,text\n1,Rest.\n2,\n")) == 1
    assert "rows=1 read=1" in caplog.text


def test_a_report_beyond_the_limit_names_its_line() -> None:
    with pytest.raises(ReportTooLong, match="line 3 has 600000 characters"):
        read("text\nRest.\n" + "x" * 600_000 + "\n")


def test_a_csv_in_windows_encoding_is_read() -> None:
    (report,) = read("id;text\n1;Fieber 38 °C, Übelkeit\n".encode("cp1252"))
    assert report.text == "Fieber 38 °C, Übelkeit"


def test_lone_surrogates_become_storable() -> None:
    (report,) = read(json.dumps({"text": "a\ud800b"}), "n.jsonl")
    assert report.text.encode() == "a\ufffdb".encode()


@pytest.mark.parametrize(
    ("content", "name", "texts", "problems"),
    [
        pytest.param(
            'id,text\n1,one\n2,"a" stray\n3,three,too many\n4,four\n',
            "n.csv",
            ["one", "four"],
            ["line 3", "line 4"],
            id="csv",
        ),
        pytest.param(
            '{"text": "one"}\n{"text": \n{"text": 5}\n{"text": "four"}\n',
            "n.jsonl",
            ["one", "four"],
            ["line 2", "line 3"],
            id="jsonl",
        ),
        pytest.param('[{"text": "one"}, 7, {"text": "three"}]', "n.json", ["one", "three"], ["report 2"], id="json"),
    ],
)
def test_reading_goes_on_after_a_bad_row_that_somebody_is_told_of(
    content: str, name: str, texts: list[str], problems: list[str]
) -> None:
    told: list[ReadingError] = []
    read = read_bytes(content.encode(), name=name, settings=ReadingSettings(), on_bad_row=told.append)
    assert [report.text for report in read] == texts
    assert [wanted in str(error) for wanted, error in zip(problems, told, strict=True)] == [True] * len(problems)
