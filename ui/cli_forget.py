"""The verb `forget`: takes a turn, a report or a patient out of everything, and proves it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ui.options import Data, Json, build_parts
from ui.terminal import note, write_json, write_line

if TYPE_CHECKING:
    from ui.begin_again import BegunAgain
    from ui.desk_feedback import Erased

_NOUNS = {
    "conversations": "conversation", "turns": "turn", "ratings": "rating", "edits": "correction", "choices": "choice",
    "decisions": "decision",
}  # fmt: skip


def forget(
    turn: Annotated[list[int] | None, typer.Option(help="A turn's number; may be given again.")] = None,
    report: Annotated[list[str] | None, typer.Option(help="A report's id; may be given again.")] = None,
    patient: Annotated[
        str | None, typer.Option(help="A patient, as the reports' files name them, or their pseudonym.")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Delete turns, reports or a patient everywhere, so that no later training sees them, and look again."""
    from assistant.errors import InputError

    if not turn and not report and not (patient and patient.strip()):
        raise InputError("nothing is named to be forgotten; give --turn, --report or --patient")
    desk = build_parts(data).feedback_desk
    erased = [*map(desk.forget_turn, turn or ()), *map(desk.forget_report, report or ())]
    erased += [desk.forget_patient(patient)] if patient else []
    if as_json:
        write_json(erased)
    else:
        _say(erased)
    if any(one.left for one in erased):
        raise typer.Exit(5)


def _what_now(run: "BegunAgain") -> str:
    if run.still_running:
        return "it has not ended yet: forget again when it has"
    return f"run {run.begun} has begun without it" if run.begun else "begin another when you like"


def _say(erased: "Sequence[Erased]") -> None:
    from ui.render import count

    numbers: Counter[str] = Counter(report=sum(one.reports for one in erased))
    for one in erased:
        numbers.update({noun: asdict(one.said)[name] for name, noun in _NOUNS.items()})
    deleted = ", ".join(count(number, noun) for noun, number in numbers.items() if number)
    write_line(f"Deleted: {deleted or 'nothing was found'}")
    if prompts := sum(one.said.prompts for one in erased):
        write_line(
            f"Emptied: {count(prompts, 'prompt')} of other answers that held a copy; they teach nothing any more"
        )
    for run in filter(None, (one.run for one in erased)):
        write_line(f"Stopped: run {run.stopped}, which had read it; {_what_now(run)}")
    write_line(f"Looked again in library, index and conversations: {sum(one.left for one in erased)} left")
    if any(one.in_files for one in erased):
        note(
            "The index's files still hold the vectors (numbers, no text) and report ids: a Chroma server keeps what is "
            "deleted; a folder that another process has open is written anew when Curbside starts next"
        )
    note(
        "Adapters keep what they learned before: roll back, or train again from the base model "
        "(CURBSIDE_TRAINING__START_FROM=base)"
    )
