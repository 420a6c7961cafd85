"""Normalisations without weights."""

from math import prod

from costlens.arithmetic.cost import FLOPS_PER_NORM, Cost
from costlens.readers.tflite.operators._operator import Call, Operator


def _local_response(call: Call) -> Cost:
    """Return the FLOPs over windows of ``2·radius + 1`` channels: squares and sums, scale, offset and power."""
    window = 2 * call.options["radius"] + 1
    return Cost(elementwise_flops=(2 * window + 3) * prod(call.out()))


OPERATORS = {
    "L2_NORMALIZATION": Operator(flops=FLOPS_PER_NORM, in_place=True),
    "LOCAL_RESPONSE_NORMALIZATION": Operator(cost=_local_response),
}
