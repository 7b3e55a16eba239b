"""What must hold before and while a model is trained. Each guard stands for a way to train on wrong numbers silently.

- `check_head`: TRL multiplies the last hidden states by the head's weights itself. A head that does more (a layer, a
  scale) is then trained on numbers that the model never uses, without any error.
- `check_tokens`: a tokenizer that puts [CLS] or [SEP] around every text shows the model other prompts than the chat does.
- `check_reference`: preference training compares with the model as it was before; another reference is another aim.
- `check_finite`: a loss that is no number ruins the weights, and `Trainer` hides it from its log.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assistant.errors import TrainingError
from assistant.generation.rendering import render, without_system
from assistant.schema import Message

if TYPE_CHECKING:
    import torch

_TOLERANCE = 1e-3
"""Relative, of log-probabilities in float32. A head that does more is wrong by tens of per cent."""
_HALF_TOLERANCE = 3e-2
"""In half precision, where a log-probability itself has two to three digits."""
_LEAST_NATS = 20.0
"""A difference is taken relative to at least this much, so that an answer the model is sure of is not compared digit by digit."""


def check_head(model: Any, batch: "Mapping[str, torch.Tensor]") -> None:
    """The log-probabilities that TRL trains on must be the model's own.

    Args:
        batch: what TRL's collators make; answers are told by `labels` or `completion_mask`.

    Raises:
        TrainingError: they are not.
    """
    difference = head_difference(model, batch)
    if not difference <= tolerance_of(model):  # also when it is no number
        raise TrainingError(
            f"TRL's fused head gives log-probabilities that are {difference:.0%} away from the model's own, because "
            f"{type(unwrapped(model)).__name__}'s head does more than one matrix product (a layer, a scale); training it "
            "would change the model on wrong numbers. Use a model with a plain linear head"
        )


def head_difference(model: Any, batch: "Mapping[str, torch.Tensor]") -> float:
    """The largest relative difference of an answer's log-probability: TRL's fused head against a plain forward."""
    import torch

    labels = labels_of(batch)
    inputs = {name: batch[name].to(model.device) for name in ("input_ids", "attention_mask")}
    with torch.no_grad(), _evaluating(model):
        fused = model(**inputs, labels=labels.to(model.device), fused_lm_head=True, use_cache=False).log_probs
        logits = model(**inputs, use_cache=False).logits[:, :-1].float()
    answers = labels[:, 1:].to(logits.device)
    said = answers != -100
    own = logits.log_softmax(-1).gather(-1, answers.clamp(min=0).unsqueeze(-1)).squeeze(-1) * said
    return difference_of(fused.float().sum(1), own.sum(1))


def check_reference(trainer: Any, batch: "Mapping[str, torch.Tensor]") -> None:
    """Before the first step, the reference's log-probabilities must be the model's: DPO's loss is then ln 2."""
    import torch

    if "ref_chosen_logps" in batch:
        reference = torch.cat([batch["ref_chosen_logps"], batch["ref_rejected_logps"]])
    elif "ref_logps" in batch:
        reference = batch["ref_logps"]
    else:
        return
    model = trainer.model
    inputs = {name: batch[name].to(model.device) for name in ("input_ids", "attention_mask")}
    with torch.no_grad(), _evaluating(model):
        now = model(**inputs, labels=labels_of(batch).to(model.device), fused_lm_head=True, use_cache=False).log_probs
    if not (off := difference_of(now.float().sum(1).cpu(), reference.cpu())) <= tolerance_of(model):
        raise TrainingError(
            f"the reference of preference training is not the model before training (log-probabilities differ by {off:.1%}); "
            "start the run again from an intact adapter"
        )


def check_tokens(tokenizer: Any, prompt: Sequence[Message], answer: str) -> None:
    """TRL's own tokenisation of prompt and answer must begin with what generation is given, and nothing be put around a text.

    Raises:
        TrainingError: it does not.
    """
    from trl.data_utils import _tokenize

    if tokenizer.chat_template:
        turns = [{"role": message.role, "content": message.content} for message in prompt]
        alone = _templated(_tokenize, tokenizer, turns, add_generation_prompt=True)
        whole = _templated(_tokenize, tokenizer, [*turns, {"role": "assistant", "content": answer}])
        alike = alone == render(tokenizer, prompt) == whole[: len(alone)]
    else:
        bare = tokenizer.encode(answer, add_special_tokens=False)
        alike = _tokenize(tokenizer, answer)["input_ids"] in (bare, [tokenizer.bos_token_id, *bare])
    if not alike:
        raise TrainingError(
            "the tokenizer puts tokens around a text, such as [CLS] and [SEP], or writes a prompt differently once an answer "
            "follows: the model would be trained on other prompts than it is asked with. Give it a tokenizer whose "
            "post-processor adds nothing, and a chat template that renders both alike"
        )


def check_finite(loss: "torch.Tensor", *, step: int) -> None:
    import torch

    if not bool(torch.isfinite(loss).all()):
        raise TrainingError(
            f"the loss of step {step} is not a number, so training was stopped and the live model stays what it was; lower "
            "`CURBSIDE_TRAINING__LEARNING_RATE`"
        )


def labels_of(batch: "Mapping[str, torch.Tensor]") -> "torch.Tensor":
    if "labels" in batch:
        return batch["labels"]
    return batch["input_ids"].masked_fill(batch["completion_mask"] == 0, -100)


def difference_of(ours: "torch.Tensor", theirs: "torch.Tensor") -> float:
    return float(((ours - theirs).abs() / theirs.abs().clamp(min=_LEAST_NATS)).max())


def tolerance_of(model: Any) -> float:
    import torch

    return _TOLERANCE if unwrapped(model).dtype == torch.float32 else _HALF_TOLERANCE


def unwrapped(model: Any) -> Any:
    """The transformers model under a PEFT model."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def _templated(tokenize: Any, tokenizer: Any, turns: list[dict[str, str]], **options: Any) -> list[int]:
    from jinja2 import TemplateError

    try:
        return list(tokenize(tokenizer, turns, **options)["input_ids"])
    except TemplateError:  # no system message allowed: as `render` does it
        messages = without_system([Message(**turn) for turn in turns])
        turns = [{"role": message.role, "content": message.content} for message in messages]
        return list(tokenize(tokenizer, turns, **options)["input_ids"])


class _evaluating:
    """Without dropout, for as long as it takes."""

    def __init__(self, model: Any) -> None:
        self._model, self._was_training = model, model.training

    def __enter__(self) -> None:
        self._model.eval()

    def __exit__(self, *_: object) -> None:
        self._model.train(self._was_training)
