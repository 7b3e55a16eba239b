"""A run's events → how far it is, its curves and its log lines. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from training.schema import Run, RunEvent, RunState
from ui.loop_values import Progress
from ui.render_curves import Chart, Line

_LEARNS_FROM = {"sft": "corrections", "dpo": "preferences", "kto": "thumbs"}
_CHARTS = (
    # title, whether the scale begins at zero, and what the trainer calls its lines
    ("Loss", False, (("training", "loss"), ("validation", "eval_loss"))),
    ("Reward accuracy", True, (("training", "reward_accuracy"), ("validation", "eval_reward_accuracy"))),
    ("Reward margin", True, (("training", "margin"), ("validation", "eval_margin"))),
    ("Learning rate", True, (("latest", "learning_rate"),)),
)
_DOING = {
    RunState.QUEUED: "waiting to begin",
    RunState.PREPARING: "preparing what was said for training",
    RunState.TRAINING: "starting the trainer",
    RunState.EVALUATING: "judging on reports that were kept apart",
    RunState.PROMOTING: "going live",
}


_EXAMPLES = {"examples": "examples", "validation": "for early stopping", "left_out": "too long and left out"}
_COUNTED = {RunState.TRAINING: "metrics", RunState.EVALUATING: "progress"}
"""Which events tell how far a state is."""
_ASKED = {"live": "the live model", "quoting": "quoting"}


def stage_words(stage: str) -> str:
    """`sft+dpo/dpo` → `SFT + DPO, from preferences`."""
    candidate, _, part = stage.rpartition("/")
    return f"{candidate_words(candidate or part)}, from {_LEARNS_FROM.get(part, part)}"


def candidate_words(candidate: str) -> str:
    """`sft+dpo` → `SFT + DPO`."""
    return candidate.upper().replace("+", " + ")


def model_words(model: str) -> str:
    """Whom a run asks while it judges: `the live model`, `quoting`, `SFT + DPO`."""
    return _ASKED.get(model) or candidate_words(model)


def read_progress(run: Run, events: Sequence[RunEvent], *, now: datetime) -> Progress | None:
    """Where a run stands; `None` once it has ended."""
    if run.state.ended:
        return None
    kind = _COUNTED.get(run.state)
    latest = next((event for event in reversed(events) if event.kind == kind), None)
    if latest is None:
        return Progress(doing=_DOING[run.state])
    judging = run.state is RunState.EVALUATING
    left = latest.data.get("seconds_left")
    since = (now - latest.at).total_seconds()
    return Progress(
        doing=f"judging {model_words(latest.stage)}" if judging else f"training {stage_words(latest.stage)}",
        step=latest.data.get("step"),
        steps=latest.data.get("steps"),
        seconds_left=None if left is None else max(0.0, left - since),
    )


def read_charts(events: Iterable[RunEvent]) -> dict[str, list[Chart]]:
    """The curves of each stage, in the order in which they were trained."""
    stages: dict[str, list[RunEvent]] = {}
    for event in events:
        if event.kind == "metrics":
            stages.setdefault(event.stage, []).append(event)
    return {stage_words(stage): _charts(measured) for stage, measured in stages.items()}


def _charts(events: Sequence[RunEvent]) -> list[Chart]:
    charts = (
        Chart(title, [Line(name, _points(events, key)) for name, key in lines], from_zero=from_zero)
        for title, from_zero, lines in _CHARTS
    )
    return [chart for chart in charts if any(line.points for line in chart.lines)]


def _points(events: Sequence[RunEvent], key: str) -> list[tuple[float, float]]:
    """A trainer that was interrupted repeats the steps since its last checkpoint: the later value of a step holds."""
    found: dict[float, float] = {}
    for event in events:
        step, value = event.data.get("step"), event.data.get(key)
        if step is not None and value is not None:
            found[float(step)] = float(value)
    return sorted(found.items())


def read_log(events: Iterable[RunEvent]) -> list[tuple[datetime, str]]:
    """What happened, as lines for people, oldest first."""
    lines = []
    for event in events:
        text = _line(event)
        if text:
            lines.append((event.at, text))
    return lines


def _line(event: RunEvent) -> str:
    where = f"{stage_words(event.stage)}: " if event.stage else ""
    said = str(event.data.get("text") or event.data.get("message") or event.data.get("problem") or "")
    match event.kind:
        case "state":
            state = RunState(event.data["state"])
            return f"{_DOING.get(state, state.value)}{f' ({said})' if said else ''}"
        case "metrics" | "progress":
            return ""
        case "stage":
            return where + ", ".join(f"{event.data.get(key, 0):,} {words}" for key, words in _EXAMPLES.items())
        case _:
            return f"{where}{said}" if said else ""
