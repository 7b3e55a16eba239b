"""An adapter put on, trained further, saved and published."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import TrainingError
from training.lora import copy_adapter, load_base, put_adapter, save_adapter, take_off, targets
from training.settings import TrainingSettings


@pytest.fixture
def base(tiny_decoder: Path) -> Any:
    return load_base(str(tiny_decoder), TrainingSettings()).model


def logits(model: Any) -> Any:
    import torch

    with torch.no_grad():
        return model.eval()(torch.arange(5, 15).unsqueeze(0)).logits


def assert_same(found: Any, wanted: Any) -> None:
    """But for the last digits: where a matrix lies in memory may decide how a processor adds it up."""
    import torch

    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


def moved(model: Any) -> Any:
    """The adapter as if it had learnt something."""
    import torch

    torch.manual_seed(4)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.1)
    return model


def test_a_fresh_adapter_changes_nothing_and_alone_learns(base: Any) -> None:
    import torch

    before = logits(base)
    model = put_adapter(base, start=None, rank=4, seed=1)
    assert torch.equal(logits(model), before)
    learning = {name for name, weight in model.named_parameters() if weight.requires_grad}
    assert learning
    assert all("lora_" in name for name in learning)


def test_every_linear_layer_but_the_head_gets_one(base: Any) -> None:
    from torch.nn import Linear

    linear = {name for name, module in base.named_modules() if isinstance(module, Linear) and "lm_head" not in name}
    model = put_adapter(base, start=None, rank=4, seed=1)
    adapted = {name.removesuffix(".lora_A.default") for name, _ in model.get_base_model().named_modules()}
    assert linear <= adapted
    assert sum("lora_A.default" in name for name, _ in model.named_parameters()) == len(linear) == 2 * 6


def test_a_model_in_training_answers_as_it_does_otherwise(tmp_path: Path, tiny_decoder: Path) -> None:
    """BioGPT drops numbers in functions, not in layers: preferences would be compared with noise."""
    import torch
    from transformers import AutoTokenizer, BioGptConfig, BioGptForCausalLM
    from trl.trainer.utils import disable_dropout_in_model

    torch.manual_seed(1)
    config = BioGptConfig(
        vocab_size=400, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
        max_position_embeddings=64, initializer_range=0.2,
    )  # fmt: skip
    BioGptForCausalLM(config).save_pretrained(tmp_path / "base")
    AutoTokenizer.from_pretrained(tiny_decoder).save_pretrained(str(tmp_path / "base"))
    model = load_base(str(tmp_path / "base"), TrainingSettings()).model
    disable_dropout_in_model(model)
    still = logits(model)
    with torch.no_grad():
        assert_same(model.train()(torch.arange(5, 15).unsqueeze(0)).logits, still)


def test_of_a_model_that_sees_images_only_the_part_that_reads_gets_one() -> None:
    from tests.training.test_planner_models import FAMILIES, built

    with built(dict(FAMILIES)["eyes"]) as base:
        language = base.get_decoder().state_dict()
        matrices = {name for name, weight in language.items() if weight.dim() == 2 and "embed" not in name}
        model = put_adapter(base, start=None, rank=4, seed=1)
    adapted = {name for name, weight in model.named_parameters() if weight.requires_grad}
    assert {name.removeprefix("base_model.model.model.language_model.") for name in adapted} == {
        f"{matrix.removesuffix('.weight')}.lora_{part}.default.weight" for matrix in matrices for part in "AB"
    }


@pytest.mark.parametrize(
    ("family", "adapted"),
    [
        pytest.param("grouped keys and values", "all-linear", id="a dense model"),
        pytest.param("experts", ["k_proj", "o_proj", "q_proj", "v_proj"], id="experts, which vLLM cannot load"),
        pytest.param("norms of heads, and experts", ["k_proj", "o_proj", "q_proj", "v_proj"], id="Qwen's experts"),
    ],
)
def test_other_families_get_all_linear_layers_and_no_experts(family: str, adapted: object) -> None:
    from tests.training.test_planner_models import FAMILIES, built

    with built(dict(FAMILIES)[family]) as base:
        assert targets(base) == {"target_modules": adapted}
        model = put_adapter(base, start=None, rank=4, seed=1)
    assert not any("expert" in name or "gate.lora" in name for name, _ in model.named_parameters() if "lora_" in name)


def test_a_saved_adapter_answers_as_it_did(base: Any, tiny_decoder: Path, tmp_path: Path) -> None:
    from peft import PeftModel

    model = moved(put_adapter(base, start=None, rank=4, seed=1))
    wanted = logits(model)
    save_adapter(model, tmp_path / "stages" / "sft", base_model=str(tiny_decoder))
    again = PeftModel.from_pretrained(
        load_base(str(tiny_decoder), TrainingSettings()).model, tmp_path / "stages" / "sft"
    )
    assert_same(logits(again), wanted)


def test_what_is_saved_names_no_path_and_nothing_else(base: Any, tiny_decoder: Path, tmp_path: Path) -> None:
    model = put_adapter(base, start=None, rank=4, seed=1)
    model.add_adapter("ref", model.peft_config["default"])  # as TRL does for preferences
    save_adapter(model, tmp_path / "sft", base_model=str(tiny_decoder))
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "sft",
    ]
    config = json.loads((tmp_path / "sft" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "tiny-decoder"
    assert str(tiny_decoder.parent) not in json.dumps(config)
    assert config["inference_mode"] is True
    assert config["peft_type"] == "LORA"
    assert stat.S_IMODE((tmp_path / "sft").stat().st_mode) == 0o700


def test_training_goes_on_from_an_adapter(base: Any, tiny_decoder: Path, tmp_path: Path) -> None:
    model = moved(put_adapter(base, start=None, rank=4, seed=1))
    wanted = logits(model)
    save_adapter(model, tmp_path / "live", base_model=str(tiny_decoder))
    again = put_adapter(take_off(model), start=tmp_path / "live", rank=16, seed=2)
    assert_same(logits(again), wanted)
    assert any(weight.requires_grad for weight in again.parameters())


def test_the_base_comes_back_as_it_was(base: Any) -> None:
    from trl.trainer.utils import add_fused_lm_head

    before = logits(base)
    model = moved(put_adapter(base, start=None, rank=4, seed=1))
    add_fused_lm_head(model.get_base_model())
    with pytest.raises(AssertionError):
        assert_same(logits(model), before)
    after = take_off(model)
    assert_same(logits(after), before)
    assert "forward" not in vars(after)


def test_an_adapter_of_another_model_is_refused(base: Any, tmp_path: Path) -> None:
    from tests.training.tiny import decoder_config

    config = decoder_config(300)
    config.hidden_size, config.intermediate_size = 32, 64
    from transformers import BertGenerationDecoder

    other = put_adapter(BertGenerationDecoder(config), start=None, rank=4, seed=1)
    save_adapter(other, tmp_path / "other", base_model="other")
    with pytest.raises(TrainingError, match="'other' cannot be trained further"):
        put_adapter(base, start=tmp_path / "other", rank=4, seed=1)


def test_a_damaged_adapter_is_refused(base: Any, tmp_path: Path) -> None:
    model = put_adapter(base, start=None, rank=4, seed=1)
    save_adapter(model, tmp_path / "live", base_model="m")
    (tmp_path / "live" / "adapter_model.safetensors").write_bytes(b"half")
    with pytest.raises(TrainingError, match="START_FROM=base"):
        put_adapter(take_off(model), start=tmp_path / "live", rank=4, seed=1)


def test_an_adapter_is_published_whole(tmp_path: Path) -> None:
    (tmp_path / "stages" / "sft").mkdir(parents=True)
    (tmp_path / "stages" / "sft" / "adapter_config.json").write_text("{}")
    copy_adapter(tmp_path / "stages" / "sft", tmp_path / "adapters" / "sft")
    assert [path.name for path in (tmp_path / "adapters").rglob("*")] == ["sft", "adapter_config.json"]


def test_nf4_is_refused_where_it_cannot_run(tiny_decoder: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA GPU")
    with pytest.raises(TrainingError, match="nf4 needs a CUDA GPU"):
        load_base(str(tiny_decoder), TrainingSettings(quantize="nf4"))
