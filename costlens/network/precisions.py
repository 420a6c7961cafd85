"""Which row of a graph is in which precision: one for all, or by globs on names of rows and blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from costlens.arithmetic.precision import FP32, INT8, Precision
from costlens.network.graph import Row
from costlens.network.variants import reach

EVERY = "*"


class Precisions(NamedTuple):
    """Globs with a precision each; the last that matches a row, or a block that holds it, decides. Else it is fp32."""

    rules: tuple[tuple[str, Precision], ...] = ()

    @classmethod
    def all(cls, precision: Precision) -> Precisions:
        """Return one precision for all rows."""
        return cls(((EVERY, precision),))

    @property
    def word(self) -> str:
        """What tables call it."""
        words = dict.fromkeys(precision for _, precision in self.rules)
        return FP32 if not words else next(iter(words)) if [*self.rules] == [(EVERY, *words)] else "mixed"

    def of(self, rows: Sequence[Row]) -> dict[str, Precision]:
        """Return the precision of each row by its name; what has no form in int8 stays in fp32 there."""
        found: dict[str, Precision] = {}
        given = dict(self.rules)
        if [*given] == [EVERY]:
            found = dict.fromkeys((row.name for row in rows), given[EVERY])
        elif given:
            for pattern, names in reach(given, [row.name for row in rows]).items():
                found |= dict.fromkeys(names, given[pattern])
        return {
            row.name: FP32 if found.get(row.name) == INT8 and stays_float(row) else found.get(row.name, FP32)
            for row in rows
        }


FLOAT = Precisions()
"""All in fp32."""


def stays_float(row: Row) -> bool:
    """Say whether TensorFlow Lite has no int8 kernel for a layer of a row."""
    return any(node.layer.stays_float for node in row.nodes)
