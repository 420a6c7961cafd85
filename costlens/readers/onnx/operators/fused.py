"""Operators of com.microsoft that an optimiser fuses from others, beside contractions.

onnxruntime, docs/ContribOperators.md; https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from collections.abc import Sequence

from costlens.arithmetic.cost import FLOPS_PER_NORM, Contraction, Cost
from costlens.readers.onnx.operators._operator import Call, Operator, Out
from costlens.readers.onnx.operators._rules import axis_of, broadcast, used_at
from costlens.readers.onnx.tensor import BITS, FLOAT, INT32

_BYTE = 8
_LAYERS = (2, 3, 4, 5, 6, 7, 8, 9, 10)
"""Inputs of a mixture of experts that hold its layers."""


def _embedded(call: Call) -> Sequence[Out]:
    """Read ids ``(B, S)`` and a table ``(words, H)``; return their normalised sum, an index of the mask, the sum."""
    shape = (*call.shape(0), call.shape(2)[-1])
    kind = call.input(2).dtype
    return (Out(kind, shape), Out(INT32, shape[:1]), Out(kind, shape))


def _embedded_integers(call: Call) -> Sequence[Out]:
    shape = (*call.shape(0), call.shape(2)[-1])
    return (Out(call.input(8).dtype, shape), Out(INT32, shape[:1]))


def _with_sum(call: Call) -> Sequence[Out]:
    first = call.input(0)
    return (Out(first.dtype, first.shape),) * 2


def _halved(call: Call) -> Sequence[Out]:
    *others, last = call.shape(0)
    return (Out(call.input(0).dtype, (*others, last // 2)),)


def _gathered(call: Call) -> Sequence[Out]:
    """Return rows of a table of packed integers, made floats."""
    shape, table = list(call.shape(0)), call.input(0)
    bits = call.attributes.get("bits", 4)
    if BITS.get(table.dtype) == _BYTE:
        shape[-1] = shape[-1] * (_BYTE // bits)
    axis = axis_of(call.attributes.get("gather_axis", 0), len(shape))
    return (Out(call.input(2).dtype, (*shape[:axis], *call.shape(1), *shape[axis + 1 :])),)


def _unsqueezed(call: Call) -> Sequence[Out]:
    shape = list(call.shape(0))
    shape.insert(axis_of(call.ints(1)[0], len(shape) + 1), 1)
    return (Out(call.input(0).dtype, tuple(shape)),)


def _chosen(call: Call) -> Sequence[Out]:
    """Read a condition, then X and Y, each with its scale and zero point."""
    return (Out(call.input(1).dtype, broadcast(call, call.shape(0), call.shape(1), call.shape(4))),)


def _cropped(call: Call) -> Sequence[Out]:
    _, channels, *_ = call.shape(0)
    return (Out(call.input(0).dtype, (call.shape(1)[0], channels, *call.ints(3))),)


def _bias(call: Call) -> Sequence[Out]:
    queries, keys = call.ints(1)[0], call.ints(2)[0]
    return (Out(call.input(0).dtype, (1, call.shape(0)[1], queries, keys)),)


def _experts(weights: Sequence[int], *, packed: bool = False) -> Operator:
    """Return the entry of a mixture of experts, k of which work on each row; ``(experts, …)`` are weights at inputs."""

    def cost(call: Call) -> Cost:
        rows, active = call.shape(0)[:-1], call.attributes.get("k", 1)
        per_byte = _BYTE // call.attributes.get("expert_weight_bits", 4) if packed else 1
        sizes = [call.shape(place, 3)[1:] for place in weights if call.has(place)]
        return Cost(tuple(Contraction(used_at(one, other * per_byte), used_at(*rows, active)) for one, other in sizes))

    return Operator(cost=cost, weights=_LAYERS, role="contraction", integers=packed)


def _spectrum(call: Call) -> Sequence[Out]:
    *others, length = call.shape(0)
    return (Out(call.input(0).dtype, (*others, length // 2 + 1, 2)),)


def _signal(call: Call) -> Sequence[Out]:
    *others, bins, _ = call.shape(0)
    return (Out(call.input(0).dtype, (*others, 2 * (bins - 1))),)


def _spectrum_cost(call: Call) -> Cost:
    *others, length = call.shape(0)
    return Cost((Contraction(used_at(length, length // 2 + 1, 2), used_at(*others), fixed=True),))


def _signal_cost(call: Call) -> Cost:
    *others, bins, _ = call.shape(0)
    return Cost((Contraction(used_at(2 * (bins - 1), bins, 2), used_at(*others), fixed=True),))


OPERATORS = {
    "EmbedLayerNormalization": Operator(_embedded, weights=(2, 3, 4, 5, 6), flops=FLOPS_PER_NORM, single=True),
    "QEmbedLayerNormalization": Operator(
        _embedded_integers, weights=(2, 3, 4, 5, 6), flops=FLOPS_PER_NORM, single=True, integers=True
    ),
    "GroupNorm": Operator(weights=(1, 2), flops=FLOPS_PER_NORM, single=True),
    "SkipGroupNorm": Operator(_with_sum, weights=(0, 1, 2, 3, 4), flops=FLOPS_PER_NORM, single=True),
    "BiasSoftmax": Operator(weights=(0, 1), flops=6),
    "BiasSplitGelu": Operator(_halved, weights=(0, 1), flops=7),
    "GatherBlockQuantized": Operator(_gathered, weights=(0,), integers=True, flops=2),
    "ExpandDims": Operator(_unsqueezed, role="layout"),
    "QLinearWhere": Operator(_chosen, weights=(1, 4), integers=True, flops=1),
    "CropAndResize": Operator(_cropped),
    "RelativePositionBias": Operator(_bias, weights=(0,)),
    "Inverse": Operator(),
    "MoE": _experts((2, 4, 6)),
    "QMoE": _experts((2, 5, 8), packed=True),
    "Rfft": Operator(_spectrum, _spectrum_cost, role="contraction"),
    "Irfft": Operator(_signal, _signal_cost, role="contraction"),
    "NGramRepeatBlock": Operator(lambda call: (Out(FLOAT, call.shape(1)),)),
}
