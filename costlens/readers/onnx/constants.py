"""Which tensors of a graph are constant, and which stored numbers stand behind each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

Shape = tuple[int, ...]

_FLOATS = frozenset({1, 10, 11, 16, 17, 18, 19, 20, 23, 24})
"""TensorProto.DataType: float, float16, double, bfloat16, the float8s, float4."""
_CARRIERS = frozenset(
    {
        "Cast",
        "DequantizeLinear",
        "Expand",
        "Flatten",
        "Gather",
        "Identity",
        "Pad",
        "QuantizeLinear",
        "Reshape",
        "Slice",
        "Split",
        "Squeeze",
        "Tile",
        "Transpose",
        "Unsqueeze",
    }
)
"""Operators whose first input is the data; a constant behind one is still the stored constant before it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Numbers that a file stores, or generates, under one name."""

    name: str
    count: int
    floating: bool


def constants(graph: Any, shapes: Mapping[str, Shape]) -> dict[str, tuple[Stored, ...]]:
    """Map each constant tensor to the stored numbers it is made of.

    Constant are initialisers, Constant nodes, and the outputs of nodes that read constants only.
    """
    known: dict[str, tuple[Stored, ...]] = {
        tensor.name: (Stored(tensor.name, prod(tensor.dims), tensor.data_type in _FLOATS),)
        for tensor in graph.initializer
    }
    for sparse in graph.sparse_initializer:
        known[sparse.values.name] = (Stored(sparse.values.name, prod(sparse.values.dims), True),)
    for node in graph.node:
        inputs = [name for name in node.input if name]
        if node.op_type == "Constant":
            known[node.output[0]] = (_constant(node),)
        elif node.op_type == "ConstantOfShape" and inputs[0] in known and node.output[0] in shapes:
            known[node.output[0]] = (Stored(node.output[0], prod(shapes[node.output[0]]), _fills_floats(node)),)
        elif inputs and all(name in known for name in inputs) and not _makes_its_own(node):
            carried = inputs[:1] if node.op_type in _CARRIERS else inputs
            behind = tuple({s.name: s for name in carried for s in known[name]}.values())
            known.update(dict.fromkeys(node.output, behind))
    return known


def _constant(node: Any) -> Stored:
    (attribute,) = [a for a in node.attribute if a.name.startswith(("value", "sparse_value"))][:1] or [None]
    name = node.output[0]
    if attribute is None:
        return Stored(name, 0, False)
    match attribute.name:
        case "value":
            return Stored(name, prod(attribute.t.dims), attribute.t.data_type in _FLOATS)
        case "sparse_value":
            return Stored(name, prod(attribute.sparse_tensor.values.dims), True)
        case "value_float":
            return Stored(name, 1, True)
        case "value_floats":
            return Stored(name, len(attribute.floats), True)
    return Stored(name, max(len(attribute.ints), 1), False)


def _fills_floats(node: Any) -> bool:
    value = next((a.t for a in node.attribute if a.name == "value"), None)
    return value is None or value.data_type in _FLOATS


def _makes_its_own(node: Any) -> bool:
    """Say whether a node's values come from more than its inputs: from chance, or from what its own graph reads."""
    kind: str = node.op_type
    return kind.startswith(("Random", "Bernoulli", "Multinomial")) or holds_graph(node)


def holds_graph(node: Any) -> bool:
    """Say whether a node has a graph of its own: If, Loop, Scan."""
    return any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute)
