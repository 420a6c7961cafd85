"""Normalisations: no multiply-accumulates; scale, shift and statistics are weights."""

from __future__ import annotations

from costlens.readers.onnx.operators._operator import Operator

OPERATORS = {
    "BatchNormalization": Operator(weights=(1, 2, 3, 4)),
    "InstanceNormalization": Operator(weights=(1, 2)),
    "LayerNormalization": Operator(weights=(1, 2)),
    "SimplifiedLayerNormalization": Operator(weights=(1,)),
    "SkipLayerNormalization": Operator(weights=(2, 3, 4)),
    "RMSNormalization": Operator(weights=(1,)),
    "GroupNormalization": Operator(weights=(1, 2)),
    "LRN": Operator(),
    "LpNormalization": Operator(),
    "MeanVarianceNormalization": Operator(),
}
