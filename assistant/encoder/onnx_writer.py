"""Writes an ONNX model from arrays and operator names.

The `onnx` package does this too, in 40 MB with its dependencies; the few messages of the format that a forward pass
needs fit on a page. Field numbers: onnx.proto of ONNX 1.16; encoding: Protocol Buffers' wire format.
"""

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

MICROSOFT = "com.microsoft"
"""The domain of ONNX Runtime's own operators."""
_IR_VERSION = 9
_OPSET = 18
_DATA_TYPES = {"float32": 1, "int8": 3}


class OnnxGraph:
    """Collects constants and nodes; `serialize` gives the bytes that ONNX Runtime loads."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []

    def constant(self, name: str, values: "np.ndarray") -> str:
        """Add a float32 or int8 array under `name`, which is returned."""
        dims = b"".join(_integer(1, size) for size in values.shape)
        data_type = _integer(2, _DATA_TYPES[values.dtype.name])
        self._constants.append(dims + data_type + _bytes(8, name.encode()) + _bytes(9, values.tobytes()))
        return name

    def node(
        self, operator: str, inputs: list[str], outputs: list[str], *, domain: str = "", **attributes: int | float
    ) -> None:
        """Add an operator; nodes are added in the order of their computation."""
        self._nodes.append(
            b"".join(_bytes(1, name.encode()) for name in inputs)
            + b"".join(_bytes(2, name.encode()) for name in outputs)
            + _bytes(4, operator.encode())
            + b"".join(_bytes(5, _attribute(name, value)) for name, value in attributes.items())
            + (_bytes(7, domain.encode()) if domain else b"")
        )

    def serialize(self, *, inputs: dict[str, list[int | str]], outputs: dict[str, list[int | str]]) -> bytes:
        """Return the model; `inputs` and `outputs` are float32 tensors: name → sizes, a `str` for a free one."""
        graph = (
            b"".join(_bytes(1, node) for node in self._nodes)
            + _bytes(2, b"graph")
            + b"".join(_bytes(5, constant) for constant in self._constants)
            + b"".join(_bytes(11, _value(name, sizes)) for name, sizes in inputs.items())
            + b"".join(_bytes(12, _value(name, sizes)) for name, sizes in outputs.items())
        )
        opsets = _bytes(8, _bytes(1, b"") + _integer(2, _OPSET)) + _bytes(
            8, _bytes(1, MICROSOFT.encode()) + _integer(2, 1)
        )
        return _integer(1, _IR_VERSION) + _bytes(7, graph) + opsets


def _attribute(name: str, value: int | float) -> bytes:
    if isinstance(value, float):
        return _bytes(1, name.encode()) + _varint(2 << 3 | 5) + struct.pack("<f", value) + _integer(20, 1)
    return _bytes(1, name.encode()) + _integer(3, value) + _integer(20, 2)


def _value(name: str, sizes: list[int | str]) -> bytes:
    dims = b"".join(
        _bytes(1, _integer(1, size) if isinstance(size, int) else _bytes(2, size.encode())) for size in sizes
    )
    tensor = _integer(1, _DATA_TYPES["float32"]) + _bytes(2, dims)
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, tensor))


def _integer(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1  # negative numbers are written as 64-bit two's complement
    groups = bytearray()
    while value > 127:
        groups.append(value & 127 | 128)
        value >>= 7
    groups.append(value)
    return bytes(groups)
