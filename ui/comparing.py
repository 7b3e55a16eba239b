"""Two models side by side: what was measured of both on the same questions, or is measured now.

A model is called by the run that made it, `live`, `base` (the model without anything learned) or `quoting`.
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.gpu_serving import beside_chats
from training.folder import RunFolder
from training.gate import judge
from training.run_parts import LIVE, QUOTING
from training.schema import Run, Scores, Verdict
from ui.dry_run import imagine
from ui.shared_gpu import zone_of

if TYPE_CHECKING:
    from ui.wiring import Parts

BASE = "base"
OnProgress = Callable[[str, int, int], None]
"""Told whom is asked, how many questions are answered, and of how many."""


def compare(parts: "Parts", one: str, other: str, *, on_progress: OnProgress) -> Verdict:
    """`one` (in the place of the candidate) against `other` (of the live model). Whether it would be promoted says nothing here.

    Raises:
        RunNotFound, NoSuchAdapter, AdapterBroken, ModelNotFound
        NothingToTrain: Nothing kept compares them, and there is no model here that could be asked.
        ModelRests: Nothing kept compares them, and training needs the GPU.
    """
    first, second = _model(parts, one), _model(parts, other)
    found = _kept(parts, first, second) or _measured(parts, first, second, on_progress)
    return judge(*found, settings=parts.settings.gate, min_eval=parts.settings.training.min_eval)


def _model(parts: "Parts", name: str) -> str:
    """What `live` stands for; a run's name is one. Raises `RunNotFound`."""
    if name == LIVE:
        nothing_learned = QUOTING if parts.settings.generation.backend == "quoting" else BASE
        return parts.adapters.live().name or nothing_learned
    return name if name in (BASE, QUOTING) else parts.ledger.get(name).name


def _kept(parts: "Parts", first: str, second: str) -> tuple[Scores, Scores] | None:
    """The latest scores of both on the same questions."""
    theirs = dict(reversed(list(_scores(parts, second))))
    return next(((mine, theirs[asked]) for asked, mine in _scores(parts, first) if asked in theirs), None)


def _scores(parts: "Parts", model: str) -> Iterator[tuple[str, Scores]]:
    """Which questions, by their hash, and what was measured of a model on them; latest first."""
    for run in parts.ledger.runs(limit=1000):
        kept = _folder(parts, run).read_json("scores.json") or {}
        measured: dict[str, Any] = kept.get("models", {})
        judged_on = kept.get("judged_on", {})
        for name, values in measured.items():
            if _whose(run, name, judged_on.get("live"), values["model_id"]) == model:
                yield judged_on["eval"], Scores(**values)


def _whose(run: Run, name: str, live: str | None, model_id: str) -> str | None:
    """Which model a run calls `live`, `quoting`, or by its candidate's name; a candidate that was not chosen has no name."""
    if name == LIVE:
        return live or (QUOTING if model_id == QUOTING else BASE)
    return QUOTING if name == QUOTING else run.name if name == run.chosen else None


def _measured(parts: "Parts", first: str, second: str, on_progress: OnProgress) -> tuple[Scores, Scores]:
    run, made_of = imagine(parts)
    # Both before either is asked: that takes minutes.
    adapters = {one: None if one in (BASE, QUOTING) else _adapter(parts, one) for one in (first, second)}
    made_of.gather(run)

    def measure(model: str) -> Scores:
        def told(done: int, total: int) -> None:
            check()
            on_progress(model, done, total)

        return made_of.measure(run, model, adapters[model], told)

    with beside_chats(parts.gpu, zone=zone_of(parts.settings)) if parts.gpu else nullcontext(_nothing) as check:
        return measure(first), measure(second)


def _nothing() -> None:
    """There is no training to give way to."""


def _adapter(parts: "Parts", name: str) -> Path:
    """A run's adapter: as it was installed, or else the candidate that its folder still has. Raises `NoSuchAdapter`."""
    run = parts.ledger.get(name)
    candidate = _folder(parts, run).adapter(run.chosen or "none")
    return candidate if name not in parts.adapters.names() and candidate.is_dir() else parts.adapters.path(name)


def _folder(parts: "Parts", run: Run) -> RunFolder:
    return RunFolder(parts.data_dir / "runs" / run.name)
