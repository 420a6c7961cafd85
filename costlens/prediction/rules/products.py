"""Products with weights, and what is made of them."""

from collections.abc import Sequence
from typing import Any

from costlens.network.layers import layer_kind
from costlens.prediction.layout import Shape, Tensor
from costlens.prediction.rules import write
from costlens.prediction.rules._joins import join
from costlens.prediction.rules._products import dense, reduce
from costlens.prediction.writer import Writer


def _dense(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return dense(w, reads[0], layer.units, bias=layer.bias)


def _matmul(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    """Write a product of two computed tensors; the runtime has one operator for it with what turns and scales."""
    made = Tensor(out, {"last"})
    turns = {"transA": int(layer.transpose_a), "transB": int(layer.transpose_b)}
    fused = layer.scale != 1 or any(turns.values())
    read = [w.lay(each, "last") for each in reads]
    w.emit("microsoft.FusedMatMul" if fused else "MatMul", read, w.operand(made, "last"), **turns if fused else {})
    return made


def _squeeze_excite(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    (x,) = reads
    rank = len(x.shape)
    ones = (1,) * (rank - 1)
    mean = reduce(w, "ReduceMean", x, range(rank - 1), (*ones, x.channels), keep=True)
    gate = dense(w, mean, layer._units(x.shape), bias=True)
    gate = _named(w, layer.inner, gate)
    gate = dense(w, gate, x.channels, bias=True)
    gate = _named(w, layer.gate, gate)
    return join(w, "Mul", [x, gate], out)


def _named(w: Writer, kind: str, x: Tensor) -> Tensor:
    """Write the activation of a name, with its default fields."""
    return write(w, layer_kind(kind)(), [x], [x.shape])[0]


RULES = {"dense": _dense, "matmul": _matmul, "squeeze_excite": _squeeze_excite}
