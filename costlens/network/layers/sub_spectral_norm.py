"""Sub-spectral normalisation (Chang et al. 2021): a BatchNorm for each band of frequencies."""

from costlens.arithmetic.shapes import Shape, Size, elements, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._norm import Norm

_TIME_FREQUENCY_CHANNELS = 3


class SubSpectralNorm(Norm):
    """Sub-spectral norm: ``(T, F, C) -> (T, F, C)``: a batch norm of bands·C channels, each band F/bands neighbours.

    Gamma, beta and the moving mean and variance hold ``bands·C`` numbers each.
    """

    shorthand = "bands"
    statistics = 2
    keeps_input = False

    bands: Size = field(example=4, description="bands of neighbouring frequencies; must divide the second axis")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        if len(shape) != _TIME_FREQUENCY_CHANNELS:
            raise ShapeError(f"sub_spectral_norm takes (T, F, C), received {show(shape)}; add a reshape before it")
        if shape[1] % self.bands:
            raise ShapeError(f"sub_spectral_norm: frequencies (={shape[1]}) must be divisible by bands (={self.bands})")
        return shape

    def channels(self, shape: Shape) -> int:
        return self.bands * self.output_shape(shape)[-1]

    def deployed(self, shape: Shape, *more: Shape) -> int:
        return 2 * self.channels(shape)

    def between(self, shape: Shape, *more: Shape) -> tuple[int, ...]:
        return (elements(shape),) * 9  # bands become channels by two transposes and two reshapes, and back likewise

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        time, frequencies, channels = tensor.shape[1:]
        width = frequencies // self.bands
        norm = k.layers.BatchNormalization(
            axis=1, scale=self.scale, center=self.center, epsilon=self.epsilon, name=f"{name}-norm"
        )
        # Channels first, as the file's convolutions are: half of its transposes cancel.
        y = k.layers.Permute((3, 1, 2), name=f"{name}-first")(tensor)
        y = k.layers.Reshape((channels, time, self.bands, width), name=f"{name}-split")(y)
        y = k.layers.Permute((1, 3, 2, 4), name=f"{name}-swap")(y)
        y = norm(k.layers.Reshape((channels * self.bands, time, width), name=f"{name}-bands")(y))
        y = k.layers.Reshape((channels, self.bands, time, width), name=f"{name}-unband")(y)
        y = k.layers.Permute((1, 3, 2, 4), name=f"{name}-unswap")(y)
        y = k.layers.Reshape((channels, time, frequencies), name=f"{name}-join")(y)
        return k.layers.Permute((2, 3, 1), name=name)(y)
