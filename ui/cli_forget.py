"""The verb `forget`: takes a turn, a report or a patient out of everything, and proves it."""

from typing import Annotated

import typer

from ui.options import Data, Json, build_parts
from ui.terminal import note, write_json, write_line


def forget(
    turn: Annotated[list[int] | None, typer.Option(help="A turn's number; may be given again.")] = None,
    report: Annotated[list[str] | None, typer.Option(help="A report's id; may be given again.")] = None,
    patient: Annotated[str | None, typer.Option(help="A patient, as the reports' files name them.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Delete turns, reports or a patient everywhere, so that no later training sees them, and look again."""
    from ui.forgetting import forget as forget_all
    from ui.render import count

    proof = forget_all(build_parts(data), turns=turn or (), reports=report or (), patient=patient)
    if as_json:
        write_json(proof)
        return
    said = proof.said
    deleted = (
        (proof.from_library, "report"), (said.conversations, "conversation"), (said.turns, "turn"), (said.ratings, "rating"),
        (said.edits, "correction"), (said.choices, "choice"), (said.decisions, "decision"),
    )  # fmt: skip
    write_line(
        f"Deleted: {', '.join(count(number, noun) for number, noun in deleted if number) or 'nothing was found'}"
    )
    if said.prompts:
        write_line(
            f"Emptied: {count(said.prompts, 'prompt')} of other answers that held a copy; they teach nothing any more"
        )
    write_line(f"Looked again in library, index and conversations: {proof.left} left")
    note(
        "Adapters trained before keep what they learned: roll back, or train from the base model (CURBSIDE_TRAINING__START_FROM=base)"
    )
