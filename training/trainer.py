"""What the three trainers have in common: arguments for this machine, and TRL's classes without what we do not want."""

import importlib.util
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.examples import Examples
from training.guards import check_finite
from training.settings import TrainingSettings

_CPU_TOKENS = 768
"""Of one forward. On a processor a batch gains nothing once the matrices are this large, and padding costs."""
_BIG_PARAMETERS = 1_000_000_000
"""From here on activations are recomputed on a GPU: they would need more memory than the weights."""
_MOST_STEPS_BETWEEN_CHECKPOINTS = 100
_CURVE_POINTS = 200
PATIENCE = 2
"""Evaluations without a better loss before training ends."""


def ours(trainer: type) -> type:
    """TRL's trainer without its reports to the hub and to the terminal, fed token ids, and stopped by a loss that is none."""
    from transformers import PrinterCallback

    class Ours(trainer):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self.remove_callback(PrinterCallback)

        def _send_telemetry(self) -> None:
            """TRL's tells the hub about each run. Nothing leaves this computer."""

        def create_model_card(self, *_: Any, **__: Any) -> None:
            """TRL's would look the base model up; a run writes its own."""

        def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
            return dataset

        def training_step(self, *arguments: Any, **named: Any) -> Any:
            loss = super().training_step(*arguments, **named)
            check_finite(loss, step=self.state.global_step + 1)
            return loss

    return Ours


def processes() -> int:
    """How many train together, as `accelerate launch` says it."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    return os.environ.get("RANK", "0") == "0"


def sharded() -> bool:
    """Whether the model lies in parts on several GPUs: it is then whole nowhere before training."""
    return os.environ.get("ACCELERATE_USE_FSDP", "false").lower() == "true"


def common_arguments(
    examples: Examples, *, settings: TrainingSettings, folder: Path, seed: int, model: Any, least_together: int = 1
) -> dict[str, Any]:
    """Arguments of any of TRL's configs, but for the loss and its learning rate.

    Args:
        folder: for checkpoints.
        least_together: examples that a forward must have.
    """
    import torch

    gpu = torch.cuda.is_available()
    bf16 = gpu and torch.cuda.is_bf16_supported()
    lengths = [row["length"] for row in examples.train]
    share = max(1, settings.batch_size // processes())
    together = together_for(
        lengths, batch=share, limit=settings.tokens_at_once if gpu else _CPU_TOKENS, least=least_together
    )
    steps_an_epoch = math.ceil(len(lengths) / (together * processes()) / max(1, share // together))
    every = min(steps_an_epoch, _MOST_STEPS_BETWEEN_CHECKPOINTS)
    steps = math.ceil(steps_an_epoch * settings.epochs)
    judged = bool(examples.validation)
    return {
        "output_dir": str(folder),
        "num_train_epochs": settings.epochs,
        "per_device_train_batch_size": together,
        "per_device_eval_batch_size": together,
        "gradient_accumulation_steps": max(1, share // together),
        "train_sampling_strategy": "group_by_length" if together * processes() > 1 else "random",
        "length_column_name": "length",
        "remove_unused_columns": False,
        "lr_scheduler_type": "cosine",
        "warmup_steps": steps // 10,
        "max_grad_norm": 1.0,
        "logging_steps": max(1, steps // _CURVE_POINTS),
        "logging_nan_inf_filter": False,
        "eval_strategy": "steps" if judged else "no",
        "eval_steps": every,
        "save_strategy": "steps",
        "save_steps": every,
        "save_total_limit": 2,
        "load_best_model_at_end": judged,
        "metric_for_best_model": "eval_loss",
        "greater_is_better": False,
        "use_cpu": not gpu,
        "bf16": bf16,
        "fp16": gpu and not bf16,
        "activation_checkpointing": gpu and model.num_parameters() >= _BIG_PARAMETERS,
        "dataloader_num_workers": 0,
        "dataloader_pin_memory": gpu,
        "report_to": ["tensorboard"] if importlib.util.find_spec("tensorboard") else [],
        "disable_tqdm": True,
        "seed": seed,
        "data_seed": seed,
    }


def together_for(lengths: Sequence[int], *, batch: int, limit: int, least: int = 1) -> int:
    """How many examples go through the model at once: a divisor of the batch whose tokens stay within a limit on average."""
    mean = sum(lengths) / len(lengths)
    fitting = [size for size in range(least, batch + 1) if batch % size == 0 and size * mean <= limit]
    return max([min(least, max(batch, 1)), *fitting])


def callbacks(examples: Examples, reporter: Any) -> list[Any]:
    from transformers import EarlyStoppingCallback

    return [reporter, *([EarlyStoppingCallback(early_stopping_patience=PATIENCE)] if examples.validation else [])]


def datasets_of(examples: Examples) -> dict[str, Any]:
    """In memory: `datasets` would else keep copies of the examples in its cache folder."""
    from datasets import Dataset

    return {
        "train_dataset": Dataset.from_list(examples.train),
        "eval_dataset": Dataset.from_list(examples.validation) if examples.validation else None,
    }
