"""What every layer kind provides: fields, an output shape, a cost and its Keras form."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Self, dataclass_transform

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.precision import Stored
from costlens.arithmetic.shapes import Shape
from costlens.errors import ShapeError
from costlens.network.fields import REQUIRED, Field, FieldError, field, fields_of


class Geometry(NamedTuple):
    """Kernel, stride and groups of a layer, per spatial axis; None where it has none."""

    kernel: tuple[int, ...] | None = None
    stride: tuple[int, ...] | None = None
    groups: int | None = None


Tensor = Any
"""A Keras tensor."""


class Toolkit(NamedTuple):
    """What a layer builds itself with: Keras's ``layers`` and ``ops``, and the layer classes that Keras lacks.

    It is handed to ``to_keras``, so no layer file imports Keras.
    """

    layers: Any
    ops: Any
    ChannelAffine: Any
    GroupedConv: Any
    ConvTranspose: Any
    LocalResponseNorm: Any
    Resize: Any
    MatMul: Any
    Normalization: Any
    AddWeight: Any
    AddRelative: Any
    CausalMask: Any
    Mask: Any
    ClassToken: Any
    Pool: Any


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class Layer(ABC):
    """A frozen layer: its fields are the spec's fields, its shapes leave the batch out.

    ``name: type = field(default=…, description=…)`` declares a field. A layer is made from its fields by name, and
    equals another of its kind with the same values. FieldError for fields that are unknown, missing or wrong.

    ``to_keras`` applies the layer to tensors and returns its output, or its output and those of ``more_outputs``. The
    Keras layer that holds the weights is called ``name``, any other ``name-<what>``.
    """

    takes: ClassVar[tuple[int, int | None]] = (1, 1)
    """The least and the most inputs; None where there is no most, as for a layer that joins."""
    alone_with: ClassVar[str] = ""
    """The field that stands for the second input of a join: a layer that has it takes one input."""
    fits_by: ClassVar[str] = ""
    """The field that ``like: name`` sets: with it an input gets the spatial sizes of another tensor."""
    reads_integers: ClassVar[bool] = False
    """Reads an input of the network that is of whole numbers."""
    in_place: ClassVar[bool] = False
    """Can write its output over its input (norms, activations) or only reads it under another shape."""
    is_fused: ClassVar[bool] = False
    """Operators of TensorFlow Lite that take an activation do it to their own output."""
    takes_activation: ClassVar[bool] = False
    """Is an operator of TensorFlow Lite that takes an activation."""
    keeps_input: ClassVar[bool] = False
    """The last of its operators in TensorFlow Lite reads its input, too (x·sigmoid(x))."""
    over_images: ClassVar[bool] = False
    """Works on a sequence as on an image of height 1, in TensorFlow Lite."""
    keeps_images: ClassVar[bool] = False
    """Works on images of height 1 where all that it reads are some, so that none becomes a sequence for it."""
    only_reshapes: ClassVar[bool] = False
    """Shows the same values in another shape, so that it reads any."""
    stays_float: ClassVar[bool] = False
    """TensorFlow Lite has no int8 kernel for it: it is computed in fp32, between two conversions."""
    tables: ClassVar[int] = 1
    """In how many tensors the numbers lie that are neither weights nor biases, each with a scale in int8."""
    scratch_int8: ClassVar[int] = 0
    """Bytes that TensorFlow Lite's kernels need in int8 meanwhile for each value that the layer makes."""
    is_norm: ClassVar[bool] = False
    is_activation: ClassVar[bool] = False
    """Changes each value by itself: the field ``activation`` of a layer before it takes the kind."""
    folds_norm: ClassVar[bool] = False
    """A norm directly after this layer becomes its bias in the exported file, if it can."""
    becomes_bias: ClassVar[bool] = False
    """Is a norm that can: at inference a scale and a shift for each channel."""
    vanishes: ClassVar[bool] = False
    """Does nothing at inference: exporters fold a norm across it."""
    is_form_of_its_own: ClassVar[str] = ""
    """Why no kind of convolution may rewrite it, for a convolution that is not written as ``conv``."""
    filters_each_channel: ClassVar[bool] = False
    """Convolves every input channel with kernels of its own."""
    printed_as: ClassVar[str] = ""
    """What the tables of papers call the kind; the kind's own name unless given."""
    convolves: ClassVar[bool] = False
    """Is one Conv or ConvTranspose of the exported file, under the name of its row."""
    also_called: ClassVar[tuple[str, ...]] = ()
    """Other words for the kind, which a message about an unknown word answers with the kind's name."""
    advice: ClassVar[str] = ""
    """What to write instead where somebody gives the kind a bare value that it does not take."""
    sort: ClassVar[str] = "others"
    """What it is listed with: one of ``SORTS`` of ``results/kinds.py``; most have that of their base."""
    shorthand: ClassVar[str | None] = None
    """The field that ``kind: value`` sets."""
    example_input: ClassVar[Shape] = (32, 32, 8)
    """What the kind's example in the reference reads."""

    __slots__ = ("__dict__", "__weakref__", "_hash")
    _hash: int

    def __init__(self, **given: Any) -> None:
        fields, values = self.fields(), self.__dict__
        wrong = {name: "unknown field" for name in given if name not in fields}
        for name, each in fields.items():
            try:
                values[name] = each.take(given[name]) if name in given else each.default
            except ValueError:
                wrong[name] = f"expected {each.expected}, received {given[name]!r}"
            else:
                wrong |= {name: "missing"} if values[name] is REQUIRED else {}
        if wrong := wrong or self.misfits():
            raise FieldError(self.kind(), wrong)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: a layer is frozen; make another one with changed()")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            found = hash((type(self), *self.__dict__.values()))
            object.__setattr__(self, "_hash", found)
            return found

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__  # without the hash, which is another one in each process

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"

    @classmethod
    def fields(cls) -> Mapping[str, Field]:
        """Return the fields of the kind by name, those of its bases first."""
        return fields_of(cls)

    def values(self) -> dict[str, Any]:
        """Return the value of each field."""
        return dict(self.__dict__)

    def chosen(self) -> dict[str, Any]:
        """Return the values that are not the defaults of their fields."""
        return {name: value for name, value in self.values().items() if value != self.fields()[name].default}

    def changed(self, **fields: Any) -> Self:
        """Return the layer with other values in some fields."""
        return type(self)(**{**self.values(), **fields})

    def misfits(self) -> dict[str, str]:
        """Return what was expected, by field, where values that are right by themselves do not fit each other."""
        return {}

    @classmethod
    def joins(cls) -> bool:
        """Return whether the kind takes two or more inputs, however many."""
        return cls.takes == (2, None)

    @classmethod
    def takes_with(cls, given: Collection[str]) -> tuple[int, int | None]:
        """Return the least and the most inputs of a layer that is given these fields."""
        return (1, 1) if cls.alone_with and cls.alone_with in given else cls.takes

    @classmethod
    def kind(cls) -> str:
        """Return the kind's name: that of its file."""
        return cls.__module__.rpartition(".")[2]

    @abstractmethod
    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        """Return the shape of the output; ShapeError when it cannot take its input."""

    @classmethod
    def fitting(cls, shape: Shape, other: Shape) -> Sequence[Any]:
        """Return the value of ``fits_by`` with which an input gets the spatial sizes of another tensor.

        ShapeError where there is none, as of every kind without such a field.
        """
        raise ShapeError(f"{cls.kind()} has no field that another tensor's sizes could give")

    def more_outputs(self, shape: Shape, *more: Shape) -> Mapping[str, Shape]:
        """Return the shapes of further outputs by name: ``state`` of ``lstm1`` is read as ``lstm1.state``."""
        return {}

    @abstractmethod
    def cost(self, shape: Shape, *more: Shape) -> Cost:
        """Return what the layer costs for one example."""

    @abstractmethod
    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        """Apply the Keras form of the layer to Keras tensors and return the resulting tensor."""

    def inside(self, shape: Shape, *more: Shape) -> int:
        """Return how many values the layer keeps alive at once while it works, if more than it returns."""
        return 0

    def between(self, shape: Shape, *more: Shape) -> tuple[int, ...]:
        """Return how many values each tensor between the layer's operators in TensorFlow Lite has, in order."""
        return ()

    def deployed(self, shape: Shape, *more: Shape) -> int:
        """Return how many numbers the exported file stores for the layer where nothing is folded."""
        return self.cost(shape, *more).params

    def stored(self, shape: Shape, *more: Shape) -> Stored:
        """Return the same numbers by what they are in int8."""
        cost = self.cost(shape, *more)
        is_plain = type(self).deployed is Layer.deployed
        constants = (cost.params if is_plain else self.deployed(shape, *more)) - cost.weights - cost.bias
        return Stored(cost.weights, cost.scales + (self.tables if constants else 0), cost.bias, constants)

    def geometry(self, shape: Shape, *more: Shape) -> Geometry:
        """Return kernel, stride and groups, for layers that have them."""
        return Geometry()

    def remark(self, shape: Shape, *more: Shape) -> str:
        """Return what a reader must know of the layer's numbers; mostly nothing."""
        return ""
