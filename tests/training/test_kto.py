"""KTO by TRL: single thumbs, weighed, against the model before."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.training.tiny import quick
from training.examples import load_examples
from training.guards import check_head, check_reference
from training.job import ExampleFiles
from training.kto import kto_trainer, with_mismatches
from training.lora import load_base, put_adapter


@pytest.fixture
def trainer(tiny_decoder: Path, feedback_files: dict[str, ExampleFiles], tmp_path: Path) -> Any:
    from transformers import TrainerCallback

    loaded = load_base(str(tiny_decoder), quick())
    examples = load_examples("kto", feedback_files["thumbs"], tokenizer=loaded.tokenizer, max_tokens=500)
    model = put_adapter(loaded.model, start=None, rank=4, seed=1)
    return kto_trainer(
        model,
        loaded.tokenizer,
        examples,
        settings=quick(epochs=4),
        folder=tmp_path,
        seed=3,
        reporter=TrainerCallback(),
        max_tokens=loaded.context_tokens,
    )


def test_before_training_nothing_is_rewarded(trainer: Any) -> None:
    import torch

    batch = trainer.data_collator([trainer.train_dataset[place] for place in range(4)])
    check_head(trainer.model, batch)
    check_reference(trainer, batch)
    trainer.model.eval()
    with torch.no_grad():
        trainer.compute_loss(trainer.model, dict(batch))
    rewards = {name: value for name, value in trainer._metrics["eval"].items() if name.startswith("rewards/")}
    assert set(rewards) == {"rewards/chosen", "rewards/rejected", "rewards/margins"}
    assert all(value == pytest.approx([0.0], abs=1e-5) for value in rewards.values())


def test_it_learns_from_thumbs(trainer: Any) -> None:
    trainer.train()
    assert trainer.evaluate()["eval_rewards/margins"] > 0.05
    assert list(trainer.model.peft_config) == ["default"]


def test_the_rarer_thumb_counts_as_much(trainer: Any) -> None:
    down = list(trainer.train_dataset["label"]).count(False)
    assert trainer.args.desirable_weight == 1.0
    assert trainer.args.undesirable_weight == pytest.approx((8 - down) / down)


def row(number: int) -> dict[str, Any]:
    return {"prompt_ids": [number], "completion_ids": [number], "length": number % 5, "label": True}


def test_each_answer_is_also_put_to_another_prompt_of_its_batch() -> None:
    rows = with_mismatches([row(number) for number in range(10)], 4, Random(1))
    assert len(rows) == 10
    for start in (0, 4, 8):
        batch = rows[start : start + 4]
        assert [one["KL_completion_ids"] for one in batch] == [
            one["completion_ids"] for one in [batch[-1], *batch[:-1]]
        ]
        assert max(one["length"] for one in batch) - min(one["length"] for one in batch) <= 3
