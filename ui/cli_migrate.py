"""The verb that moves an embedded installation to PostgreSQL and a Chroma server."""

from typing import TYPE_CHECKING, Annotated

import typer

from ui.options import Data, Json, build_parts
from ui.terminal import stages, write_json, write_line, write_table

if TYPE_CHECKING:
    from ui.moving_values import Moved


def migrate(
    to_database: Annotated[
        str | None,
        typer.Option(
            help="An empty PostgreSQL database: postgresql://user@host/name; its password from PGPASSWORD or ~/.pgpass."
        ),
    ] = None,
    to_chroma: Annotated[str | None, typer.Option(help="An empty Chroma server: http://host:port.")] = None,
    data: Data = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look at both sides, write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Move this installation's database and index to servers, and compare both sides row by row."""
    from assistant.errors import InputError
    from ui.moving import Move
    from ui.moving_values import CannotMove

    if to_database is None and to_chroma is None:
        raise InputError("nothing is named to move to; give --to-database, --to-chroma or both")
    parts = build_parts(data)
    storage = parts.settings.storage
    for option, there, name in (
        (to_database, storage.database_url, "DATABASE_URL"),
        (to_chroma, storage.chroma_url, "CHROMA_URL"),
    ):
        if option and there:
            raise CannotMove(
                problem=f"CURBSIDE_STORAGE__{name} is set: that part is on a server already",
                remedy="unset it to move what lies in the data folder",
            )
    if storage.database_url:  # nothing would show whether Curbside runs on the index meanwhile
        raise CannotMove(
            problem="the database is on a server already, and its reports are all that the index is made of",
            remedy="set CURBSIDE_STORAGE__CHROMA_URL and run `curbside reindex`",
        )
    if not (parts.data_dir / "curbside.db").is_file():
        raise CannotMove(
            problem=f"there is no embedded installation in {parts.data_dir}", remedy="name its folder with --data"
        )
    move = Move(parts.data_dir, parts.keys, database_url=to_database, chroma_url=to_chroma)
    if dry_run:
        _show_plan(move.look(), as_json=as_json)
        return
    with stages() as show:
        moved = move.run(show)
    _show(moved, as_json=as_json)
    if not moved.equal:
        raise CannotMove(
            problem="the two sides are not equal",
            remedy="stop whatever writes to either, and run the same command again: it goes on where it was",
        )
    if not as_json:
        _say_how_to_go_on(parts.data_dir, moved, database=bool(to_database), chroma=bool(to_chroma))


def _show_plan(moved: "Moved", *, as_json: bool) -> None:
    if as_json:
        write_json([{"what": one.what, "here": one.here, "there": one.there} for one in moved.compared])
        return
    write_table(["", "here", "there"], [[one.what, one.here, one.there] for one in moved.compared])
    write_line("Nothing stands against it, and nothing was written. Without --dry-run it is moved and compared.")


def _show(moved: "Moved", *, as_json: bool) -> None:
    if as_json:
        write_json([{**_record(one), "equal": one.equal} for one in moved.compared])
        return
    rows = [
        [one.what, one.here, one.there, one.different, one.digest[:12], "✓ equal" if one.equal else "✗ not equal"]
        for one in moved.compared
    ]
    write_table(["", "here", "there", "different", "SHA-256", ""], rows)


def _record(one: object) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(one)  # type: ignore[call-overload]


def _say_how_to_go_on(folder: object, moved: "Moved", *, database: bool, chroma: bool) -> None:
    write_line("Everything was there already." if moved.was_complete else "Everything was moved and compared.")
    write_line("\nFrom now on, start Curbside with")
    # The addresses are not repeated: they may hold a password.
    if database:
        write_line("  CURBSIDE_STORAGE__DATABASE_URL=<what you gave as --to-database>")
    if chroma:
        write_line("  CURBSIDE_STORAGE__CHROMA_URL=<what you gave as --to-chroma>")
    write_line(
        f"\nThe folder {folder} stays in use: key, adapters, runs and accounts are there.\n"
        "To go back, unset these variables: the old database and index were only read. What is added from now on is not "
        "in them.\nOnce you are sure, delete curbside.db* and chroma/ there; never curbside.key."
    )
