"""What a drawing is made of: a few shapes in pixels from the top left, coloured by the classes of a style sheet.

They are values, so a drawing is the same bytes wherever it is made: no font is measured and no library draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor, log10
from typing import Literal

SERIES = ("c0", "c1", "c2", "c3", "c4", "c5", "c6")
"""Classes of colours that colour-blind people tell apart, one for a variant."""
LONGEST = 60
"""Characters of a name at most, unless a text says otherwise."""
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
    """A line of text, its middle at ``y``; ``turned`` reads upwards. style: classes, such as ``small`` and ``bold``.

    most: so many characters are shown, and the middle of a longer text is left out.
    """

    x: float
    y: float
    text: str
    style: str = ""
    anchor: Anchor = "start"
    turned: bool = False
    most: int = LONGEST


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


def moved(shape: Shape, right: float, down: float) -> Shape:
    """Return a shape so many pixels to the right and below.

    >>> moved(Mark("it", [Dot(0, 0, 1, "c0")]), 5, 0).shapes
    [Dot(x=5, y=0, radius=1, style='c0')]
    """
    match shape:
        case Boxes() | Dot() | Words():
            return _moved(shape, right, down)
        case Arrows(lines):
            return replace(shape, lines=[[(x + right, y + down) for x, y in points] for points in lines])
        case Rule(points):
            return replace(shape, points=[(x + right, y + down) for x, y in points])
        case Mark(_, shapes):
            return replace(shape, shapes=[_moved(each, right, down) for each in shapes])


def _moved(shape: Boxes | Dot | Words, right: float, down: float) -> Boxes | Dot | Words:
    if isinstance(shape, Dot | Words):
        return replace(shape, x=shape.x + right, y=shape.y + down)
    return replace(shape, boxes=[(x + right, y + down, width, height) for x, y, width, height in shape.boxes])
