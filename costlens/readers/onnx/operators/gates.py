"""Gates, biases and hyper-connections that com.microsoft fuses; only the mixing of streams multiplies matrices.

onnxruntime, docs/ContribOperators.md.
"""

from collections.abc import Sequence

from costlens.arithmetic.cost import FLOPS_PER_NORM, Contraction, Cost
from costlens.arithmetic.sizes import AnySize
from costlens.readers.onnx.operators._operator import Call, Operator, Out
from costlens.readers.onnx.operators._rules import broadcast, count, used_at
from costlens.readers.onnx.tensor import BOOL, UINT32, Shape

_SIGMOID, _COMPLEX = 4, 3
_WORD = 32
"""Bits of a mask that one number holds."""


def _twice(call: Call) -> Sequence[Out]:
    first = call.input(0)
    return (Out(first.dtype, first.shape),) * 2


def _rates(call: Call) -> Sequence[Out]:
    """Return decays, and rates where they are asked for."""
    first = call.input(0)
    return (Out(first.dtype, first.shape), Out(first.dtype, call.input(3).shape if call.has(3) else None))


def _dropped(call: Call) -> Sequence[Out]:
    """Return the tensor, and the mask: a truth for each value, or 32 of them in a number."""
    first, shape = call.input(0), call.shape(0)
    packed = call.op.startswith("Bitmask")
    mask = Out(UINT32, ((count(shape) + _WORD - 1) // _WORD,)) if packed else Out(BOOL, shape)
    return (Out(first.dtype, shape), mask)


def _product(call: Call) -> Sequence[Out]:
    return (Out(call.input(0).dtype, broadcast(call, call.shape(0), call.shape(1))),)


def _streams(call: Call) -> tuple[Shape, AnySize, AnySize]:
    """Return the axes before the streams, how many there are, and their size."""
    shape = call.shape(0)
    if branches := call.attributes.get("num_branches", 0):
        return shape[:-1], branches, shape[-1] // branches
    return shape[:-2], shape[-2], shape[-1]


def _reduced(call: Call) -> Sequence[Out]:
    before, _, size = _streams(call)
    return (Out(call.input(0).dtype, (*before, size)),)


def _reduced_cost(call: Call) -> Cost:
    before, branches, size = _streams(call)
    return Cost((Contraction((branches, size), used_at(*before)),))


def _mixed_cost(call: Call) -> Cost:
    """Multiply the streams with a matrix, if there is one, and add the gated branch."""
    before, branches, size = _streams(call)
    mixing = (Contraction((branches, branches, size), used_at(*before)),) if call.has(3) else ()
    return Cost(mixing, elementwise_flops=2 * count(call.shape(0)))


def _distances(call: Call) -> Sequence[Out]:
    return (Out(call.input(0).dtype, (call.shape(0, 2)[0], call.shape(1, 2)[0])),)


def _distances_cost(call: Call) -> Cost:
    """Subtract, square and add up: a distance is no matrix product, though a runtime may compute it as one."""
    return Cost(elementwise_flops=3 * count(call.out()) * call.shape(0, 2)[1])


OPERATORS = {
    "EngramGate": Operator(_twice, weights=(3, 4, 5), flops=2 * FLOPS_PER_NORM + _SIGMOID + 3, single=True),
    "LinearAttentionGate": Operator(_rates, weights=(1, 2), flops=_SIGMOID + 2, single=True),
    "GatedAdd": Operator(flops=2),
    "ScaledSiLU": Operator(flops=_SIGMOID + 2),
    "HyperConnectionPreMix": Operator(_reduced, _reduced_cost, (0, 1), role="contraction"),
    "HyperConnectionPostMix": Operator(cost=_mixed_cost, weights=(0, 1, 2, 3), role="contraction"),
    **dict.fromkeys(("BiasDropout", "BitmaskBiasDropout"), Operator(_dropped, weights=(1, 2), flops=1, single=True)),
    "BitmaskDropout": Operator(_dropped, in_place=True),
    **dict.fromkeys(("ComplexMul", "ComplexMulConj"), Operator(_product, weights=(0, 1), flops=_COMPLEX)),
    "CDist": Operator(_distances, _distances_cost, (0, 1)),
    "GemmaRotaryEmbedding": Operator(
        lambda call: [Out(call.input(index).dtype, call.shape(index)) for index in (1, 3)], weights=(0, 1, 2, 3, 4),
        flops=6,
    ),
    "MRotaryEmbedding": Operator(weights=(0, 2, 3), flops=3),
    "Scale": Operator(flops=1),
    "GRUUnit": Operator(flops=3),
    "SampleOp": Operator(),
    "IsAllFinite": Operator(lambda call: (Out(BOOL, ()),)),
}  # fmt: skip
