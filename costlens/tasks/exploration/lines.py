"""What is counted, as text: a line of JSON for each chunk of points, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Counted(NamedTuple):
    """What a point is: the same ``identity`` where the network is, and its totals; or why there is no network.

    figures: the fields of its totals in their order. predicted_ms: what one example is predicted to take, where that
    was asked for.
    """

    number: int
    identity: str
    figures: Sequence[int | float | None] | None
    reason: str
    predicted_ms: float | None = None


class Line(NamedTuple):
    """A chunk that is counted: how many points it has, and what is kept of them. Lines are equal whoever counted."""

    points: int
    text: bytes


def written(counted: Iterable[Counted]) -> Line:
    """Return the line of a chunk."""
    rows = [*counted]
    return Line(len(rows), json.dumps(rows, separators=(",", ":")).encode() + b"\n")


def read(text: bytes) -> list[Counted] | None:
    """Return what a line says; None where it is not whole.

    >>> read(written([Counted(3, "a", (8, None), ""), Counted(4, "", None, "why")]).text)[0].figures
    [8, None]
    >>> read(b'[[1,"a half"')
    """
    if not text.endswith(b"\n"):
        return None
    try:
        return [Counted(*row) for row in json.loads(text)]
    except (TypeError, ValueError):
        return None
