"""A constant that is one number for all (a bound, an epsilon) is written without axes: it is no weight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from costlens.export.passes._editor import Editor

_ELEMENTWISE = ("Add", "Div", "Max", "Min", "Mul", "Pow", "Sub")


def scalars(model: Any, is_weight: Callable[[Any], bool]) -> None:
    """Take the axes from one-number constants of elementwise nodes, unless ``is_weight(node)``: one channel's weight.

    Precondition: the other operand has as many axes as the constant. Postcondition: an elementwise constant with
    axes is a weight.
    """
    editor = Editor(model.graph)
    for node in editor.nodes:
        if node.op_type not in _ELEMENTWISE or is_weight(node):
            continue
        for index, name in enumerate(node.input):
            tensor = editor.constants.get(name)
            if tensor is not None and tensor.dims and all(size == 1 for size in tensor.dims):
                editor.set_input(node, index, editor.array(name).reshape(()), f"{name}.")
