"""Convolutions: each weight is used once at every output position, a transposed one's at every input position.

Kernels are ``(*K, M / groups, N)``, a depthwise one's ``(*K, M, multiplier)``, a transposed one's ``(*K, N, M)``.
https://www.tensorflow.org/api_docs/python/tf/raw_ops/Conv2D
"""

from costlens.arithmetic.cost import Contraction, Cost, convolution, depthwise
from costlens.readers.keras.operators._operator import Call, Operator, Shape


def _spatial(call: Call, shape: Shape, kernel: Shape) -> tuple[Shape, Shape]:
    """Return the positions, with the examples where there are several, and the kernel, of the layer's own axes."""
    first = call.attribute("data_format").startswith("NC")
    rank = call.rank or len(kernel)
    positions, kernel = _last(shape[2:] if first else shape[1:-1], rank), _last(kernel, rank)
    return (*((shape[0],) if shape[0] != 1 else ()), *positions), kernel


def _last(sizes: Shape, rank: int) -> Shape:
    """Return the last sizes, and those of the axes before them that are not 1."""
    added = max(len(sizes) - rank, 0)
    return sizes[added:] if sizes[:added] == (1,) * added else sizes


def _channels(call: Call, shape: Shape) -> int:
    return shape[1] if call.attribute("data_format").startswith("NC") else shape[-1]


def _direct(call: Call) -> Cost:
    shape, (*kernel, per_group, filters) = call.positions or call.output(), call.inputs[1].known()
    channels = _channels(call, call.inputs[0].known())
    positions, window = _spatial(call, shape, tuple(kernel))
    return Cost((convolution(window, channels, filters, positions, channels // per_group),))


def _depthwise(call: Call) -> Cost:
    shape, (*kernel, channels, multiplier) = call.positions or call.output(), call.inputs[1].known()
    positions, window = _spatial(call, shape, tuple(kernel))
    return Cost((depthwise(window, channels, positions, multiplier),))


def _transposed(call: Call) -> Cost:
    given, (*kernel, filters, channels) = call.inputs[2].known(), call.inputs[1].known()
    positions, window = _spatial(call, given, tuple(kernel))
    return Cost((Contraction((*window, channels, filters), positions),))


OPERATORS = {
    **dict.fromkeys(("Conv", "Conv2D", "Conv3D"), Operator(_direct, contracts=True)),
    "DepthwiseConv2dNative": Operator(_depthwise, contracts=True),
    **dict.fromkeys(("Conv2DBackpropInput", "Conv3DBackpropInputV2"), Operator(_transposed, contracts=True)),
}
