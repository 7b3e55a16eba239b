"""A plan in words, and as the settings and flags to copy."""

import math
import shlex

from training.planner import TGI_ADAPTERS, Plan, changes
from training.planning.memory import TYPICAL_SHARE, UTILISATION
from training.settings import TrainingSettings

_PRECISION = {"bf16": "16 bits", "fp8": "8 bits (fp8)", "nf4": "4 bits (nf4)"}
_PLACEMENT = {"one": "one GPU", "copies": "a copy on each GPU", "parts": "in parts over the GPUs (FSDP)"}
_ACCELERATE = {"one": None, "copies": "multi-gpu", "parts": "fsdp"}
_VLLM_RANKS = (8, 16, 32, 64, 128, 256)
_LOCAL_ONLY = ("biogpt",)
"""Architectures that TGI and vLLM have no implementation of."""
ENCODER = (
    "an encoder reads text and cannot write an answer, so it neither serves chats nor learns from corrections here. What "
    "it can be: fine-tuned for token classification elsewhere, it adds names and places to de-identification "
    "(CURBSIDE_DEID__MODEL=FOLDER); as an embedding model (CURBSIDE_RETRIEVAL__EMBEDDING_MODEL) it finds reports worse than "
    "the default unless it was trained for similarity"
)


def sentence(plan: Plan) -> str:
    """The recommendation."""
    model, wish = plan.model, plan.wish
    where = f"{wish.gpus} × {wish.gpu.name}" if wish.gpus > 1 else wish.gpu.name
    if model.shape.encoder:
        return f"{model.name} is no assistant: {ENCODER}."
    if plan.refused:
        return f"{model.name} on {where} can be neither served nor trained, for {plan.refused}; {_change_words(plan)}."
    parts = [_serve_words(plan), _train_words(plan)]
    if not plan.fits:
        parts.append(_change_words(plan))
    elif plan.both_at_once:
        parts.append(f"both at the same time, where the engine takes {utilisation(plan):.0%} of the GPU and no more")
    else:
        parts.append("serving and training take turns on the GPU" + ("s" if wish.gpus > 1 else ""))
    return f"{model.name} on {where}: " + "; ".join(part for part in parts if part) + "."


def _serve_words(plan: Plan) -> str:
    served, wish = plan.served, plan.wish
    if served is None:
        least = min(plan.serving, key=lambda one: one.weights)
        return (
            f"it cannot be served, for even in {_PRECISION[least.precision]} the weights ({_gb(least.weights)}) and one chat of "
            f"{wish.context:,} tokens ({_gb(least.kv_of_a_chat)}) exceed {_gb(least.budget)} of a GPU"
        )
    precision, room = _PRECISION[served.precision], f"{served.room} full chats" if served.room != 1 else "1 full chat"
    if served.holds_all:
        return f"serve it in {precision} with room for {wish.chats} chats of {wish.context:,} tokens at once"
    if served.fits:
        mean = wish.context // TYPICAL_SHARE
        return f"serve it in {precision} with room for {wish.chats} chats where they average {mean:,} tokens ({room} of {wish.context:,})"
    return f"serve it in {precision} with room for {room} of {wish.context:,} tokens at once of the {wish.chats} wanted; the others wait"


def _train_words(plan: Plan) -> str:
    way, wish = plan.way, plan.wish
    if way is None:
        nearest = min(plan.ways, key=lambda one: max(one.peak, one.judging))
        if nearest.sft.fits and nearest.dpo.fits:
            return (
                f"it could be trained with {_method(nearest.quantize)} but not judged, which takes {_gb(nearest.judging)} of "
                f"{_gb(nearest.judging_budget)}"
            )
        return f"it cannot be trained, for even {_method(nearest.quantize)} takes {_gb(nearest.peak)} of {_gb(nearest.sft.budget)}"
    return (
        f"train it with {_method(way.quantize)}, {_PLACEMENT[way.sft.placement]} (peak {_gb(way.peak)}), {wish.pairs:,} pairs "
        f"in about {duration(way.run_seconds)}"
    )


def _change_words(plan: Plan) -> str:
    could = changes(plan)
    return "to change that, " + ", or ".join(could) if could else "nothing of the catalogue fits there"


def environment(plan: Plan) -> tuple[str, ...]:
    """`CURBSIDE_*` lines; every one is a setting, and its value is allowed."""
    if plan.served is None:
        return ()
    wish, name = plan.wish, plan.model.name
    if plan.model.shape.architecture in _LOCAL_ONLY:
        lines = ["CURBSIDE_GENERATION__BACKEND=local", f"CURBSIDE_GENERATION__MODEL={name}"]
    else:
        lines = [
            "CURBSIDE_GENERATION__BACKEND=remote",
            "CURBSIDE_GENERATION__ENGINE=vllm",
            "CURBSIDE_GENERATION__URL=http://127.0.0.1:8000/v1",
            f"CURBSIDE_GENERATION__MODEL={name}",
        ]
        if "base_model" in TrainingSettings.model_fields and plan.way is not None:
            lines.append(f"CURBSIDE_TRAINING__BASE_MODEL={name}")
    lines += [
        f"CURBSIDE_GENERATION__CONTEXT_TOKENS={wish.context}",
        f"CURBSIDE_GENERATION__MAX_NEW_TOKENS={_answer(plan)}",
    ]
    if plan.way is None:
        return (*lines, "CURBSIDE_SCHEDULE__ENABLED=false")
    lines += [
        f"CURBSIDE_TRAINING__QUANTIZE={plan.way.quantize}",
        f"CURBSIDE_TRAINING__LORA_RANK={wish.settings.lora_rank}",
        f"CURBSIDE_TRAINING__BATCH_SIZE={wish.settings.batch_size}",
        f"CURBSIDE_TRAINING__MAX_TOKENS={min(wish.settings.max_tokens, plan.model.shape.positions)}",
        f"CURBSIDE_TRAINING__TOKENS_AT_ONCE={plan.way.tokens_at_once}",
    ]
    if "gpu" in TrainingSettings.model_fields:
        lines.append(f"CURBSIDE_TRAINING__GPU={'own' if plan.both_at_once else 'shared'}")
    accelerate = _ACCELERATE[plan.way.sft.placement]
    return (*lines, *([f"CURBSIDE_TRAINING__ACCELERATE_CONFIG={accelerate}"] if accelerate else []))


def vllm(plan: Plan) -> str | None:
    """The command of the engine. Read in vLLM's documentation, not run."""
    served = plan.served
    if served is None or plan.model.shape.architecture in _LOCAL_ONLY:
        return None
    rank = next((one for one in _VLLM_RANKS if one >= plan.wish.settings.lora_rank), _VLLM_RANKS[-1])
    parts = [
        # Without it vLLM loads no adapter while it runs.
        f"VLLM_ALLOW_RUNTIME_LORA_UPDATING=True vllm serve {shlex.quote(plan.model.name)}",
        f"--max-model-len {plan.wish.context}",
        f"--max-num-seqs {plan.wish.chats}",
        f"--gpu-memory-utilization {utilisation(plan):.2f}",
        f"--enable-lora --max-loras 2 --max-lora-rank {rank}",
    ]
    if not plan.wish.gpu.has_bf16:
        parts.append("--dtype half")
    if served.precision != "bf16":
        parts.append(f"--quantization {'fp8' if served.precision == 'fp8' else 'bitsandbytes'}")
    if served.gpus > 1:
        parts.append(f"--tensor-parallel-size {served.gpus}")
    if plan.model.shape.eyes:
        parts.append("""--limit-mm-per-prompt '{"image": 0}'""")
    return " ".join(parts)


def tgi(plan: Plan) -> str | None:
    """The command of the engine, where it serves what is learned. Read in TGI's source (3.3.7), not run."""
    served = plan.served
    if served is None or plan.model.shape.architecture not in TGI_ADAPTERS:
        return None
    parts = [
        f"text-generation-launcher --model-id {shlex.quote(plan.model.name)}",
        f"--max-input-tokens {plan.wish.context - _answer(plan)}",
        f"--max-total-tokens {plan.wish.context}",
        f"--cuda-memory-fraction {utilisation(plan):.2f}",
    ]
    if served.precision != "bf16":
        parts.append(f"--quantize {'fp8' if served.precision == 'fp8' else 'bitsandbytes-nf4'}")
    if served.gpus > 1:
        parts.append(f"--num-shard {served.gpus}")
    return " ".join(parts)


def utilisation(plan: Plan) -> float:
    """Share of the GPU that the engine is given: what it needs where training runs beside it, else what is usual."""
    if not plan.both_at_once or plan.served is None:
        return UTILISATION
    return math.ceil(100 * plan.served.total / plan.wish.gpu.memory_bytes) / 100


def _answer(plan: Plan) -> int:
    """Tokens of an answer: the setting's default, and of a short context a quarter."""
    return max(1, min(512, plan.wish.context // 4))


def _method(quantize: str) -> str:
    return "QLoRA (nf4)" if quantize == "nf4" else "LoRA in 16 bits"


def _gb(size: float) -> str:
    return f"{size / 1e9:.1f} GB"


def duration(seconds: float) -> str:
    """`25 minutes`, `3.5 hours`."""
    if seconds < 90 * 60:
        return f"{max(1, round(seconds / 60))} minutes"
    hours = seconds / 3600
    return f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:.1f} days"
