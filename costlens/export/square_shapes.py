"""tf2onnx (1.17) forgets that a square changed its layout; mended while it converts.

Its transpose optimiser moves a Transpose after ``Mul(x, x)`` and leaves the product's recorded shape as it was. Where
a size is 1, a later step makes transposes into reshapes by the recorded shapes, and the file computes something else:
for example a layer norm of ``(1, W, C)`` after a convolution.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


@contextmanager
def square_shapes() -> Iterator[None]:
    """Let tf2onnx record the shape of a square that a transpose was moved after."""
    module = import_module("tf2onnx.optimizer.transpose_optimizer")
    optimizer, original = module.TransposeOptimizer, module.TransposeOptimizer._mul_handler

    def handler(self: Any, transpose: Any, node: Any) -> Any:
        square = list(node.input) == [transpose.output[0]] * 2
        shape = self._g.get_shape(node.output[0])
        moved = original(self, transpose, node)
        if square and moved and shape:
            before = module.invert_perm(transpose.get_attr_value("perm"))
            self._g.set_shape(node.output[0], [shape[axis] for axis in before])
            self._g.set_shape(transpose.output[0], shape)
        return moved

    optimizer._mul_handler = handler
    try:
        yield
    finally:
        optimizer._mul_handler = original
