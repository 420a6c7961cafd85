"""The same random inputs for every runtime: made of position, shape, type and seed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from costlens.errors import BenchError

_TYPES = (
    "bool", "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
)  # fmt: skip


def concrete_shape(name: str, shape: Sequence[int | str | None], batch: int, path: Path) -> tuple[int, ...]:
    """Put the batch where the leading axis is dynamic; BenchError where another axis is.

    >>> concrete_shape("x", ["N", 96, 64, 1], 4, Path("m.onnx"))
    (4, 96, 64, 1)
    """
    filled = []
    for axis, size in enumerate(shape):
        if axis and not isinstance(size, int):
            raise BenchError(
                f"{path}: input {name!r}: axis {axis} of {list(shape)} is dynamic; only the leading (batch) "
                "axis may be; fix the others when exporting"
            )
        filled.append(size if isinstance(size, int) else batch)
    return tuple(filled)


def random_input(name: str, dtype: str, shape: tuple[int, ...], seed: Sequence[int], path: Path) -> Any:
    """Return a random array of a NumPy type: standard normal, 8-bit over its whole range, other integers 0 or 1.

    Wider integers are mostly indices, and 0 and 1 are indices into any table. BenchError for other types.
    """
    import numpy

    if dtype not in _TYPES:
        raise BenchError(
            f"{path}: input {name!r} is of type {dtype}, which has no random values; known: {', '.join(_TYPES)}"
        )
    kind = numpy.dtype(dtype)
    random = numpy.random.default_rng(list(seed))
    if kind.kind == "f":
        return numpy.asarray(random.standard_normal(shape, numpy.float32), kind)
    if kind.kind in "iu" and kind.itemsize == 1:
        limits = numpy.iinfo(kind)
        return numpy.asarray(random.integers(limits.min, limits.max, size=shape, endpoint=True), kind)
    return numpy.asarray(random.integers(0, 2, size=shape), kind)
