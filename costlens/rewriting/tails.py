"""What belongs to a convolution in a file: the norms and the activations that follow it, and it alone."""

from __future__ import annotations

from typing import Any

from costlens.rewriting.wiring import Wiring

NORM = "BatchNormalization"
PER_CHANNEL = {NORM: (1, 2, 3, 4), "PRelu": (1,)}
"""Inputs that hold a number for each channel."""
_ALONE = frozenset({
    "Celu", "Clip", "Elu", "Gelu", "HardSigmoid", "HardSwish", "LeakyRelu", "Mish", "PRelu", "Relu", "Selu", "Sigmoid",
    "Softplus", "Softsign", "Swish", "Tanh", "ThresholdedRelu",
})  # fmt: skip
_WITH_A_NUMBER = frozenset({"Add", "Sub", "Mul", "Div", "Max", "Min", "Pow"})
_IN_A_GATE = _ALONE | _WITH_A_NUMBER | {"Erf", "Exp", "Log", "Neg"}
_MOST = 8
"""Nodes of the longest gate: Gelu and HardSwish written out take five."""


def tail(wiring: Wiring, tensor: str) -> tuple[tuple[int, ...], str]:
    """Return the places of the nodes that follow a tensor as its norms and activations, in order, and what they make.

    An activation is a node, or a gate: nodes on the tensor whose result it is multiplied with, as in ``x·sigmoid(x)``.
    """
    nodes: list[int] = []
    while step := _norm(wiring, tensor) or _activation(wiring, tensor) or _gate(wiring, tensor):
        nodes += step
        tensor = wiring.graph.node[step[-1]].output[0]
    return tuple(nodes), tensor


def _norm(wiring: Wiring, tensor: str) -> list[int]:
    """Return the norm that alone reads a tensor."""
    index, node = _only_reader(wiring, tensor)
    if node is None or node.op_type != NORM or len(list(filter(None, node.output))) > 1:
        return []
    trains = any(one.name == "training_mode" and one.i for one in node.attribute)
    return [] if trains or not _is_plain(wiring, node, tensor, _per_channel(node)) else [index]


def _activation(wiring: Wiring, tensor: str) -> list[int]:
    """Return the activation that alone reads a tensor."""
    index, node = _only_reader(wiring, tensor)
    if node is None or node.op_type not in _ALONE or not _is_plain(wiring, node, tensor, _per_channel(node)):
        return []
    return [index]


def _gate(wiring: Wiring, tensor: str) -> list[int]:
    """Return the nodes of a gate: the two that read the tensor come together in one product."""
    readers = wiring.readers(tensor)
    if len(readers) != 2 or any(use.place < 0 for use in readers):  # noqa: PLR2004
        return []
    ways = [_way(wiring, use.node, tensor) for use in readers]
    (one, left, product), (other, right, joint) = ways
    if product != joint or product < 0 or sorted(wiring.graph.node[product].input) != sorted((left, right)):
        return []
    found = [*sorted((*one, *other)), product]
    made = wiring.graph.node[product].output[0]
    index, after = _only_reader(wiring, made)  # the last factor of a HardSwish or a Gelu
    if after is not None and after.op_type in ("Mul", "Div") and _is_plain(wiring, after, made, ()):
        found.append(index)
    return found


def _way(wiring: Wiring, index: int, tensor: str) -> tuple[list[int], str, int]:
    """Follow a tensor to a product of two tensors: the nodes on the way, what they make, and the product's place.

    The place is −1 where there is none.
    """
    found: list[int] = []
    while index >= 0 and len(found) < _MOST:
        node = wiring.graph.node[index]
        if node.op_type == "Mul" and not any(map(wiring.is_number, node.input)):
            return found, tensor, index
        if node.op_type not in _IN_A_GATE or not _is_plain(wiring, node, tensor, ()):
            break
        found.append(index)
        tensor = node.output[0]
        index, _ = _only_reader(wiring, tensor)
    return found, tensor, -1


def _only_reader(wiring: Wiring, tensor: str) -> tuple[int, Any]:
    """Return the place of the one node that reads a tensor, once, and the node; −1 and None where there are others."""
    readers = wiring.readers(tensor)
    if len(readers) != 1 or readers[0].place < 0:
        return -1, None
    return readers[0].node, wiring.graph.node[readers[0].node]


def _per_channel(node: Any) -> tuple[int, ...]:
    return PER_CHANNEL.get(node.op_type, ())


def _is_plain(wiring: Wiring, node: Any, tensor: str, per_channel: tuple[int, ...]) -> bool:
    """Say whether a standard node reads the tensor and, beside it, nothing but numbers and what it has per channel."""
    if node.domain not in ("", "ai.onnx") or list(node.input).count(tensor) != 1:
        return False
    others = ((place, name) for place, name in enumerate(node.input) if name != tensor)
    return all(
        _is_known(wiring, node, name) if place in per_channel else wiring.is_number(name) for place, name in others
    )


def _is_known(wiring: Wiring, node: Any, name: str) -> bool:
    """Say whether numbers for each channel are constant, and of a known shape, which those of a norm always have."""
    return wiring.is_constant(name) if node.op_type == NORM else wiring.held(name) is not None
