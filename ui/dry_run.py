"""A run that is only imagined: what it would learn from, and how its models answer."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assistant.errors import TrainingError
from training.schema import Run, RunState, Trigger

if TYPE_CHECKING:
    from training.worker import RunParts
    from ui.wiring import Parts


class NothingToTrain(TrainingError):
    def __init__(self) -> None:
        super().__init__(
            "there is no model here to train: answers come from a server, or the settings name an adapter; "
            "name the weights that the server serves in CURBSIDE_TRAINING__BASE_MODEL, or start Curbside with --model, and without --adapter"
        )


def imagine(parts: "Parts", *, since: datetime | None = None) -> "tuple[Run, RunParts]":
    """A run as it would begin now, and what it would be made of. Nothing is written, begun or loaded.

    Raises:
        NothingToTrain
    """
    from training.models import Models
    from training.worker import RunParts

    if not parts.is_trainable:
        raise NothingToTrain
    settings, base_model = parts.settings, parts.base_model
    assert base_model is not None
    told = settings.training.model_dump(mode="json") | ({"since": since.isoformat()} if since else {})
    run = Run(
        id=0,
        name="none",
        state=RunState.QUEUED,
        method=settings.training.method,
        trigger=Trigger.PERSON,
        base_model=base_model,
        started_from=None,
        settings=told,
        created_at=datetime.now(UTC),
    )
    return run, RunParts(
        store=parts.feedback,
        adapters=parts.adapters,
        promoter=parts.promoter,
        deidentifier=parts.deidentifier,
        split_key=parts.keys.split,
        models=Models(base_model, settings.generation, settings.training),
        gate=settings.gate,
        grounding=settings.grounding,
        quotes_until_learnt=False,
    )
