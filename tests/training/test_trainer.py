"""What TRL's trainers are told on this machine."""

from pathlib import Path
from typing import Any

import pytest

from training.examples import Examples
from training.settings import TrainingSettings
from training.trainer import common_arguments, ours, together_for


@pytest.mark.parametrize(
    ("lengths", "together"),
    [
        pytest.param([600] * 20, 1, id="long examples go one by one, without padding"),
        pytest.param([90] * 20, 8, id="short ones together"),
        pytest.param([300] * 20, 2, id="a divisor of the batch"),
    ],
)
def test_how_many_go_through_the_model_at_once(lengths: list[int], together: int) -> None:
    assert together_for(lengths, batch=8, limit=768) == together


def test_kto_needs_several_at_once() -> None:
    assert together_for([600] * 20, batch=8, limit=768, least=4) == 4
    assert together_for([600] * 20, batch=2, limit=768, least=4) == 2


def arguments(count: int, *, validation: int = 2, **settings: Any) -> dict[str, Any]:
    class Model:
        def num_parameters(self) -> int:
            return 10**10

    rows = [{"length": 600}] * count
    examples = Examples(train=rows, validation=rows[:validation], left_out=0)
    return common_arguments(examples, settings=TrainingSettings(**settings), folder=Path("out"), seed=7, model=Model())


def test_a_batch_is_made_of_small_steps_on_a_processor() -> None:
    given = arguments(24, batch_size=8, epochs=3)
    assert given["per_device_train_batch_size"] * given["gradient_accumulation_steps"] == 8
    assert given["eval_steps"] == given["save_steps"] == 3
    assert given["logging_steps"] == 1
    assert given["load_best_model_at_end"]


def test_without_a_validation_split_the_last_weights_count() -> None:
    given = arguments(24, validation=0)
    assert given["eval_strategy"] == "no"
    assert not given["load_best_model_at_end"]


def test_a_processor_neither_halves_precision_nor_computes_twice() -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA GPU")
    given = arguments(24)
    assert given["use_cpu"]
    assert not (given["bf16"])
    assert not (given["fp16"])
    assert not (given["activation_checkpointing"])
    assert not (given["dataloader_num_workers"])


def test_a_loss_that_is_no_number_is_not_hidden() -> None:
    assert arguments(24)["logging_nan_inf_filter"] is False


def test_long_trainings_are_saved_on_the_way() -> None:
    given = arguments(5000, batch_size=8)
    assert given["save_steps"] == 100
    assert given["save_total_limit"] == 2


def test_trl_still_has_what_is_silenced() -> None:
    """A method that TRL renames would report to the hub again without a word."""
    from trl.trainer.dpo_trainer import DPOTrainer
    from trl.trainer.kto_trainer import KTOTrainer
    from trl.trainer.sft_trainer import SFTTrainer

    for trainer in (SFTTrainer, DPOTrainer, KTOTrainer):
        for name in ("_send_telemetry", "create_model_card", "_prepare_dataset"):
            assert hasattr(trainer, name)
            assert getattr(ours(trainer), name) is not getattr(trainer, name)
