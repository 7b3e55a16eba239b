"""Direct preference optimisation: the corrected answer rather than the first one, without going far from the model before.

A small SFT term keeps the chosen answers themselves likely: on preferences alone, models learn to say less.
"""

from pathlib import Path
from typing import Any

from training.examples import Examples
from training.guards import head_difference, tolerance_of, unwrapped
from training.settings import TrainingSettings
from training.shared_prompts import can_share_prompts, share_prompts
from training.trainer import callbacks, common_arguments, datasets_of, ours, sharded

RATE_SHARE = 0.1
"""Of SFT's learning rate: preferences overfit sooner."""
SFT_WEIGHT = 0.2
"""Of the chosen answers' loss per token, beside DPO's. As in The Llama 3 Herd of Models (2024), section 4.1.4."""


def dpo_trainer(
    model: Any,
    tokenizer: Any,
    examples: Examples,
    *,
    settings: TrainingSettings,
    folder: Path,
    seed: int,
    reporter: Any,
) -> Any:
    """TRL's `DPOTrainer` over tokenised pairs. The reference is `model` as it comes in, its adapter included.

    The reference's log-probabilities are computed once, before the first step, and its copy of the adapter is dropped.
    """
    from trl.trainer.dpo_config import DPOConfig
    from trl.trainer.dpo_trainer import DPOTrainer

    class Trainer(ours(DPOTrainer)):
        def _precompute_ref_logps(self, dataset: Any, name: str, batch_size: int) -> Any:
            self.share_prompts_once()
            return super()._precompute_ref_logps(dataset, name, batch_size)

        def share_prompts_once(self) -> None:
            """Between TRL's patch of the forward and its first use."""
            base = unwrapped(self.model)
            if getattr(self, "sharing", None) is None and can_share_prompts(base):
                as_it_was = base.forward
                share_prompts(base)
                first = self.data_collator([self.train_dataset[0]])
                self.sharing = head_difference(self.model, first) <= tolerance_of(self.model)
                if not self.sharing:
                    base.forward = as_it_was

    arguments = common_arguments(examples, settings=settings, folder=folder, seed=seed, model=model)
    trainer: Any = Trainer(
        model=model,
        args=DPOConfig(
            **arguments,
            learning_rate=settings.learning_rate * RATE_SHARE,
            beta=settings.beta,
            loss_type=["sigmoid", "sft"],
            loss_weights=[1.0, SFT_WEIGHT],
            max_length=None,
            precompute_ref_log_probs=not sharded(),
        ),
        processing_class=tokenizer,
        callbacks=callbacks(examples, reporter),
        **datasets_of(examples),
    )
    if not sharded():
        model.delete_adapter("ref")
    return trainer
