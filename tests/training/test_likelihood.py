"""Log-probabilities of given answers, against the model's own logits. The models are tiny and random; texts are invented."""

from pathlib import Path
from typing import Any

import pytest

from assistant.errors import PromptTooLong
from assistant.generation.loading import LoadedModel, load_model
from assistant.generation.rendering import render
from assistant.schema import Message
from tests.assistant.generation.tiny_model import make_tiny_adapter, make_tiny_model
from training.likelihood import likelihood_of, text_likelihoods

QUESTIONS = tuple(
    (Message(role="system", content="Answer briefly."), Message(role="user", content=question))
    for question in ("What is the diagnosis?", "List every abnormal value of this report, one a line.", "Plan?")
)
PAIRS = [
    (QUESTIONS[0], "Acute gout of the left knee."),
    (QUESTIONS[1], "Sodium was 131 mmol/L."),
    (QUESTIONS[0], "Gout."),
    (QUESTIONS[2], "There is no pleural effusion on the left or the right side, and the temperature is 37.9 °C."),
    (QUESTIONS[1], ""),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def llama(folder: Path) -> LoadedModel:
    return load_model(str(folder))


@pytest.fixture(scope="module")
def decoder_of_bert(llama: LoadedModel) -> LoadedModel:
    """The starter's architecture, with absolute positions."""
    import torch
    from transformers import BertGenerationConfig, BertGenerationDecoder

    torch.manual_seed(5)
    config = BertGenerationConfig(
        vocab_size=len(llama.tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=512,
        is_decoder=True,
        initializer_range=0.3,
    )
    return LoadedModel(BertGenerationDecoder(config).eval(), llama.tokenizer, 512)


@pytest.fixture(params=["llama", "decoder_of_bert"])
def loaded(request: pytest.FixtureRequest) -> LoadedModel:
    return request.getfixturevalue(request.param)


def plainly(loaded: LoadedModel, pair: tuple[Any, str]) -> tuple[float, int]:
    """One text alone, all its logits, no trick."""
    import torch

    prompt = render(loaded.tokenizer, pair[0])
    text = loaded.tokenizer.encode(f"{pair[1]}<|end|></s>", add_special_tokens=False)
    with torch.inference_mode():
        logits = loaded.model(input_ids=torch.tensor([prompt + text])).logits[0].log_softmax(-1)
    scores = [float(logits[len(prompt) - 1 + place, token]) for place, token in enumerate(text)]
    return sum(scores), len(text)


def test_they_are_the_models_own(loaded: LoadedModel) -> None:
    for found, pair in zip(text_likelihoods(loaded, PAIRS), PAIRS, strict=True):
        nats, tokens = plainly(loaded, pair)
        assert found.tokens == tokens
        assert found.nats == pytest.approx(nats, abs=1e-3)
        assert found.nats_per_token == pytest.approx(nats / tokens, abs=1e-3)


def test_batches_change_nothing_but_rounding(loaded: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    together = text_likelihoods(loaded, PAIRS)
    monkeypatch.setattr("training.likelihood._MAX_BATCH_TOKENS", 1)
    alone = text_likelihoods(loaded, PAIRS)
    reverse = text_likelihoods(loaded, PAIRS[::-1])[::-1]
    assert [one.nats for one in alone] == pytest.approx([one.nats for one in reverse], abs=1e-3)
    for one, other in zip(together, alone, strict=True):
        assert one.nats == pytest.approx(other.nats, abs=1e-3)


def test_a_model_left_in_training_is_scored_without_dropout_and_left_so(llama: LoadedModel) -> None:
    expected = text_likelihoods(llama, PAIRS[:1])
    llama.model.train()
    try:
        assert text_likelihoods(llama, PAIRS[:1])[0].nats == pytest.approx(expected[0].nats, abs=1e-3)
        assert llama.model.training
    finally:
        llama.model.eval()


def test_an_adapter_makes_other_texts_likely(llama: LoadedModel, folder: Path, tmp_path: Path) -> None:
    adapter = make_tiny_adapter(tmp_path / "a1", folder, seed=3)
    adapted = load_model(str(folder), adapter=str(adapter))
    assert likelihood_of(adapted)(PAIRS[:1])[0].nats != pytest.approx(likelihood_of(llama)(PAIRS[:1])[0].nats, abs=0.1)


def test_a_prompt_that_the_model_cannot_read_is_refused(llama: LoadedModel) -> None:
    small = LoadedModel(llama.model, llama.tokenizer, 16)
    with pytest.raises(PromptTooLong):
        text_likelihoods(small, PAIRS)


def test_of_nothing_there_is_nothing(llama: LoadedModel) -> None:
    assert text_likelihoods(llama, []) == []
