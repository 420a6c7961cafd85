"""What every layer kind provides: fields, an output shape, a cost and its Keras form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Shape


class Layer(BaseModel, ABC):
    """A frozen layer: its fields are the spec's fields, its shapes leave the batch out.

    ``to_keras`` is handed a toolkit ``k`` with ``k.layers`` and ``k.ops`` (Keras's own modules) and the few layers
    Keras lacks (``k.GroupedConv``, ``k.LocalResponseNorm``), so that no layer file imports Keras. It applies the
    layer to the tensors; the Keras layer that holds the weights is called ``name``, any other ``name-<what>``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    joins: ClassVar[bool] = False
    """Takes two or more inputs."""
    in_place: ClassVar[bool] = False
    """Can write its output over its input (norms, activations) or only reads it under another shape."""
    is_norm: ClassVar[bool] = False
    folds_norm: ClassVar[bool] = False
    """A norm directly behind this layer becomes its bias in the exported file, if it can."""
    becomes_bias: ClassVar[bool] = False
    """Is a norm that can: at inference a scale and a shift for each channel."""
    convolves: ClassVar[bool] = False
    """Is one Conv or ConvTranspose of the exported file, under the name of its row."""
    shorthand: ClassVar[str | None] = None
    """The field that ``kind: value`` sets."""

    @classmethod
    def kind(cls) -> str:
        """Return the kind's name: that of its file."""
        return cls.__module__.rpartition(".")[2]

    @abstractmethod
    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the shape behind the layer; ShapeError when it cannot take its input."""

    @abstractmethod
    def cost(self, *inputs: Shape) -> Cost:
        """Return what the layer costs for one example."""

    @abstractmethod
    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        """Apply the Keras form of the layer to Keras tensors and return the resulting tensor."""

    def deployed(self, *inputs: Shape) -> int:
        """Return how many numbers the exported file stores for the layer where nothing is folded."""
        return self.cost(*inputs).params

    def geometry(self, *inputs: Shape) -> Geometry:
        """Return kernel, stride and groups, for layers that have them."""
        return Geometry()

    def remark(self, *inputs: Shape) -> str:
        """Return what a reader must know of the layer's numbers; mostly nothing."""
        return ""


class Geometry(NamedTuple):
    """Kernel, stride and groups of a layer, per spatial axis; None where it has none."""

    kernel: tuple[int, ...] | None = None
    stride: tuple[int, ...] | None = None
    groups: int | None = None
