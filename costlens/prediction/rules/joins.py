"""Sums and products of several tensors."""

from collections.abc import Sequence
from typing import Any

from costlens.prediction.layout import Shape, Tensor
from costlens.prediction.rules._elementwise import unary
from costlens.prediction.rules._joins import join
from costlens.prediction.rules._rule import SCALAR, Rule
from costlens.prediction.writer import Writer


def _join(op: str) -> Rule:
    return lambda w, layer, reads, out: unary(w, op, reads[0], SCALAR) if len(reads) == 1 else _one(w, op, reads, out)


def _average(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return unary(w, "Mul", _one(w, "Add", reads, out), SCALAR)


def _one(w: Writer, op: str, reads: Sequence[Tensor], out: Shape) -> Tensor:
    """Write a join of two after another."""
    made = reads[0]
    for each in reads[1:]:
        made = join(w, op, [made, each], out)
    return made


RULES = {
    "add": _join("Add"), "multiply": _join("Mul"), "subtract": _join("Sub"), "divide": _join("Div"),
    "maximum": _join("Max"), "minimum": _join("Min"), "average": _average,
}  # fmt: skip
