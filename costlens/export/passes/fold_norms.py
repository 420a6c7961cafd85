"""A norm directly after a convolution or a dense layer becomes part of its weights and its bias.

At inference a BatchNorm is ``x·s + t``, one ``Mul`` and one ``Add`` with a number per channel:

    (W ∗ x + b)·s + t  =  (W·s) ∗ x + (b·s + t)
"""

from collections.abc import Callable
from typing import Any

from costlens.export.passes._editor import MOVERS, Editor, attribute
from costlens.readers.onnx.operators import named

_Adds = list[tuple[Any, int]]
"""The Adds between a contraction and what follows it, the last one first, each with the index of its constant input."""


def fold_norms(model: Any, folds_into: Callable[[Any, Any], bool], is_matrix: Callable[[Any], bool]) -> None:
    """Fold each per-channel Mul and Add into the contraction before it, where ``folds_into(node, contraction)``.

    Steps between the two that only move data (Transpose, Squeeze, Unsqueeze, Reshape) are passed when nothing else
    reads what lies between. A MatMul with a bias becomes a Gemm where ``is_matrix(contraction)``: its result has two
    axes. Precondition: constants are folded. Postcondition: no foldable Mul is left, and at most one Add, the bias of
    a MatMul, in that one's scope.
    """
    editor = Editor(model.graph)
    for node in list(editor.nodes):
        operands = _operands(editor, node) if node.op_type in ("Mul", "Add") else None
        if operands is None:
            continue
        data, index = operands
        contraction, adds = _walk_back(editor, data)
        if contraction is None or not folds_into(node, contraction):
            continue
        values = editor.array(node.input[index])
        if values.ndim == 0 or values.size != _out_channels(editor, contraction):
            continue
        if node.op_type == "Add" and contraction.op_type == "MatMul" and is_matrix(contraction):
            contraction.op_type = "Gemm"
        if node.op_type == "Mul":
            _scale(editor, contraction, adds, values.reshape(-1))
        elif not _shift(editor, contraction, adds, values.reshape(-1)):
            node.name = f"{contraction.name}/bias"  # a MatMul has no place for it, but it is its bias now
            continue
        editor.bypass(node, data)


def _operands(editor: Editor, node: Any) -> tuple[str, int] | None:
    """Return the input that is computed and the index of the constant one; None where there is not one of each."""
    first, second = (name in editor.constants for name in node.input)
    if first == second:
        return None
    return (node.input[1], 0) if first else (node.input[0], 1)


def _walk_back(editor: Editor, tensor: str) -> tuple[Any, _Adds]:
    """Return the contraction that a tensor comes from, and the Adds on the way; None where nothing can be folded."""
    adds: _Adds = []
    while editor.readings(tensor) == 1 and tensor in editor.makers:
        node = editor.makers[tensor]
        if node.op_type in named("contraction"):
            return (node if _foldable(editor, node, adds) else None), adds
        if node.op_type == "Add" and (operands := _operands(editor, node)):
            tensor, index = operands
            adds.append((node, index))
        elif node.op_type in MOVERS:
            tensor = node.input[0]
        else:
            break
    return None, adds


def _foldable(editor: Editor, node: Any, adds: _Adds) -> bool:
    plain = attribute(node, "alpha", 1.0) == 1.0 and attribute(node, "beta", 1.0) == 1.0
    stored = all(name in editor.constants for name in node.input[1:] if name)
    if not plain or not stored or _weight_axis(node) is None:
        return False
    channels = _out_channels(editor, node)
    return all(editor.array(add.input[index]).size == channels for add, index in adds)


def _weight_axis(node: Any) -> int | None:
    """Return the axis of the weight that counts output channels (ConvTranspose: of one group); None if unknown."""
    gemm = 0 if attribute(node, "transB", 0) else 1
    return {"Conv": 0, "ConvTranspose": 1, "Gemm": gemm, "MatMul": -1}.get(node.op_type)


def _out_channels(editor: Editor, node: Any) -> int:
    groups = attribute(node, "group", 1) if node.op_type == "ConvTranspose" else 1
    return int(editor.constants[node.input[1]].dims[_weight_axis(node)]) * int(groups)


def _scale(editor: Editor, node: Any, adds: _Adds, factors: Any) -> None:
    weight = editor.array(node.input[1])
    editor.set_input(node, 1, weight * _along(node, weight, factors))
    if _has_bias(node):
        _change(editor, node, 2, lambda bias: (bias * factors).astype(bias.dtype))
    for add, index in adds:
        _change(editor, add, index, lambda shift: shift * factors.reshape(shift.shape))


def _along(node: Any, weight: Any, factors: Any) -> Any:
    """Return a factor for each output channel in the shape of the weight; a ConvTranspose has these by its groups."""
    axis = _weight_axis(node) % weight.ndim
    if factors.size == weight.shape[axis]:
        return factors.reshape([-1 if index == axis else 1 for index in range(weight.ndim)])
    groups = factors.size // weight.shape[axis]
    rows = factors.reshape(groups, -1).repeat(weight.shape[0] // groups, axis=0)
    return rows.reshape(*rows.shape, *(1,) * (weight.ndim - 2))


def _shift(editor: Editor, node: Any, adds: _Adds, shifts: Any) -> bool:
    """Add to the bias; False where there is no place for one."""
    if adds:
        _change(editor, *adds[0], lambda before: before + shifts.reshape(before.shape))
    elif _has_bias(node):
        _change(editor, node, 2, lambda bias: bias + shifts)
    elif node.op_type != "MatMul":
        editor.set_input(node, 2, shifts)
    else:
        return False
    return True


def _change(editor: Editor, node: Any, index: int, change: Callable[[Any], Any]) -> None:
    editor.set_input(node, index, change(editor.array(node.input[index])))


def _has_bias(node: Any) -> bool:
    return len(node.input) > 2 and bool(node.input[2])  # noqa: PLR2004  # the third input is the bias
