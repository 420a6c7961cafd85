"""Squeeze-and-excitation (Hu et al. 2018): a gate per channel from the whole map."""

from collections.abc import Collection, Iterator
from typing import Annotated

from costlens.arithmetic.cost import Cost, dense
from costlens.arithmetic.shapes import Shape, Size, elements, spatial
from costlens.errors import ShapeError
from costlens.network.fields import Words, field
from costlens.network.layers import layer_kind, layer_names
from costlens.network.layers._base import Layer, Tensor, Toolkit
from costlens.network.layers._elementwise import Activation

_RATIO = 16


class _Activations(Collection[str]):
    """The layer kinds that Keras has as activations by a word; one is imported when it is asked for."""

    def __contains__(self, word: object) -> bool:
        return word in layer_names() and issubclass(layer_kind(str(word)), Activation)

    def __iter__(self) -> Iterator[str]:
        return filter(self.__contains__, layer_names())

    def __len__(self) -> int:
        return len(list(iter(self)))


Word = Annotated[str, Words(_Activations())]


def _activation(word: str) -> Activation:
    kind = layer_kind(word)()
    assert isinstance(kind, Activation)  # noqa: S101  # as the words above are
    return kind


class SqueezeExcite(Layer):
    """Squeeze-excite: ``(H, W, C) -> (H, W, C)``; mean → dense R → activation → dense C → gate → multiply.

    R is C/ratio or ``reduced``; kernels ``2·C·R``, both dense layers with bias. FLOPs beside the MACs: the mean,
    biases, activation and gate, as the layers of these names have them, and the multiplication.
    """

    sort = "products"
    also_called = ("se", "squeeze_and_excitation", "squeeze_excitation", "squeeze_and_excite")
    shorthand = "ratio"

    example_input = (32, 32, 64)

    ratio: Size | None = field(
        default=None,
        description=f"how much narrower the first dense layer is: {_RATIO} unless given; must divide the channels",
    )
    reduced: Size | None = field(default=None, description="units of the first dense layer, instead of a ratio")
    inner: Word = field(default="relu", description="activation between the dense layers")
    gate: Word = field(default="sigmoid", description="activation that makes the factors")

    def misfits(self) -> dict[str, str]:
        both = self.reduced is not None and self.ratio is not None
        return {"reduced": f"expected ratio or reduced, not both (ratio is {self.ratio})"} if both else {}

    def _units(self, shape: Shape) -> int:
        spatial(shape, "squeeze_excite")
        if self.reduced is not None:
            return self.reduced
        ratio = self.ratio or _RATIO
        if shape[-1] % ratio:
            raise ShapeError(
                f"squeeze_excite: channels (={shape[-1]}) must be divisible by ratio (={ratio}); or give reduced"
            )
        return shape[-1] // ratio

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        self._units(shape)
        return shape

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        channels, units = shape[-1], self._units(shape)
        mean = elements(shape) - channels
        return Cost(
            (dense(channels, units), dense(units, channels)),
            bias=units + channels,
            elementwise_flops=mean
            + (1 + _activation(self.inner).flops_per_element) * units
            + (1 + _activation(self.gate).flops_per_element) * channels
            + elements(shape),
        )

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        sizes = tuple(tensor.shape[1:])
        pool = getattr(k.layers, f"GlobalAveragePooling{len(sizes) - 1}D")
        gate = pool(keepdims=True, name=f"{name}-mean")(tensor)
        inner = _activation(self.inner).word()
        gate = k.layers.Dense(self._units(sizes), activation=inner, name=f"{name}-squeeze")(gate)
        gate = k.layers.Dense(sizes[-1], name=f"{name}-excite")(gate)
        gate = k.layers.Activation(_activation(self.gate).word(), name=f"{name}-gate")(gate)
        return k.layers.Multiply(name=name)([tensor, gate])
