"""How many bytes serving and training take on each GPU, and how many tokens fit.

**Computed, never measured**: predicted and measured peaks were not compared on a GPU yet (the third line of the project's list of
work that needs one). Sizes of weights, keys and values and adapters follow from the shapes; activations and reserves
are estimates, and where a constant is a hunch it says so.
"""

from dataclasses import dataclass
from typing import Literal

from training.planning.gpus import Gpu
from training.planning.shape import Precision, Shape
from training.settings import TrainingSettings
from training.trainer import together_for

Placement = Literal["one", "copies", "parts"]
"""Training on one GPU, the whole model on each of several, or the model in parts over all of them (FSDP)."""
Stage = Literal["sft", "dpo"]

UTILISATION = 0.90
"""Share of a GPU that the engine may take: vLLM's default of `--gpu-memory-utilization`."""
SERVED_ADAPTERS = 2
"""The live one, and the next while they are exchanged."""
_PREFILL_TOKENS = 8192
"""Prompt tokens that an engine computes at once, at most (vLLM's `--max-num-batched-tokens` is of this order)."""
_SERVING_RESERVE = 1_200_000_000
"""CUDA context, graphs and buffers of an engine. A hunch."""
_TRAINING_RESERVE = 800_000_000
_FRAGMENTS = 0.05
"""CUDA context, and what the allocator cannot use, as share of the rest. Hunches."""
_CHECKPOINTED_FROM = 1_000_000_000
"""Parameters, as `training.trainer` decides it."""
_HEAD_BYTES = 10
"""Of a logit: 16 bits, 32 bits for the softmax, and its gradient in 32."""
_HEAD_TILE = (4096, 32768)
"""Tokens and words that TRL 1.16's head computes at once: it never holds all logits (`trl/kernels/chunked_logprob.py`)."""
_LORA_BYTES = 16
"""Of a trained parameter: itself, its gradient and AdamW's two moments, each in fp32."""
_JUDGED_ADAPTERS = 3
"""Beside the weights: two candidates and what is live."""
TYPICAL_SHARE = 4
"""A chat fills a quarter of its context on average. An assumption; whoever finds none free waits in line."""
TOKENS_AT_ONCE = (8192, 4096, 2048, 1024)
"""Settings that are tried, largest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """One precision, on each of `gpus` GPUs. Bytes."""

    precision: Precision
    gpus: int
    weights: int
    adapters: int
    kv_of_a_chat: int
    """Keys and values of one chat as long as the context."""
    working: int
    """Activations of a prompt's computation, and the reserve."""
    budget: int
    chats: int
    """How many were asked for."""

    @property
    def total(self) -> int:
        return self.weights + self.adapters + self.working + self.chats * self.kv_of_a_chat

    @property
    def room(self) -> int:
        """Chats of full length that fit at once; further ones wait."""
        return max(0, (self.budget - self.weights - self.adapters - self.working) // self.kv_of_a_chat)

    @property
    def holds_all(self) -> bool:
        return self.room >= self.chats

    @property
    def fits(self) -> bool:
        """Whether all chats have room where they fill a quarter of the context on average. Engines hand memory out page by page."""
        return self.room >= 1 and self.room * TYPICAL_SHARE >= self.chats


def serving(shape: Shape, gpu: Gpu, *, gpus: int, precision: Precision, context: int, chats: int, rank: int) -> Serving:
    """What an engine (vLLM, TGI) holds on each GPU, split among them by tensor parallelism.

    Weights and adapters are divided by the number of GPUs; so are keys and values as far as there are heads of them,
    for a head is never split.
    """
    kv_share = max(1, -(-shape.kv_heads // gpus)) / shape.kv_heads
    adapters = SERVED_ADAPTERS * 2 * shape.lora_parameters(rank, experts=True)
    return Serving(
        precision=precision,
        gpus=gpus,
        weights=shape.weight_bytes(precision) // gpus,
        adapters=adapters // gpus,
        kv_of_a_chat=round(shape.kv_bytes(context) * kv_share),
        working=2 * shape.width * min(context, _PREFILL_TOKENS) + _SERVING_RESERVE,
        budget=round(gpu.memory_bytes * UTILISATION),
        chats=chats,
    )


def split_problem(shape: Shape, gpus: int) -> str | None:
    """Why a model cannot be split among so many GPUs, or `None`: its heads must divide evenly."""
    if shape.heads % gpus:
        return f"its {shape.heads} heads cannot be divided among {gpus} GPUs"
    if shape.kv_heads % gpus and gpus % shape.kv_heads:
        return f"its {shape.kv_heads} heads of keys and values cannot be divided among {gpus} GPUs"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """One stage of a run on each GPU. Bytes."""

    stage: Stage
    quantize: Literal["none", "nf4"]
    placement: Placement
    tokens_at_once: int
    """The setting: how many tokens go through the model at once on average."""
    together: int
    """Examples at once on a GPU; of DPO each is two sequences."""
    weights: int
    adapter: int
    """LoRA's parameters with gradients and optimizer."""
    activations: int
    head: int
    reserve: int
    budget: int

    @property
    def total(self) -> int:
        return self.weights + self.adapter + self.activations + self.head + self.reserve

    @property
    def fits(self) -> bool:
        return self.total <= self.budget


def training(
    shape: Shape, gpu: Gpu, *, gpus: int, stage: Stage, placement: Placement, settings: TrainingSettings
) -> Training:
    """The largest number of tokens at once that fits, or the smallest, which does not.

    Peak = frozen weights + LoRA · 16 B + what the longest batch leaves: two bytes a number of the residual stream of every
    layer (the rest is computed again in the backward pass), all of one layer, and the logits of the head. The longest
    batch has as many examples as go through at once on average, each as long as `max_tokens`. DPO doubles them, which is
    an upper bound: where a pair's prompt can be shared (`training.shared_prompts`) it takes less.
    """
    tried = [
        _at(shape, gpu, gpus, stage, placement, settings, at_once)
        for at_once in sorted({min(one, settings.tokens_at_once) for one in TOKENS_AT_ONCE}, reverse=True)
    ]
    return next((one for one in tried if one.fits), tried[-1])


def _at(
    shape: Shape, gpu: Gpu, gpus: int, stage: Stage, placement: Placement, settings: TrainingSettings, at_once: int
) -> Training:
    devices = gpus if placement != "one" else 1
    share = max(1, settings.batch_size // devices)
    together = together_for([mean_tokens(settings)], batch=share, limit=at_once)
    tokens = together * min(settings.max_tokens, shape.positions) * (2 if stage == "dpo" else 1)
    nf4 = settings.quantize == "nf4"
    weights = shape.weight_bytes("nf4", experts=False) if nf4 else shape.weight_bytes("bf16")
    adapter = _LORA_BYTES * shape.lora_parameters(settings.lora_rank)
    gathered = 0
    if placement == "parts":
        # What FSDP has gathered at a time: two layers, and the embeddings, which are needed first and last.
        gathered = 2 * (2 * (shape.parameters - shape.embeddings) // shape.layers + shape.embeddings)
        weights, adapter = weights // gpus, adapter // gpus
    parts = weights + adapter + activation_bytes(shape, tokens) + head_bytes(shape, tokens) + gathered
    return Training(
        stage=stage,
        quantize=settings.quantize,
        placement=placement,
        tokens_at_once=at_once,
        together=together,
        weights=weights,
        adapter=adapter,
        activations=activation_bytes(shape, tokens) + gathered,
        head=head_bytes(shape, tokens),
        reserve=_TRAINING_RESERVE + round(_FRAGMENTS * parts),
        budget=gpu.memory_bytes,
    )


def mean_tokens(settings: TrainingSettings) -> int:
    """Of an example, prompt and answer: half of the longest that is taken. An assumption."""
    return max(1, settings.max_tokens // 2)


def activation_bytes(shape: Shape, tokens: int) -> int:
    """Of a batch of so many tokens, in 16 bits."""
    if is_checkpointed(shape):
        return 2 * tokens * shape.hidden * shape.layers + 2 * tokens * shape.width
    return 2 * tokens * shape.width * shape.layers


def is_checkpointed(shape: Shape) -> bool:
    return shape.parameters >= _CHECKPOINTED_FROM


def head_bytes(shape: Shape, tokens: int, *, in_tiles: bool = True) -> int:
    """Logits. Without tiles, as a plain head does it, all tokens times all words."""
    rows, words = (min(tokens, _HEAD_TILE[0]), min(shape.vocab, _HEAD_TILE[1])) if in_tiles else (tokens, shape.vocab)
    return rows * words * _HEAD_BYTES


def judging_bytes(shape: Shape, *, settings: TrainingSettings, context: int) -> int:
    """After training the candidates answer one question at a time, with weights as in training (`training.models`): in 16 bits
    over all GPUs together, in 4 bits on one."""
    asked = min(context, shape.positions)
    weights = shape.weight_bytes("nf4", experts=False) if settings.quantize == "nf4" else shape.weight_bytes("bf16")
    adapters = _JUDGED_ADAPTERS * 4 * shape.lora_parameters(settings.lora_rank)
    return weights + adapters + shape.kv_bytes(asked) + 2 * shape.width * asked + _TRAINING_RESERVE
