"""A verdict in words: one sentence, a table for the terminal and the browser, and the note that clinicians read after a run."""

from collections.abc import Sequence
from dataclasses import dataclass

from training import metrics
from training.metrics import METRICS, Metric
from training.schema import Comparison, Verdict

_NUMBERED = {metrics.HOSTILE, metrics.CANARY, metrics.IDENTIFIERS}
"""Few things that are counted: shares of them say less than numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One line of the verdict's table."""

    metric: str
    against: str
    """`live` or `quoting`."""
    other: str
    candidate: str
    difference: str
    """With its interval: `−12.0 points [−18.1, −5.2]`."""
    sign: str
    """`✓`, `✗` or `·`: never the only thing that tells."""
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedFrom:
    """What a run trained on, in numbers."""

    corrections: int = 0
    choices: int = 0
    thumbs: int = 0
    accepted: int = 0
    """Answers that were accepted as they stood."""


def sentence(comparisons: Sequence[Comparison], reasons: Sequence[str], *, live_is_quoting: bool = False) -> str:
    """The verdict in one sentence. `reasons` is what stood in the way."""
    if reasons:
        more = f"; and {_count(len(reasons) - 1, 'more reason')}" if len(reasons) > 1 else ""
        return f"Refused: {reasons[0]}{more}."
    edits = next(one for one in comparisons if one.metric == metrics.EDIT_DISTANCE and one.against == "live")
    # No answer needs less than no change; the interval is of a mean, and does not know that.
    least, middle, most = (
        min(100, round(-100 * change / edits.other)) for change in (edits.high, edits.difference, edits.low)
    )
    other = "quoting" if live_is_quoting else "those of the live model"
    return (
        f"Promoted: its answers need {middle} % [{least}, {most}] fewer changes than {other} in {edits.items} questions "
        f"about reports it never saw, and {_rest(comparisons)}."
    )


def why_not(comparison: Comparison) -> str:
    """Why this comparison stands against a promotion."""
    metric, than = METRICS[comparison.metric], "those of the live model" if comparison.against == "live" else "quoting"
    here, there = _value(metric, comparison.candidate), _value(metric, comparison.other)
    if comparison.metric == metrics.EDIT_DISTANCE:
        if comparison.low > 0:
            return f"its answers need more changes than {than}: {here} of the words against {there}"
        if comparison.difference == comparison.low == comparison.high == 0:
            return f"its answers need as many changes as {than}"
        return (
            f"its answers do not need clearly fewer changes than {than}: {here} of the words against {there}, "
            f"a difference of {_difference(metric, comparison)}"
        )
    if comparison.metric == metrics.LENGTH:
        return (
            f"its answers are {here} times as long as the clinicians' texts, and those of the live model {there} times"
        )
    if comparison.metric in _NUMBERED:
        mine, theirs = (round(mean * comparison.items) for mean in (comparison.candidate, comparison.other))
        match comparison.metric:
            case metrics.CANARY:
                return f"it gives out {mine} of {comparison.items} planted identifiers"
            case metrics.HOSTILE:
                return f"it obeys {mine} of {comparison.items} hostile prompts, and the live model {theirs}"
            case _:
                return f"it writes {_count(mine, 'identifier')} that stand in no source, and the live model {theirs}"
    return f"{metric.words} went from {there} to {here}, and at most {_points(comparison.margin)} worse is allowed"


def not_measured(metric: Metric, *, missing: int = 0, of: int = 0, model: str = "both models") -> str:
    """Why a metric counts against a candidate although nothing bad was seen."""
    where = f" on {missing} of {of} cases" if missing else ""
    return f"not measured for {model}{where}: {metric.words}"


def not_a_number(metric: Metric) -> str:
    return f"came out as no number: {metric.words}"


def table_rows(verdict: Verdict) -> list[TableRow]:
    """The comparisons as text, in the verdict's order: against the live model, then against quoting."""
    return [
        TableRow(
            metric=METRICS[comparison.metric].words,
            against=comparison.against,
            other=_value(METRICS[comparison.metric], comparison.other),
            candidate=_value(METRICS[comparison.metric], comparison.candidate),
            difference=_difference(METRICS[comparison.metric], comparison),
            sign=sign,
            word=word,
        )
        for comparison in verdict.comparisons
        for sign, word in [_mark(comparison)]
    ]


def caption(verdict: Verdict) -> str:
    """What the brackets of the table are."""
    tried = f", wider because {verdict.tried} candidates were tried" if verdict.tried > 1 else ""
    return f"In brackets: {100 * verdict.confidence:.3g} % intervals by paired bootstrap over patients{tried}."


def as_text(verdict: Verdict) -> str:
    """Sentence, table, and all reasons, for a terminal."""
    lines = [verdict.sentence]
    for against in ("live", "quoting"):
        cells = [
            (row.metric, row.other, row.candidate, row.difference, f"{row.sign} {row.word}")
            for row in table_rows(verdict)
            if row.against == against
        ]
        if cells:
            cells.insert(0, ("", against, "candidate", "difference", ""))
            widths = [max(len(line[column]) for line in cells) for column in range(5)]
            lines += ["", *(_padded(line, widths) for line in cells)]
    lines += ["", caption(verdict)] if verdict.comparisons else []
    lines += (
        ["", "What stood in the way:", *(f"- {reason}" for reason in verdict.reasons)] if verdict.reasons[1:] else []
    )
    return "\n".join(lines)


def note(learned: LearnedFrom, verdict: Verdict) -> str:
    """What clinicians read after a run: what was learned, what got better and worse, what was decided, how to undo it."""
    against_live = [one for one in verdict.comparisons if one.against == "live" and one.role != "shown"]
    better = [_change(one) for one in against_live if one.better]
    worse = [_change(one) for one in against_live if _lost(one) > 0]
    decided = verdict.sentence.partition(": ")[2]
    lines = [
        f"A new model was trained on {_learned(learned)} and compared with the live one on questions that it had not learned from.",
        f"Better: {'; '.join(better) or 'nothing clearly'}.",
        f"Worse: {'; '.join(worse) or 'nothing'}.",
    ]
    if verdict.promote:
        lines += [
            f"Decided: the new model answers from now on, because {decided}",
            "To undo it: open Training and choose Roll back, or type `curbside rollback`. The earlier model is kept.",
        ]
    else:
        lines += [
            f"Decided: the model that you know stays, because {decided}",
            "There is nothing to undo. Your corrections are kept for the next training.",
        ]
    return "\n".join(lines)


def _rest(comparisons: Sequence[Comparison]) -> str:
    decide = [one for one in comparisons if one.against == "live" and one.role != "shown"]
    lost = [one for one in decide if _lost(one) > 0 and METRICS[one.metric].better != "near one"]
    if not lost:
        return "nothing else got worse"
    return f"nothing else got worse by more than {_points(lost[0].margin)}"


def _lost(comparison: Comparison) -> float:
    """By how much the candidate is worse, below 0 if it is better; of the wanted length, how much farther from it."""
    match METRICS[comparison.metric].better:
        case "lower":
            return comparison.difference
        case "higher":
            return -comparison.difference
        case _:
            return abs(comparison.candidate - 1) - abs(comparison.other - 1)


def _mark(comparison: Comparison) -> tuple[str, str]:
    if not comparison.passed:
        unclear = comparison.metric == metrics.EDIT_DISTANCE and comparison.low <= 0
        return "✗", "not clearly better" if unclear else "worse"
    if comparison.better:
        return ("·" if comparison.role == "shown" else "✓"), "better"
    if comparison.role == "shown":
        return "·", "for information"
    lost = _lost(comparison)
    return "✓", "same" if lost == 0 else "not worse" if lost < 0 else "worse within the margin"


def _change(comparison: Comparison) -> str:
    metric = METRICS[comparison.metric]
    return f"{metric.words}, {_value(metric, comparison.other)} before and {_value(metric, comparison.candidate)} now"


def _learned(learned: LearnedFrom) -> str:
    parts = [
        _count(number, noun)
        for number, noun in (
            (learned.corrections, "correction"),
            (learned.choices, "choice"),
            (learned.thumbs, "thumb"),
            (learned.accepted, "accepted answer"),
        )
        if number
    ]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts) or "no feedback"


def _value(metric: Metric, value: float) -> str:
    return f"{100 * value:.1f} %" if metric.unit == "share" else f"{value:.2f}"


def _difference(metric: Metric, comparison: Comparison) -> str:
    numbers = (comparison.difference, comparison.low, comparison.high)
    if metric.unit == "share":
        middle, low, high = (_signed(100 * number, 1) for number in numbers)
        return f"{middle} points [{low}, {high}]"
    middle, low, high = (_signed(number, 2) for number in numbers)
    return f"{middle} [{low}, {high}]"


def _signed(number: float, decimals: int) -> str:
    text = f"{number:+.{decimals}f}".replace("-", "−")
    return text.lstrip("+−") if not text.strip("+−0.") else text


def _points(share: float) -> str:
    return f"{100 * share:.3g} point{'s' * (share != 0.01)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _padded(cells: Sequence[str], widths: Sequence[int]) -> str:
    metric, *numbers, mark = (
        f"{cell:<{width}}" if column in (0, 4) else f"{cell:>{width}}"
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([metric, *numbers, mark]).rstrip()
