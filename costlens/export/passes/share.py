"""Nodes of the same weights read the same constants: what was folded and laid out for each is stored once."""

import hashlib
from collections.abc import Callable
from typing import Any


def share(model: Any, owner_of: Callable[[str], str | None]) -> None:
    """Let nodes with one owner read one constant where theirs are equal.

    ``owner_of`` tells by a node's name whose weights it has, None where no other node has the same. Constants that
    nothing reads any more are left to ``tidy``.
    """
    from onnx import numpy_helper

    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    kept: dict[tuple[Any, ...], str] = {}
    for node in model.graph.node:
        owner = owner_of(node.name)
        if owner is None:
            continue
        for index, name in enumerate(node.input):
            if (tensor := constants.get(name)) is not None:
                digest = hashlib.sha256(numpy_helper.to_array(tensor).tobytes()).digest()
                what = owner, node.op_type, index, tensor.data_type, tuple(tensor.dims), digest
                node.input[index] = kept.setdefault(what, name)
