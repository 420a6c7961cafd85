"""Numbers of new weights: drawn at random, the same for the same seed and name, of a size that keeps outputs finite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod, sqrt
from typing import Any
from zlib import crc32

from costlens.rewriting.lowering import Lowered
from costlens.rewriting.sites import TYPES
from costlens.rewriting.tails import NORM

_SLOPE = 0.25
"""What a PRelu begins with (He et al. 2015, Delving deep into rectifiers, section 2.1)."""
_NORM = (1.0, 0.0, 0.0, 1.0)
"""Scale, shift, mean and variance that a norm begins with."""
_GAIN = sqrt(2)
"""What keeps the size of values through a rectifier (He et al. 2015, section 2.2)."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Makes tensors by their names."""

    seed: int

    def weights(self, name: str, node: Lowered, dtype: int, before: Sequence[Any]) -> Any:
        """Return a kernel of normally distributed weights.

        Sums of products vary as much as those of the kernels ``before``, one after the other: the last part
        of a convolution takes them over; else, and where a file makes these, as much as what they read, behind a
        rectifier.
        """
        import numpy as np
        from onnx import numpy_helper

        gain = _GAIN
        if before and all(one is not None for one in before):
            arrays = [numpy_helper.to_array(one).astype(np.float64) for one in before]
            gain = prod(float(np.sqrt((array**2).sum() / array.shape[0])) for array in arrays)
        drawn = np.random.default_rng([self.seed, crc32(name.encode())]).standard_normal(node.weights, np.float32)
        drawn *= np.float32(gain / sqrt(node.fan_in))
        return numpy_helper.from_array(drawn.astype(TYPES[dtype]), name)

    def same(self, name: str, shape: Sequence[int], dtype: int, value: float) -> Any:
        """Return a tensor of one value."""
        import numpy as np
        from onnx import numpy_helper

        return numpy_helper.from_array(np.full(tuple(shape), value, TYPES[dtype]), name)

    def per_channel(self, name: str, like: Any, dtype: int, channels: int, op: str, nth: int) -> Any:
        """Return the nth tensor of numbers that a norm or an activation has for each channel, for other channels."""
        if op == NORM:
            return self.same(name, (channels,), like.data_type if like is not None else dtype, _NORM[nth])
        place = next((place for place, size in enumerate(like.dims) if size > 1), None)
        shape = [channels if axis == place else size for axis, size in enumerate(like.dims)]
        return self.same(name, shape, like.data_type, _SLOPE)

    def indices(self, name: str, values: Sequence[int]) -> Any:
        """Return a list of places."""
        import numpy as np
        from onnx import numpy_helper

        return numpy_helper.from_array(np.array(values, np.int64), name)
