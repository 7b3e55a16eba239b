"""Each guard lets a sound model through and stops one that would be trained on wrong numbers."""

from pathlib import Path
from typing import Any

import pytest

from assistant.encoder.minilm import default_folder
from assistant.errors import TrainingError
from assistant.schema import Message
from training.guards import check_finite, check_head, check_tokens

PROMPT = [Message(role="user", content="What is found?")]


def batch(vocabulary: int = 300) -> dict[str, Any]:
    """Two rows of 12 and 9 tokens; answers from the fifth on."""
    import torch

    torch.manual_seed(1)
    ids = torch.randint(5, vocabulary, (2, 12))
    attention = torch.ones_like(ids)
    attention[1, 9:] = 0
    labels = ids.masked_fill(attention == 0, -100)
    labels[:, :4] = -100
    return {"input_ids": ids, "attention_mask": attention, "labels": labels}


def with_fused_head(model: Any) -> Any:
    from trl.trainer.utils import add_fused_lm_head

    add_fused_lm_head(model)
    return model.eval()


def bert_with_a_deeper_head() -> Any:
    """A dense layer, GELU and LayerNorm before the vocabulary: the trap that taught us."""
    import torch
    from transformers import BertConfig, BertLMHeadModel

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=300,
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=128,
        is_decoder=True,
        initializer_range=0.2,
    )
    return BertLMHeadModel(config)


def decoder(tiny_decoder: Path) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(str(tiny_decoder))


def test_a_plain_linear_head_passes(tiny_decoder: Path) -> None:
    check_head(with_fused_head(decoder(tiny_decoder)), batch())


def test_a_head_with_layers_of_its_own_is_refused() -> None:
    with pytest.raises(TrainingError, match="BertLMHeadModel's head does more"):
        check_head(with_fused_head(bert_with_a_deeper_head()), batch())


def test_scaled_logits_are_refused(tiny_decoder: Path) -> None:
    model = decoder(tiny_decoder)
    plain = model.forward

    def scaled(*args: Any, **inputs: Any) -> Any:
        out = plain(*args, **inputs)
        out.logits = out.logits * 0.5
        return out

    model.forward = scaled
    with pytest.raises(TrainingError, match="wrong numbers"):
        check_head(with_fused_head(model), batch())


def test_weights_that_are_no_numbers_are_refused(tiny_decoder: Path) -> None:
    import torch

    model = with_fused_head(decoder(tiny_decoder))
    with torch.no_grad():
        model.lm_head.bias.fill_(float("nan"))
    with pytest.raises(TrainingError):
        check_head(model, batch())


def test_the_guard_leaves_the_model_training(tiny_decoder: Path) -> None:
    model = with_fused_head(decoder(tiny_decoder)).train()
    check_head(model, batch())
    assert model.training


def test_a_tokenizer_that_adds_nothing_passes(tiny_decoder: Path) -> None:
    from transformers import AutoTokenizer

    check_tokens(AutoTokenizer.from_pretrained(str(tiny_decoder)), PROMPT, "A clear lung.")


def test_berts_own_tokenizer_is_refused() -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(default_folder()))
    assert tokenizer("lung")["input_ids"][-1] == tokenizer.sep_token_id
    with pytest.raises(TrainingError, match=r"\[CLS\] and \[SEP\]"):
        check_tokens(tokenizer, PROMPT, "A clear lung.")


def test_a_template_that_writes_prompts_differently_is_refused(tiny_decoder: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(tiny_decoder))
    tokenizer.chat_template = tokenizer.chat_template.replace("<|assistant|>{% endif", "<|assistant|>So: {% endif")
    with pytest.raises(TrainingError, match="differently"):
        check_tokens(tokenizer, PROMPT, "A clear lung.")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_stops_training(value: float) -> None:
    import torch

    check_finite(torch.tensor(0.5), step=1)
    with pytest.raises(TrainingError, match="step 7 is not a number"):
        check_finite(torch.tensor(value), step=7)
