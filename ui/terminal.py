"""What the terminal shows: tables and bars for people, JSON for machines, errors as one sentence.

People's output goes through rich; `--json` output is plain lines on standard output and nothing else, so that it can be
piped. Progress and errors go to standard error.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from assistant.errors import CurbsideError, EmptyFile, InputError, MissingColumn

_T = TypeVar("_T")


def write_json(value: object, *, indent: int | None = None) -> None:
    """One JSON document on standard output. Enumerations become their value, dataclasses objects, tuples lists."""
    sys.stdout.write(json.dumps(value, default=_plain, ensure_ascii=False, indent=indent) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


def write_line(text: str = "") -> None:
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """A line for the person, on standard error: never mixed into piped output."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def fail(error: CurbsideError) -> NoReturn:
    """Say what happened and end with the error's exit code."""
    note(f"curbside: {error}")
    raise SystemExit(error.exit_code)


def write_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))  # Text: brackets in reports are not markup
    Console().print(table)


@contextmanager
def working(text: str) -> Iterator[Callable[[str], None]]:
    """A spinner on standard error while something takes its time; the function changes its text."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(text) as shown:
        yield shown.update


@contextmanager
def progress(text: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error; call the given function with how many are done."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=_stderr()
    ) as bar:
        task = bar.add_task(text, total=total)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def stages() -> Iterator[Callable[[str, int | None, int | None], None]]:
    """A bar on standard error for each part of something long; call the given function with its name, steps done and steps.

    Where standard error is no terminal, a line says when a part begins.
    """
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = _stderr()
    bars = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
        console=console, disable=not console.is_terminal,
    )  # fmt: skip
    parts: dict[str, Any] = {}

    def show(name: str, done: int | None, total: int | None) -> None:
        if name not in parts:
            for part in parts.values():
                bars.stop_task(part)
            parts[name] = bars.add_task(name, total=total)
            if not console.is_terminal:
                note(name)
        bars.update(parts[name], completed=done or 0, total=total)

    with bars:
        yield show


def _stderr() -> Any:
    from rich.console import Console

    return Console(stderr=True)


def json_lines(path: Path | None, *, field: str) -> Iterator[tuple[object, dict[str, Any] | None, str | None]]:
    """Yield `(id, row, problem)` for each line of a JSON-lines file (`None` or `-`: standard input).

    A line that cannot be used has `row=None` and a `problem` that names the line, never its content.
    """
    stream = sys.stdin if path is None or str(path) == "-" else _open(path)
    with stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError:
                yield number, None, f"line {number} is not JSON; write one object a line"
                continue
            if not isinstance(row, dict):
                yield number, None, f"line {number} is not a JSON object; write one object a line"
                continue
            row_id = row.get("id", number)
            if not isinstance(row.get(field), str):
                problem = str(MissingColumn(wanted=field, available=tuple(map(str, row)), option="--field"))
                yield row_id, None, f"line {number}: {problem}"
                continue
            yield row_id, row, None


def _open(path: Path) -> Any:
    try:
        return path.open(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"{path} cannot be opened ({error.strerror}); check the path") from error


def run_json_lines(path: Path | None, *, field: str, work: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    """JSON lines in, JSON lines out, in order, `id` carried through. Returns how many lines failed; each says why."""
    failed = 0
    for row_id, row, problem in json_lines(path, field=field):
        if row is None:
            failed += 1
            write_json({"id": row_id, "error": problem})
            continue
        try:
            write_json({"id": row_id, **work(row)})
        except CurbsideError as error:
            failed += 1
            write_json({"id": row_id, "error": str(error)})
        sys.stdout.flush()
    return failed


def read_one(path: str) -> bytes:
    """The bytes of a file, or of standard input for `-`."""
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be opened ({error.strerror}); check the path") from error


def only(values: Iterable[_T], *, what: str) -> _T:
    """The single value; more than one is refused with a hint at `--jsonl`."""
    found = list(values)
    if not found:
        raise EmptyFile(what=what)
    if len(found) > 1:
        raise InputError(f"{what} holds {len(found)} reports, this takes one; use --jsonl for many, or ingest them")
    return found[0]
