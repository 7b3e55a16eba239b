"""Tables of reports: csv and tsv (one report a row), JSON and JSON lines (one report an object)."""

import csv
import io
import json
import logging
from collections.abc import Iterable, Iterator, Mapping

from assistant.errors import EmptyFile, MissingColumn, ReadingError, UnreadableFile
from assistant.reading.columns import Columns, choose_columns, parse_date
from assistant.reading.text import check_text, decode
from assistant.schema import RawReport
from assistant.settings import ReadingSettings

log = logging.getLogger(__name__)

_DELIMITERS = ",;\t|"
_LIST_KEYS = ("reports", "notes", "documents", "records", "rows", "items", "data", "results")


def read_csv(data: bytes, settings: ReadingSettings, columns: Columns) -> Iterator[RawReport | ReadingError]:
    return _read_delimited(data, settings, columns, format="csv", delimiters=_DELIMITERS)


def read_tsv(data: bytes, settings: ReadingSettings, columns: Columns) -> Iterator[RawReport | ReadingError]:
    return _read_delimited(data, settings, columns, format="tsv", delimiters="\t")


def read_json(data: bytes, settings: ReadingSettings, columns: Columns) -> Iterator[RawReport | ReadingError]:
    """A list of objects, an object with such a list inside, or one object that is itself a report."""
    text = decode(data, format="json")
    try:
        value = _parse(text, format="json")
    except UnreadableFile:
        # Many files of JSON lines are called .json: a first line that is complete in itself gives them away.
        first, _, rest = text.lstrip().partition("\n")
        if not rest.strip() or not _is_object(first):
            raise
        return read_jsonl(data, settings, columns)
    return _reports(_objects(value, columns), settings, columns, format="json")


def read_jsonl(data: bytes, settings: ReadingSettings, columns: Columns) -> Iterator[RawReport | ReadingError]:
    lines = enumerate(decode(data, format="jsonl").replace("\r\n", "\n").split("\n"), start=1)
    parsed = ((f"line {number}", _line(line, number)) for number, line in lines if line.strip())
    return _reports(parsed, settings, columns, format="jsonl")


def _line(line: str, number: int) -> object:
    """What a line holds, or why it cannot be used."""
    try:
        return _parse(line, format="jsonl", line=number)
    except ReadingError as error:
        return error


def _read_delimited(
    data: bytes, settings: ReadingSettings, columns: Columns, *, format: str, delimiters: str
) -> Iterator[RawReport | ReadingError]:
    # One setting for the whole process, and a note is easily longer than its default of 131,072 characters.
    csv.field_size_limit(max(csv.field_size_limit(), round(settings.max_file_mb * 1e6)))
    text = decode(data, format=format).replace("\r\n", "\n").replace("\r", "\n")
    return _reports(_rows(text, _delimiter(text, delimiters), format), settings, columns, format=format)


def _rows(text: str, delimiter: str, format: str) -> Iterator[tuple[str, object]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    line = 1
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = f"the row that starts on line {line} is damaged ({_plain(error)})"
            yield f"line {line}", UnreadableFile(format=format, problem=problem)
            continue
        if not any(cell.strip() for cell in row):
            continue
        if header is None:
            header = [cell.strip() for cell in row]
        elif len(row) != len(header):
            problem = f"the row that starts on line {line} has {len(row)} fields where the header has {len(header)}"
            yield f"line {line}", UnreadableFile(format=format, problem=problem)
        else:
            yield f"the report on line {line}", dict(zip(header, row, strict=True))


def _plain(error: csv.Error) -> str:
    return "an opening quotation mark is never closed" if "end of data" in str(error) else "a stray quotation mark"


def _delimiter(text: str, delimiters: str) -> str:
    """The delimiter that cuts the header into most columns, first come first served."""
    counts = {}
    for delimiter in delimiters:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        header = next((row for row in reader if any(cell.strip() for cell in row)), [])
        counts[delimiter] = len(header)
    return max(counts, key=lambda delimiter: counts[delimiter])


def _parse(text: str, *, format: str, line: int | None = None) -> object:
    where = f"line {line}" if line else None
    try:
        return json.loads(text.lstrip("\ufeff"))
    except json.JSONDecodeError as error:
        problem = f"{where or f'line {error.lineno}'} is not valid JSON at column {error.colno}"
        if error.pos >= len(text.rstrip()):
            problem = f"{where or 'it'} ends too early, in the middle of a value"
    except RecursionError:
        problem = f"{where or 'it'} is nested too deeply"
    except ValueError:  # an integer of thousands of digits
        problem = f"{where or 'it'} holds a number that is too long"
    # Outside the handlers: a JSONDecodeError carries the whole document.
    raise UnreadableFile(format=format, problem=problem)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _objects(value: object, columns: Columns) -> Iterator[tuple[str, object]]:
    items: list[object]
    if isinstance(value, list):
        items = value
    elif isinstance(value, dict):
        lists = [value[key] for key in _LIST_KEYS if isinstance(value.get(key), list)]
        lists += [inner for inner in value.values() if isinstance(inner, list)]
        items = next((inner for inner in lists if inner and all(isinstance(item, dict) for item in inner)), [value])
    else:
        items = [value]
    return ((f"report {number}", item) for number, item in enumerate(items, start=1))


def _reports(
    rows: Iterable[tuple[str, object]], settings: ReadingSettings, columns: Columns, *, format: str
) -> Iterator[RawReport | ReadingError]:
    """Turn rows into reports, and bad rows into why; `what` names a row. Rows without any text are counted and left out.

    Raises:
        MissingColumn: The table as a whole cannot be used.
    """
    chosen: dict[str, str] = {}
    without_text = used = 0
    for what, row in rows:
        if isinstance(row, str):
            row = {"text": row}
        if isinstance(row, Mapping) and chosen.get("text") not in row:  # objects need not all have the same fields
            chosen = choose_columns([str(name) for name in row], columns)
        try:
            report = _report(what, row, chosen, settings, format)
        except ReadingError as error:
            used += 1
            yield error
            continue
        if report is None:
            without_text += 1
        else:
            used += 1
            yield report
    if without_text:
        log.warning("left out rows without text format=%s rows=%d read=%d", format, without_text, used)
    if not used:
        raise EmptyFile()


def _report(
    what: str, row: object, chosen: Mapping[str, str], settings: ReadingSettings, format: str
) -> RawReport | None:
    """The report in a row, or `None` where it has no text. Raises `ReadingError`."""
    if isinstance(row, ReadingError):
        raise row
    if not isinstance(row, Mapping):
        raise UnreadableFile(format=format, problem=f"{what} is not an object with named fields")
    text = row[chosen["text"]]
    if text is None or (isinstance(text, str) and not text.strip()):
        return None
    if not isinstance(text, str):
        raise UnreadableFile(format=format, problem=f"the text of {what} is not a string")
    return RawReport(
        text=check_text(text, settings=settings, format=format, what=what),
        source_id=_cell(row, chosen.get("id")),
        patient=_cell(row, chosen.get("patient")),
        date=parse_date(row.get(chosen.get("date", ""))),
    )


def _cell(row: Mapping[str, object], name: str | None) -> str | None:
    value = row.get(name) if name is not None else None
    if value is None or isinstance(value, dict | list):
        return None
    return _printable(str(value)) or None


def _printable(value: str) -> str:
    return "".join(character for character in value if character.isprintable()).strip()


__all__ = ["MissingColumn", "read_csv", "read_json", "read_jsonl", "read_tsv"]
