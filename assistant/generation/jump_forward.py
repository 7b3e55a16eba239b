"""Decodes what `quote_only` allows in few passes: nobody asks a model for the only token that may come next.

Once a sentence can be no other, the rest of it is certain. The model reads that rest in one pass instead of one a
token; SGLang calls this jump-forward decoding.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from assistant.generation.quote_only import QuoteWalk

if TYPE_CHECKING:
    import torch


def jump_forward(walk: QuoteWalk, read: Callable[[int], bool]) -> "Callable[..., torch.Tensor]":
    """The `custom_generate` of transformers' `generate`, for one sequence and with `only_allowed(walk)` as a processor.

    Greedily it writes what `generate` writes without it. Sampled, the odds are the same, but fewer numbers are drawn.

    Args:
        read: Takes each token in turn, pushes it to `walk` and says whether the answer is over.
    """
    import torch

    def decode(
        model: Any, input_ids: "torch.Tensor", logits_processor: Any, generation_config: Any, **inputs: Any
    ) -> "torch.Tensor":
        reader = _Reader(model, input_ids.shape[1], inputs)
        over = False
        while not over:
            forced: list[int] = []
            while not over and len(walk.allowed) == 1:
                forced += walk.allowed
                over = read(forced[-1])
            input_ids = torch.cat([input_ids, input_ids.new_tensor([forced])], dim=-1)
            if over:
                break
            scores = logits_processor(input_ids, reader.logits(input_ids, guess=walk.only_way_on))
            if generation_config.do_sample:
                token = torch.multinomial(scores.softmax(-1), num_samples=1)
            else:
                token = scores.argmax(-1, keepdim=True)
            input_ids = torch.cat([input_ids, token], dim=-1)
            over = read(int(token))
        return input_ids

    return decode


class _Reader:
    """A model with its cache, and how far it has read."""

    def __init__(self, model: Any, prompt: int, inputs: dict[str, Any]) -> None:
        """`inputs`: what `generate` prepared for a prompt of so many tokens."""
        self._model, self._inputs, self._known = model, inputs, prompt
        self._takes_runs = _takes_runs(inputs.get("past_key_values"))
        self._outputs: Any = {}
        self._read = 0

    def logits(self, ids: "torch.Tensor", *, guess: int | None) -> "torch.Tensor":
        """(1, words) float32, for the token behind `ids`.

        Args:
            guess: A token to read in the same pass, if only the end may come instead. When it has come, what follows
                is known without another pass.
        """
        import torch

        length = ids.shape[1]
        if self._read < length and self._takes_runs:
            ahead = ids if guess is None else torch.cat([ids, ids.new_tensor([[guess]])], dim=-1)
            self._pass(ahead, keep=1 + ahead.shape[1] - length)
        while self._read < length:
            self._pass(ids[:, : max(self._read + 1, self._known)], keep=1)
        return self._outputs.logits[:, length - self._read - 1].to(ids.device, torch.float32, copy=True)

    def _pass(self, ids: "torch.Tensor", *, keep: int) -> None:
        """Read `ids` to their end. `keep`: positions at the end whose logits are wanted."""
        model, inputs, length = self._model, self._inputs, ids.shape[1]
        if more := length - self._known:
            inputs = model._update_model_kwargs_for_generation(self._outputs, inputs, num_new_tokens=more)
        if "logits_to_keep" in inputs:
            inputs["logits_to_keep"] = keep
        unread = length - self._read if self._read and inputs["use_cache"] else None
        ready = model.prepare_inputs_for_generation(
            ids, next_sequence_length=unread, is_first_iteration=not self._read, **inputs
        )
        self._outputs = model(**ready, return_dict=True)
        self._inputs, self._known, self._read = inputs, length, length


def _takes_runs(cache: Any) -> bool:
    """Whether several tokens read at once leave what they leave one by one; a recurrent state may not."""
    from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

    layers = getattr(cache, "layers", [])
    return bool(layers) and all(type(layer) in (DynamicLayer, DynamicSlidingWindowLayer) for layer in layers)
