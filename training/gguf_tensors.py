"""The tensors of a Llama-style model under llama.cpp's names, in its order of rows, read one at a time."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from training.export_model import NotExportable

if TYPE_CHECKING:
    import numpy as np
    from gguf import GGMLQuantizationType

WeightType = Literal["f16", "q8_0"]

_LARGEST_F16 = 65504.0
_ROPE_FACTORS = "rope_freqs.weight"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How one tensor is stored."""

    name: str
    source: str
    """Its name in the model's folder; empty for what is computed."""
    type: "GGMLQuantizationType"
    stored_shape: tuple[int, ...]
    """Of the array that is written: bytes, for quantised ones."""
    numpy_type: "np.dtype[Any]"
    size_bytes: int


class Tensors:
    """Matrices as `weight_type`, vectors as float32."""

    def __init__(self, folder: Path, config: Any, architecture: str, weight_type: WeightType) -> None:
        """Raises `NotExportable` for a tensor that llama.cpp has no name for."""
        from gguf import MODEL_ARCH_NAMES, get_tensor_name_map
        from safetensors import safe_open

        self._config, self._in_pairs, self._weight_type = config, architecture == "llama", weight_type
        self._files: dict[str, Any] = {}
        arch = next(arch for arch, name in MODEL_ARCH_NAMES.items() if name == architecture)
        names = get_tensor_name_map(arch, config.num_hidden_layers)
        self.plans: list[Plan] = []
        for path in sorted(folder.glob("*.safetensors")):
            file: Any = safe_open(path, framework="pt")  # mapped, not read
            for source in list(file.keys()):
                name = names.get_name(source, try_suffixes=(".weight", ".bias"))
                if name is None:
                    raise NotExportable(
                        what="the model as GGUF",
                        problem=f"llama.cpp has no name for its tensor {source}",
                        remedy="`curbside export merged` writes a folder that transformers, TGI and vLLM read",
                    )
                self._files[source] = file
                self.plans.append(self._plan(name, source, tuple(file.get_slice(source).get_shape())))
        if config.rope_parameters["rope_type"] == "llama3":
            self.plans.insert(0, self._plan(_ROPE_FACTORS, "", (head_size(config) // 2,)))

    def read(self, plan: Plan) -> "np.ndarray":
        """A tensor as it is written. Raises `NotExportable` for a weight that half precision cannot hold."""
        import numpy as np
        from gguf import quants

        if not plan.source:
            return rope_factors(self._config)
        values = self._files[plan.source].get_tensor(plan.source).float().numpy()
        if self._in_pairs:
            values = self._rotated_in_pairs(plan.source, values)
        if plan.numpy_type == np.float16 and np.abs(values).max(initial=0) > _LARGEST_F16:
            raise NotExportable(
                what="the model as GGUF", problem=f"{plan.source} is too large for f16", remedy="try `--type q8_0`"
            )
        return quants.quantize(np.ascontiguousarray(values), plan.type)

    def _plan(self, name: str, source: str, shape: tuple[int, ...]) -> Plan:
        import numpy as np
        from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants

        kind, numpy_type, stored = GGMLQuantizationType.F32, np.float32, shape
        if len(shape) > 1:
            kind, numpy_type = GGMLQuantizationType.F16, np.float16
            # A row that is no whole number of blocks stays in half precision, as in llama.cpp.
            if self._weight_type == "q8_0" and shape[-1] % GGML_QUANT_SIZES[GGMLQuantizationType.Q8_0][0] == 0:
                kind, numpy_type = GGMLQuantizationType.Q8_0, np.uint8
                stored = quants.quant_shape_to_byte_shape(shape, kind)
        return Plan(
            name=name,
            source=source,
            type=kind,
            stored_shape=tuple(stored),
            numpy_type=np.dtype(numpy_type),
            size_bytes=int(np.prod(stored)) * np.dtype(numpy_type).itemsize,
        )

    def _rotated_in_pairs(self, source: str, values: "np.ndarray") -> "np.ndarray":
        """For Llama, llama.cpp rotates neighbouring rows of a head, transformers rows that are half a head apart."""
        heads = {"q_proj": self._config.num_attention_heads, "k_proj": self._config.num_key_value_heads}
        count = next((number for part, number in heads.items() if f".{part}." in source), None)
        if count is None:
            return values
        halves = values.reshape(count, 2, values.shape[0] // count // 2, *values.shape[1:])
        return halves.swapaxes(1, 2).reshape(values.shape)


def rope_factors(config: Any) -> "np.ndarray":
    """(head size / 2,) float32: by what llama.cpp divides each frequency, as transformers computes it for Llama 3.1."""
    import numpy as np
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    scaled, _ = ROPE_INIT_FUNCTIONS["llama3"](config, "cpu")  # type: ignore[arg-type]
    size = head_size(config)
    plain = config.rope_parameters["rope_theta"] ** -(np.arange(0, size, 2, dtype=np.float64) / size)
    return (plain / scaled.double().numpy()).astype(np.float32)


def head_size(config: Any) -> int:
    return getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
