"""An installation with runs and adapters for the tests of the learning loop's screens. Everything is invented."""

import sys
from pathlib import Path
from typing import Any

from assistant.schema import Answer, AnswerSentence, Message, Mode, Report, Source, Support
from training import metrics, verdict_text
from training.launch import Launcher
from training.schema import Comparison, Method, Run, RunState, Trigger, Verdict
from ui.wiring import Parts


def keep_turn(parts: Parts, number: int = 1, *, rater: str = "doctor", supported: bool = True) -> int:
    """A question about an invented report with its answer, kept; the turn's id."""
    text = f"IMPRESSION: Invented finding {number} of the left lung.\nPLAN: Follow-up in {number} weeks."
    answer = f"Invented finding {number} of the left lung."
    support = Support.SUPPORTED if supported else Support.UNSUPPORTED
    kept = Report(id=f"r-{number}", text=text, patient=f"P-{number:010d}", title=f"Invented {number}")
    conversation = parts.feedback.start_conversation(rater=rater, title=kept.title, report=kept)
    return parts.feedback.add_turn(
        conversation,
        rater=rater,
        question="Summarise this report.",
        mode=Mode.SUMMARIZE,
        answer=Answer(
            text=answer,
            sentences=(AnswerSentence(text=answer, support=support, start=0, end=len(answer)),),
            model_id="quoting",
            prompt_version="1",
            timings_ms={},
            sources=(Source(report_id=kept.id, label="This report", text=text),),
        ),
        messages=(Message(role="user", content=f"Summarise this report.\n\n{text}"),),
        report=kept,
    )


def correct(parts: Parts, number: int, *, rater: str = "doctor") -> int:
    """A turn and its correction; the turn's id."""
    turn_id = keep_turn(parts, number, rater=rater)
    parts.feedback.edit(turn_id, rater=rater, edited_answer=f"Left lung: invented finding {number}. Follow-up.")
    return turn_id


def verdict(*, promote: bool) -> Verdict:
    """A verdict about made-up scores."""
    difference = -0.12 if promote else 0.03
    comparisons = (
        Comparison(
            metric=metrics.EDIT_DISTANCE, against="live", candidate=0.33 + difference, other=0.33, difference=difference,
            low=difference - 0.04, high=difference + 0.03, items=16, role="target", margin=0.02, passed=promote, better=promote,
        ),
        Comparison(
            metric=metrics.EDIT_DISTANCE, against="quoting", candidate=0.21, other=0.4, difference=-0.19, low=-0.25, high=-0.1,
            items=16, role="target", margin=0.02, passed=True, better=True,
        ),
    )  # fmt: skip
    reasons = tuple(verdict_text.why_not(one) for one in comparisons if not one.passed)
    sentence = verdict_text.sentence(comparisons, reasons)
    return Verdict(
        promote=promote, candidate="c", live="starter", sentence=sentence, comparisons=comparisons, reasons=reasons
    )


def run_through(parts: Parts, state: RunState, *, steps: int = 6, **end: Any) -> Run:
    """A run that trained, with its curves, up to `state`."""
    ledger = parts.ledger
    run = ledger.create(method=Method.AUTO, trigger=Trigger.SCHEDULE, base_model="starter", settings={"epochs": 3.0})
    lease = ledger.take(run.id)
    ledger.transition(lease, RunState.PREPARING, counts={"new": 31, "pairs": 30, "set_aside.typo_only": 2})
    ledger.transition(lease, RunState.TRAINING)
    ledger.add_event(lease, "log", {"text": "30 examples"}, stage="sft/sft")
    for step in range(1, steps + 1):
        data = {"step": step, "steps": 6, "loss": 2 / step, "learning_rate": 1e-4, "seconds_left": 60 - step}
        ledger.add_event(lease, "metrics", data, stage="sft/sft")
    return ledger.transition(lease, state, **end) if state is not RunState.TRAINING else ledger.get(run.id)


def scores_of(model_id: str, edit_distance: float) -> dict[str, Any]:
    """What a run keeps of one model's scores, made up."""
    items = {f"turn-{number}": edit_distance for number in range(1, 13)}
    return {"model_id": model_id, "by_metric": {"edit_distance": items}, "seconds": 1.0}


def install_adapter(parts: Parts, name: str) -> None:
    """An adapter's folder with the files that make one; its weights are of no model."""
    source = parts.data_dir / "made" / name
    source.mkdir(parents=True)
    (source / "adapter_config.json").write_text("{}", "utf-8")
    (source / "adapter_model.safetensors").write_bytes(b"weights of no model")
    parts.adapters.install(source, name, base_model="starter")


def start_nothing(parts: Parts) -> Launcher:
    """Let runs begin in a process that ends at once."""
    launcher = Launcher(
        ledger=parts.ledger, command=(sys.executable, "-c", "pass"), base_model="starter", settings=parts.settings.training,
        runs=Path(parts.data_dir) / "runs",
    )  # fmt: skip
    parts.__dict__["launcher"] = launcher
    return launcher
