"""Mel spectrum: the bins of a spectrum summed by triangles of equal width on the mel scale."""

from typing import Any

from costlens.arithmetic.cost import Contraction, Cost
from costlens.arithmetic.shapes import Shape, Size
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit


class Mel(Layer):
    """Mel spectrum: ``(frames, bins) -> (frames, bands)``, a product with ``bins·bands`` fixed weights.

    Bins go from 0 Hz to half the sample rate. A frequency f is ``1127·ln(1 + f/700)`` mel; the bands' edges are equally
    spaced there, each triangle rises to 1 and falls along mel, and 0 Hz belongs to none (The HTK Book, 5.4, as
    ``tf.signal.linear_to_mel_weight_matrix`` reads it).
    """

    sort = "sound"
    example_input = (96, 257)

    bands: Size = field(example=40, description="output channels")
    sample_rate: Size = field(example=16000, description="of the waveform, in Hz")
    low: float = field(example=0, ge=0, description="lower end of the lowest band, in Hz")
    high: float = field(
        example=8000, gt=0, description="upper end of the highest band, in Hz; at most half the sample rate"
    )

    def misfits(self) -> dict[str, str]:
        if self.high <= self.low:
            return {"high": f"expected more than low (={self.low:g})"}
        if 2 * self.high > self.sample_rate:
            return {"high": f"expected at most half the sample rate (={self.sample_rate})"}
        return {}

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        return (*shape[:-1], self.bands)

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        *positions, bins = shape
        return Cost((Contraction((bins, self.bands), tuple(positions), fixed=True),))

    def triangles(self, bins: int) -> Any:
        """Return the weights, ``(bins, bands)``."""
        import numpy as np

        at = _mel(np.linspace(0.0, self.sample_rate / 2, bins))[:, None]
        edges = np.linspace(_mel(self.low), _mel(self.high), self.bands + 2)
        lower, centre, upper = edges[:-2], edges[1:-1], edges[2:]
        weights = np.maximum(0, np.minimum((at - lower) / (centre - lower), (upper - at) / (upper - centre)))
        weights[0] = 0
        return weights.astype(np.float32)

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        weights = self.triangles(tensor.shape[-1])
        return k.layers.Dense(
            self.bands, use_bias=False, trainable=False, kernel_initializer=lambda *_, **__: weights, name=name
        )(tensor)


def _mel(hertz: Any) -> Any:
    import numpy as np

    return 1127 * np.log1p(np.asarray(hertz) / 700)
