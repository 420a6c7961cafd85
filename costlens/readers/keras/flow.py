"""Which rows read from which, by the operations between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from costlens.results.names import inputs_beside


class Made(NamedTuple):
    """An operation on data: the site that made it, -1 where none says so, and whose data it reads.

    makers: the numbers of operations in the order of a run; -1 is the first input of the model, -2 the second.
    """

    owner: int
    makers: tuple[int, ...]


def reads(
    made: Sequence[Made], row_of: Mapping[int, int], rows: Sequence[str], inputs: Sequence[str]
) -> list[tuple[str, ...]]:
    """Return the names of the rows and inputs that each row reads; an operation of no row passes on what it reads.

    row_of: the row of each site, by its place.
    """
    called = [*inputs_beside(rows, inputs).values()]
    found: list[dict[str, None]] = [{} for _ in rows]
    passed: list[tuple[str, ...]] = []
    for owner, makers in made:
        read = dict.fromkeys(
            name for maker in makers for name in (passed[maker] if maker >= 0 else (called[-1 - maker],))
        )
        row = row_of.get(owner)
        if row is None:
            passed.append(tuple(read))
        else:
            found[row] |= read
            passed.append((rows[row],))
    return [tuple(name for name in read if name != row) for row, read in zip(rows, found, strict=True)]
