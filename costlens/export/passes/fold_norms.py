"""A norm directly after a convolution or a dense layer becomes part of its weights and its bias.

At inference a BatchNorm is ``x·s + t``, one ``Mul`` and one ``Add`` with a number per channel:

    (W ∗ x + b)·s + t  =  (W·s) ∗ x + (b·s + t)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from costlens.export.passes._editor import MOVERS, Editor, attribute
from costlens.readers.onnx.operators import named


@dataclass(frozen=True, slots=True)
class _Path:
    """From a Mul or Add back to the layer it scales: the constants added on the way and the layer itself."""

    contraction: Any
    adds: tuple[Any, ...]


def fold_norms(model: Any, folds_into: Callable[[Any, Any], bool], is_matrix: Callable[[Any], bool]) -> None:
    """Fold each per-channel Mul and Add into the contraction before it, where ``folds_into(node, contraction)``.

    Steps between the two that only move data (Transpose, Squeeze, Unsqueeze, Reshape) are passed when nothing else
    reads what lies between. A MatMul with a bias becomes a Gemm where ``is_matrix(contraction)``: its result has two
    axes. Precondition: constants are folded. Postcondition: no foldable Mul is left, and at most one Add, the bias of
    a MatMul, in that one's scope.
    """
    editor = Editor(model.graph)
    for node in list(model.graph.node):
        if node.op_type not in ("Mul", "Add"):
            continue
        data, constant = _operands(editor, node)
        if data is None:
            continue
        path = _walk_back(editor, data)
        if path is None or not folds_into(node, path.contraction):
            continue
        channels = _out_channels(editor, path.contraction)
        values = editor.array(constant)
        if values.ndim == 0 or values.size != channels:
            continue
        if path.contraction.op_type == "MatMul" and node.op_type == "Add" and is_matrix(path.contraction):
            path.contraction.op_type = "Gemm"
        if node.op_type == "Mul":
            _scale(editor, path, values.reshape(-1))
        elif not _shift(editor, path, values.reshape(-1)):
            node.name = f"{path.contraction.name}/bias"  # a MatMul has no place for it, but it is its bias now
            continue
        editor.bypass(node, data)


def _operands(editor: Editor, node: Any) -> tuple[str | None, str]:
    first, second = node.input
    if (first in editor.constants) == (second in editor.constants):
        return None, ""
    return (second, first) if first in editor.constants else (first, second)


def _walk_back(editor: Editor, tensor: str) -> _Path | None:
    adds: list[Any] = []
    while editor.readings(tensor) == 1 and tensor in editor.makers:
        node = editor.makers[tensor]
        if node.op_type in named("contraction"):
            return _Path(node, tuple(adds)) if _foldable(editor, node, adds) else None
        if node.op_type == "Add":
            data, _ = _operands(editor, node)
            if data is None:
                return None
            adds.append(node)
            tensor = data
        elif node.op_type in MOVERS:
            tensor = node.input[0]
        else:
            return None
    return None


def _foldable(editor: Editor, node: Any, adds: list[Any]) -> bool:
    plain = attribute(node, "alpha", 1.0) == 1.0 and attribute(node, "beta", 1.0) == 1.0
    stored = all(name in editor.constants for name in node.input[1:] if name)
    if not plain or not stored or _weight_axis(node) is None:
        return False
    channels = _out_channels(editor, node)
    return all(editor.array(_operands(editor, add)[1]).size == channels for add in adds)


def _weight_axis(node: Any) -> int | None:
    """Return the axis of the weight that counts output channels (ConvTranspose: of one group); None if unknown."""
    match node.op_type:
        case "Conv":
            return 0
        case "ConvTranspose":
            return 1
        case "Gemm":
            return 0 if attribute(node, "transB", 0) else 1
        case "MatMul":
            return -1
    return None


def _out_channels(editor: Editor, node: Any) -> int:
    groups = attribute(node, "group", 1) if node.op_type == "ConvTranspose" else 1
    return int(editor.constants[node.input[1]].dims[_weight_axis(node)]) * int(groups)


def _scale(editor: Editor, path: _Path, factors: Any) -> None:
    node = path.contraction
    weight = editor.array(node.input[1])
    axis = _weight_axis(node) % weight.ndim
    broadcast = [1] * weight.ndim
    broadcast[axis] = weight.shape[axis]
    editor.set_input(node, 1, weight * factors.reshape(broadcast), f"{node.input[1]}*")
    if len(node.input) > 2 and node.input[2]:  # noqa: PLR2004  # the third input is the bias
        bias = editor.array(node.input[2])
        editor.set_input(node, 2, (bias * factors).astype(bias.dtype), f"{node.input[2]}*")
    for add in path.adds:
        _, constant = _operands(editor, add)
        shift = editor.array(constant)
        scaled = shift * factors.reshape(shift.shape)
        editor.set_input(add, list(add.input).index(constant), scaled, f"{constant}*")


def _shift(editor: Editor, path: _Path, shifts: Any) -> bool:
    node = path.contraction
    if path.adds:
        add = path.adds[0]
        _, constant = _operands(editor, add)
        before = editor.array(constant)
        after = before + shifts.reshape(before.shape)
        editor.set_input(add, list(add.input).index(constant), after, f"{constant}+")
        return True
    if node.op_type == "MatMul":
        return False
    has_bias = len(node.input) > 2 and bool(node.input[2])  # noqa: PLR2004
    bias = editor.array(node.input[2]) + shifts if has_bias else shifts
    editor.set_input(node, 2, bias, f"{node.input[2] if has_bias else node.input[1]}+")
    return True
