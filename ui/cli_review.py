"""The verb `review`: goes through what still looks like an identifier in a report, and keeps the report then."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.options import Data, build_parts
from ui.terminal import read_one, write_line

if TYPE_CHECKING:
    from assistant.deid.residual import Residual
    from assistant.reading import Columns
    from assistant.schema import RawReport
    from ui.desk import Desk, LoadedReport
    from ui.wiring import Parts

_AROUND = 60
"""Characters shown before and after a place."""
_KEYS = "[m]ask, [k]eep as text, [a]ll alike, [q]uit"
_ALL_KEYS = "all {} of them: [m]ask, [k]eep as text"


def review(
    file: Annotated[str, typer.Argument(help="A report, a table of reports, or - (with --yes-mask).")],
    data: Data = None,
    yes_mask: Annotated[bool, typer.Option("--yes-mask", help="Ask nothing: mask every place.")] = False,
    text_field: Annotated[str | None, typer.Option(help="Column or field that holds the report.")] = None,
    id_field: Annotated[str | None, typer.Option(help="… its id (kept as given: not a record number).")] = None,
    patient_field: Annotated[str | None, typer.Option(help="… the patient (kept as a keyed pseudonym only).")] = None,
    date_field: Annotated[str | None, typer.Option(help="… the date (kept as the year and a shifted day).")] = None,
) -> None:
    """Look at each place that still looks like an identifier, then keep the report. Shows pieces of the original."""
    from assistant.reading import Columns

    parts = build_parts(data)
    columns = Columns(text=text_field, id=id_field, patient=patient_field, date=date_field)
    left = 0
    for number, raw in enumerate(_reports(parts, file, columns), start=1):
        name = f"{Path(file).name}, report {number}" if number > 1 else Path(file).name
        loaded = parts.desk.load(raw)
        if loaded.residual:
            loaded = parts.desk.mask_residual(loaded) if yes_mask else go_through(parts.desk, loaded, name)
        if loaded is None:
            write_line(f"{name}: nothing was kept of it")
            left += 1
            continue
        kept = parts.desk.keep_report(loaded)
        write_line(f"{name}: {kept.problem or f'{kept.state} as {kept.report_id}, {kept.masked} masked'}")
    if left:
        raise typer.Exit(1)


def _reports(parts: "Parts", file: str, columns: "Columns") -> "Iterator[RawReport]":
    from assistant.reading import read_bytes

    yield from read_bytes(read_one(file), name=file, settings=parts.settings.reading, columns=columns)


def go_through(desk: "Desk", loaded: "LoadedReport", name: str) -> "LoadedReport | None":
    """The report after a person has decided about every place, or `None` if they stopped before.

    Raises:
        NeedsReview: There is no terminal, so nobody can be asked.
    """
    from assistant.errors import NeedsReview, in_doubt

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise NeedsReview(places=loaded.residual)
    write_line(f"{name}: {in_doubt(len(loaded.residual))}")
    while loaded.residual:
        place = loaded.residual[0]
        alike = _alike(loaded, place)
        _show(loaded.original, place, len(loaded.residual))
        key = _asked(_KEYS, "mkaq")
        if key == "q":
            return None
        places = [place]
        if key == "a":
            key, places = _asked(_ALL_KEYS.format(len(alike)), "mk"), alike
        spans = [(place.start, place.end) for place in places]
        if key == "m":
            loaded = desk.remask(loaded, keep=loaded.keep, add=[*loaded.add, *spans])
        else:
            for span in spans:
                loaded = desk.confirm(loaded, span)
    return loaded


def _alike(loaded: "LoadedReport", place: "Residual") -> "Sequence[Residual]":
    """The places with the same words, this one among them."""
    words = _words(loaded.original, place)
    return [other for other in loaded.residual if _words(loaded.original, other) == words]


def _words(text: str, place: "Residual") -> str:
    return " ".join(text[place.start : place.end].split()).casefold()


def _show(text: str, place: "Residual", left: int) -> None:
    """The place with a little of what stands around it, on the person's own screen and nowhere else."""
    from rich.console import Console
    from rich.text import Text

    before, after = text[max(0, place.start - _AROUND) : place.start], text[place.end : place.end + _AROUND]
    line = Text.assemble(
        "\n… ", _plain(before), (_plain(text[place.start : place.end]), "bold reverse"), _plain(after), " …\n",
        (f"{place.type.lower().replace('_', ' ')}? ({place.reason}) · {left} left", "dim"),
    )  # fmt: skip
    Console().print(line)


def _plain(piece: str) -> str:
    """In one line, and nothing in it that would steer the terminal."""
    return "".join(character if character.isprintable() else " " for character in piece)


def _asked(question: str, keys: str) -> str:
    while (answer := typer.prompt(question, prompt_suffix=": ").strip().lower()[:1]) not in keys or not answer:
        write_line(f"type one of {', '.join(keys)}")
    return answer
