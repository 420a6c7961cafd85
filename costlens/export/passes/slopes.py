"""Learned slopes below zero: one PRelu instead of the operators that TensorFlow makes of it."""

from collections.abc import Callable
from typing import Any

from costlens.export.passes._editor import MOVERS, Editor


def learned_slopes(model: Any, layer_of: Callable[[str], str | None]) -> None:
    """Write each ``max(x, 0) + c·max(-x, 0)`` of one layer with a constant c as ``PRelu(x, -c)``: one pass over x.

    Keras's PReLU arrives in that form. Nodes that only move values may stand before the product and before the sum.
    Precondition: constants are folded. Postcondition: what the sum no longer reads is gone; the PRelu has its name.
    """
    editor = Editor(model.graph)
    for node in [node for node in editor.nodes if node.op_type == "Add"]:
        for positive, scaled in (node.input, reversed(node.input)):
            kept, found = _alone(editor, positive), _product(editor, scaled)
            if kept is None or kept.op_type != "Relu" or found is None:
                continue
            product, index, source = found
            if kept.input[0] == source and len({layer_of(part.name) for part in (node, kept, product)}) == 1:
                node.op_type = "PRelu"
                editor.set_inputs(node, [positive, product.input[index]])
                editor.set_input(node, 1, -editor.array(product.input[index]))
                editor.bypass(kept, source)
                _drop(editor, product)
                break


def _alone(editor: Editor, tensor: str) -> Any:
    """Return the node that computed a tensor, before nodes that only move values; None where others read on the way."""
    node = editor.makers.get(tensor)
    while node is not None and editor.readings(tensor) == 1 and node.op_type in MOVERS:
        tensor = node.input[0]
        node = editor.makers.get(tensor)
    return node if node is not None and editor.readings(tensor) == 1 else None


def _product(editor: Editor, tensor: str) -> tuple[Any, int, str] | None:
    """Return a product of a constant with ``max(-x, 0)`` that is read once: the node, the constant's index and x."""
    product = editor.makers.get(tensor)
    if product is None or product.op_type != "Mul" or editor.readings(tensor) != 1:
        return None
    index = next((at for at, name in enumerate(product.input) if name in editor.constants), None)
    relu = None if index is None else editor.origin(product.input[1 - index])
    if index is None or relu is None or relu.op_type != "Relu":
        return None
    negative = editor.makers.get(relu.input[0])
    return (product, index, negative.input[0]) if negative is not None and negative.op_type == "Neg" else None


def _drop(editor: Editor, node: Any) -> None:
    """Take out a node that nothing reads any more, and those before it that only it has read."""
    editor.remove(node)
    for name in node.input:
        before = editor.makers.get(name)
        if before is not None and before.op_type in (*MOVERS, "Relu", "Neg") and not editor.readings(name):
            _drop(editor, before)
