"""Normalisations: no multiply-accumulates; scale, shift and statistics are weights."""

from costlens.readers.onnx.operators._operator import Operator

_WEIGHTS = {
    "BatchNormalization": (1, 2, 3, 4),
    "GroupNormalization": (1, 2),
    "InstanceNormalization": (1, 2),
    "LayerNormalization": (1, 2),
    "LpNormalization": (),
    "MeanVarianceNormalization": (),
    "RMSNormalization": (1,),
    "SimplifiedLayerNormalization": (1,),
    "SkipLayerNormalization": (2, 3, 4),
}

OPERATORS = {
    **{name: Operator(weights=weights, in_place=True) for name, weights in _WEIGHTS.items()},
    "LRN": Operator(),
}
