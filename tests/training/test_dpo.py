"""DPO by TRL: against the model before this stage, at half the work."""

import math
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import TrainingError
from tests.training.test_lora import logits, moved
from tests.training.tiny import quick
from training.dpo import SFT_WEIGHT, dpo_trainer
from training.examples import Examples, load_examples
from training.guards import check_head, check_reference
from training.job import ExampleFiles
from training.lora import load_base, put_adapter, save_adapter, take_off


@pytest.fixture
def loaded(tiny_decoder: Path) -> Any:
    return load_base(str(tiny_decoder), quick())


@pytest.fixture
def examples(loaded: Any, feedback_files: dict[str, ExampleFiles]) -> Examples:
    return load_examples("dpo", feedback_files["preferences"], tokenizer=loaded.tokenizer, max_tokens=500)


def make(loaded: Any, examples: Examples, folder: Path, *, start: Path | None = None, **changes: Any) -> Any:
    from transformers import TrainerCallback

    model = put_adapter(loaded.model, start=start, rank=4, seed=1)
    return dpo_trainer(
        model, loaded.tokenizer, examples, settings=quick(**changes), folder=folder, seed=3, reporter=TrainerCallback()
    )


@pytest.fixture
def start(loaded: Any, tmp_path: Path) -> Path:
    """An adapter that differs from the base, as after SFT."""
    model = moved(put_adapter(loaded.model, start=None, rank=4, seed=1))
    save_adapter(model, tmp_path / "sft", base_model="m")
    take_off(model)
    return tmp_path / "sft"


@pytest.mark.parametrize("beginning", ["the base", "an adapter"])
def test_the_first_loss_is_ln_2_and_nothing_is_rewarded(
    beginning: str, loaded: Any, examples: Examples, start: Path, tmp_path: Path
) -> None:
    import torch

    trainer = make(loaded, examples, tmp_path / "dpo", start=start if beginning == "an adapter" else None)
    batch = trainer.data_collator([trainer.train_dataset[place] for place in range(4)])
    trainer.model.eval()
    with torch.no_grad():
        loss = float(trainer.compute_loss(trainer.model, dict(batch)))
        chosen = {name: batch[name][:4] for name in ("input_ids", "attention_mask")}
        said = chosen["input_ids"].masked_fill(batch["completion_mask"][:4] == 0, -100)
        nll = torch.nn.functional.cross_entropy(
            trainer.model(**chosen).logits[:, :-1].flatten(0, 1), said[:, 1:].flatten(), ignore_index=-100
        )
    assert loss - SFT_WEIGHT * float(nll) == pytest.approx(math.log(2), abs=1e-4)
    for name in ("rewards/chosen", "rewards/rejected", "rewards/margins"):
        assert trainer._metrics["eval"][name] == pytest.approx([0.0], abs=1e-5)


def test_the_reference_is_the_model_before_this_stage(
    loaded: Any, examples: Examples, start: Path, tmp_path: Path
) -> None:
    trainer = make(loaded, examples, tmp_path / "dpo", start=start)
    batch = trainer.data_collator([trainer.train_dataset[0]])
    check_head(trainer.model, batch)
    check_reference(trainer, batch)
    moved(trainer.model)
    batch["ref_chosen_logps"] += 3.0
    with pytest.raises(TrainingError, match="not the model before training"):
        check_reference(trainer, batch)


def test_no_copy_of_the_adapter_is_kept_or_saved(loaded: Any, examples: Examples, start: Path, tmp_path: Path) -> None:
    trainer = make(loaded, examples, tmp_path / "dpo", start=start, epochs=1)
    assert list(trainer.model.peft_config) == ["default"]
    trainer.train()
    saved = {path.name for path in (tmp_path / "dpo").glob("checkpoint-*/*")}
    assert "adapter_model.safetensors" in saved
    assert not saved & {"ref", "default"}


def test_prompts_are_shared_and_the_reference_agrees_with_trls_own(
    loaded: Any, examples: Examples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = make(loaded, examples, tmp_path / "ours")
    assert shared.sharing
    ours = shared.train_dataset["ref_chosen_logps"], shared.train_dataset["ref_rejected_logps"]
    take_off(shared.model)
    monkeypatch.setattr("training.dpo.can_share_prompts", lambda model: False)
    alone = make(loaded, examples, tmp_path / "theirs")
    assert not getattr(alone, "sharing", False)
    assert ours[0] == pytest.approx(alone.train_dataset["ref_chosen_logps"], rel=1e-4)
    assert ours[1] == pytest.approx(alone.train_dataset["ref_rejected_logps"], rel=1e-4)


def test_it_learns_to_prefer(loaded: Any, examples: Examples, tmp_path: Path) -> None:
    import torch

    before = logits(loaded.model)
    trainer = make(loaded, examples, tmp_path, epochs=4)
    trainer.train()
    scores = trainer.evaluate()
    assert scores["eval_rewards/accuracies"] == 1.0
    assert scores["eval_rewards/margins"] > 0.1
    assert not torch.equal(logits(trainer.model), before)
