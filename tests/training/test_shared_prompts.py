"""Less work, the same numbers: against TRL's own computation, values and gradients."""

from pathlib import Path
from typing import Any

import pytest

from tests.assistant.generation.tiny_model import make_tiny_model
from training.shared_prompts import answers_only, can_share_prompts, share_prompts, shared_batch

OUTPUTS = ("log_probs", "entropy", "mean_logits", "is_top1")


@pytest.fixture(scope="module")
def tiny_llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny-llama")


def pairs(*sizes: tuple[int, int, int]) -> dict[str, Any]:
    """Random pairs of (prompt, chosen, rejected) tokens in TRL's layout."""
    import torch

    torch.manual_seed(2)
    prompts = [torch.randint(10, 200, (size[0],)) for size in sizes]
    rows, labels = [], []
    for answer in (1, 2):
        for prompt, size in zip(prompts, sizes, strict=True):
            said = torch.randint(10, 200, (size[answer],))
            rows.append(torch.cat([prompt, said]))
            labels.append(torch.cat([torch.full_like(prompt, -100), said]))
    pad = torch.nn.utils.rnn.pad_sequence
    return {
        "input_ids": pad(rows, batch_first=True),
        "attention_mask": pad([torch.ones_like(row) for row in rows], batch_first=True),
        "labels": pad(labels, batch_first=True, padding_value=-100),
    }


def load(folder: Path, *, attention: str = "sdpa") -> Any:
    from transformers import AutoModelForCausalLM
    from trl.trainer.utils import add_fused_lm_head

    model = AutoModelForCausalLM.from_pretrained(str(folder), attn_implementation=attention).eval()
    add_fused_lm_head(model, outputs=OUTPUTS)
    return model


def run(model: Any, inputs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Outputs, and the gradients of a loss that weighs the rows differently."""
    import torch

    model.zero_grad()
    out = model(**inputs, fused_lm_head=True)
    weights = torch.linspace(-1, 1, out.log_probs.shape[0]).unsqueeze(1)
    (out.log_probs * weights).sum().backward()
    return out, {name: weight.grad.clone() for name, weight in model.named_parameters() if weight.grad is not None}


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("family", ["decoder", "llama"])
@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param([(20, 5, 9)], id="one pair"),
        pytest.param([(20, 5, 9), (31, 1, 4), (3, 12, 2), (1, 2, 2)], id="several pairs of other lengths"),
    ],
)
def test_a_shared_prompt_changes_no_number(
    sizes: list[tuple[int, int, int]], family: str, attention: str, tiny_decoder: Path, tiny_llama: Path
) -> None:
    import torch

    folder = tiny_decoder if family == "decoder" else tiny_llama
    inputs = pairs(*sizes)
    theirs, their_gradients = run(load(folder, attention=attention), inputs)
    model = load(folder, attention=attention)
    share_prompts(model)
    assert can_share_prompts(model)
    ours, gradients = run(model, inputs)
    for name in OUTPUTS[:3]:
        torch.testing.assert_close(getattr(ours, name), getattr(theirs, name), rtol=1e-4, atol=1e-4)
    assert torch.equal(ours.is_top1, theirs.is_top1)
    assert torch.equal(ours.label_mask, theirs.label_mask)
    assert gradients.keys() == their_gradients.keys()
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient, their_gradients[name], rtol=1e-3, atol=1e-4)


def test_the_prompt_is_run_once(tiny_decoder: Path) -> None:
    inputs = pairs((40, 5, 9), (30, 4, 4))
    shared = shared_batch(inputs["input_ids"], inputs["attention_mask"], inputs["labels"])
    assert shared is not None
    assert shared.input_ids.shape == (2, 39 + 1 + 5 + 1 + 9)
    assert inputs["input_ids"].numel() == 4 * 49


def test_rows_with_other_prompts_are_left_to_trl(tiny_decoder: Path) -> None:
    import torch

    inputs = pairs((20, 5, 9))
    inputs["input_ids"][1, 3] += 1
    assert shared_batch(inputs["input_ids"], inputs["attention_mask"], inputs["labels"]) is None
    one = {name: value[:1] for name, value in inputs.items()}
    assert shared_batch(one["input_ids"], one["attention_mask"], one["labels"]) is None
    theirs = load(tiny_decoder)(**inputs, fused_lm_head=True).log_probs
    model = load(tiny_decoder)
    share_prompts(model)
    assert torch.equal(model(**inputs, fused_lm_head=True).log_probs, theirs)


def test_a_forward_without_the_fused_head_is_the_models_own(tiny_decoder: Path) -> None:
    import torch

    inputs = {name: value for name, value in pairs((20, 5, 9)).items() if name != "labels"}
    before = load(tiny_decoder)(**inputs).logits
    model = load(tiny_decoder)
    share_prompts(model)
    assert torch.equal(model(**inputs).logits, before)


@pytest.mark.parametrize(
    "changes",
    [{"sliding_window": 32}, {"layer_types": ["full_attention", "sliding_attention"]}, {"output_router_logits": False}],
)
def test_other_attention_is_left_alone(changes: dict[str, Any], tiny_llama: Path) -> None:
    model = load(tiny_llama)
    for name, value in changes.items():
        setattr(model.config, name, value)
    assert not can_share_prompts(model)


def test_only_answers_go_through_the_head(tiny_decoder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch
    from trl.trainer import utils

    seen: list[int] = []
    as_it_was = utils._ChunkedLogProbFunction.apply

    def counting(hidden: Any, *rest: Any) -> Any:
        seen.append(len(hidden))
        return as_it_was(hidden, *rest)

    monkeypatch.setattr(utils._ChunkedLogProbFunction, "apply", counting)
    inputs, model = pairs((20, 5, 9)), load(tiny_decoder)
    everything = model(**inputs, fused_lm_head=True).log_probs
    with answers_only():
        answers = model(**inputs, fused_lm_head=True).log_probs
    torch.testing.assert_close(answers, everything)
    assert seen[-1] == 14 < seen[0]
    assert model(**inputs, fused_lm_head=True) is not None
    assert seen[-1] == seen[0]
