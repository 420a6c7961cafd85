"""Dense layer written as an equation: https://keras.io/api/layers/core_layers/einsum_dense/."""

from itertools import islice
from string import ascii_letters
from typing import Annotated, NamedTuple

from costlens.arithmetic.cost import Contraction, Cost
from costlens.arithmetic.shapes import Limits, Shape, Size, elements, show
from costlens.errors import ShapeError
from costlens.network.fields import Text, field
from costlens.network.layers._base import Layer, Tensor, Toolkit

_DOTS = "..."
_PATTERN = r"([A-Za-z]+),[A-Za-z]+->[A-Za-z]+|\.\.\.[A-Za-z]+,[A-Za-z]+->\.\.\.[A-Za-z]+"
_MOST = 5
Equation = Annotated[str, Text(_PATTERN, 'an equation such as "abc,cd->abd" or "...x,xy->...y"')]
Letters = Annotated[str, Text("[A-Za-z]+", "letters")]


class _Terms(NamedTuple):
    """The letters of what is read, of the weights and of the output, without the batch."""

    read: str
    weights: str
    made: str


class EinsumDense(Layer):
    """Weights and a tensor by an equation: ``(T, C) -> (T, H, D)`` by ``abc,cde->abde`` and ``output: [T, H, D]``.

    Written as Keras's layer of this name: the first letter is the batch, or ``...`` stands for it and all axes but the
    last. Kernels are the product of the sizes of the weights' letters; each is used once for every combination of the
    input's other letters, so the MACs are the product of all sizes. One FLOP an output value adds the biases.
    """

    sort = "products"
    also_called = ("einsum",)
    example_input = (49, 64)

    equation: Equation = field(
        example="abc,cde->abde", description="letters of the input, of the weights and of the output"
    )
    output: Size | Annotated[tuple[Size | None, ...], Limits(min_length=1, max_length=_MOST)] = field(
        example=(49, 4, 16), description="size of each letter of the output but the batch; null where the input has it"
    )
    bias_axes: Letters | None = field(default=None, description="letters of the output that biases have; none if null")

    def _terms(self) -> _Terms:
        left, made = self.equation.split("->")
        read, weights = left.split(",")
        hidden = len(_DOTS) if read.startswith(_DOTS) else 1
        return _Terms(read[hidden:], weights, made[hidden:])

    def _given(self) -> tuple[int | None, ...]:
        return (self.output,) if isinstance(self.output, int) else self.output

    def misfits(self) -> dict[str, str]:
        read, _, made = terms = self._terms()
        if wrong := _faults(self.equation, terms):
            return {"equation": wrong}
        if len(self._given()) != len(made):
            return {"output": f"expected {len(made)} sizes, of {', '.join(made)}"}
        unknown = [letter for letter, size in zip(made, self._given(), strict=True) if not size and letter not in read]
        if unknown:
            return {"output": f"expected a size for {', '.join(unknown)}, which the input does not have"}
        if self.bias_axes and (len(set(self.bias_axes)) < len(self.bias_axes) or not set(self.bias_axes) <= set(made)):
            return {"bias_axes": f"expected some of {made}, each once"}
        return {}

    def _sizes(self, shape: Shape) -> tuple[Shape, dict[str, int]]:
        """Return the axes that ``...`` stands for, and the size of each letter."""
        read, _, made = self._terms()
        open_ = self.equation.startswith(_DOTS)
        if len(shape) < len(read) or (len(shape) > len(read) and not open_):
            wanted = f"{len(read)}{' or more' if open_ else ''} axes behind the batch"
            raise ShapeError(f"einsum_dense: {self.equation} reads {wanted}, received {show(shape)}")
        leading = shape[: len(shape) - len(read)]
        sizes = dict(zip(read, shape[len(leading) :], strict=True))
        for letter, size in zip(made, self._given(), strict=True):
            if size and sizes.setdefault(letter, size) != size:
                raise ShapeError(
                    f"einsum_dense: {letter} is {sizes[letter]} in the input {show(shape)} and {size} in output; "
                    "write null for it"
                )
        return leading, sizes

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        leading, sizes = self._sizes(shape)
        return (*leading, *(sizes[letter] for letter in self._terms().made))

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        leading, sizes = self._sizes(shape)
        read, weights, made = self._terms()
        positions = (*leading, *(sizes[letter] for letter in read if letter not in weights))
        channels = elements(tuple(sizes[letter] for letter in weights if letter in made))
        kernel = Contraction(tuple(sizes[letter] for letter in weights), positions, outputs=channels)
        if not self.bias_axes:
            return Cost((kernel,))
        biases = elements(tuple(sizes[letter] for letter in self.bias_axes))
        return Cost((kernel,), bias=biases, elementwise_flops=elements(self.output_shape(shape)))

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        # Keras (3.15) knows no size of a null afterwards, reverses the axes of an ellipsis, and takes biases of an axis
        # as large as the last one for that one's.
        shape = tuple(tensor.shape[1:])
        leading, sizes = self._sizes(shape)
        free = (letter for letter in ascii_letters if letter not in self.equation)
        spelled = self.equation.replace(_DOTS, "".join(islice(free, 1 + len(leading))))
        product = k.layers.EinsumDense(spelled, self.output_shape(shape), name=name)(tensor)
        if not self.bias_axes:
            return product
        biases = tuple(sizes[letter] if letter in self.bias_axes else 1 for letter in self._terms().made)
        return k.AddWeight(biases, name=f"{name}-bias")(product)


def _faults(equation: str, terms: _Terms) -> str:
    """Say what an equation should be; nothing where it is right."""
    read, weights, made = terms
    batch = "" if equation.startswith(_DOTS) else equation[0]
    if batch and (batch in read + weights + made or equation.split("->")[1][0] != batch):
        return f"expected {batch} for the batch: first in the input and in the output, and nowhere else"
    if not read or any(len(set(term)) < len(term) for term in terms):
        return "expected each letter once in a term, and one of the input behind the batch"
    if alone := sorted(
        set(made) - set(read + weights) | set(weights) - set(read + made) | set(read) - set(weights + made)
    ):
        return f"expected {', '.join(alone)} in two of the three terms"
    return "" if set(read) - set(made) else "expected a letter to sum over: of the input and the weights alone"
