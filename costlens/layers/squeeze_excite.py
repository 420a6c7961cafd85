"""Squeeze-and-excitation (Hu et al. 2018): a gate per channel from the whole map."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from costlens.cost import Cost, dense
from costlens.errors import ShapeError
from costlens.layers._base import Layer
from costlens.shapes import Shape, Size, elements, spatial


class SqueezeExcite(Layer):
    """Squeeze-excite: ``(H, W, C) -> (H, W, C)``; mean → dense C/ratio → ReLU → dense C → sigmoid → multiply.

    Kernels ``2·C·(C / ratio)``, both dense layers with bias. FLOPs beside the MACs: the mean, biases, ReLU (1),
    sigmoid (4) and the multiplication.
    """

    shorthand: ClassVar[str | None] = "ratio"

    ratio: Size = Field(16, description="how much narrower the first dense layer is; must divide the channels")
    gate: Literal["sigmoid", "hard_sigmoid"] = Field("sigmoid", description="sigmoid or hard_sigmoid")

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        spatial(shape, "squeeze_excite")
        if shape[-1] % self.ratio:
            raise ShapeError(f"squeeze_excite: channels (={shape[-1]}) must be divisible by ratio (={self.ratio})")
        return shape

    def cost(self, *inputs: Shape) -> Cost:
        (shape,) = inputs
        channels = self.output_shape(shape)[-1]
        narrow = channels // self.ratio
        mean = elements(shape) - channels
        return Cost(
            (dense(channels, narrow), dense(narrow, channels)),
            bias=narrow + channels,
            elementwise_flops=mean + 2 * narrow + 5 * channels + elements(shape),
        )

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        (tensor,) = tensors
        channels, rank = tensor.shape[-1], len(tensor.shape) - 2
        pool = k.layers.GlobalAveragePooling1D if rank == 1 else k.layers.GlobalAveragePooling2D
        gate = pool(keepdims=True, name=f"{name}-mean")(tensor)
        gate = k.layers.Dense(channels // self.ratio, activation="relu", name=f"{name}-squeeze")(gate)
        gate = k.layers.Dense(channels, name=f"{name}-excite")(gate)
        gate = k.layers.Activation(self.gate, name=f"{name}-gate")(gate)
        return k.layers.Multiply(name=name)([tensor, gate])
