"""Which stored numbers a constant tensor is made of, and which of them are parameters where they meet data.

The parameters of a file are the numbers of its constant tensors, each source once, at the place where they meet data:
as an operand, in a place that takes numbers, of a node that also reads something that is not constant. A source is
followed through nodes that only carry numbers, so a quantised weight is its integers, and a table that is sliced counts
once and whole. A tensor that is made of constants counts with the size it is made in.
"""

from collections.abc import Sequence
from math import prod
from typing import Any

from costlens.readers.onnx.operators import Operator, Out, operator
from costlens.readers.onnx.tensor import FLOATS, NARROW, Source, Tensor

_MAKERS = ("ConstantOfShape", "Range", "EyeLike")


def carried(node: Any, inputs: Sequence[Tensor | None], out: Out, name: str) -> tuple[Source, ...]:
    """Return the stored numbers that a constant tensor is made of."""
    op = node.op_type
    entry = operator(node.domain, op)
    given = [one for one in inputs if one is not None]
    if op == "Constant":
        held = next((one.sparse_tensor for one in node.attribute if one.name == "sparse_value"), None)
        return (Source(name, _size(out) if held is None else prod(held.values.dims), out.dtype),)
    if entry is not None and entry.role in ("carrier", "layout"):
        of = given if op == "Concat" else given[:1]
        found = {source.name: source for one in of for source in one.sources}
        scaled = op == "DequantizeLinear"
        return tuple(source._replace(weighs=True) if scaled else source for source in found.values())
    if op not in _MAKERS:
        wide = [one for one in given if one.shape is None or prod(one.shape) != 1]
        if len(wide) == 1 and out.shape == wide[0].shape:  # arithmetic with one number
            return wide[0].sources
    return (Source(name, _size(out), out.dtype),)


def used_first(
    entry: Operator, inputs: Sequence[Tensor | None], used: set[str], lone: bool = False
) -> tuple[Source, ...]:
    """Return the parameters that a node is the first to use, and add their names to those used.

    ``lone``: one number with an axis is a parameter here, as where a node adds to the one output of a contraction.
    """
    found = []
    for place, tensor in enumerate(inputs):
        if tensor is not None and tensor.constant and (entry.weights is None or place in entry.weights):
            for source in tensor.sources:
                if source.name not in used and _weighs(entry, source, tensor, lone):
                    used.add(source.name)
                    found.append(source)
    return tuple(found)


def _weighs(entry: Operator, source: Source, tensor: Tensor, lone: bool) -> bool:
    """Say whether stored numbers are parameters where an operator reads them.

    Integers are, as weights of quantised operators, where they were scaled, and in tables of 8 bits and fewer.
    """
    if source.numbers == 1 and not entry.single and not (lone and tensor.shape):
        return False
    table = source.dtype in NARROW and tensor.dtype in NARROW and entry.role == "carrier"
    return source.dtype in FLOATS or source.weighs or entry.integers or table


def _size(out: Out) -> int:
    size = prod(out.shape) if out.shape is not None else 0
    return size if isinstance(size, int) else 0
