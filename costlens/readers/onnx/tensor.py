"""What the walk knows of a tensor, and of the numbers that a file stores."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from math import prod
from typing import Any, NamedTuple

from costlens.arithmetic.sizes import AnySize

Shape = tuple[AnySize, ...]
Value = tuple[Any, ...]
"""The numbers of a small tensor, row by row; integers may be sizes that are not known."""

MOST_VALUES = 4096
"""Values are kept of tensors of this many integers or fewer: shapes, axes, indices."""
_MOST_FLOATS = 16
"""Values are kept of this many stored floats or fewer: scales, ratios, bounds. More are weights and decide no size."""

FLOAT, UINT8, INT8, INT32, INT64, STRING, BOOL, FLOAT16, DOUBLE, UINT32 = 1, 2, 3, 6, 7, 8, 9, 10, 11, 12
BITS = {
    1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128, 16: 16,
    17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2, 27: 6, 28: 6,
}  # fmt: skip
"""Bits of a number by its ``TensorProto.DataType``; texts have none."""
NAMES = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string", 9: "bool",
    10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128", 16: "bfloat16",
    17: "float8e4m3fn", 18: "float8e4m3fnuz", 19: "float8e5m2", 20: "float8e5m2fnuz", 21: "uint4", 22: "int4",
    23: "float4e2m1", 24: "float8e8m0", 25: "uint2", 26: "int2",
}  # fmt: skip
"""Names of the types, NumPy's where it has them."""
FLOATS = frozenset({1, 10, 11, 14, 15, 16, 17, 18, 19, 20, 23, 24, 27, 28})
INTEGERS = frozenset({2, 3, 4, 5, 6, 7, 12, 13, 21, 22, 25, 26})
NARROW = frozenset(kind for kind in INTEGERS if BITS[kind] <= 8)  # noqa: PLR2004
"""Integers that quantised weights and tables are stored in."""

_CODES = {1: "f", 2: "B", 3: "b", 4: "H", 5: "h", 6: "i", 7: "q", 9: "?", 10: "e", 11: "d", 12: "I", 13: "Q"}


class Source(NamedTuple):
    """Numbers that a file stores, or has made from constants, under one name; ``weighs``: integers that were scaled."""

    name: str
    numbers: int
    dtype: int
    weighs: bool = False

    @property
    def size_bytes(self) -> int:
        """What the numbers take in memory."""
        return -(-self.numbers * BITS.get(self.dtype, 0) // 8)


class Out(NamedTuple):
    """What is known of a tensor's numbers: type (``TensorProto.DataType``), shape and, where they are known, values.

    ``shape`` None: not even the number of axes is known. ``value`` None: not known before a run.
    """

    dtype: int
    shape: Shape | None
    value: Value | None = None


@dataclass(slots=True, eq=False)
class Tensor:
    """A tensor as the walk sees it. ``constant``: made of nothing but what the file holds, namely of ``sources``.

    made_of: the tensors that it is, seen from within or from outside of a graph that a node holds.
    """

    name: str
    held: Out
    constant: bool = False
    sources: tuple[Source, ...] = ()
    made_of: tuple["Tensor", ...] = ()

    @property
    def dtype(self) -> int:
        """Its type."""
        return self.held[0]

    @property
    def shape(self) -> Shape | None:
        """Its sizes."""
        return self.held[1]

    @property
    def value(self) -> Value | None:
        """Its numbers."""
        return self.held[2]


def bare(tensor: Tensor) -> Tensor:
    """Return a tensor of that shape whose values a run decides."""
    return Tensor(tensor.name, Out(tensor.dtype, tensor.shape), made_of=(tensor,))


class StoredError(ValueError):
    """A stored tensor contradicts itself; the message says how."""


def stored(tensor: Any, name: str) -> Tensor:
    """Return a stored tensor, with its values where it is small; StoredError where it contradicts itself."""
    dims, kind = tuple(tensor.dims[:]), tensor.data_type
    held, count = _without_values(kind, dims)
    if count < 0:
        raise StoredError(f"{tensor.name or name}: a stored tensor of shape {list(dims)}")
    if tensor.data_location == 0:  # in this file
        if count <= (_MOST_FLOATS if kind in FLOATS else MOST_VALUES) and not tensor.HasField("payload"):
            held = Out(kind, dims, _values(tensor, kind, count))
        found, bits = len(tensor.raw_data), BITS.get(kind, 0)
        if found * 8 != count * bits and bits >= 8 and tensor.HasField("raw_data"):  # noqa: PLR2004
            raise StoredError(f"{tensor.name or name}: {found:,} bytes are stored of {count * bits // 8:,}")
    return Tensor(name, held, True, (_source((name, count, kind, False)),))


_source: Callable[[tuple[Any, ...]], Source] = partial(tuple.__new__, Source)
"""Makes a source in half the time: files store tens of thousands of tensors."""


@lru_cache(1024)
def _without_values(kind: int, dims: tuple[int, ...]) -> tuple[Out, int]:
    """Return a type and a shape, and how many numbers that are, -1 if there is none; files have many that are equal."""
    return Out(kind, dims), prod(dims) if all(size >= 0 for size in dims) else -1


def sparse(tensor: Any, name: str) -> Tensor:
    """Return a sparse tensor: it counts what it stores and has the shape of the whole."""
    values = tensor.values
    source = Source(name, prod(values.dims), values.data_type)
    return Tensor(name, Out(values.data_type, tuple(tensor.dims)), True, (source,))


def _values(tensor: Any, kind: int, count: int) -> Value | None:
    """Return the numbers of a stored tensor; None where they are of a kind that decides nothing."""
    if kind not in _CODES:
        return None
    if tensor.raw_data:
        code = _CODES[kind]
        size = struct.calcsize("<" + code)
        if len(tensor.raw_data) != count * size:
            return None
        return struct.unpack(f"<{count}{code}", tensor.raw_data)
    lists = {FLOAT: "float_data", INT64: "int64_data", DOUBLE: "double_data", 12: "uint64_data", 13: "uint64_data"}
    if kind == FLOAT16:
        return None
    found: Sequence[Any] = getattr(tensor, lists.get(kind, "int32_data"))
    if len(found) != count:
        return None
    return tuple(map(bool, found)) if kind == BOOL else tuple(found)
