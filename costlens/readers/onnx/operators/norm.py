"""Normalisations: no multiply-accumulates; scale, shift and statistics are parameters."""

from collections.abc import Sequence

from costlens.arithmetic.cost import FLOPS_PER_NORM
from costlens.readers.onnx.operators._operator import Call, Operator, Out
from costlens.readers.onnx.tensor import FLOAT


def _batch(call: Call) -> Sequence[Out]:
    first = call.input(0)
    channels = call.shape(1)
    return (Out(first.dtype, first.shape), *[Out(FLOAT, channels)] * 4)


def _layer(call: Call) -> Sequence[Out]:
    """Return the normalised tensor, and mean and deviation of each normalised run of values."""
    first, shape = call.input(0), call.shape(0)
    axis = call.attributes.get("axis", -1) % max(len(shape), 1)
    kept = (*shape[:axis], *([1] * (len(shape) - axis)))
    return (Out(first.dtype, shape), Out(FLOAT, kept), Out(FLOAT, kept), Out(first.dtype, shape))


_WEIGHTS = {
    "BranchwiseRMSNorm": (1,),
    "GatedRMSNorm": (1,),
    "GroupNormalization": (1, 2),
    "InstanceNormalization": (1, 2),
    "LayerNormalization": (1, 2),
    "QOrderedLayerNormalization": (2, 3),
    "RMSNormalization": (1,),
    "SimplifiedLayerNormalization": (1,),
    "SkipLayerNormalization": (2, 3, 4),
    "SkipSimplifiedLayerNormalization": (2, 3),
}

OPERATORS = {
    "BatchNormalization": Operator(_batch, weights=(1, 2, 3, 4), flops=FLOPS_PER_NORM, single=True, in_place=True),
    **{
        name: Operator(_layer, weights=weights, flops=FLOPS_PER_NORM, single=True, in_place=True)
        for name, weights in _WEIGHTS.items()
    },
    **dict.fromkeys(("LpNormalization", "MeanVarianceNormalization"), Operator(flops=FLOPS_PER_NORM, in_place=True)),
}
