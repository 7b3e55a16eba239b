"""all-MiniLM-L6-v2 without torch: int8 weights in ONNX Runtime, built in memory at first use.

Importing sentence-transformers takes seconds and hundreds of megabytes, which the first page and the first token would
wait for. The same weights run in ONNX Runtime (installed with Chroma) from a graph written here. Word vectors are
looked up in the memory-mapped weight file, so only the 16 MB of the six layers are held in memory.

`make bench` prints what int8 costs in ranking quality and gains in time (`tests/benchmarks/bench_retrieval.py`).
"""

import json
import os
import struct
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.retrieval.onnx_writer import MICROSOFT, OnnxGraph

if TYPE_CHECKING:
    import numpy as np

DIMENSIONS = 384
MAX_WORD_PIECES = 256
"""The model's own limit (`sentence_bert_config.json`); what follows is not read."""
_MAX_CHARS = 10_000
"""Cut before tokenising: 256 word pieces of real text never need more, a question of 100,000 characters would."""
_LAYERS = 6
_HEADS = 12
_EPSILON = 1e-12
_LAYERS_WITH_OUTLIERS = 3
"""In the first layers a few activations after GELU are so large that int8 leaves nothing for the rest: there the second
matrix stays float32. Measured: half of the squared error for a tenth of the time."""


class MiniLm:
    """The embedding model. Safe to call from many threads, which run side by side.

    Texts run one at a time, never padded into a batch: int8 activations are scaled by the largest value in a run, so a
    text's vector would depend on its neighbours; and one passage fills a core already.
    """

    def __init__(self, folder: Path) -> None:
        """`folder`: the model as sentence-transformers keeps it (`model.safetensors`, `tokenizer.json`).

        Raises:
            OSError: a file is missing or cannot be read.
        """
        import numpy as np
        import onnxruntime
        from tokenizers import Tokenizer

        weights = _map_weights(folder / "model.safetensors")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(_build_graph(weights), options, providers=["CPUExecutionProvider"])
        self._words = weights["embeddings.word_embeddings.weight"]
        token_type = weights["embeddings.token_type_embeddings.weight"][0]
        self._positions = np.array(weights["embeddings.position_embeddings.weight"][:MAX_WORD_PIECES] + token_type)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_WORD_PIECES)

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        """Return (len(texts), 384) float32 of unit length. Several texts are spread over the cores."""
        import numpy as np

        vectors = np.empty((len(texts), DIMENSIONS), np.float32)
        if len(texts) == 1:
            vectors[0] = self._embed_one(texts[0])
        elif texts:
            with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="embed") as pool:
                for row, vector in enumerate(pool.map(self._embed_one, texts)):
                    vectors[row] = vector
        return vectors

    def _embed_one(self, text: str) -> "np.ndarray":
        import numpy as np

        ids = self._tokenizer.encode(text[:_MAX_CHARS]).ids
        pieces = (self._words[ids] + self._positions[: len(ids)])[np.newaxis]
        (hidden,) = self._session.run(None, {"pieces": pieces})
        vector = np.asarray(hidden)[0].mean(axis=0)
        return vector / np.linalg.norm(vector)


def _map_weights(path: Path) -> "dict[str, np.ndarray]":
    """Map a safetensors file's float32 arrays: an 8-byte length, a JSON header, then the data."""
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


def _build_graph(weights: "dict[str, np.ndarray]") -> bytes:
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


def _add_layer(graph: OnnxGraph, weights: "dict[str, np.ndarray]", number: int, source: str, target: str) -> None:
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
    graph: OnnxGraph, weights: "dict[str, np.ndarray]", name: str, source: str, target: str, *, gelu: bool = False
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


def _linear_float32(graph: OnnxGraph, weights: "dict[str, np.ndarray]", name: str, source: str, target: str) -> None:
    import numpy as np

    matrix = graph.constant(f"{name}.float32", np.ascontiguousarray(weights[f"{name}.weight"].T))
    bias = graph.constant(f"{name}.bias", weights[f"{name}.bias"])
    graph.node("MatMul", [source, matrix], [f"{target}.product"])
    graph.node("Add", [f"{target}.product", bias], [target])


def _normalize(graph: OnnxGraph, weights: "dict[str, np.ndarray]", name: str, source: str, target: str) -> None:
    gamma = graph.constant(f"{name}.weight", weights[f"{name}.weight"])
    beta = graph.constant(f"{name}.bias", weights[f"{name}.bias"])
    graph.node("LayerNormalization", [source, gamma, beta], [target], axis=-1, epsilon=_EPSILON)
