"""Examples out of invented reports, whose truth is known: who asks about them gets exact answers."""

import random
from collections.abc import Sequence

from assistant.schema import Mode
from training.reports.asking import ask, ask_changes
from training.reports.schema import InventedReport, Task
from training.reports.writing import write_pair, write_report
from training.starter import questions
from training.starter.turns import Turn, fitting

_STYLED = 0.12
_TRIES = 12


def invented_turns(rng: random.Random, *, longest: int, most_turns: int) -> tuple[list[Turn], str] | None:
    """Turns about a report of at most `longest` characters, and its text; `None` where none so short was drawn."""
    for _ in range(_TRIES):
        report = write_report(rng, identifiers=rng.random() < 0.5)
        if len(report.text) <= longest:
            found: list[Turn] = []
            for _ in range(rng.randint(min(2, most_turns), most_turns)):
                turn = _styled(report, rng) if rng.random() < _STYLED else _turn(ask(report, rng))
                if turn and all(turn.question != other.question and turn.lines != other.lines for other in found):
                    found.append(turn)
            if found:
                return found, report.text
    return None


def invented_comparison(rng: random.Random, *, longest: int) -> tuple[list[Turn], str, str] | None:
    """A comparison and perhaps a question about the later report; its text and the earlier one's."""
    for _ in range(_TRIES):
        earlier, later, changes = write_pair(rng)
        if len(earlier.text) + len(later.text) <= longest:
            turns = [_turn(ask_changes(changes, rng))]
            turns += [_turn(ask(later, rng))] if rng.random() < 0.6 else []
            return turns, later.text, earlier.text
    return None


def _turn(task: Task) -> Turn:
    lines = tuple(fitting(task.sentences)) if task.sentences else (task.answer,)
    return Turn(mode=task.mode, question=task.question, lines=lines)


def _styled(report: InventedReport, rng: random.Random) -> Turn | None:
    style, wordings = rng.choice(sorted(questions.SUMMARY_IN_STYLE.items()))
    diagnosis = report.diagnosis[:3]
    chosen: Sequence[str]
    match style:
        case "diagnosis first":
            chosen = (*diagnosis, *report.abnormal[:3])
        case "short":
            chosen = (diagnosis or report.abnormal or report.normal)[:2]
        case "values":
            chosen = [one.sentence for one in report.values if one.abnormal]
        case "history":
            chosen = (*report.history[:2], *diagnosis)
        case "medications":
            chosen = (*diagnosis[:2], *report.medications[:4])
        case _:
            chosen = (*diagnosis, *report.plan[:3])
    lines = tuple(fitting(chosen))
    return Turn(mode=Mode.SUMMARIZE, question=rng.choice(wordings), lines=lines) if lines else None
