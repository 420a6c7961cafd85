"""How many bytes numbers take in a precision: what a layer stores, by what each number is in int8.

In int8 the rules are those of TensorFlow Lite's quantisation specification: weights of a contraction are one byte each,
with a scale for each output channel; biases are int32, since they are added to the sums; other constants and
activations are one byte each, with one scale for all of a tensor.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

Precision = Literal["fp32", "fp16", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
WIDTHS: dict[Precision, int] = {"fp32": 4, "fp16": 2, "int8": 1}
"""Bytes of a weight or an activation."""
DTYPES: dict[Precision, str] = {"fp32": "float32", "fp16": "float16", "int8": "int8"}
OF_DTYPE: dict[str, Precision] = {dtype: precision for precision, dtype in DTYPES.items()}
FP32, INT8 = PRECISIONS[0], PRECISIONS[-1]
SCALE, BIAS = 4, 4
"""Bytes of a scale (fp32) and of a bias (int32) in int8."""
ZERO_POINT = 8
"""Bytes of a zero point (int64) in a file of TensorFlow Lite, beside each scale."""


class Stored(NamedTuple):
    """Numbers that are stored: ``weights`` of contractions, ``scales`` that these have in int8, ``biases``, and others.

    zeros: biases of zeros that TensorFlow Lite's converter adds where there are none. again: biases of which a run with
    the weights of another has its own in int8, as their scale is that of what it reads. same: zeros that a file does
    not store, as it has as many in one place already.
    """

    weights: int = 0
    scales: int = 0
    biases: int = 0
    constants: int = 0
    zeros: int = 0
    again: int = 0
    same: int = 0

    @property
    def numbers(self) -> int:
        """How many numbers there are, without the scales, which int8 adds, and the zeros, which a converter does."""
        return self.weights + self.biases + self.constants

    def bytes(self, precision: Precision) -> int:
        """Return the size of the numbers; in int8 with a scale for each output channel.

        >>> of_conv = Stored(weights=3 * 3 * 8 * 16, scales=16, biases=16)
        >>> of_conv.bytes("fp32"), of_conv.bytes("fp16"), of_conv.bytes("int8")
        (4672, 2336, 1280)
        """
        if precision == INT8:
            return self.weights + self.constants + SCALE * self.scales + BIAS * (self.biases + self.again)
        return WIDTHS[precision] * self.numbers

    def flash(self, precision: Precision) -> int:
        """Return what a file of TensorFlow Lite stores, but for its tables: biases of zeros, and zero points in int8.

        A scale and a zero point belong to each output channel of weights, and to each bias.

        >>> Stored(weights=3 * 3 * 8 * 16, scales=16, biases=16).flash("int8")
        1600
        """
        if precision == INT8:
            biases = self.biases + self.zeros + self.again
            numbers = self.weights + self.constants + BIAS * (biases - self.same)
            return numbers + (SCALE + ZERO_POINT) * (self.scales + biases)
        return WIDTHS[precision] * (self.numbers + self.zeros - self.same)


def of_file(weights: int, scales: int, numbers: int) -> Stored:
    """Return what an operator of a file stores, of whose numbers so many are weights of a contraction.

    >>> of_file(1152, 16, 1168)
    Stored(weights=1152, scales=16, biases=16, constants=0, zeros=0, again=0, same=0)
    >>> of_file(0, 0, 32)
    Stored(weights=0, scales=1, biases=0, constants=32, zeros=0, again=0, same=0)
    """
    if weights and numbers >= weights:
        return Stored(weights, scales, numbers - weights)
    return Stored(scales=1, constants=numbers) if numbers else Stored()


def together(parts: Iterable[Stored]) -> Stored:
    """Add up what is stored.

    >>> together([Stored(1, 2), Stored(3, biases=4)])
    Stored(weights=4, scales=2, biases=4, constants=0, zeros=0, again=0, same=0)
    """
    found = [*parts]
    return Stored(*map(sum, zip(*found, strict=True))) if found else Stored()
