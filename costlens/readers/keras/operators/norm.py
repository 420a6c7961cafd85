"""Normalisations that are one operation: two FLOPs for each value."""

from math import prod

from costlens.arithmetic.cost import FLOPS_PER_NORM, Cost
from costlens.readers.keras.operators._operator import Call, Operator


def _norm(call: Call) -> Cost:
    return Cost(elementwise_flops=FLOPS_PER_NORM * prod(call.output()))


OPERATORS = dict.fromkeys(("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "LRN"), Operator(_norm))
