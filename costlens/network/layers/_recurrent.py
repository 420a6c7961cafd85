"""What the recurrent layers share: steps, directions, states."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from costlens.arithmetic.cost import Contraction, Cost
from costlens.arithmetic.precision import Stored
from costlens.arithmetic.shapes import Shape, Size, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit

_SEQUENCE = 2
_FLOPS = {"tanh": 5, "relu": 1}


class Recurrent(Layer):
    """``(T, C) -> (units,)`` or ``(T, units)``: ``gates`` products of input and state at each step.

    ``C·gates·units`` kernels of the input and ``units·gates·units`` of the state, each used once at every step, and
    twice as many in two directions. ONNX stores two biases a gate and unit, whatever Keras has.
    """

    sort = "recurrent"
    states: ClassVar[tuple[str, ...]] = ("h",)
    """What is carried from step to step, ``units`` numbers each."""
    gates: ClassVar[int]
    flops_per_unit: ClassVar[int]
    """FLOPs of a unit in one step, beside MACs, biases and the ``inner`` activations."""
    activations: ClassVar[int] = 1
    """How often ``inner`` is applied to a unit in one step."""
    keras_class: ClassVar[str]
    example_input = (50, 40)
    shorthand = "units"

    units: Size = field(example=64, description="output units of each direction")
    return_sequences: bool = field(
        default=False, description="return the output of every step, (T, units), and not that of the last alone"
    )
    bidirectional: bool = field(default=False, description="read the sequence in both directions, with own weights")
    merge: Literal["concat", "sum"] = field(default="concat", description="how the two directions are joined")
    go_backwards: bool = field(default=False, description="read from the last step to the first, and return that order")
    return_state: bool = field(
        default=False, description="make the last states further outputs, so that a next call can start from them"
    )
    inner: Literal["tanh", "relu"] = field(default="tanh", description="the activation of what is not a gate")
    bias: bool = field(default=True, description="add trainable biases")

    def misfits(self) -> dict[str, str]:
        if not self.bidirectional:
            return {"merge": "expected bidirectional: true with it"} if self.merge != "concat" else {}
        wrong = {"go_backwards": "expected one direction: bidirectional reads in both"} if self.go_backwards else {}
        if self.return_state:
            wrong["return_state"] = "expected one direction: with both, no later call can start from the states"
        return wrong

    @property
    def directions(self) -> int:
        """How many times the sequence is read."""
        return 2 if self.bidirectional else 1

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        kind = self.kind()
        if len(shape) != _SEQUENCE:
            raise ShapeError(f"{kind} takes (T, C), received {show(shape)}; {_remedy(shape, kind)}")
        if more and self.bidirectional:
            raise ShapeError(f"{kind}: states are read in one direction only; leave bidirectional out")
        if more and len(more) != len(self.states):
            wanted, listed = " and ".join(self.states), ", ".join(self.states)
            raise ShapeError(f"{kind} starts from {wanted}, received {len(more)}; name them: from: [x, {listed}]")
        for name, state in zip(self.states, more, strict=False):
            if state != (self.units,):
                raise ShapeError(f"{kind}: state {name} is ({self.units},), received {show(state)}")
        size = self.units * (self.directions if self.merge == "concat" else 1)
        return (shape[0], size) if self.return_sequences else (size,)

    def more_outputs(self, shape: Shape, *more: Shape) -> Mapping[str, Shape]:
        return dict.fromkeys(self.states, (self.units,)) if self.return_state else {}

    def biases(self) -> int:
        """Return how many biases Keras has in one direction."""
        return self.gates * self.units * self.bias

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        steps, channels = shape
        twice = (2,) if self.bidirectional else ()
        gates = (self.gates,) if self.gates > 1 else ()
        outputs = self.directions * self.gates * self.units
        contractions = tuple(
            Contraction((*twice, size, *gates, self.units), (steps,), outputs=outputs)
            for size in (channels, self.units)
        )
        of_unit = self.flops_per_unit + self.activations * _FLOPS[self.inner]
        of_step = self.units * of_unit + self.biases()
        merged = self.units * (steps if self.return_sequences else 1) if self.merge == "sum" else 0
        return Cost(
            contractions,
            bias=self.directions * self.biases(),
            elementwise_flops=self.directions * steps * of_step + merged,
        )

    def deployed(self, shape: Shape, *more: Shape) -> int:
        return self.cost(shape, *more).kernels + 2 * self.directions * self.gates * self.units * self.bias

    def stored(self, shape: Shape, *more: Shape) -> Stored:
        kernels = self.cost(shape, *more).kernels
        return Stored(kernels, self.cost(shape, *more).scales, self.deployed(shape, *more) - kernels)

    def cells(self, k: Toolkit, **settings: Any) -> Any:
        """Return Keras's layer of one direction."""
        return getattr(k.layers, self.keras_class)(
            self.units, return_sequences=self.return_sequences, activation=self.inner, use_bias=self.bias, **settings
        )

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        if self.bidirectional:
            cells = self.cells(k, name=f"{name}-cells")
            return k.layers.Bidirectional(cells, merge_mode=self.merge, name=name)(tensor)
        layer = self.cells(k, go_backwards=self.go_backwards, return_state=self.return_state, name=name)
        return layer(tensor, list(more)) if more else layer(tensor)


def _remedy(shape: Shape, kind: str) -> str:
    if len(shape) == 1:
        return f"set return_sequences: true in the {kind} before it, or add a reshape"
    return "add a reshape before it"
