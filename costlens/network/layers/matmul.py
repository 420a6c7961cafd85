"""Product of two tensors, as of the queries and keys of attention."""

from costlens.arithmetic.cost import Contraction, Cost
from costlens.arithmetic.shapes import Shape, elements, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit

_MATRIX = 2


class Matmul(Layer):
    """Matrix product of two tensors: ``(..., M, K), (..., K, N) -> (..., M, N)``; no weights.

    ``...·M·K·N`` MACs: both tensors are computed, so nothing is stored. Leading axes are equal, or 1 and then repeated.
    A scale takes one FLOP an element.
    """

    sort = "products"
    also_called = ("dot", "bmm", "batch_matmul", "product")
    takes = (2, 2)
    example_input = (32, 32)

    transpose_a: bool = field(default=False, description="swap the last two axes of the first tensor")
    transpose_b: bool = field(default=False, description="swap the last two axes of the second tensor")
    scale: float = field(default=1.0, gt=0, description="multiplies the product, as 1/√d does in attention")

    def _sizes(self, shape: Shape, other: Shape) -> tuple[Shape, int, int, int]:
        """Return the leading axes, M, K and N."""
        if len(shape) < _MATRIX or len(other) != len(shape):
            raise ShapeError(
                f"matmul takes two tensors of as many axes, two or more, received {show(shape)} and {show(other)}; "
                "add a reshape before it"
            )
        rows, inner = _turned(shape, self.transpose_a)
        read, columns = _turned(other, self.transpose_b)
        leading = [{a, b} - {1} for a, b in zip(shape[:-2], other[:-2], strict=True)]
        if inner != read or any(len(sizes) > 1 for sizes in leading):
            raise ShapeError(f"matmul: {self._misfit(shape, other)}")
        return tuple(sizes.pop() if sizes else 1 for sizes in leading), rows, inner, columns

    def _misfit(self, shape: Shape, other: Shape) -> str:
        """Say which sizes differ, and which transposes would make them equal."""
        (rows, inner), (read, columns) = _turned(shape, self.transpose_a), _turned(other, self.transpose_b)
        received = f"received {show(shape)} and {show(other)}"
        if inner == read:
            return f"leading axes must be equal or 1, {received}"
        flips = {
            "transpose_b": (self.transpose_b, inner == columns),
            "transpose_a": (self.transpose_a, rows == read),
        }
        fits = [f"{name}: {str(not now).lower()}" for name, (now, fit) in flips.items() if fit]
        remedy = f"; set {' or '.join(fits)}" if fits else "; make them equal with a dense layer or a reshape"
        return f"the first has {inner} columns, the second {read} rows, {received}{remedy}"

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        leading, rows, _, columns = self._sizes(shape, *more)
        return (*leading, rows, columns)

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        leading, rows, inner, columns = self._sizes(shape, *more)
        product = Contraction((inner, columns), (*leading, rows), computed=True)
        scaled = elements(self.output_shape(shape, *more)) if self.scale != 1 else 0
        return Cost((product,), elementwise_flops=scaled)

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.MatMul(self.transpose_a, self.transpose_b, self.scale, name=name)(tensor, *more)


def _turned(shape: Shape, swap: bool) -> tuple[int, int]:
    rows, columns = shape[-2:]
    return (columns, rows) if swap else (rows, columns)
