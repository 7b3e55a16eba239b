"""How long training takes, as an estimate with its assumptions. Never measured on a GPU.

A token costs 2·P operations forward and 2·P backward through the frozen weights (a frozen matrix needs no gradient of its own,
which would be 2·P more); computing activations again costs another 2·P. P is what a token is multiplied with. Attention's
own part, about 6 % at 2,048 tokens of an 8B model, is left out. DPO has two sequences for each pair (fewer tokens where their
prompt can be shared, which is left out too), and runs the reference once: 2·P for each token of the first pass.
"""

from dataclasses import dataclass

from training.planning.gpus import Gpu
from training.planning.memory import Training, is_checkpointed, mean_tokens
from training.planning.shape import Shape
from training.settings import TrainingSettings

UTILISATION = 0.30
"""Share of the peak that training reaches in 16 bits. A hunch."""
_NF4_SHARE = 0.7
"""Of that speed where weights are unpacked from 4 bits at each use. A hunch."""
_TOGETHER = 0.9
"""Of its speed that each of several GPUs keeps. A hunch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    seconds: float
    tokens: int
    """Through the model, all epochs together."""
    flops: float


def training_time(
    shape: Shape, gpu: Gpu, fit: Training, *, gpus: int, pairs: int, settings: TrainingSettings
) -> Duration:
    sequences = 2 if fit.stage == "dpo" else 1
    tokens = round(pairs * sequences * min(mean_tokens(settings), shape.positions) * settings.epochs)
    per_token = (6 if is_checkpointed(shape) else 4) * shape.active_parameters
    flops = tokens * per_token
    if fit.stage == "dpo":
        flops += 2 * shape.active_parameters * tokens / settings.epochs
    devices = 1 if fit.placement == "one" else gpus
    speed = gpu.tflops * 1e12 * UTILISATION * (_NF4_SHARE if fit.quantize == "nf4" else 1)
    speed *= 1 if devices == 1 else devices * _TOGETHER
    return Duration(seconds=flops / speed, tokens=tokens, flops=flops)
