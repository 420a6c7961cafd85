"""Statistics pooling over time, as x-vectors have it (Snyder et al. 2018)."""

from math import prod

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Shape, spatial
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit


class StatsPool(Layer):
    """Mean and deviation over time, joined: ``(T, C) -> (2·C,)``; of ``(T, F, C)``, over the first axis, ``(F, 2·C)``.

    The deviation is √(mean of (x - mean)² + epsilon). ``4·T`` FLOPs for each pair: two sums of T, the differences and
    squares, the epsilon and the root.
    """

    sort = "pools"
    also_called = ("statistics_pooling", "stats_pooling", "statistics_pool")
    example_input = (32, 8)

    epsilon: float = field(default=1e-5, ge=0, description="added to the variance")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        spatial(shape, "stats_pool")
        return (*shape[1:-1], 2 * shape[-1])

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        return Cost(elementwise_flops=4 * prod(shape))

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        epsilon = self.epsilon

        def statistics(x: Tensor) -> Tensor:
            mean = k.ops.mean(x, axis=1, keepdims=True)
            variance = k.ops.mean(k.ops.square(x - mean), axis=1)
            return k.ops.concatenate([k.ops.squeeze(mean, 1), k.ops.sqrt(variance + epsilon)], axis=-1)

        return k.layers.Lambda(statistics, name=name)(tensor)
