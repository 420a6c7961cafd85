"""What a drawing is made of: a few shapes in pixels from the top left, coloured by the classes of a style sheet.

They are values, so a drawing is the same bytes wherever it is made: no font is measured and no library draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Literal

SERIES = ("c0", "c1", "c2", "c3", "c4", "c5", "c6")
"""Classes of colours that colour-blind people tell apart, one for a variant."""
Anchor = Literal["start", "middle", "end"]


def series(place: int) -> str:
    """Return the class of a variant's colour, by its place."""
    return SERIES[place % len(SERIES)]


@dataclass(frozen=True, slots=True)
class Boxes:
    """Rectangles of one colour, each (left, top, width, height)."""

    boxes: Sequence[tuple[float, float, float, float]]
    style: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line through points."""

    points: Sequence[tuple[float, float]]
    style: str = "ink"
    width: float = 1
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Arrows:
    """Lines through points, each with a head at its end."""

    lines: Sequence[Sequence[tuple[float, float]]]
    style: str = "soft"


@dataclass(frozen=True, slots=True)
class Dot:
    """A disc; its colour lets others be seen through it."""

    x: float
    y: float
    radius: float
    style: str


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text, its middle at ``y``; ``turned`` reads upwards. style: classes, such as ``small`` and ``bold``."""

    x: float
    y: float
    text: str
    style: str = ""
    anchor: Anchor = "start"
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Shapes that a pointer finds: the text that it shows, and the address within the page that they lead to."""

    title: str
    shapes: Sequence[Boxes | Dot | Words]
    address: str = ""
    style: str = ""


Shape = Boxes | Rule | Arrows | Dot | Words | Mark


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes, later ones over earlier ones, on so many pixels."""

    width: float
    height: float
    shapes: Sequence[Shape]


@dataclass(frozen=True, slots=True)
class Scale:
    """Values → pixels, from ``low`` at ``start`` to ``high`` at ``end``.

    >>> Scale(0, 10, 100, 200)(5), Scale(1, 100, 50, 0, log=True)(10)
    (150.0, 25.0)
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high, value = map(log10, (self.low, self.high, value)) if self.log else (self.low, self.high, value)
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def decades(self) -> list[float]:
        """Return the powers of ten from low to high."""
        return [10.0**power for power in range(-floor(-log10(self.low) + 1e-9), floor(log10(self.high) + 1e-9) + 1)]


def apart(x: float, y: float, taken: list[tuple[float, float]]) -> float:
    """Return the height of a label at ``x``: ``y``, or below the labels that are there already, and note it.

    >>> taken = [(100.0, 50.0)]
    >>> apart(110, 48, taken), apart(500, 48, taken)
    (65.0, 48)
    """
    near = sorted(other for at, other in taken if abs(at - x) < _LABEL)
    for other in near:
        if abs(y - other) < _LINE:
            y = other + _LINE
    taken.append((x, y))
    return y


_LABEL, _LINE = 150.0, 15.0
"""Pixels that a label is wide, roughly, and high."""
