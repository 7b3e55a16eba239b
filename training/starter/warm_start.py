"""MiniLM's encoder as a causal decoder: its six layers, more positions, and word vectors that stay what they were."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.encoder.minilm import default_folder, load_weights
from assistant.generation.starter import POSITIONS, word_vectors

if TYPE_CHECKING:
    import torch


def warm_start(folder: Path | None = None) -> Any:
    """A `BertGenerationDecoder` (float32) with MiniLM's weights from `folder`, ready to be trained.

    Token-type row 0, which the encoder adds to every input, becomes part of the positions. Word vectors are frozen; the
    head is tied to them and its bias starts at zero.
    """
    import torch
    from transformers import BertGenerationConfig, BertGenerationDecoder

    folder = folder or default_folder()
    weights = {name: torch.tensor(array) for name, array in load_weights(folder / "model.safetensors").items()}
    weights = {name.removeprefix("bert."): tensor for name, tensor in weights.items()}
    config = BertGenerationConfig(**decoder_config())
    model: Any = BertGenerationDecoder(config)
    positions = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    state = {
        "embeddings.word_embeddings.weight": word_vectors(folder),
        "embeddings.position_embeddings.weight": extend(positions, POSITIONS),
        "embeddings.LayerNorm.weight": weights["embeddings.LayerNorm.weight"],
        "embeddings.LayerNorm.bias": weights["embeddings.LayerNorm.bias"],
    }
    state |= {name: tensor for name, tensor in weights.items() if name.startswith("encoder.")}
    model.bert.load_state_dict(state, strict=True)
    model.tie_weights()
    with torch.no_grad():
        model.lm_head.bias.zero_()
    model.bert.embeddings.word_embeddings.weight.requires_grad_(False)
    return model


def extend(positions: "torch.Tensor", length: int) -> "torch.Tensor":
    """(n, d) → (length, d), at most twice as many: the first n stay, then come the same again, moved on by how they drift.

    Interpolation would keep the ends and halve the steps, and with them break the heads that look one word back, on
    which copying is built; they would have to be learnt again.
    """
    import torch

    count = len(positions)
    half = count // 2
    drift = 2 * (positions[half:].mean(0) - positions[:half].mean(0))
    return torch.cat([positions, positions[: length - count] + drift])


def decoder_config() -> dict[str, Any]:
    """MiniLM's shape as a decoder without dropout: training text never repeats, there is nothing to overfit."""
    from assistant.generation.starter import END_ID, PAD_ID

    return {
        "vocab_size": 30_522,
        "hidden_size": 384,
        "num_hidden_layers": 6,
        "num_attention_heads": 12,
        "intermediate_size": 1_536,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
        "max_position_embeddings": POSITIONS,
        "is_decoder": True,
        "tie_word_embeddings": True,
        "pad_token_id": PAD_ID,
        "bos_token_id": None,
        "eos_token_id": END_ID,
        "use_cache": True,
    }
