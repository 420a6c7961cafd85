"""Kernels are alike where their operator walks through memory in the same way."""

import pytest

from costlens.prediction.classes import class_of
from costlens.runtimes._operation import Operand, Operation, operation

IMAGE, ROWS = Operand((1, 8, 6, 4)), Operand((1, 6, 8))


def stored(*shape: int) -> Operand:
    return Operand(shape, stored=True)


def axes(*values: int) -> Operand:
    return Operand((len(values),), "int64", stored=True, values=values)


def conv(filters: tuple[int, ...], groups: int = 1, op: str = "nchwc.Conv", channels: int = 32) -> Operation:
    image = Operand((1, channels, *(8,) * (len(filters) - 2)))
    return operation(op, [image, stored(*filters)], [image], {"group": groups})


def unary(op: str, read: Operand, made: Operand, **attributes: object) -> Operation:
    return operation(op, [read], [made], attributes)


def turned(shape: tuple[int, ...], *perm: int) -> Operation:
    return unary("Transpose", Operand(shape), Operand(tuple(shape[axis] for axis in perm)), perm=perm)


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (conv((32, 32, 1, 1)), "nchwc.Conv 1x1"),
        (conv((32, 32, 3, 3)), "nchwc.Conv"),
        (conv((32, 1, 3, 3), 32), "nchwc.Conv depthwise"),
        (conv((32, 8, 3, 3), 4), "nchwc.Conv grouped"),
        (conv((32, 3, 3, 3), channels=3), "nchwc.Conv first"),
        (conv((32, 32, 3, 3, 3), op="Conv"), "Conv 3-D"),
        (conv((32, 32, 1, 1, 1), op="microsoft.FusedConv"), "Conv 3-D 1x1"),
        (operation("microsoft.FusedGemm", [ROWS, stored(8, 8)], [ROWS]), "Gemm"),
        (operation("ReduceMean", [IMAGE, axes(1, 2)], [Operand((1, 4))]), "ReduceMean outer"),
        (operation("ReduceMean", [IMAGE, axes(2, 3)], [Operand((1, 8))]), "ReduceMean inner"),
        (operation("Mul", [IMAGE, IMAGE], [IMAGE]), "Mul"),
        (operation("Mul", [IMAGE, stored()], [IMAGE]), "Mul scalar"),
        (operation("Mul", [IMAGE, Operand((1, 8, 1, 1))], [IMAGE]), "Mul broadcast"),
        (operation("PRelu", [IMAGE, stored(8, 1, 1)], [IMAGE]), "PRelu broadcast"),
        (unary("Softmax", ROWS, ROWS), "Softmax"),
        (unary("Softmax", ROWS, ROWS, axis=2), "Softmax"),
        (unary("Softmax", IMAGE, IMAGE, axis=1), "Softmax outer"),
        (unary("Pad", IMAGE, Operand((1, 12, 6, 4))), "Pad outer"),
        (unary("Pad", IMAGE, Operand((1, 8, 8, 6))), "Pad inner"),
        (operation("Concat", [IMAGE, IMAGE], [Operand((1, 16, 6, 4))], {"axis": 1}), "Concat outer"),
        (operation("Concat", [ROWS, ROWS], [Operand((1, 6, 16))], {"axis": 2}), "Concat inner"),
        (turned((1, 8, 6, 4), 0, 3, 1, 2), "Transpose swap"),
        (turned((1, 8, 6, 4), 0, 2, 3, 1), "Transpose swap"),
        (turned((2, 8, 6, 4), 0, 3, 1, 2), "Transpose swap"),
        (turned((1, 1, 6, 4), 0, 2, 1, 3), "Transpose copy"),
        (turned((1, 8, 6, 4), 0, 2, 1, 3), "Transpose rows"),
        (turned((1, 8, 2, 2, 6, 4), 0, 1, 4, 2, 5, 3), "Transpose mixed"),
        (turned((1, 8, 6, 4), 0, 3, 2, 1), "Transpose mixed"),
        (unary("Relu", IMAGE, IMAGE), "Relu"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_kernel_has_its_class(found: Operation, kind: str) -> None:
    assert class_of(found) == kind
