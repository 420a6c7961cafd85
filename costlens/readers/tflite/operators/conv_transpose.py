"""Transposed convolutions: each weight is used at every input position.

Inputs are the output's shape, the filters and the data; filters are ``(N, K_h, K_w, M)``, in three dimensions
``(K_d, K_h, K_w, N, M)``.
"""

from collections.abc import Sequence

from costlens.arithmetic.cost import Cost, convolution
from costlens.readers.tflite.operators._operator import Call, Operator, Out
from costlens.readers.tflite.operators._rules import needs, sized, used_at
from costlens.readers.tflite.tensor import Shape

_THREE = "CONV_3D_TRANSPOSE"


def _kernel(call: Call) -> Shape:
    return call.shape(1, 5)[:3] if call.op == _THREE else call.shape(1, 4)[1:3]


def _channels(call: Call) -> tuple[int, int]:
    """Return channels read and filters."""
    shape = call.shape(1)
    read, filters = (shape[4], shape[3]) if call.op == _THREE else (shape[3], shape[0])
    needs(call.shape(2)[-1] == read, f"it reads {read} channels, its input has {call.shape(2)[-1]}")
    return read, filters


def _infer(call: Call) -> Sequence[Out]:
    made, rank = sized(call, 0), 5 if call.op == _THREE else 4
    needs(len(made) == rank, f"it makes a tensor of {len(made)} axes, not of {rank}")
    needs(made[0] == call.shape(2, rank)[0], f"it makes {made[0]} examples of {call.shape(2)[0]}")
    needs(made[-1] == _channels(call)[1], f"it makes {made[-1]} channels by {_channels(call)[1]} filters")
    return (Out(made),)


def _cost(call: Call) -> Cost:
    batch, *places, _ = call.shape(2)
    read, filters = _channels(call)
    return Cost((convolution(_kernel(call), read, filters, used_at(batch, *places)),))


OPERATORS = dict.fromkeys(
    ("CONV_3D_TRANSPOSE", "TRANSPOSE_CONV"),
    Operator(
        _infer, _cost, (1, 3), _kernel, lambda _: 1, role="contraction", bias=3, integers=True, single=True,
    ),
)  # fmt: skip
