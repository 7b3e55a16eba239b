"""The planner's counts against published ones, and against the models that transformers builds from the same config."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from training.planning.architectures import DEFAULTS, read_shape
from training.planning.catalogue import catalogue, find_model

PUBLISHED = {
    # Of the hub's model page: the parameters in its safetensors files.
    "mistralai/Mistral-7B-Instruct-v0.3": 7_248_023_552,
    "HuggingFaceH4/zephyr-7b-beta": 7_241_732_096,
    "mistralai/Mixtral-8x7B-Instruct-v0.1": 46_702_792_704,
    "meta-llama/Llama-2-70b-chat-hf": 68_976_648_192,
    "Qwen/Qwen1.5-72B-Chat": 72_287_920_128,
    "google/gemma-7b-it": 8_537_680_896,
    "google/gemma-2-9b-it": 9_241_705_984,
    "google/medgemma-4b-it": 4_300_079_472,
    "google/medgemma-1.5-4b-it": 4_300_079_472,
    "google/medgemma-27b-text-it": 27_009_002_240,
    "google/medgemma-27b-it": 27_432_406_640,
    "Qwen/Qwen3-4B-Instruct-2507": 4_022_468_096,
    "Qwen/Qwen3-8B": 8_190_735_360,
    "Qwen/Qwen3-14B": 14_768_307_200,
    "Qwen/Qwen3-30B-A3B-Instruct-2507": 30_532_122_624,
    "Qwen/Qwen3-32B": 32_762_123_264,
    "Qwen/Qwen2.5-72B-Instruct": 72_706_203_648,
    "microsoft/phi-4": 14_659_507_200,
    "mistralai/Mistral-Small-24B-Instruct-2501": 23_572_403_200,
    "meta-llama/Llama-3.1-8B-Instruct": 8_030_261_248,
    "meta-llama/Llama-3.2-3B-Instruct": 3_212_749_824,
    "meta-llama/Llama-3.3-70B-Instruct": 70_553_706_496,
    # Of the papers: 347 M (Luo et al., 2022) and 110 M (BERT base; cased it has fewer words).
    "microsoft/biogpt": 347_000_000,
    "dmis-lab/biobert-v1.1": 110_000_000,
    "emilyalsentzer/Bio_ClinicalBERT": 110_000_000,
}

SMALL = {"hidden_size": 64, "num_hidden_layers": 6, "num_attention_heads": 8, "vocab_size": 99, "pad_token_id": 0}
GROUPED = {**SMALL, "intermediate_size": 96, "num_key_value_heads": 2, "max_position_embeddings": 128}
VISION = {
    "model_type": "siglip_vision_model", "hidden_size": 32, "image_size": 28, "intermediate_size": 48, "num_attention_heads": 2,
    "num_hidden_layers": 2, "patch_size": 14, "vision_use_head": False,
}  # fmt: skip
EXPERTS = {"num_experts_per_tok": 2, "tie_word_embeddings": False}
FAMILIES: list[tuple[str, dict[str, Any]]] = [
    ("grouped keys and values", {"model_type": "llama", **GROUPED}),
    ("tied embeddings", {"model_type": "llama", **GROUPED, "tie_word_embeddings": True}),
    ("biases everywhere", {"model_type": "llama", **GROUPED, "attention_bias": True, "mlp_bias": True}),
    ("a head's own size", {"model_type": "mistral", **GROUPED, "head_dim": 16, "sliding_window": 32}),
    ("experts", {"model_type": "mixtral", **GROUPED, **EXPERTS, "num_local_experts": 4}),
    ("biases of queries, keys and values", {"model_type": "qwen2", **GROUPED}),
    ("norms of heads", {"model_type": "qwen3", **GROUPED, "head_dim": 16}),
    (
        "norms of heads, and experts",
        {"model_type": "qwen3_moe", **GROUPED, **EXPERTS, "num_experts": 4, "moe_intermediate_size": 24, "head_dim": 16},
    ),
    ("fused matrices", {"model_type": "phi3", **GROUPED, "bos_token_id": 1, "eos_token_id": 2}),
    ("Gemma's heads", {"model_type": "gemma", **GROUPED, "head_dim": 32}),
    ("four norms a layer", {"model_type": "gemma2", **GROUPED, "head_dim": 32}),
    ("windows", {"model_type": "gemma3_text", **GROUPED, "head_dim": 32, "sliding_window": 16}),
    (
        "eyes",
        {
            "model_type": "gemma3", "text_config": {"model_type": "gemma3_text", **GROUPED}, "vision_config": VISION,
            "mm_tokens_per_image": 4, "image_token_index": 98, "boi_token_index": 97, "eoi_token_index": 96,
        },
    ),
    ("learned positions", {"model_type": "biogpt", **SMALL, "intermediate_size": 96, "max_position_embeddings": 64}),
    (
        "an encoder",
        {"model_type": "bert", **SMALL, "intermediate_size": 96, "max_position_embeddings": 64, "type_vocab_size": 2},
    ),
]  # fmt: skip
families = pytest.mark.parametrize("config", [pytest.param(config, id=name) for name, config in FAMILIES])


@contextmanager
def built(config: dict[str, Any]) -> Iterator[Any]:
    """The model on the meta device: shapes without memory."""
    import torch
    from transformers import AutoConfig, AutoModel, AutoModelForCausalLM

    fields = {key: value for key, value in config.items() if key != "model_type"}
    kind = AutoModel if config["model_type"] == "bert" else AutoModelForCausalLM
    with torch.device("meta"):
        yield kind.from_config(AutoConfig.for_model(config["model_type"], **fields))


def entries() -> list[dict[str, Any]]:
    path = Path(__file__).parents[2] / "training" / "planning" / "catalogue.json"
    return json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("name", [pytest.param(known.name, id=known.name) for known in catalogue()])
def test_computed_parameters_are_the_published_ones(name: str) -> None:
    assert find_model(name).shape.parameters == pytest.approx(PUBLISHED[name], rel=0.016)


@families
def test_a_family_is_counted_to_the_parameter(config: dict[str, Any]) -> None:
    with built(config) as model:
        assert read_shape(config).parameters == sum(weight.numel() for weight in model.parameters())


def test_every_model_of_the_catalogue_is_counted_to_the_parameter() -> None:
    for entry in entries():
        with built(entry["config"]) as model:
            assert read_shape(entry["config"]).parameters == sum(weight.numel() for weight in model.parameters()), (
                entry["name"]
            )


@pytest.mark.parametrize("config", [pytest.param(config, id=name) for name, config in FAMILIES if name != "an encoder"])
def test_the_adapter_is_as_large_as_pefts(config: dict[str, Any]) -> None:
    from training.lora import put_adapter

    with built(config) as base:
        base.name_or_path = ""
        model = put_adapter(base, start=None, rank=4, seed=1)
        learning = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    assert read_shape(config).lora_parameters(4) == learning


@families
def test_layers_see_as_far_as_transformers_lets_them(config: dict[str, Any]) -> None:
    from transformers import AutoConfig

    fields = {key: value for key, value in config.items() if key != "model_type"}
    text = AutoConfig.for_model(config["model_type"], **fields).get_text_config()
    window = getattr(text, "sliding_window", None)
    kinds = getattr(text, "layer_types", None)
    if not window or (config["model_type"] in ("qwen2", "qwen3", "qwen3_moe") and not text.use_sliding_window):
        expected: tuple[int | None, ...] = (None,) * text.num_hidden_layers
    elif kinds:
        expected = tuple(window if kind == "sliding_attention" else None for kind in kinds)
    else:
        expected = (window,) * text.num_hidden_layers
    assert read_shape(config).windows == expected


def test_defaults_are_those_of_transformers() -> None:
    from transformers import CONFIG_MAPPING

    ours = {
        "mistral": {"sliding_window"}
    }  # Mistral's configs say null where there is none: absent means the same to us
    for architecture, defaults in DEFAULTS.items():
        theirs = CONFIG_MAPPING[architecture]()
        for field, value in defaults.items():
            if field not in ours.get(architecture, ()):
                assert getattr(theirs, field) == value, (architecture, field)


def test_the_catalogue_says_where_each_config_was_read_and_what_the_model_is_good_for() -> None:
    names = [entry["name"] for entry in entries()]
    assert len(names) == len(set(names)) == len(PUBLISHED)
    for entry in entries():
        assert all(entry[field] for field in ("licence", "good_for", "source", "aliases")), entry["name"]
    aliases = [alias for entry in entries() for alias in entry["aliases"]]
    assert len(aliases) == len(set(aliases))
