"""A merged model against base and adapter, on small models with random weights."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import InputError, ModelOutOfMemory
from assistant.generation.loading import load_model
from assistant.generation.starter import NAME as STARTER
from tests.assistant.generation.tiny_model import make_tiny_adapter, make_tiny_model
from training.export_model import NotExportable, export_merged


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_tiny_model(tmp_path_factory.mktemp("models") / "invented-base")
    (folder / "README.md").write_text("---\nlanguage: en\nlicense: invented-1.0\n---\n# A base\n")
    return folder


@pytest.fixture(scope="module")
def adapter(base: Path) -> Path:
    return make_tiny_adapter(base.parent / "2026-11-21-r7", base, seed=3)


def logits(folder: Path, adapter: Path | None = None) -> Any:
    import torch

    loaded = load_model(str(folder), adapter=str(adapter) if adapter else None, as_stored=True)
    ids = torch.tensor([loaded.tokenizer.encode("The temperature was 37.9 and the lungs are clear.")])
    with torch.no_grad():
        return loaded.model(input_ids=ids).logits.float()


def in_half_precision(base: Path, folder: Path) -> Path:
    import torch
    from transformers import AutoModelForCausalLM

    shutil.copytree(base, folder)
    model: Any = AutoModelForCausalLM.from_pretrained(base)
    model.to(torch.bfloat16).save_pretrained(folder)
    return folder


def test_the_merged_model_answers_as_base_and_adapter_do(base: Path, adapter: Path, tmp_path: Path) -> None:
    made = export_merged(base_model=str(base), adapter=adapter, folder=tmp_path / "merged")
    wanted, plain, found = logits(base, adapter), logits(base), logits(tmp_path / "merged")
    assert (found - wanted).abs().max() < 1e-3 * wanted.abs().max()
    assert (plain - wanted).abs().max() > 0.05 * wanted.abs().max()
    assert made.dtype == "float32"
    assert made.difference < 1e-4 < 0.05 < made.effect


def test_the_folder_is_whole_and_tells_of_no_machine(base: Path, adapter: Path, tmp_path: Path) -> None:
    made = export_merged(base_model=str(base), adapter=adapter, folder=tmp_path / "merged")
    names = {path.name for path in made.folder.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "chat_template.jinja", "README.md"} <= names
    assert load_model(str(made.folder)).tokenizer.chat_template == load_model(str(base)).tokenizer.chat_template
    card = (made.folder / "README.md").read_text()
    assert "license: invented-1.0" in card
    assert "base_model: invented-base" in card
    texts = "".join(path.read_text() for path in made.folder.iterdir() if path.suffix in (".json", ".md", ".jinja"))
    assert str(base.parent) not in texts
    assert json.loads((made.folder / "config.json").read_text())["architectures"] == ["LlamaForCausalLM"]
    assert [path.name for path in tmp_path.iterdir()] == ["merged"]


def test_half_precision_stays_half_precision(base: Path, adapter: Path, tmp_path: Path) -> None:
    half = in_half_precision(base, tmp_path / "half")
    made = export_merged(base_model=str(half), adapter=adapter, folder=tmp_path / "merged")
    assert made.dtype == "bfloat16"
    assert 0 < made.difference < 0.05
    assert made.size_bytes < 0.7 * sum(path.stat().st_size for path in base.iterdir())


def test_the_starter_can_be_merged(tmp_path: Path) -> None:
    import torch
    from peft import LoraConfig, get_peft_model

    loaded = load_model(STARTER)
    torch.manual_seed(1)
    config = LoraConfig(r=2, target_modules=["query", "dense"], init_lora_weights=False)
    get_peft_model(loaded.model, config).save_pretrained(str(tmp_path / "r1"))
    made = export_merged(base_model=STARTER, adapter=tmp_path / "r1", folder=tmp_path / "merged")
    assert made.difference < 1e-3 < made.effect
    assert "license: apache-2.0" in (made.folder / "README.md").read_text()


def test_a_folder_that_holds_something_is_left_alone(base: Path, adapter: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(InputError, match="not an empty folder"):
        export_merged(base_model=str(base), adapter=adapter, folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_quantised_base_is_refused_with_the_way_out(base: Path, adapter: Path, tmp_path: Path) -> None:
    shutil.copytree(base, tmp_path / "awq")
    config = json.loads((base / "config.json").read_text()) | {
        "quantization_config": {"quant_method": "awq", "bits": 4}
    }
    (tmp_path / "awq" / "config.json").write_text(json.dumps(config))
    with pytest.raises(NotExportable, match=r"quantised \(awq\).*--base"):
        export_merged(base_model=str(tmp_path / "awq"), adapter=adapter, folder=tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_an_adapter_of_another_base_leaves_nothing_behind(base: Path, adapter: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(adapter, tmp_path / "broken")
    (broken / "adapter_model.safetensors").write_bytes(b"weights of no model")
    with pytest.raises(NotExportable, match=r"adapter broken .* --base, or export another run"):
        export_merged(base_model=str(base), adapter=broken, folder=tmp_path / "merged")
    assert [path.name for path in tmp_path.iterdir()] == ["broken"]


def without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def with_a_damaged_config(folder: Path) -> None:
    (folder / "config.json").write_text("{")


@pytest.mark.parametrize("damage", [shutil.rmtree, without_weights, with_a_damaged_config])
def test_a_base_that_is_not_whole_is_said_with_the_option_that_names_another(
    base: Path, adapter: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    damage(shutil.copytree(base, tmp_path / "moved-away"))
    with pytest.raises(NotExportable, match=r"moved-away cannot be exported: .* with --base") as told:
        export_merged(base_model=str(tmp_path / "moved-away"), adapter=adapter, folder=tmp_path / "merged")
    assert "CURBSIDE_GENERATION__MODEL" not in str(told.value)
    assert not (tmp_path / "merged").exists()


def test_too_little_memory_is_said_without_settings_of_the_chat(
    base: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object, **__: object) -> None:
        raise ModelOutOfMemory(device="cpu")

    monkeypatch.setattr("training.export_model.load_model", load)
    with pytest.raises(NotExportable, match=r"main memory .* larger computer"):
        export_merged(base_model=str(base), adapter=adapter, folder=tmp_path / "merged")


def test_how_images_are_prepared_and_the_terms_go_along(base: Path, adapter: Path, tmp_path: Path) -> None:
    sees = shutil.copytree(base, tmp_path / "sees")
    (sees / "preprocessor_config.json").write_text('{"image_mean": [0.5]}')
    (sees / "LICENSE.txt").write_text("Invented terms.")
    (sees / "notes.txt").write_text("Nobody asked for these.")
    export_merged(base_model=str(sees), adapter=adapter, folder=tmp_path / "merged")
    assert (tmp_path / "merged" / "preprocessor_config.json").read_text() == '{"image_mean": [0.5]}'
    assert (tmp_path / "merged" / "LICENSE.txt").read_text() == "Invented terms."
    assert not (tmp_path / "merged" / "notes.txt").exists()


def test_a_model_that_answers_otherwise_is_not_written(
    base: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a library that loses the adapter on the way would leave it."""
    from peft import PeftModel

    monkeypatch.setattr(PeftModel, "merge_and_unload", lambda self, **_: self.unload(), raising=False)
    with pytest.raises(NotExportable, match="logits differ"):
        export_merged(base_model=str(base), adapter=adapter, folder=tmp_path / "merged")
    assert list(tmp_path.iterdir()) == []
