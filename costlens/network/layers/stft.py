"""Short-time Fourier transform, executed as a convolution with fixed weights."""

from typing import Any

from costlens.arithmetic.cost import Contraction, Cost
from costlens.arithmetic.shapes import Shape, Size, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Geometry, Layer, Tensor, Toolkit
from costlens.network.layers._window import pieces

_FLOPS_PER_MAGNITUDE = 4  # two squares, a sum, a root


class Stft(Layer):
    """Short-time spectrum of a waveform: ``(T,) -> (frames, fft//2 + 1)`` magnitudes; also of ``(T, 1)``.

    A frame is ``window`` samples under a periodic Hann window, filled up with zeros to ``fft``. One starts every
    ``hop`` samples; the waveform is not padded. ``window·2·(fft//2 + 1)`` fixed weights, the windowed cosine and sine
    of each bin, are used at every frame; a magnitude takes 4 FLOPs more.
    """

    sort = "sound"
    convolves = True

    example_input = (16_000,)

    window: Size = field(example=400, description="samples of a frame")
    hop: Size = field(example=160, description="samples from the start of one frame to that of the next")
    fft: Size = field(example=512, description="points of the transform; at least the window")

    def misfits(self) -> dict[str, str]:
        return {"fft": f"expected at least the window (={self.window})"} if self.fft < self.window else {}

    @property
    def bins(self) -> int:
        """The number of frequencies, 0 and half the sample rate included."""
        return self.fft // 2 + 1

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        if len(shape) != 1 and (len(shape) != 2 or shape[1] != 1):  # noqa: PLR2004
            raise ShapeError(f"stft takes a waveform, (T,) or (T, 1), received {show(shape)}; add a reshape before it")
        return (pieces(shape[0], self.window, self.hop, "stft: window"), self.bins)

    def geometry(self, shape: Shape, *more: Shape) -> Geometry:
        return Geometry(kernel=(self.window,), stride=(self.hop,), groups=1)

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        frames, bins = self.output_shape(shape)
        weights = Contraction((self.window, 2 * bins), (frames,), fixed=True)
        return Cost((weights,), elementwise_flops=_FLOPS_PER_MAGNITUDE * frames * bins)

    def remark(self, shape: Shape, *more: Shape) -> str:
        """Compare with a fast transform.

        A radix-2 transform of N points takes ``N/2·log2 N`` complex products (Cooley & Tukey 1965) of 4 real ones; real
        samples halve that (Sorensen, Jones, Heideman & Burrus 1987): ``N·log2 N`` real products a frame.

        >>> Stft(window=400, hop=160, fft=512).remark((15_600,)).partition("; ")[2]
        'a 512-point FFT would need 442,368 (N·log2 N real products a frame) and 38,400 for the window'
        """
        frames = self.output_shape(shape)[0]
        executed = f"{self.cost(shape).macs:,} MACs as executed, a matrix product"
        log2 = self.fft.bit_length() - 1
        if self.fft != 2**log2:
            return f"{executed}; a radix-2 FFT would need a power of two for fft (={self.fft})"
        fast, windowing = self.fft * log2 * frames, self.window * frames
        return (
            f"{executed}; a {self.fft}-point FFT would need {fast:,} (N·log2 N real products a frame) "
            f"and {windowing:,} for the window"
        )

    def waves(self) -> Any:
        """Return the weights, ``(window, 2·bins)``: the windowed cosine of each bin, then minus the sine."""
        import numpy as np

        sample = np.arange(self.window)
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * sample / self.window)
        turns = np.outer(sample, np.arange(self.bins)) % self.fft / self.fft
        wave = np.exp(-2j * np.pi * turns) * hann[:, None]
        return np.concatenate([wave.real, wave.imag], axis=1).astype(np.float32)

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        weights = self.waves()[:, None]
        column = k.layers.Reshape((tensor.shape[1], 1), name=f"{name}-column")(tensor)
        parts = k.layers.Conv1D(
            2 * self.bins,
            self.window,
            strides=self.hop,
            use_bias=False,
            trainable=False,
            kernel_initializer=lambda *_, **__: weights,
            name=name,
        )(column)
        return k.layers.Lambda(lambda x: _magnitude(k, x), name=f"{name}-magnitude")(parts)


def _magnitude(k: Any, parts: Any) -> Any:
    real, imaginary = k.ops.split(k.ops.square(parts), 2, axis=-1)
    return k.ops.sqrt(real + imaginary)
