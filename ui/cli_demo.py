"""`curbside demo`: watch it learn from a simulated clinician, and refuse to learn from nothing. Offline, in a temporary folder."""

import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.terminal import write_line

if TYPE_CHECKING:
    from training.schema import Run
    from ui.demo import Change, Learned
    from ui.wiring import Parts


def demo(
    reports: Annotated[int, typer.Option(min=14, help="Reports in all; 24 of 40 are corrected to learn from.")] = 40,
    control: Annotated[bool, typer.Option(help="Also train on corrections without any preference.")] = True,
    keep: Annotated[Path | None, typer.Option(help="Keep the installations in this new folder.")] = None,
) -> None:
    """Show the whole loop on invented reports: correct, train, judge, promote, ask again, roll back; and the control."""
    from ui.demo import Practice, Size, preferred, without_preference

    started = time.perf_counter()
    size = Size(learned=round(reports * 0.6), judged=reports - round(reports * 0.6))
    with tempfile.TemporaryDirectory(prefix="curbside-demo-") as temporary:
        folder = keep or Path(temporary)
        practice = Practice(folder / "practice", size=size)
        _say(f"All people and reports are invented. The clinician, simulated, wants: {practice.preference}.")
        _say(f"{reports} reports: de-identifying, indexing, asking the starter model for a summary of each")
        with closing(practice.open()) as parts:
            asked = practice.ask_all(parts, _say)
        twin = practice.copy_to(folder / "control") if control else None
        _say(f"Corrections of {size.learned} answers to learn from, and of {size.judged} that no training sees")
        learned = practice.learn(asked, preferred(practice, asked), lead=_lead, say=_say)
        _show(learned)
        refused = True
        if twin is not None:
            _say("\nThe control: the same answers, corrected to sentences drawn at random")
            judged = twin.learn(asked, without_preference(twin, asked), lead=_lead, say=_say)
            refused = judged.change is None
            _say(judged.run.verdict.sentence if judged.run.verdict else judged.run.problem)
            _say(
                "The control was refused, as it must be." if refused else "The control was promoted. It should not be."
            )
        _say(f"\n{(time.perf_counter() - started) / 60:.1f} minutes in all.")
    if learned.change is None or not learned.went_back or not refused:
        raise typer.Exit(1)


def _lead(parts: "Parts") -> "Run":
    from ui.cli_training import follow, noticing_ctrl_c

    with noticing_ctrl_c() as pressed:
        return follow(parts.loop_desk, parts.loop_desk.run_now(), cancel=pressed)


def _show(learned: "Learned") -> None:
    from training.verdict_text import as_text

    run = learned.run
    _say("")
    _say(as_text(run.verdict) if run.verdict else f"{run.state}: {run.problem}")
    if learned.change is None or learned.example is None:
        _say("Nothing was promoted; the starter answers as before.")
        return
    before, after, wanted = learned.example
    for title, text in (("Before", before), ("After", after), ("What the clinician wants", wanted)):
        _say(f"\n── {title} ".ljust(78, "─"))
        _say(text)
    _say("")
    _say(_in_words(learned.change))
    _say(
        "Rolled back with one command; the first answer is back, word for word."
        if learned.went_back
        else "Rolled back, but the answer is not the first one."
    )


def _in_words(change: "Change") -> str:
    less, low, high = change.less
    wins, fewest, most = change.wins
    count = len(change.before)
    return (
        f"Asked again about {count} reports that no training saw: the clinician changes "
        f"{sum(change.before) / count:.0%} of the words before, {sum(change.after) / count:.0%} after "
        f"({less * 100:.0f} points fewer [{low * 100:.0f}, {high * 100:.0f}]); "
        f"the new answer is nearer in {wins:.0%} of them [{fewest:.0%}, {most:.0%}]."
    )


def _say(text: str) -> None:
    write_line(text)
