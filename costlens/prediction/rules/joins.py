"""Sums and products of several tensors."""

from collections.abc import Sequence
from typing import Any

from costlens.prediction.layout import Shape, Tensor
from costlens.prediction.rules._elementwise import unary
from costlens.prediction.rules._joins import join
from costlens.prediction.rules._rule import SCALAR, Rule
from costlens.prediction.writer import Writer


def _join(op: str) -> Rule:
    def rule(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
        return _joined(w, op, reads, out) if len(reads) > 1 else unary(w, op, reads[0], SCALAR)

    return rule


def _average(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return unary(w, "Mul", _joined(w, "Add", reads, out), SCALAR)


def _joined(w: Writer, op: str, reads: Sequence[Tensor], out: Shape) -> Tensor:
    """Write a join of two after another."""
    made = reads[0]
    for each in reads[1:]:
        made = join(w, op, [made, each], out)
    return made


RULES = {
    "add": _join("Add"), "multiply": _join("Mul"), "subtract": _join("Sub"), "divide": _join("Div"),
    "maximum": _join("Max"), "minimum": _join("Min"), "average": _average,
}  # fmt: skip
