"""SFT by TRL, with the loss that the model itself would give."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import TrainingError
from tests.training.tiny import quick
from training.examples import Examples, load_examples
from training.job import ExampleFiles
from training.lora import load_base, put_adapter
from training.sft import sft_trainer


@pytest.fixture
def loaded(tiny_decoder: Path) -> Any:
    return load_base(str(tiny_decoder), quick())


@pytest.fixture
def examples(loaded: Any, feedback_files: dict[str, ExampleFiles]) -> Examples:
    return load_examples("sft", feedback_files["demonstrations"], tokenizer=loaded.tokenizer, max_tokens=500)


def make(loaded: Any, examples: Examples, folder: Path, **changes: Any) -> Any:
    from transformers import TrainerCallback

    model = put_adapter(loaded.model, start=None, rank=4, seed=1)
    return sft_trainer(
        model, loaded.tokenizer, examples, settings=quick(**changes), folder=folder, seed=3, reporter=TrainerCallback()
    )


def test_trls_loss_is_the_models_own(loaded: Any, examples: Examples, tmp_path: Path) -> None:
    import torch

    trainer = make(loaded, examples, tmp_path)
    batch = trainer.data_collator([trainer.train_dataset[0], trainer.train_dataset[5]])
    trainer.model.eval()
    with torch.no_grad():
        theirs = trainer.compute_loss(trainer.model, dict(batch))
        logits = trainer.model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[:, :-1]
    own = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch["labels"][:, 1:].flatten(), ignore_index=-100)
    assert float(theirs) == pytest.approx(float(own), rel=1e-5)


def test_it_learns_and_keeps_the_best(loaded: Any, examples: Examples, tmp_path: Path) -> None:
    trainer = make(loaded, examples, tmp_path, epochs=4)
    before = trainer.evaluate()["eval_loss"]
    trainer.train()
    after = trainer.evaluate()["eval_loss"]
    assert after < before - 0.5
    assert after == pytest.approx(trainer.state.best_metric, rel=1e-4)


def test_it_stops_where_it_would_only_learn_by_heart(loaded: Any, examples: Examples, tmp_path: Path) -> None:
    others = [row | {"labels": [-100] * 20 + row["input_ids"][20:]} for row in examples.validation]
    trainer = make(loaded, replace(examples, validation=others), tmp_path, epochs=60)
    trainer.train()
    assert trainer.state.global_step < trainer.state.max_steps
    assert trainer.evaluate()["eval_loss"] == pytest.approx(trainer.state.best_metric, rel=1e-4)


def test_dropout_of_the_base_is_off(loaded: Any, examples: Examples, tmp_path: Path) -> None:
    import torch

    trainer = make(loaded, examples, tmp_path)
    batch = trainer.data_collator([trainer.train_dataset[0]])
    trainer.model.train()
    with torch.no_grad():
        twice = [float(trainer.compute_loss(trainer.model, dict(batch))) for _ in range(2)]
    assert twice[0] == pytest.approx(twice[1], rel=1e-5)  # with dropout the second digit differs


def test_a_loss_that_is_no_number_stops_it(loaded: Any, examples: Examples, tmp_path: Path) -> None:
    import torch

    trainer = make(loaded, examples, tmp_path)
    with torch.no_grad():
        for name, weight in trainer.model.named_parameters():
            if "lora_B" in name:
                weight.fill_(float("inf"))
    with pytest.raises(TrainingError, match="step 1 is not a number"):
        trainer.train()


def test_nothing_but_checkpoints_is_written(loaded: Any, examples: Examples, tmp_path: Path) -> None:
    make(loaded, examples, tmp_path, epochs=1).train()
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-2"]
