"""A model by name, or by a config.json of whatever kind."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import InputError
from training.planner import Wish, plan
from training.planning import advice
from training.planning.architectures import read_shape
from training.planning.catalogue import find_model
from training.planning.errors import MissingField, UnknownArchitecture, UnknownModel, UnusableConfig
from training.planning.gpus import KNOWN, read_gpu


@pytest.mark.parametrize("name", ["qwen3-8b", "QWEN/qwen3-8b", "Qwen3-8B"])
def test_models_go_by_short_and_hub_name(name: str) -> None:
    assert find_model(name).name == "Qwen/Qwen3-8B"


def test_an_unknown_model_is_refused_with_what_is_near() -> None:
    with pytest.raises(UnknownModel, match=r"did you mean .*Qwen/Qwen3-8B"):
        find_model("qwen3-9b")


def write_config(folder: Path, **config: Any) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps(config), "utf-8")
    return path


LLAMA = {
    "model_type": "llama", "vocab_size": 1000, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
    "num_attention_heads": 8, "num_key_value_heads": 2, "max_position_embeddings": 2048,
}  # fmt: skip


def test_a_config_or_its_folder_is_enough(tmp_path: Path) -> None:
    path = write_config(tmp_path, **LLAMA)
    assert find_model(str(path)).shape == find_model(str(tmp_path)).shape == read_shape(LLAMA)


@pytest.mark.parametrize(
    ("config", "error", "said"),
    [
        pytest.param(
            {"model_type": "mamba"}, UnknownArchitecture, "'mamba'.*which matrices.*It knows bert", id="unknown"
        ),
        pytest.param({"hidden_size": 64}, UnknownArchitecture, "without `model_type`", id="no architecture"),
        pytest.param({**LLAMA, "hidden_size": None}, MissingField, "lacks 'hidden_size'", id="a size is missing"),
        pytest.param(
            {**LLAMA, "num_hidden_layers": "2"}, MissingField, "'num_hidden_layers'", id="a size is no number"
        ),
        pytest.param(
            {**LLAMA, "quantization_config": {"bits": 4}}, UnusableConfig, "quantised already", id="quantised"
        ),
        pytest.param(
            {"model_type": ["llama"]}, UnknownArchitecture, "without `model_type`", id="several architectures"
        ),
        pytest.param(
            {**LLAMA, "model_type": "deepseek_v3", "kv_lora_rank": 512},
            UnknownArchitecture,
            "'deepseek_v3'",
            id="latent attention",
        ),
        pytest.param(
            {**LLAMA, "num_hidden_layers": 10**9},
            MissingField,
            "'num_hidden_layers'",
            id="more layers than there is memory",
        ),
        pytest.param({**LLAMA, "hidden_size": 10**400}, MissingField, "'hidden_size'", id="more than a float holds"),
        pytest.param(
            {"model_type": "gemma3", "text_config": {**LLAMA, "quantization_config": {"bits": 4}}},
            UnusableConfig,
            "quantised already",
            id="quantised in a part",
        ),
        pytest.param({"model_type": "gemma3", "vision_config": {}}, MissingField, "'text_config'", id="half a model"),
    ],
)
def test_a_config_that_cannot_be_counted_says_what_is_missing(
    config: dict[str, Any], error: type[Exception], said: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=said):
        find_model(str(write_config(tmp_path, **config)))


@pytest.mark.parametrize("junk", [None, "8", [8], {}, -1, 0, 1.5, True, 10**30], ids=repr)
@pytest.mark.parametrize(
    "field", ["num_key_value_heads", "head_dim", "sliding_window", "layer_types", "vocab_size", "tie_word_embeddings"]
)
def test_a_damaged_config_is_planned_or_refused_but_never_breaks(field: str, junk: object) -> None:
    config = {**LLAMA, "model_type": "qwen3", "use_sliding_window": True, field: junk}
    try:
        shape = read_shape(config)
    except InputError:
        return
    assert shape.parameters > 0
    assert len(shape.windows) == shape.layers


@pytest.mark.parametrize(
    "text", ["", "no json", "[1]", '"x"', "null", "\udcff", "[" * 100_000, '{"a":' * 100_000, " " * 1_000_001],
    ids=["empty", "words", "a list", "a string", "null", "not UTF-8", "lists in lists", "objects in objects", "a megabyte"],
)  # fmt: skip
def test_a_file_that_is_no_config_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UnusableConfig):
        find_model(str(tmp_path))


@pytest.mark.parametrize("name", ["", "x" * 5000, "a\0b", "~nobody-of-this-name/model", "/dev/zero"], ids=repr)
def test_what_is_no_path_is_an_unknown_model(name: str) -> None:
    with pytest.raises(UnknownModel, match="neither in the catalogue") as told:
        find_model(name)
    assert len(str(told.value)) < 700


def test_a_folder_without_a_config_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnusableConfig, match="no such file"):
        find_model(str(tmp_path))


def test_a_config_is_known_by_the_folder_that_an_engine_would_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a model"
    folder.mkdir()
    write_config(folder, **LLAMA)
    monkeypatch.chdir(folder)
    assert find_model("config.json").name == find_model(".").name == str(folder)
    vllm = advice.vllm(plan(find_model("config.json"), Wish(gpu=read_gpu("24GB")))) or ""
    assert shlex.split(vllm)[3] == str(folder)


def test_a_model_that_reads_too_little_is_not_planned(tmp_path: Path) -> None:
    found = plan(
        find_model(str(write_config(tmp_path, **LLAMA | {"max_position_embeddings": 255}))), Wish(gpu=KNOWN[0])
    )
    assert not found.fits
    assert advice.environment(found) == ()
    assert "reads 255 tokens at most" in advice.sentence(found)
