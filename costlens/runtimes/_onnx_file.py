"""Small ONNX files written on the fly."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Tensors = Mapping[str, tuple[str, Sequence[int]]]
"""Tensors by name: NumPy's name of the type, and the shape."""
_OPSET, _IR = 18, 10  # younger files are refused by older runtimes


def save(
    path: Path,
    nodes: Sequence[tuple[str, str, str]],
    inputs: Tensors,
    outputs: Tensors,
    weights: Mapping[str, Any] | None = None,
) -> None:
    """Write a graph of nodes, each an operator, the names of what it reads, by spaces, and of what it makes."""
    import numpy
    import onnx
    from onnx import helper, numpy_helper

    def value(name: str, kind: str, shape: Sequence[int]) -> Any:
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(numpy.dtype(kind)), shape)

    graph = helper.make_graph(
        [helper.make_node(op, read.split(), [made], name=f"n{place}") for place, (op, read, made) in enumerate(nodes)],
        path.stem,
        [value(name, *tensor) for name, tensor in inputs.items()],
        [value(name, *tensor) for name, tensor in outputs.items()],
        [numpy_helper.from_array(array, name) for name, array in (weights or {}).items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR), str(path))
