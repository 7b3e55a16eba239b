"""The tagger while it learns: MiniLM with low-rank changes, our features added to its input, one linear head."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from assistant.deid.tagger.labels import LABELS
from assistant.deid.tagger.tokens import GAPS, KINDS, SHAPES
from assistant.encoder.minilm import DIMENSIONS, default_folder
from training.processor import has_bfloat16

if TYPE_CHECKING:
    from training.tagger.batches import Batch

_SCALE = 2.0
"""How strongly a low-rank change counts (LoRA's alpha over its rank; Hu et al., ICLR 2022)."""


class LowRank(nn.Module):
    """`W + scale * up @ down`, with W frozen.

    PEFT adds `up(down(x))` to each layer's output instead. Over a batch of thousands of word pieces that moves more memory
    than the sum over the weights does: on two cores with bfloat16 this form trains about three times as fast.
    """

    def __init__(self, rows: int, columns: int, rank: int) -> None:
        super().__init__()
        self.up = nn.Parameter(torch.zeros(rows, rank))
        self.down = nn.Parameter(torch.empty(rank, columns))
        nn.init.kaiming_uniform_(self.down, a=5**0.5)

    def forward(self, weight: Tensor) -> Tensor:
        return weight + (_SCALE * self.up @ self.down).to(weight.dtype)


class TaggerModel(nn.Module):
    """Scores of every label for every token. The encoder computes in bfloat16 where the processor has it; what learns is kept in float32."""

    def __init__(self, *, rank: int, dropout: float = 0.1) -> None:
        super().__init__()
        from transformers import BertModel

        self.bert: Any = BertModel.from_pretrained(
            str(default_folder()),
            add_pooling_layer=False,
            attn_implementation="eager",  # on the processor faster than SDPA for heads this small
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            dtype=torch.bfloat16 if has_bfloat16() else torch.float32,
        )
        self.bert.requires_grad_(False)
        self.layers = {name: layer for name, layer in self.bert.encoder.named_modules() if isinstance(layer, nn.Linear)}
        for layer in self.layers.values():
            change = LowRank(layer.out_features, layer.in_features, rank)
            parametrize.register_parametrization(layer, "weight", change)
        self.shapes = _from_nothing(len(SHAPES))
        self.gaps = _from_nothing(len(GAPS))
        self.kinds = _from_nothing(KINDS)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(DIMENSIONS, len(LABELS))

    def forward(self, batch: "Batch") -> Tensor:
        """(texts, tokens, labels) float32 scores. The signs around a text carry no features."""
        features = self.shapes(batch.shapes) + self.gaps(batch.gaps) + self.kinds(batch.kinds)
        words = self.bert.get_input_embeddings()(batch.pieces)
        inputs = words + (batch.inside[..., None] * features).to(words.dtype)
        hidden = self.bert(inputs_embeds=inputs, attention_mask=batch.attention).last_hidden_state
        firsts = batch.firsts[..., None].expand(-1, -1, DIMENSIONS)
        return self.head(self.dropout(hidden.gather(1, firsts).float()))

    def adapter(self) -> dict[str, Tensor]:
        """What is shipped: per layer `up` (scaled) and `down`, the features, the head; float16."""
        parts: dict[str, Tensor] = {}
        for name, layer in self.layers.items():
            change: Any = layer.parametrizations["weight"][0]  # type: ignore[index]
            parts[f"encoder.{name}.up"] = _SCALE * change.up
            parts[f"encoder.{name}.down"] = change.down
        parts |= {f"{name}.weight": getattr(self, name).weight for name in ("shapes", "gaps", "kinds")}
        parts |= {"head.weight": self.head.weight, "head.bias": self.head.bias}
        return {name: values.detach().to(torch.float16).contiguous().clone() for name, values in parts.items()}

    def load(self, path: Path) -> None:
        """Go on from an adapter that `save` wrote."""
        from safetensors.torch import load_file

        parts = load_file(path)
        with torch.no_grad():
            for name, layer in self.layers.items():
                change: Any = layer.parametrizations["weight"][0]  # type: ignore[index]
                change.up.copy_(parts[f"encoder.{name}.up"] / _SCALE)
                change.down.copy_(parts[f"encoder.{name}.down"])
            for name in ("shapes", "gaps", "kinds", "head"):
                getattr(self, name).weight.copy_(parts[f"{name}.weight"])
            self.head.bias.copy_(parts["head.bias"])

    def save(self, path: Path) -> None:
        from safetensors.torch import save_file

        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(self.adapter(), path)


def _from_nothing(rows: int) -> nn.Embedding:
    """At first the features say nothing: the encoder begins as it was published."""
    embedding = nn.Embedding(rows, DIMENSIONS)
    nn.init.zeros_(embedding.weight)
    return embedding


def average(first: Path, second: Path, *, out: Path) -> None:
    """The mean of two adapters, of which one was trained on from the other (Izmailov et al., UAI 2018)."""
    from safetensors.torch import load_file, save_file

    left, right = load_file(first), load_file(second)
    save_file({name: ((left[name].float() + right[name].float()) / 2).to(torch.float16) for name in left}, out)
