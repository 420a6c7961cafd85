"""Which tensors of a graph are constant, and which stored numbers each is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from costlens.readers.onnx.operators import Shape, named

_WEIGHTS = frozenset({1, 2, 3, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23, 24})
"""TensorProto.DataType of weights: floating point of any width, and integers of 8 and 4 bits."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Numbers that a file stores, or generates, under one name; ``weighs``: of a type that weights have."""

    name: str
    count: int
    weighs: bool


def constants(graph: Any, shapes: Mapping[str, Shape]) -> dict[str, tuple[Stored, ...]]:
    """Map each constant tensor to the stored numbers it is made of.

    Constant are initialisers, Constant nodes, and the outputs of nodes that read constants only.
    """
    carriers = named("carrier", "layout")
    known: dict[str, tuple[Stored, ...]] = {
        tensor.name: (Stored(tensor.name, prod(tensor.dims), tensor.data_type in _WEIGHTS),)
        for tensor in graph.initializer
    }
    for sparse in graph.sparse_initializer:
        known[sparse.values.name] = (Stored(sparse.values.name, prod(sparse.values.dims), True),)
    for node in graph.node:
        inputs = [name for name in node.input if name]
        if node.op_type == "Constant":
            known[node.output[0]] = (_constant(node),)
        elif node.op_type == "ConstantOfShape" and inputs[0] in known and node.output[0] in shapes:
            known[node.output[0]] = (Stored(node.output[0], prod(shapes[node.output[0]]), _fills_weights(node)),)
        elif inputs and all(name in known for name in inputs) and not _makes_its_own(node):
            carried = inputs[:1] if node.op_type in carriers else inputs
            origin = tuple({s.name: s for name in carried for s in known[name]}.values())
            known.update(dict.fromkeys(node.output, origin))
    return known


def _constant(node: Any) -> Stored:
    name = node.output[0]
    attribute = next((a for a in node.attribute if a.name.startswith(("value", "sparse_value"))), None)
    if attribute is None:
        return Stored(name, 0, False)
    match attribute.name:
        case "value":
            return Stored(name, prod(attribute.t.dims), attribute.t.data_type in _WEIGHTS)
        case "sparse_value":
            return Stored(name, prod(attribute.sparse_tensor.values.dims), True)
        case "value_float":
            return Stored(name, 1, True)
        case "value_floats":
            return Stored(name, len(attribute.floats), True)
    return Stored(name, max(len(attribute.ints), 1), False)


def _fills_weights(node: Any) -> bool:
    value = next((a.t for a in node.attribute if a.name == "value"), None)
    return value is None or value.data_type in _WEIGHTS


def _makes_its_own(node: Any) -> bool:
    """Say whether a node's values come from more than its inputs: from chance, or from what its own graph reads."""
    kind: str = node.op_type
    return kind.startswith(("Random", "Bernoulli", "Multinomial")) or holds_graph(node)


def holds_graph(node: Any) -> bool:
    """Say whether a node has a graph of its own: If, Loop, Scan."""
    return any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute)
