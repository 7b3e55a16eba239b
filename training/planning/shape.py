"""The shape of a model: its matrices, and what follows from them. Pure numbers, no weights.

Everything is in parameters and bytes; a GB is 10⁹ bytes everywhere in the planner, as on the box of a GPU.
"""

from dataclasses import dataclass
from typing import Literal

Precision = Literal["bf16", "fp8", "nf4"]

NF4_BITS = 4 + 32 / 64 / 4 + 32 / (64 * 256)
"""4.127 bits a weight: 4 for the weight, and of blocks of 64 the scale in 8 bits, whose own scale (fp32) is shared by 256 blocks.
Source: Dettmers et al., QLoRA (2023), section 3, "double quantization": 0.127 bits a parameter."""
_BITS: dict[Precision, float] = {"bf16": 16, "fp8": 8, "nf4": NF4_BITS}


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix that the model has `number` times, over all its layers."""

    d_in: int
    d_out: int
    number: int

    @property
    def parameters(self) -> int:
        return self.d_in * self.d_out * self.number

    def lora(self, rank: int) -> int:
        """Parameters of LoRA's A (r × d_in) and B (d_out × r)."""
        return rank * (self.d_in + self.d_out) * self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A transformer. Built by `training.planning.architectures.read_shape`."""

    architecture: str
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    vocab: int
    positions: int
    """The longest sequence it was made for."""
    linears: tuple[Matrix, ...]
    """All linear layers but the head, over all layers: what LoRA adapts, and nf4 and fp8 quantise."""
    eyes: tuple[Matrix, ...] = ()
    """Those of the part that sees images: quantised too, but no text goes through them and no adapter covers them."""
    experts: tuple[Matrix, ...] = ()
    """Those of a mixture of experts: they lie in three-dimensional parameters, not in linear layers, and no adapter covers them."""
    active_share: float = 1.0
    """Share of the experts that a token goes through."""
    embeddings: int
    """Parameters of token and position embeddings and of a head of its own (a tied head counts once): never quantised."""
    small: int
    """Parameters of norms, biases and whatever else is no matrix."""
    windows: tuple[int | None, ...]
    """By layer: how many tokens back it sees; `None` sees all."""
    width: int
    """Numbers that a layer holds of one token while it is computed again in the backward pass."""
    encoder: bool = False
    """Reads and does not write: BERT and its like."""

    @property
    def parameters(self) -> int:
        return self._linear + self._eyes + self._expert + self.embeddings + self.small

    @property
    def active_parameters(self) -> int:
        """Those that a token is multiplied with: the chosen experts only, and the head, not the table of embeddings."""
        return self._linear + round(self._expert * self.active_share) + self.vocab * self.hidden

    def lora_parameters(self, rank: int, *, experts: bool = False) -> int:
        """What `training.lora.put_adapter` trains; with `experts` what vLLM keeps room for, whether an adapter covers them or not."""
        return sum(matrix.lora(rank) for matrix in (*self.linears, *(self.experts if experts else ())))

    def weight_bytes(self, precision: Precision, *, experts: bool = True) -> int:
        """The weights. Embeddings, head and norms stay in 16 bits.

        Args:
            experts: whether the experts are quantised too. vLLM does it; transformers 5.23 with bitsandbytes replaces
                `nn.Linear` only, and since transformers 5 experts are none (bitsandbytes-foundation/bitsandbytes#1849).
        """
        bits = _BITS[precision]
        quantised = self._linear + self._eyes + (self._expert if experts else 0)
        return round(quantised * bits / 8) + 2 * (self.parameters - quantised)

    def kv_bytes(self, tokens: int) -> int:
        """Keys and values of one sequence in 16 bits: 2 · kv_heads · head_dim numbers a token and layer.

        A layer with a sliding window keeps its window only.
        """
        seen = sum(tokens if window is None else min(tokens, window) for window in self.windows)
        return 2 * self.kv_heads * self.head_dim * 2 * seen

    @property
    def _linear(self) -> int:
        return sum(matrix.parameters for matrix in self.linears)

    @property
    def _eyes(self) -> int:
        return sum(matrix.parameters for matrix in self.eyes)

    @property
    def _expert(self) -> int:
        return sum(matrix.parameters for matrix in self.experts)
