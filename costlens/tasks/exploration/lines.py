"""What is counted, as text: a line of JSON for each chunk of points, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from operator import attrgetter
from typing import NamedTuple

from costlens.results.counts import Totals

_figures = attrgetter(*(each.name for each in fields(Totals)))  # astuple copies each value: it takes 30 times as long


class Counted(NamedTuple):
    """What a point is: the same ``identity`` where the network is, and its totals; or why there is no network.

    predicted_ms: what one example is predicted to take, where that was asked for.
    """

    number: int
    identity: str
    totals: Totals | None
    reason: str
    predicted_ms: float | None = None


class Line(NamedTuple):
    """A chunk that is counted: how many points it has, and what is kept of them. Lines are equal whoever counted."""

    points: int
    text: bytes


def written(counted: Iterable[Counted]) -> Line:
    """Return the line of a chunk."""
    rows = [
        (one.number, one.identity, one.totals and _figures(one.totals), one.reason, one.predicted_ms) for one in counted
    ]
    return Line(len(rows), json.dumps(rows, separators=(",", ":")).encode() + b"\n")


def read(text: bytes) -> list[Counted] | None:
    """Return what a line says; None where it is not whole.

    >>> read(written([Counted(3, "a", Totals(macs=8), ""), Counted(4, "", None, "why")]).text)[0].totals.macs
    8
    >>> read(b'[[1,"a half"')
    """
    if not text.endswith(b"\n"):
        return None
    try:
        return [
            Counted(number, identity, None if totals is None else Totals(*totals), reason, predicted)
            for number, identity, totals, reason, predicted in json.loads(text)
        ]
    except (TypeError, ValueError):
        return None
