"""Will it fit? A model, GPUs and how they are used → what serving and training take, and what to set.

Computed from shapes and stated assumptions (`training.planning`); the predictions were **not yet compared with measured peaks**
on a GPU. No model, no network and no GPU is needed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from training.planning.catalogue import Known, catalogue
from training.planning.duration import Duration, training_time
from training.planning.gpus import Gpu
from training.planning.memory import (
    Placement,
    Serving,
    Training,
    judging_bytes,
    serving,
    split_problem,
    training,
)
from training.planning.shape import Precision
from training.settings import TrainingSettings

_PRECISIONS: tuple[Precision, ...] = ("bf16", "fp8", "nf4")
"""As far from the original as needed and no further."""
TGI_ADAPTERS = ("llama", "mistral", "qwen2", "gemma2", "gemma3_text")
"""Architectures whose adapters TGI 3.3.7 puts on. Of Phi-3 it leaves a part out, of Gemma, Mixtral and Gemma 3 with eyes all,
without a word; with adapters it does not start for others (`server/text_generation_server/utils/adapter.py`)."""
_NEVER_IN_FP16 = ("gemma2", "gemma3", "gemma3_text")
"""`_FLOAT16_NOT_SUPPORTED_MODELS` in vLLM's `vllm/config/model.py`."""
_LEAST_CONTEXT = 256
"""Tokens, as `CURBSIDE_GENERATION__CONTEXT_TOKENS` wants them."""
_SHORTER = (4096, 2048, 1024)
"""Tokens that are tried where a model does not fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the installation is to do."""

    gpu: Gpu
    gpus: int = 1
    context: int = 8192
    chats: int = 16
    pairs: int = 1000
    settings: TrainingSettings = field(default_factory=TrainingSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to train: both stages, how long they take, and the judging after them."""

    sft: Training
    dpo: Training
    sft_time: Duration
    dpo_time: Duration
    judging: int
    judging_budget: int
    """Bytes, of the GPUs that hold it."""

    @property
    def fits(self) -> bool:
        return self.sft.fits and self.dpo.fits and self.judging <= self.judging_budget

    @property
    def quantize(self) -> str:
        return self.sft.quantize

    @property
    def tokens_at_once(self) -> int:
        return min(self.sft.tokens_at_once, self.dpo.tokens_at_once)

    @property
    def run_seconds(self) -> float:
        """A run of `auto` from corrections alone: SFT, and SFT again with DPO after it, which shares the first."""
        return self.sft_time.seconds + self.dpo_time.seconds

    @property
    def peak(self) -> int:
        return max(self.sft.total, self.dpo.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    model: Known
    wish: Wish
    """As planned: the context is no longer than the model reads."""
    serving: tuple[Serving, ...]
    """By precision; empty for an encoder."""
    served: Serving | None
    """The one to use, or `None` where none holds a single chat."""
    ways: tuple[Way, ...]
    way: Way | None
    """The one to train by, or `None` where none fits."""
    notes: tuple[str, ...]
    refused: str | None = None
    """Why it is not planned at all, whatever room there is."""

    @property
    def fits(self) -> bool:
        return self.served is not None and self.way is not None

    @property
    def both_bytes(self) -> int | None:
        """Of each GPU, if it trains while it serves."""
        return None if self.served is None or self.way is None else self.served.total + self.way.peak

    @property
    def both_at_once(self) -> bool:
        """Whether that fits; else they take turns."""
        return self.both_bytes is not None and self.both_bytes <= self.wish.gpu.memory_bytes


def plan(model: Known, wish: Wish) -> Plan:
    """What the model needs there."""
    notes = []
    refused = None if model.shape.encoder else _refused(model, wish.gpu)
    if model.shape.encoder or refused:
        return Plan(model=model, wish=wish, serving=(), served=None, ways=(), way=None, notes=(), refused=refused)
    if wish.context > model.shape.positions:
        notes.append(f"it reads {model.shape.positions:,} tokens at most, so {wish.context:,} became that")
        wish = replace(wish, context=model.shape.positions)
    split = wish.gpus
    while split_problem(model.shape, split):
        split -= 1
    if split < wish.gpus:
        problem = split_problem(model.shape, wish.gpus)
        notes.append(f"{problem}: one server uses {split}, and a second server the others")
    if model.shape.architecture not in TGI_ADAPTERS:
        notes.append(
            "TGI 3.3.7 does not put an adapter on this architecture, or not all of it (read in its source): what is learned could "
            "not go live there"
        )
    options = tuple(
        serving(
            model.shape,
            wish.gpu,
            gpus=split,
            precision=precision,
            context=wish.context,
            chats=wish.chats,
            rank=wish.settings.lora_rank,
        )
        for precision in _PRECISIONS
    )
    ways = tuple(_ways(model, wish))
    if not wish.gpu.has_bf16:
        gemma = ", and Gemma overflows in it" if model.shape.architecture == "gemma" else ""
        notes.append(f"the {wish.gpu.name} has no bf16: fp16 takes its place, which is less stable{gemma}")
    return Plan(
        model=model,
        wish=wish,
        serving=options,
        served=_served(options),
        ways=ways,
        way=next((way for way in ways if way.fits), None),
        notes=tuple(notes),
    )


def fitting(wish: Wish) -> Iterator[Plan]:
    """A plan for every model of the catalogue that can be served and trained there, as the catalogue orders them."""
    return (found for found in (plan(model, wish) for model in catalogue() if not model.shape.encoder) if found.fits)


def instead(wish: Wish) -> Plan | None:
    """The largest model worth choosing today that fits."""
    found = [one for one in fitting(wish) if one.model.current]
    return max(found, key=lambda one: one.model.shape.parameters, default=None)


def changes(found: Plan) -> tuple[str, ...]:
    """What would make it fit, one change at a time; empty where nothing would."""
    model, wish, could = found.model, found.wish, []
    if found.served is None:
        contexts = (context for context in _SHORTER if context < wish.context)
        if shorter := next((one for one in contexts if plan(model, replace(wish, context=one)).fits), None):
            could.append(f"set a context of {shorter:,} tokens")
    elif wish.settings.max_tokens > _SHORTER[-1]:
        settings = wish.settings.model_copy(update={"max_tokens": _SHORTER[-1]})
        if plan(model, replace(wish, settings=settings)).fits:
            could.append(f"set CURBSIDE_TRAINING__MAX_TOKENS={_SHORTER[-1]}")
    more = (count for count in (2, 4, 8) if count > wish.gpus)
    if needed := next((count for count in more if plan(model, replace(wish, gpus=count)).fits), None):
        could.append(f"take {needed} such GPUs")
    if other := instead(wish):
        could.append(f"take {other.model.name}, the largest of the catalogue that fits")
    return tuple(could)


def _refused(model: Known, gpu: Gpu) -> str | None:
    shape = model.shape
    if shape.architecture in _NEVER_IN_FP16 and not gpu.has_bf16:
        return f"its numbers overflow in fp16 (vLLM refuses to serve it so), and the {gpu.name} has no bf16"
    if shape.positions < _LEAST_CONTEXT:
        return f"it reads {shape.positions:,} tokens at most, which holds no report"
    return None


def _served(options: tuple[Serving, ...]) -> Serving | None:
    """The first with room for every chat as long as chats are; else the one with the most room, if it has any."""
    enough = next((one for one in options if one.fits), None)
    return enough or max((one for one in options if one.room), key=lambda one: one.room, default=None)


def _ways(model: Known, wish: Wish) -> Iterator[Way]:
    """LoRA in 16 bits first, then QLoRA; of several GPUs each with the whole model first, then with a part of it."""
    placements: tuple[Placement, ...] = ("one",) if wish.gpus == 1 else ("copies", "parts")
    for placement in placements:
        yield _way(model, wish, quantize="none", placement=placement)
    # Quantised weights lie whole on each GPU: `training.lora` does not share them out.
    yield _way(model, wish, quantize="nf4", placement=placements[0])


def _way(model: Known, wish: Wish, *, quantize: str, placement: Placement) -> Way:
    settings = wish.settings.model_copy(update={"quantize": quantize})
    sft = training(model.shape, wish.gpu, gpus=wish.gpus, stage="sft", placement=placement, settings=settings)
    dpo = training(model.shape, wish.gpu, gpus=wish.gpus, stage="dpo", placement=placement, settings=settings)
    return Way(
        sft=sft,
        dpo=dpo,
        sft_time=training_time(model.shape, wish.gpu, sft, gpus=wish.gpus, pairs=wish.pairs, settings=settings),
        dpo_time=training_time(model.shape, wish.gpu, dpo, gpus=wish.gpus, pairs=wish.pairs, settings=settings),
        judging=judging_bytes(model.shape, settings=settings, context=wish.context),
        judging_budget=wish.gpu.memory_bytes * (wish.gpus if quantize == "none" else 1),
    )
