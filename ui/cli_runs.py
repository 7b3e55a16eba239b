"""The verbs about runs that were: list, show, compare, promote, roll back."""

import getpass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ui.options import Data, Json, build_parts
from ui.terminal import stages, write_json, write_line, write_table

if TYPE_CHECKING:
    from ui.wiring import Parts

RunName = Annotated[str, typer.Argument(help="A run's name, as `curbside runs` lists it.")]

runs_app = typer.Typer(help="Runs of training.", invoke_without_command=True)


@runs_app.callback()
def runs(context: typer.Context, data: Data = None, as_json: Json = False) -> None:
    """List the runs of training, the latest first; `runs show RUN` opens one."""
    context.obj = data
    if context.invoked_subcommand is not None:
        return
    from ui.records import run_record

    parts = build_parts(data)
    found = parts.ledger.runs(limit=1000) if parts.has_data else []
    if as_json:
        write_json([run_record(run) for run in found])
        return
    live = parts.adapters.live().name
    rows = [
        [
            run.name,
            "live" if run.name == live else "",
            run.state,
            run.method,
            run.trigger,
            _time(parts, run.started_at or run.created_at),
        ]
        for run in found
    ]
    write_table(["run", "", "state", "method", "begun by", "begun"], rows)


@runs_app.command()
def show(context: typer.Context, run: RunName, data: Data = None, as_json: Json = False) -> None:
    """Show one run: what it was told, what it learned from, what was decided and why."""
    from ui.records import run_record
    from ui.run_counts import in_words
    from ui.run_progress import read_log

    parts = build_parts(data or context.obj)
    found = parts.ledger.get(run)
    if as_json:
        write_json(run_record(found))
        return
    write_line(f"{found.name}: {found.state}, {found.method}, {found.trigger}, on {found.base_model}")
    if found.problem:
        write_line(found.problem)
    for title, values in (("Settings", found.settings), ("What it learned from", in_words(found.counts))):
        if values:
            write_line(f"\n{title}")
            write_table(["", ""], [[name.replace("_", " "), value] for name, value in values.items()])
    if found.verdict is not None:
        from training.verdict_text import as_text

        write_line(f"\n{as_text(found.verdict)}")
    if found.note:
        write_line(f"\n{found.note}")
    write_line("\nLog")
    for at, text in read_log(parts.ledger.events(found.id)):
        write_line(f"  {_time(parts, at)}  {text}")


def promote(
    run: RunName,
    data: Data = None,
    force: Annotated[bool, typer.Option("--force", help="Although the gate refused it.")] = False,
) -> None:
    """Let the adapter of a run answer from the next question on."""
    write_line(build_parts(data).loop_desk.promote(run, getpass.getuser(), force=force))


def rollback(data: Data = None) -> None:
    """Let the model that was live before answer again."""
    write_line(build_parts(data).loop_desk.roll_back(getpass.getuser()))


def compare(
    one: Annotated[str, typer.Argument(help="A run's name, `live`, `base` or `quoting`.")],
    other: Annotated[str, typer.Argument(help="Likewise.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show two models side by side, on questions that neither was trained on."""
    from training.verdict_text import caption, table_rows
    from ui.comparing import compare as compare_models

    with stages() as show:
        found = compare_models(
            build_parts(data), one, other, on_progress=lambda model, done, total: show(f"asking {model}", done, total)
        )
    if as_json:
        write_json(found.comparisons)
        return
    rows = [
        [row.metric, row.candidate, row.other, row.difference, f"{row.sign} {row.word}"] for row in table_rows(found)
    ]
    write_table(["", one, other, "difference", f"{one} is"], rows)
    write_line(caption(found))


def _time(parts: "Parts", moment: datetime) -> str:
    return f"{moment.astimezone(parts.loop_desk.zone):%Y-%m-%d %H:%M}"
