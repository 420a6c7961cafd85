"""A tensor while the operators are walked: its type, its shape, its numbers where they are few, its place."""

from dataclasses import dataclass, replace
from math import prod
from typing import Any, Self

Shape = tuple[int, ...]
Value = tuple[int, ...]

BITS = {
    "float32": 32, "float16": 16, "int32": 32, "uint8": 8, "int64": 64, "bool": 8, "int16": 16, "complex64": 64,
    "int8": 8, "float64": 64, "complex128": 128, "uint64": 64, "uint32": 32, "uint16": 16, "int4": 4, "bfloat16": 16,
    "int2": 2, "uint4": 4, "float8_e4m3fn": 8, "float8_e5m2": 8, "resource": 0,
}  # fmt: skip
"""Bits of a number; texts and variants have no size of their own. A resource names a variable, which
outlives the run."""
FLOATS = frozenset({"float32", "float16", "float64", "bfloat16", "float8_e4m3fn", "float8_e5m2"})
NARROW = frozenset({"int8", "uint8", "int4", "uint4", "int2"})
FILE = "file"
"""Begins the key of numbers that the file holds at a place."""
MOST_VALUES = 4096
"""A tensor of more numbers than this holds no shape, axes or indices."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Numbers that a file stores: how many, in how many bytes, and whether they stand for real numbers.

    key: where; of numbers that are made of others, what makes them.
    """

    key: tuple[str, int]
    count: int
    size_bytes: int
    weighs: bool


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A tensor of a run; ``shape`` and ``value`` are None where they are not known.

    stored: of a constant, the numbers of the file that it is made of. made_of: the tensors that it is, seen from
    within or from outside of a sub-graph.
    """

    name: str
    dtype: str
    shape: Shape | None
    value: Value | None = None
    constant: bool = False
    stored: tuple[Stored, ...] = ()
    made_of: tuple["Tensor", ...] = ()

    @property
    def count(self) -> int | None:
        """How many numbers it has."""
        return None if self.shape is None else prod(self.shape)

    @property
    def size_bytes(self) -> int | None:
        """What it takes in memory; None where its shape is not known, or its type has no size."""
        bits = BITS.get(self.dtype)
        return None if bits is None or self.shape is None else (prod(self.shape) * bits + 7) // 8

    def made(self, shape: Shape | None, value: Value | None) -> Self:
        """Return the tensor with a shape and numbers."""
        return replace(self, shape=shape, value=value)

    def seen(self, **changes: Any) -> Self:
        """Return the tensor as another graph sees it, with changes."""
        return replace(self, **{"made_of": (self,)} | changes)
