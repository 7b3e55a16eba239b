"""The verbs `train` and `scheduler`: a run seen from the terminal, and the schedule without a server."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ui.options import Data, Json, build_parts
from ui.terminal import note, stages, working, write_json, write_line, write_table

if TYPE_CHECKING:
    from training.run_parts import Material
    from training.schema import Run
    from ui.loop_desk import LoopDesk

_LOOK_S = 0.5
_TEND_S = 2.0


def train(
    method: Annotated[
        str | None, typer.Option(help="sft, dpo, sft+dpo, kto or auto; default: as the settings say.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Learn only from what was said from this day on.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what there is to learn from; train nothing.")
    ] = False,
    on: Annotated[str | None, typer.Option(help="here, or ray: as a job of a Ray cluster.")] = None,
    address: Annotated[str | None, typer.Option(help="… whose dashboard is at this address.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Train on what clinicians said, judge the result, and take it live only if it is better. Ctrl-C cancels."""
    told = {"method": method, "on": on, "ray_address": address}
    parts = build_parts(data, training={name: value for name, value in told.items() if value})
    loop = parts.loop_desk
    since = since.replace(tzinfo=loop.zone).astimezone() if since else None  # a day of the practice, not of UTC
    if dry_run:
        with working("Screening, splitting and masking again"):
            material = loop.material(since=since)
        if as_json:
            write_json(material)
        else:
            _write_material(material)
        return
    if means := loop.what_a_run_means():
        note(means)
    with noticing_ctrl_c() as pressed:
        run = loop.run_now(since=since)
        note(f"Run {run.name} has begun; Ctrl-C cancels it")
        ended = follow(loop, run, cancel=pressed)
        for line in loop.rest_of_log(ended):
            note(line)
    if as_json:
        from ui.records import run_record

        write_json(run_record(ended))
    else:
        write_line(f"{ended.name}: {ended.state}")
        for said in filter(None, (ended.problem, ended.note)):
            write_line(said)
    if ended.state in ("failed", "cancelled"):
        raise typer.Exit(8)


@contextmanager
def noticing_ctrl_c() -> Iterator[threading.Event]:
    """Ctrl-C sets the event; a second one interrupts as usual, and leaves the run alone."""
    pressed = threading.Event()

    def notice(*_: object) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, notice)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def follow(loop: "LoopDesk", run: "Run", *, cancel: threading.Event | None = None) -> "Run":
    """Show a run as bars until it has ended. Once `cancel` is set it is asked to stop, and waited for."""
    from training.errors import RunEnded

    asked, tended = False, 0.0
    with stages() as show:
        while True:
            if time.monotonic() - tended >= _TEND_S:
                tended = time.monotonic()
                for line in loop.tend(run):
                    note(line)
            view = loop.open(run.name)
            assert view is not None
            if view.progress is None:
                return view.run
            show(view.progress.doing, view.progress.step, view.progress.steps)
            if cancel is not None and cancel.is_set() and not asked:
                asked = True
                with suppress(RunEnded):
                    note(loop.cancel(run.name))
            time.sleep(_LOOK_S)


def _write_material(material: "Material") -> None:
    from ui.run_counts import in_words

    write_table(["", ""], [[words, number] for words, number in in_words(material.counts).items()])
    write_line(f"Candidates: {', '.join(material.candidates) or 'none'}")
    write_line(f"No run: {material.missing}" if material.missing else "Enough for a run.")


def scheduler(data: Data = None) -> None:
    """Begin runs when they are due, without a server, until interrupted."""
    parts = build_parts(data)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    parts.database  # noqa: B018  migrations run first
    parts.scheduler.start()
    due = parts.scheduler.next_run_at
    note(f"Next run: {f'{due:%A %d %b %Y, %H:%M} ({due.tzinfo})' if due else 'paused'}. Ctrl-C ends the scheduler")
    stopping.wait()
    parts.scheduler.stop()
    parts.close()
