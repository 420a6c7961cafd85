"""The weights of a recurrent operator of the file beside those of Keras's layer, gate by gate."""

from collections.abc import Iterator, Mapping
from typing import Any

from costlens.export.forms.recurrent import directions

_ORDERS = {"LSTM": ("iofc", "ifco"), "GRU": ("zrh", "zrh"), "RNN": ("h", "h")}
"""The gates in the order of ONNX and in that of Keras."""

RECURRENT = frozenset(_ORDERS)
"""The operators."""

Pair = tuple[Any, Any, Any]
"""Values that Keras holds, their factors, and what the file stores in their place; None where it stores nothing."""


def recurrent_pairs(layer: Any, node: Any, stored: Mapping[str, Any]) -> Iterator[Pair]:
    """Yield the kernels of input and state of each direction, and both biases: zeros where Keras has one."""
    import numpy as np
    from onnx import numpy_helper

    arrays = [numpy_helper.to_array(stored[name]) if name in stored else None for name in node.input[1:4]]
    sides = directions(layer)
    for place, side in enumerate(sides):
        found = [_side(array, place, len(sides), node.op_type) for array in arrays]
        cell = side.cell
        kernels = [np.asarray(cell.kernel), np.asarray(cell.recurrent_kernel)]
        yield from ((kernel, np.ones(1), held) for kernel, held in zip(kernels, found, strict=False))
        if side.use_bias:
            bias = np.atleast_2d(np.asarray(cell.bias))
            both = np.concatenate([bias, np.zeros_like(bias)])[:2]
            yield both, np.ones(1), found[2] if len(found) > len(kernels) else None


def _side(array: Any, place: int, sides: int, operator: str) -> Any:
    """Return what is stored for one direction; None where there is nothing, or not as many directions."""
    return None if array is None or len(array) != sides else _in_keras_order(array[place], operator)


def _in_keras_order(values: Any, operator: str) -> Any:
    """Return ``(gates·H, n)`` as ``(n, gates·H)``, ``(2·gates·H,)`` as ``(2, gates·H)``, gates in Keras's order."""
    import numpy as np

    theirs, ours = _ORDERS[operator]
    lines = values.reshape(2, -1) if values.ndim == 1 else values.T
    gates = dict(zip(theirs, np.split(lines, len(theirs), axis=-1), strict=True))
    return np.concatenate([gates[gate] for gate in ours], axis=-1)
