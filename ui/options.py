"""The options that several verbs share, and the installation that they choose."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.terminal import only, read_one

if TYPE_CHECKING:
    from assistant.schema import RawReport
    from ui.wiring import Parts

Data = Annotated[
    Path | None, typer.Option("--data", help="Folder of the installation.", show_default="the user's data folder")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
JsonLines = Annotated[
    bool, typer.Option("--jsonl", help="Read JSON lines and write JSON lines, in order, with each line's `id`.")
]
FieldName = Annotated[str, typer.Option("--field", help="With --jsonl: the field that holds the text.")]


def build_parts(data: Path | None, **groups: dict[str, Any]) -> "Parts":
    """The installation in `data`, with settings given by group. Raises `InputError` for a setting that is wrong."""
    from pydantic import ValidationError

    from assistant.errors import InputError
    from ui.settings import load_settings
    from ui.wiring import Parts

    try:
        return Parts(load_settings(data_dir=data, **{name: values for name, values in groups.items() if values}))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise InputError(f"a setting is wrong ({wrong}); correct the option or the CURBSIDE_ variable") from error


def one_report(parts: "Parts", path: str) -> "RawReport":
    """The one report in a file or on standard input (`-`). Raises `ReadingError`, or `InputError` for several."""
    from assistant.reading import read_bytes

    return only(read_bytes(read_one(path), name=path, settings=parts.settings.reading), what=path)
