"""Supervised fine-tuning: the clinicians' final answers as what should have been written."""

from pathlib import Path
from typing import Any

from training.examples import Examples
from training.settings import TrainingSettings
from training.trainer import callbacks, common_arguments, datasets_of, ours


def sft_trainer(
    model: Any,
    tokenizer: Any,
    examples: Examples,
    *,
    settings: TrainingSettings,
    folder: Path,
    seed: int,
    reporter: Any,
) -> Any:
    """TRL's `SFTTrainer` over tokenised demonstrations. Only answers are learnt: prompts carry no label."""
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer
    from trl.trainer.utils import disable_dropout_in_model

    disable_dropout_in_model(model)  # as TRL does it for preferences: one model, one behaviour
    arguments = common_arguments(examples, settings=settings, folder=folder, seed=seed, model=model)
    return ours(SFTTrainer)(
        model=model,
        args=SFTConfig(**arguments, learning_rate=settings.learning_rate, max_length=None),
        processing_class=tokenizer,
        callbacks=callbacks(examples, reporter),
        **datasets_of(examples),
    )
