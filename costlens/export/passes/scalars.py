"""A constant that is one number for all (a bound, an epsilon) is written without axes: it is not a weight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from costlens.export.passes._editor import Editor

_ELEMENTWISE = ("Add", "Div", "Max", "Min", "Mul", "Pow", "Sub")


def scalars(model: Any, is_weight: Callable[[Any, float], bool]) -> None:
    """Take the axes from one-number constants of elementwise nodes, unless they are the weight of a single channel.

    ``is_weight(node, value)`` decides that.

    Precondition: the other operand has as many axes as the constant. Postcondition: an elementwise constant with
    axes is a weight.
    """
    editor = Editor(model.graph)
    for node in editor.nodes:
        if node.op_type not in _ELEMENTWISE:
            continue
        for index, name in enumerate(node.input):
            tensor = editor.constants.get(name)
            single = tensor is not None and len(tensor.dims) > 0 and all(size == 1 for size in tensor.dims)
            if single and not is_weight(node, editor.array(name).item()):
                editor.set_input(node, index, editor.array(name).reshape(()), f"{name}.")
