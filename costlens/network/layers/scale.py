from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Shape, elements
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit


class Scale(Layer):
    """Learned factor of each channel: ``(..., C) -> (..., C)``; C trainable numbers, 1 FLOP an element.

    ConvNeXt's layer scale (Liu et al. 2022) and CaiT's (Touvron et al. 2021) start at 1e-6. It is stored as it is, not
    folded into the layer before it. A constant factor is ``multiply: 0.5``.
    """

    sort = "norms"
    also_called = ("layer_scale", "layerscale")
    in_place = True
    advice = "a constant factor is multiply: 0.5, a learned one that starts there is scale: {initial: 0.5}"

    initial: float = field(default=1.0, description="each factor before training")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        return shape

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        return Cost(affine=shape[-1], elementwise_flops=elements(shape))

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.ChannelAffine(self.initial, center=False, name=name)(tensor)
