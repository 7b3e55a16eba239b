"""Writes what ships: half-precision weights without the word vectors, in shards, with what transformers needs beside them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.generation.starter import END_ID, PAD_ID
from training.starter.tokenizer import write_tokenizer
from training.starter.warm_start import decoder_config

if TYPE_CHECKING:
    import torch

_SHARD_BYTES = 14_000_000
"""Below the 15 MB that a file in the repository may have."""


def package(checkpoint: Path, out: Path) -> None:
    """Write the weights of `checkpoint` to the folder `out`, from which `assistant.generation.starter` loads them."""
    import torch
    from safetensors.torch import save_file

    weights: dict[str, torch.Tensor] = torch.load(checkpoint, map_location="cpu", weights_only=True)["weights"]
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("weights-*.safetensors"):
        old.unlink()
    for number, shard in enumerate(_shards(weights), start=1):
        save_file(shard, out / f"weights-{number}.safetensors")
    config = decoder_config() | {
        "architectures": ["BertGenerationDecoder"],
        "model_type": "bert-generation",
        "dtype": "float16",
    }
    generation = {"do_sample": False, "eos_token_id": END_ID, "pad_token_id": PAD_ID}
    for name, values in (("config.json", config), ("generation_config.json", generation)):
        (out / name).write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    write_tokenizer(out)


def _shards(weights: "Mapping[str, torch.Tensor]") -> "Iterator[dict[str, torch.Tensor]]":
    shard: dict[str, torch.Tensor] = {}
    size = 0
    for name, tensor in sorted(weights.items()):
        half = tensor.half().contiguous()
        if shard and size + half.nbytes > _SHARD_BYTES:
            yield shard
            shard, size = {}, 0
        shard[name] = half
        size += half.nbytes
    yield shard
