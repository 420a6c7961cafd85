"""Activations, as the export writes them."""

from collections.abc import Sequence
from dataclasses import replace
from struct import pack, unpack
from typing import Any

from costlens.prediction.layout import Shape, Tensor
from costlens.prediction.rules._elementwise import activation, unary
from costlens.prediction.rules._joins import join
from costlens.prediction.rules._rule import SCALAR, Rule
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operand


def _unary(op: str, *fields: str) -> Rule:
    def rule(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
        return activation(w, op, reads[0], **{name: float(_number(layer, name)) for name in fields})

    return rule


def _number(layer: Any, name: str) -> float:
    found = getattr(layer, {"alpha": "slope"}.get(name, name), getattr(layer, name, 0.0))
    return float(unpack("f", pack("f", found))[0])  # as float32 holds it


def _clip(low: float, high: float) -> Rule:
    return lambda w, layer, reads, out: activation(w, "Clip", reads[0], SCALAR, SCALAR, limits=(low, high))


def _hard_sigmoid(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return unary(w, "Mul", unary(w, "Clip", unary(w, "Add", reads[0], SCALAR), SCALAR, SCALAR), SCALAR)


def _hard_swish(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    (x,) = reads
    gate = _hard_sigmoid(w, layer, reads, out)
    return join(w, "Mul", [x, gate], out)


def _softmax(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    (x,) = reads
    rank = len(out)
    axis = layer.axis % rank
    first = rank > 1 and x.turns and not x.is_left
    made = Tensor(out, {"first" if first else "last"})
    read = w.lay(x, "first" if first else "last")
    place = (1 if axis == rank - 1 else axis + 2) if first else -1 if axis == rank - 1 else axis + 1
    w.emit("Softmax", [read], read, axis=place)
    return made


def _log(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return unary(w, "Log", unary(w, "Add", reads[0], SCALAR))


def _prelu(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    x = replace(reads[0], normed=True)  # its slopes are weights, which the exporter moves no transpose past
    slopes = layer._slopes(out)
    first = w.outside(x) == "first"
    return unary(w, "PRelu", x, Operand((1, slopes[-1], *slopes[:-1]) if first else slopes, stored=True))


def _gelu(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    """Write the exact GELU, which the export writes with an error function."""
    (x,) = reads
    half = unary(w, "Mul", x, SCALAR)
    made = half
    for op, more in (("Neg", []), ("Mul", [SCALAR]), ("Erf", []), ("Sub", [SCALAR])):
        made = unary(w, op, made if op != "Neg" else x, *more)
    return join(w, "Mul", [half, made], out)


RULES = {
    "relu": _unary("Relu"), "sigmoid": _unary("Sigmoid"), "tanh": _unary("Tanh"), "elu": _unary("Elu", "alpha"),
    "leaky_relu": _unary("LeakyRelu", "alpha"), "softplus": _unary("Softplus"), "softsign": _unary("Softsign"),
    "selu": _unary("Selu"), "exp": _unary("Exp"), "log": _log, "sqrt": _unary("Sqrt"), "abs": _unary("Abs"),
    "relu6": _clip(0.0, 6.0), "hard_tanh": _clip(-1.0, 1.0), "hard_sigmoid": _hard_sigmoid, "hard_swish": _hard_swish,
    "silu": lambda w, layer, reads, out: unary(w, "microsoft.QuickGelu", reads[0], alpha=1.0),
    "gelu": _gelu, "softmax": _softmax, "prelu": _prelu,
}  # fmt: skip
