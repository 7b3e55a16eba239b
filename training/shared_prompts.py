"""Less work for the same numbers: only what TRL's loss needs is computed.

- `share_prompts`: the two answers of a pair have one prompt. TRL runs it twice; here it is run once, and both answers
  follow it, each seeing the prompt and itself. With prompts much longer than answers that nearly halves the work.
- `answers_only`: off a GPU, TRL sends every position through the head. Only answer positions count: a vocabulary of
  30,000 words costs as much as six small layers.

`training.guards.check_head` compares the result with the model's plain forward before any training.
"""

import functools
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_BY_POSITION = ("log_probs", "entropy", "log_sum_sq_probs", "mean_logits", "is_top1", "label_mask")


@dataclass(frozen=True, slots=True)
class SharedBatch:
    """n pairs as n rows: prompt without its last token | it and the chosen answer | it and the rejected answer."""

    input_ids: "torch.Tensor"
    """(n, t) int64"""
    position_ids: "torch.Tensor"
    """(n, t) int64; both answers begin where the prompt ends."""
    allowed: "torch.Tensor"
    """(n, 1, t, t) bool: who sees whom."""
    next_labels: "torch.Tensor"
    """(n, t) int64: the token to predict at each position, or -100."""
    source: "tuple[torch.Tensor, torch.Tensor]"
    """Row and column here …"""
    target: "tuple[torch.Tensor, torch.Tensor]"
    """… of each predicted token's row and column in TRL's layout of (2n, t' - 1)."""


def can_share_prompts(model: Any) -> bool:
    """Whether the model's attention takes a mask of ours in all layers."""
    config = model.config.get_text_config()
    layers = set(getattr(config, "layer_types", None) or ["full_attention"])
    return (
        model.config._attn_implementation in ("sdpa", "eager")
        and layers == {"full_attention"}
        and getattr(config, "sliding_window", None) is None
        and not hasattr(config, "output_router_logits")
    )


def share_prompts(model: Any) -> None:
    """Wrap the forward that `trl.trainer.utils.add_fused_lm_head` gave to a transformers model."""
    fused = model.forward

    @functools.wraps(fused)
    def forward(self: Any, *args: Any, fused_lm_head: bool = False, **inputs: Any) -> Any:
        if not fused_lm_head:
            return fused(*args, **inputs)
        given = {"input_ids", "attention_mask", "labels"} <= inputs.keys()
        shared = shared_batch(*(inputs[name] for name in ("input_ids", "attention_mask", "labels"))) if given else None
        if shared is None:
            return fused(*args, **inputs, fused_lm_head=True)
        rest = {name: value for name, value in inputs.items() if name not in ("input_ids", "attention_mask", "labels")}
        out = fused(
            **rest,
            input_ids=shared.input_ids,
            position_ids=shared.position_ids,
            attention_mask=_as_mask(shared.allowed, self),
            shift_labels=shared.next_labels,
            fused_lm_head=True,
        )
        rows, columns = inputs["input_ids"].shape
        spread = {name: _spread(getattr(out, name), shared, (rows, columns - 1)) for name in _BY_POSITION}
        return type(out)(loss=out.loss, aux_loss=out.aux_loss, **spread)

    model.forward = types.MethodType(forward, model)


def shared_batch(
    input_ids: "torch.Tensor", attention_mask: "torch.Tensor", labels: "torch.Tensor"
) -> SharedBatch | None:
    """TRL's batch of 2n rows (chosen, then rejected) as n rows, or `None` if its halves have not the same prompts."""
    import torch

    pairs, odd = divmod(input_ids.shape[0], 2)
    if odd or not pairs:
        return None
    said = labels != -100
    starts = said.int().argmax(1).tolist()
    lengths = attention_mask.sum(1).tolist()
    ids, positions, nexts, borders, sources, targets = [], [], [], [], [], []
    for chosen, rejected in zip(range(pairs), range(pairs, 2 * pairs), strict=True):
        start = starts[chosen]
        if not start or starts[rejected] != start or not said[chosen].any() or not said[rejected].any():
            return None
        if not torch.equal(input_ids[chosen, :start], input_ids[rejected, :start]):
            return None
        fork = start - 1  # each answer is predicted from its own copy of the prompt's last token
        parts, wheres, labelled = [input_ids[chosen, :fork]], [torch.arange(fork)], [labels.new_full((fork,), -100)]
        at = fork
        for row in (chosen, rejected):
            end = lengths[row]
            parts.append(input_ids[row, fork:end])
            wheres.append(torch.arange(fork, end))
            labelled += [labels[row, fork + 1 : end], labels.new_full((1,), -100)]
            steps = torch.arange(end - fork - 1)
            sources.append(torch.stack([torch.full_like(steps, chosen), steps + at]))
            targets.append(torch.stack([torch.full_like(steps, row), steps + fork]))
            at += end - fork
        ids.append(torch.cat(parts))
        positions.append(torch.cat(wheres))
        nexts.append(torch.cat(labelled))
        borders.append((fork, lengths[chosen], at))
    device = input_ids.device
    pad = functools.partial(torch.nn.utils.rnn.pad_sequence, batch_first=True)
    source, target = torch.cat(sources, 1).to(device), torch.cat(targets, 1).to(device)
    return SharedBatch(
        input_ids=pad(ids),
        position_ids=pad(positions).to(device),
        allowed=_allowed(borders, max(map(len, ids))).to(device),
        next_labels=pad(nexts, padding_value=-100),
        source=(source[0], source[1]),
        target=(target[0], target[1]),
    )


def _allowed(borders: "list[tuple[int, int, int]]", size: int) -> "torch.Tensor":
    """(n, 1, size, size): backwards only, no padding, and the second answer does not see the first."""
    import torch

    place = torch.arange(size)
    allowed = (place[:, None] >= place[None, :]).repeat(len(borders), 1, 1)
    for row, (fork, second, end) in zip(allowed, borders, strict=True):
        row[second:, fork:second] = False
        row[:, end:] &= place[:, None] == place[None, end:]  # padding sees itself, or softmax has nothing to share out
    return allowed.unsqueeze(1)


def _as_mask(allowed: "torch.Tensor", model: Any) -> "torch.Tensor":
    import torch

    if model.config._attn_implementation == "sdpa":
        return allowed
    return torch.zeros_like(allowed, dtype=model.dtype).masked_fill(~allowed, torch.finfo(model.dtype).min)


def _spread(values: "torch.Tensor | None", shared: SharedBatch, shape: tuple[int, int]) -> "torch.Tensor | None":
    """Back into TRL's layout; what was not predicted is zero, as TRL has it."""
    if values is None:
        return None
    return values.new_zeros(shape).index_put(shared.target, values[shared.source])


@contextmanager
def answers_only() -> Iterator[None]:
    """Send only answer positions through the head, on the processor too (TRL does so on a GPU)."""
    from trl.trainer import utils

    as_it_was = getattr(utils, "_use_triton", None)
    if as_it_was is None:  # another TRL: slower, and right
        yield
        return
    utils._use_triton = lambda device: True  # type: ignore[attr-defined]
    try:
        yield
    finally:
        utils._use_triton = as_it_was  # type: ignore[attr-defined]
