"""GPUs: how much memory, how fast.

Source: NVIDIA's data sheets: dense (without sparsity) bf16 with fp32 accumulation, and memory bandwidth; of the A100 and H100
the SXM boards. Memory is counted in 10⁹ bytes: error correction and the driver leave a "24 GB" card 24·10⁹ of its 24·2³⁰.
"""

import re
from dataclasses import dataclass

from training.planning.errors import UnknownGpu

_GB = 1_000_000_000
_GIB = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    name: str
    memory_bytes: int
    tflops: float
    """Peak of dense bf16 (of a T4, which has none, fp16)."""
    bandwidth_gbs: float
    has_bf16: bool = True
    assumed: bool = False
    """Only the memory was given: the speed is the least of the cards of that size that we know."""


def _gpu(name: str, memory_gb: int, tflops: float, bandwidth_gbs: float, *, has_bf16: bool = True) -> Gpu:
    return Gpu(name=name, memory_bytes=memory_gb * _GB, tflops=tflops, bandwidth_gbs=bandwidth_gbs, has_bf16=has_bf16)


KNOWN = (
    _gpu("T4", 16, 65, 320, has_bf16=False),
    _gpu("RTX 4080", 16, 97.5, 717),
    _gpu("RTX 3090", 24, 71, 936),
    _gpu("L4", 24, 121, 300),
    _gpu("A10", 24, 125, 600),
    _gpu("RTX 4090", 24, 165, 1008),
    _gpu("RTX 5090", 32, 209, 1792),
    _gpu("A100 40GB", 40, 312, 1555),
    _gpu("RTX A6000", 48, 155, 768),
    _gpu("L40S", 48, 362, 864),
    _gpu("RTX 6000 Ada", 48, 364, 960),
    _gpu("A100 80GB", 80, 312, 2039),
    _gpu("H100", 80, 989, 3350),
    _gpu("H200", 141, 989, 4800),
    _gpu("B200", 180, 2250, 8000),
)
_UNITS = {"": _GB, "g": _GB, "gb": _GB, "gib": _GIB, "mb": 1_000_000, "mib": 1 << 20}
_SIZE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(gb|gib|g|mb|mib)?", re.IGNORECASE)
_POSSIBLE = range(2 * _GB, 1000 * _GB)
_SAYS_NOTHING = {
    "nvidia", "geforce", "tesla", "gpu", "graphics", "card", "generation", "pcie", "sxm", "sxm2", "sxm3", "sxm4", "sxm5", "hbm2e",
    "hbm3", "hbm3e", "super", "ti", "d",
}  # fmt: skip
"""About how much memory there is. `Laptop`, `NVL` and `MIG` do: such a card has less or more than its namesake."""


def read_gpu(text: str) -> Gpu:
    """`24GB`, `24GiB`, `24564 MiB`, `24`, or a card's name as NVIDIA writes it.

    Raises:
        UnknownGpu
    """
    size = _SIZE.fullmatch(text.strip())
    if size:
        unit = (size[2] or "").lower()
        memory = float(size[1].replace(",", ".")) * _UNITS[unit]
        if _POSSIBLE.start <= memory < _POSSIBLE.stop:
            return _of_size(round(memory))
        if unit:  # without one, "4090" is a name
            raise UnknownGpu(given=text, known=[gpu.name for gpu in KNOWN])
    wanted = _words(text)
    for gpu in sorted(KNOWN, key=lambda gpu: -len(gpu.name)):
        if (named := _words(gpu.name)) <= wanted and wanted - named <= {f"{gpu.memory_bytes // _GB}gb"}:
            return gpu
    if any(any(letter.isdigit() for letter in word) for word in wanted):
        for gpu in sorted(KNOWN, key=lambda gpu: gpu.memory_bytes):  # "A100": the smaller one
            if wanted <= _words(gpu.name):
                return gpu
    raise UnknownGpu(given=text, known=[gpu.name for gpu in KNOWN])


def _of_size(memory_bytes: int) -> Gpu:
    alike = [gpu for gpu in KNOWN if memory_bytes * 0.95 <= gpu.memory_bytes <= memory_bytes * 1.5]
    alike = alike or [min(KNOWN, key=lambda gpu: abs(gpu.memory_bytes - memory_bytes))]
    return Gpu(
        name=f"{memory_bytes / _GB:.0f} GB",
        memory_bytes=memory_bytes,
        tflops=min(gpu.tflops for gpu in alike),
        bandwidth_gbs=min(gpu.bandwidth_gbs for gpu in alike),
        assumed=True,
    )


def _words(name: str) -> set[str]:
    apart = re.sub(r"(\d+)\s*gb", r" \1gb ", name.lower())
    return set(re.findall(r"[a-z0-9]+", apart)) - _SAYS_NOTHING
