"""Learning from single thumbs (Kahneman-Tversky optimisation): no second answer to compare with is needed."""

from pathlib import Path
from random import Random
from typing import Any

from training.dpo import RATE_SHARE
from training.examples import Examples, Row
from training.settings import TrainingSettings
from training.trainer import callbacks, common_arguments, datasets_of, ours, sharded

_LEAST_TOGETHER = 4
"""KTO estimates how far the model has moved from answers put to other prompts of the same forward."""
_MOST_WEIGHT = 8.0
"""Of the rarer kind of thumb, so that a single one does not decide."""


def kto_trainer(
    model: Any,
    tokenizer: Any,
    examples: Examples,
    *,
    settings: TrainingSettings,
    folder: Path,
    seed: int,
    reporter: Any,
    max_tokens: int,
) -> Any:
    """TRL's `KTOTrainer` over tokenised thumbs. The reference is `model` as it comes in, its adapter included.

    `max_tokens` is what the model reads: an answer put to another prompt may be longer together with it, and is cut.
    """
    from trl.trainer.kto_config import KTOConfig
    from trl.trainer.kto_trainer import KTOTrainer

    arguments = common_arguments(
        examples, settings=settings, folder=folder, seed=seed, model=model, least_together=_LEAST_TOGETHER
    )
    arguments["train_sampling_strategy"] = "sequential"  # the batches are made below
    together = arguments["per_device_train_batch_size"]
    up = sum(row["label"] for row in examples.train)
    down = len(examples.train) - up
    batched = Examples(
        train=with_mismatches(examples.train, together, Random(seed)),
        validation=with_mismatches(examples.validation, together, Random(seed)),
        left_out=examples.left_out,
    )
    trainer = ours(KTOTrainer)(
        model=model,
        args=KTOConfig(
            **arguments,
            learning_rate=settings.learning_rate * RATE_SHARE,
            beta=settings.beta,
            desirable_weight=_weight(down, up),
            undesirable_weight=_weight(up, down),
            max_length=max_tokens,
            precompute_ref_log_probs=not sharded(),
        ),
        processing_class=tokenizer,
        callbacks=callbacks(examples, reporter),
        **datasets_of(batched),
    )
    if not sharded():
        model.delete_adapter("ref")
    return trainer


def with_mismatches(rows: list[Row], together: int, random: Random) -> list[Row]:
    """Rows in batches of like length, the batches shuffled, each row with the answer of another one of its batch."""
    ordered = sorted(rows, key=lambda row: row["length"])
    batches = [ordered[start : start + together] for start in range(0, len(ordered), together)]
    whole = [batch for batch in batches if len(batch) == together]
    random.shuffle(whole)
    return [
        {**row, "KL_completion_ids": other["completion_ids"]}
        for batch in [*whole, *(batch for batch in batches if len(batch) < together)]
        for row, other in zip(batch, [batch[-1], *batch[:-1]], strict=True)
    ]


def _weight(others: int, own: int) -> float:
    """At least 1; the rarer kind of thumb counts as much as the other one in all."""
    return min(max(1.0, others / max(own, 1)), _MOST_WEIGHT)
