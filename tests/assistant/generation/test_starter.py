"""The model that ships: what it is made of, that its traps stay shut, and that the public loader gives it."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import ModelNotFound
from assistant.generation import starter
from assistant.generation.loading import load_model
from assistant.generation.rendering import render
from assistant.prompts.compact import compact_text
from assistant.schema import Message, Mode

REPORT = "IMPRESSION: Pneumonia, 8.1 x 2 cm.\n\nALLERGIES:\nPenicillin."
PROMPT = [{"role": "user", "content": compact_text(Mode.QUESTION, "Allergies?", REPORT)}]
ANSWER = [{"role": "assistant", "content": "Pneumonia, 8.1 x 2 cm.\nPenicillin."}]


@pytest.fixture(scope="module")
def loaded() -> tuple[Any, Any]:
    return starter.load_starter()


def test_what_ships_is_small() -> None:
    shards = sorted(starter.FOLDER.glob("weights-*.safetensors"))
    assert shards
    assert all(shard.stat().st_size <= 15_000_000 for shard in shards)
    assert sum(file.stat().st_size for file in starter.FOLDER.iterdir() if file.is_file()) <= 32_000_000


def test_the_card_says_what_it_was_trained_on() -> None:
    card = (starter.FOLDER / "MODEL_CARD.md").read_text(encoding="utf-8")
    for word in ("CC0", "CC BY", "python -m training.starter", "Limits", "Scores"):
        assert word in card


def test_the_public_loader_knows_it_by_name(loaded: tuple[Any, Any]) -> None:
    found = load_model("starter")
    assert found.context_tokens == starter.POSITIONS == found.model.config.max_position_embeddings
    assert found.model.dtype.is_floating_point
    assert found.tokenizer.eos_token_id == starter.END_ID == found.model.generation_config.eos_token_id


def test_word_vectors_are_those_of_the_dependency_and_shared_with_the_head(loaded: tuple[Any, Any]) -> None:
    model, _ = loaded
    words = model.get_input_embeddings().weight
    assert words.equal(starter.word_vectors())
    assert model.lm_head.decoder.weight.data_ptr() == words.data_ptr()


def test_the_head_is_plain_so_that_trl_computes_the_models_own_loss(loaded: tuple[Any, Any]) -> None:
    import torch

    model, tokenizer = loaded
    ids = torch.tensor([render(tokenizer, [Message(role="user", content="Allergies?")])])
    with torch.inference_mode():
        hidden = model.bert(input_ids=ids).last_hidden_state
        logits = model(input_ids=ids).logits
        head = model.get_output_embeddings()
        assert torch.allclose(hidden @ head.weight.T + head.bias, logits, atol=1e-4)


def test_a_prompt_is_the_exact_beginning_of_prompt_and_answer(loaded: tuple[Any, Any]) -> None:
    _, tokenizer = loaded
    prompt = tokenizer.apply_chat_template(PROMPT, add_generation_prompt=True, tokenize=True, return_dict=True)
    both = tokenizer.apply_chat_template(PROMPT + ANSWER, tokenize=True, return_dict=True)
    asked = prompt["input_ids"]
    assert both["input_ids"][: len(asked)] == asked
    assert asked == render(tokenizer, [Message(role="user", content=PROMPT[0]["content"])])
    assert both["input_ids"][-1] == starter.END_ID


def test_the_template_marks_what_the_assistant_wrote(loaded: tuple[Any, Any]) -> None:
    _, tokenizer = loaded
    both = tokenizer.apply_chat_template(
        PROMPT + ANSWER, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    written = [token for token, own in zip(both["input_ids"], both["assistant_masks"], strict=True) if own]
    assert tokenizer.decode(written).replace(" ", "") == "pneumonia,8.1x2cm.\npenicillin.<|end|>"


def test_nothing_is_put_around_a_text_and_line_breaks_stay_where_they_stood(loaded: tuple[Any, Any]) -> None:
    _, tokenizer = loaded
    encoded = tokenizer(REPORT, return_offsets_mapping=True)
    pieces = [REPORT[start:end] for start, end in encoded["offset_mapping"]]
    assert "".join(pieces) == REPORT.replace(" ", "")
    assert encoded["input_ids"].count(starter.LINE_ID) == REPORT.count("\n")


def test_the_names_that_lora_looks_for_exist(loaded: tuple[Any, Any]) -> None:
    names = {name.rpartition(".")[2] for name, _ in loaded[0].named_modules()}
    assert {"query", "key", "value", "dense"} <= names


def test_it_answers_with_a_cache_as_without(loaded: tuple[Any, Any]) -> None:
    import torch

    model, tokenizer = copy.deepcopy(loaded[0]).double(), loaded[1]  # no two tokens are as good as equal
    ids = torch.tensor([render(tokenizer, [Message(role="user", content=PROMPT[0]["content"])])])
    options: dict[str, Any] = {"attention_mask": torch.ones_like(ids), "max_new_tokens": 8}
    with torch.inference_mode():
        assert model.generate(ids, use_cache=True, **options).equal(model.generate(ids, use_cache=False, **options))


@pytest.mark.parametrize("damage", ["missing", "cut short"])
def test_a_broken_installation_is_told_in_our_words(tmp_path: Path, damage: str) -> None:
    for file in starter.FOLDER.iterdir():
        if file.is_file() and not (damage == "missing" and file.suffix == ".safetensors"):
            data = file.read_bytes()
            (tmp_path / file.name).write_bytes(data[:1_000] if file.suffix == ".safetensors" else data)
    with pytest.raises(ModelNotFound, match="starter"):
        starter.load_starter(tmp_path)


def test_the_configuration_names_a_class_that_transformers_has() -> None:
    config = json.loads((starter.FOLDER / "config.json").read_text(encoding="utf-8"))
    assert config["architectures"] == ["BertGenerationDecoder"]
