"""A config.json as transformers writes it → the shape of its model, one reader a family.

The defaults are transformers' own (5.23), for published configs leave out what equals them; a test compares both.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from training.planning.errors import MissingField, UnknownArchitecture, UnusableConfig
from training.planning.shape import Matrix, Shape

Config = Mapping[str, Any]

_MOST, _MOST_LAYERS = 1_000_000_000, 10_000
"""Of any number in a config that somebody wrote by hand."""


def read_shape(config: Config) -> Shape:
    """The shape of the model that a config describes.

    Raises:
        UnknownArchitecture: The planner has no reader for its `model_type`.
        MissingField: A size is not in it.
        UnusableConfig: It describes weights that are quantised already.
    """
    architecture = config.get("model_type")
    if not isinstance(architecture, str) or architecture not in _READERS:
        raise UnknownArchitecture(
            architecture=architecture if isinstance(architecture, str) else None, known=sorted(_READERS)
        )
    text = config.get("text_config")
    if config.get("quantization_config") or (isinstance(text, Mapping) and text.get("quantization_config")):
        raise UnusableConfig(
            path="this config.json",
            problem="its weights are quantised already, and only the original ones can be trained; give the original's",
        )
    return _READERS[architecture](_Fields(config, architecture))


class _Fields:
    """Reads numbers of a config, or the default of its architecture."""

    def __init__(self, config: Config, architecture: str) -> None:
        """A field that says null says nothing."""
        self._values = DEFAULTS.get(architecture, {}) | {
            key: value for key, value in config.items() if value is not None
        }
        self.architecture = architecture

    def __getitem__(self, field: str) -> int:
        value = self._values.get(field)
        most = _MOST_LAYERS if field == "num_hidden_layers" else _MOST
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise MissingField(architecture=self.architecture, field=field)
        return value

    def get(self, field: str, default: Any = None) -> Any:
        return self._values.get(field, default)

    def optional(self, field: str, default: int) -> int:
        return default if self._values.get(field) is None else self[field]

    def part(self, field: str, architecture: str) -> "_Fields":
        part = self._values.get(field)
        if not isinstance(part, Mapping):
            raise MissingField(architecture=self.architecture, field=field)
        return _Fields(part, architecture)


DEFAULTS: dict[str, dict[str, Any]] = {
    "mistral": {"num_key_value_heads": 8, "sliding_window": None},
    "gemma": {"head_dim": 256, "tie_word_embeddings": True},
    "gemma2": {"head_dim": 256, "tie_word_embeddings": True, "sliding_window": 4096},
    "gemma3_text": {
        "vocab_size": 262_208,
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "head_dim": 256,
        "max_position_embeddings": 131_072,
        "tie_word_embeddings": True,
        "sliding_window": 4096,
    },
    "siglip_vision_model": {"num_channels": 3},
    "qwen3": {"head_dim": 128},
    "biogpt": {"tie_word_embeddings": True},
    "bert": {"type_vocab_size": 2},
}
_GEMMA3_PATTERN = 6
"""Every sixth layer of Gemma 3 sees everything."""


def _decoder(fields: _Fields, *, qkv_bias: bool = False, norms: int = 2, head_norms: bool = False) -> Shape:
    """Llama and what descends from it: gated MLP, RMS norms, grouped keys and values, rotary positions."""
    layers, hidden, heads = fields["num_hidden_layers"], fields["hidden_size"], fields["num_attention_heads"]
    kv_heads = fields.optional("num_key_value_heads", heads)
    head_dim = fields.optional("head_dim", max(1, hidden // heads))
    inner, q, kv = fields["intermediate_size"], heads * head_dim, kv_heads * head_dim
    linears = (
        Matrix(hidden, q, layers),
        Matrix(hidden, kv, 2 * layers),
        Matrix(q, hidden, layers),
        Matrix(hidden, inner, 2 * layers),
        Matrix(inner, hidden, layers),
    )
    biases = (q + 2 * kv if qkv_bias or fields.get("attention_bias") else 0) + (
        hidden if fields.get("attention_bias") else 0
    )
    biases += 2 * inner + hidden if fields.get("mlp_bias") else 0
    small = layers * (norms * hidden + (2 * head_dim if head_norms else 0) + biases) + hidden
    vocab = fields["vocab_size"]
    return Shape(
        architecture=fields.architecture,
        layers=layers,
        hidden=hidden,
        heads=heads,
        kv_heads=kv_heads,
        head_dim=head_dim,
        vocab=vocab,
        positions=fields["max_position_embeddings"],
        linears=linears,
        embeddings=vocab * hidden * (1 if fields.get("tie_word_embeddings") else 2),
        small=small,
        windows=_windows(fields, layers),
        width=_width(hidden, q, kv, inner),
    )


def _width(hidden: int, q: int, kv: int, inner: int) -> int:
    """Of one token: four vectors of the residual stream and its norms, queries and answers of attention, keys and values,
    and of the MLP gate, up, the gate's activation and their product."""
    return 4 * hidden + 2 * q + 2 * kv + 4 * inner


def _windows(fields: _Fields, layers: int) -> tuple[int | None, ...]:
    if not fields.get("sliding_window"):
        return (None,) * layers
    window, kinds = fields["sliding_window"], fields.get("layer_types")
    if isinstance(kinds, list) and len(kinds) == layers:
        return tuple(window if kind == "sliding_attention" else None for kind in kinds)
    if fields.architecture in ("gemma2", "gemma3_text"):
        every = 2 if fields.architecture == "gemma2" else fields.optional("sliding_window_pattern", _GEMMA3_PATTERN)
        return tuple(window if (layer + 1) % every else None for layer in range(layers))
    if fields.architecture in ("qwen2", "qwen3", "qwen3_moe"):
        if not fields.get("use_sliding_window"):
            return (None,) * layers
        full = fields.optional("max_window_layers", 28)
        return tuple(window if layer >= full else None for layer in range(layers))
    return (window,) * layers


def _phi3(fields: _Fields) -> Shape:
    """Queries, keys and values are one matrix, and so are gate and up: LoRA is smaller for it."""
    shape = _decoder(fields)
    hidden, layers, inner = shape.hidden, shape.layers, fields["intermediate_size"]
    q, kv = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    linears = (
        Matrix(hidden, q + 2 * kv, layers),
        Matrix(q, hidden, layers),
        Matrix(hidden, 2 * inner, layers),
        Matrix(inner, hidden, layers),
    )
    return replace(shape, linears=linears)


def _mixture(fields: _Fields, *, inner: int, experts: int, head_norms: bool = False) -> Shape:
    """The MLP of a layer is there once for each expert, and a router chooses among them."""
    dense = _decoder(fields, head_norms=head_norms)
    hidden, layers, chosen = dense.hidden, dense.layers, min(experts, fields["num_experts_per_tok"])
    q, kv = dense.heads * dense.head_dim, dense.kv_heads * dense.head_dim
    return replace(
        dense,
        linears=dense.linears[:3],
        experts=(Matrix(hidden, inner, 2 * experts * layers), Matrix(inner, hidden, experts * layers)),
        small=dense.small + hidden * experts * layers,
        active_share=chosen / experts,
        width=_width(hidden, q, kv, chosen * inner),
    )


def _mixtral(fields: _Fields) -> Shape:
    return _mixture(fields, inner=fields["intermediate_size"], experts=fields["num_local_experts"])


def _qwen3_moe(fields: _Fields) -> Shape:
    if fields.get("mlp_only_layers") or fields.get("decoder_sparse_step", 1) != 1:
        raise UnusableConfig(
            path="this config.json", problem="some of its layers have no experts, which the planner cannot count"
        )
    return _mixture(fields, inner=fields["moe_intermediate_size"], experts=fields["num_experts"], head_norms=True)


def _gemma3(fields: _Fields) -> Shape:
    """The text model, and beside it the tower that sees images (SigLIP) with its projection."""
    text = _gemma3_text(fields.part("text_config", "gemma3_text"))
    vision = fields.part("vision_config", "siglip_vision_model")
    hidden, layers, inner = vision["hidden_size"], vision["num_hidden_layers"], vision["intermediate_size"]
    patch = vision["patch_size"]
    places = (vision["image_size"] // patch) ** 2
    tower = (Matrix(hidden, hidden, 4 * layers), Matrix(hidden, inner, layers), Matrix(inner, hidden, layers))
    biases = layers * (4 * hidden + inner + hidden)
    norms = layers * 4 * hidden + 2 * hidden
    patches = vision["num_channels"] * patch * patch * hidden + hidden + places * hidden
    projection = hidden * text.hidden + hidden
    return replace(
        text,
        architecture="gemma3",
        eyes=tower,
        small=text.small + biases + norms + patches + projection,
    )


def _gemma3_text(fields: _Fields) -> Shape:
    return _decoder(fields, norms=4, head_norms=True)


def _biogpt(fields: _Fields) -> Shape:
    """As GPT-2 had it: learned positions, layer norms with bias, a plain MLP."""
    layers, hidden, heads = fields["num_hidden_layers"], fields["hidden_size"], fields["num_attention_heads"]
    inner, vocab, positions = fields["intermediate_size"], fields["vocab_size"], fields["max_position_embeddings"]
    return Shape(
        architecture=fields.architecture,
        layers=layers,
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=max(1, hidden // heads),
        vocab=vocab,
        positions=positions,
        linears=(Matrix(hidden, hidden, 4 * layers), Matrix(hidden, inner, layers), Matrix(inner, hidden, layers)),
        # Two positions more than tokens: an offset that BioGPT has from BART.
        embeddings=vocab * hidden * (1 if fields.get("tie_word_embeddings") else 2) + (positions + 2) * hidden,
        small=layers * (4 * hidden + inner + hidden + 4 * hidden) + 2 * hidden,
        windows=(None,) * layers,
        width=_width(hidden, hidden, hidden, inner),
    )


def _bert(fields: _Fields) -> Shape:
    """The encoder with its pooler."""
    layers, hidden, heads = fields["num_hidden_layers"], fields["hidden_size"], fields["num_attention_heads"]
    inner, vocab, positions = fields["intermediate_size"], fields["vocab_size"], fields["max_position_embeddings"]
    return Shape(
        architecture=fields.architecture,
        layers=layers,
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=hidden // heads,
        vocab=vocab,
        positions=positions,
        linears=(
            Matrix(hidden, hidden, 4 * layers + 1),
            Matrix(hidden, inner, layers),
            Matrix(inner, hidden, layers),
        ),
        embeddings=(vocab + positions + fields["type_vocab_size"]) * hidden,
        small=layers * (4 * hidden + inner + hidden + 4 * hidden) + 2 * hidden + hidden,
        windows=(None,) * layers,
        width=_width(hidden, hidden, hidden, inner),
        encoder=True,
    )


_READERS: dict[str, Callable[[_Fields], Shape]] = {
    "llama": _decoder,
    "mistral": _decoder,
    "mixtral": _mixtral,
    "qwen2": lambda fields: _decoder(fields, qkv_bias=True),
    "qwen3": lambda fields: _decoder(fields, head_norms=True),
    "qwen3_moe": _qwen3_moe,
    "phi3": _phi3,
    "gemma": _decoder,
    "gemma2": lambda fields: _decoder(fields, norms=4),
    "gemma3": _gemma3,
    "gemma3_text": _gemma3_text,
    "biogpt": _biogpt,
    "bert": _bert,
}
