"""Which row of a graph is in which precision: one for all, or by globs on names of rows and blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from costlens.arithmetic.precision import FP32, Precision
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
        """Return the precision of each row by its name."""
        given = dict(self.rules)
        found = dict.fromkeys((row.name for row in rows), given.get(EVERY, FP32) if [*given] == [EVERY] else FP32)
        if given and [*given] != [EVERY]:
            for pattern, names in reach(given, [*found]).items():
                found |= dict.fromkeys(names, given[pattern])
        return found


FLOAT = Precisions()
"""All in fp32."""
