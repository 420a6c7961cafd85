"""Cuboids in isometric projection: the blocks of the picture."""

from dataclasses import dataclass
from math import cos, radians, sin
from xml.etree.ElementTree import Element, SubElement

_ACROSS, _DOWN = cos(radians(30)), sin(radians(30))
_STEP = 6
"""How far a copy is drawn behind the one before it, to the right and up."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Cuboid:
    """A block of a tensor or a kernel, in pixels: its face (columns × rows) in front, its channels going back.

    ``copies`` are drawn one behind the other; ``style`` is the class of its faces.
    """

    columns: float
    rows: float
    channels: float
    style: str
    copies: int = 1

    @property
    def width(self) -> float:
        """From the leftmost corner to the rightmost one."""
        return (self.columns + self.channels) * _ACROSS + (self.copies - 1) * _STEP

    @property
    def height(self) -> float:
        """From the topmost corner to the lowest one."""
        return self.rows + (self.columns + self.channels) * _DOWN + (self.copies - 1) * _STEP

    def draw(self, parent: Element, left: float, top: float) -> None:
        """Draw the block with the corner of its surroundings at (left, top)."""
        y = top + self.channels * _DOWN + (self.copies - 1) * _STEP
        for copy in reversed(range(self.copies)):
            self._one(parent, left + copy * _STEP, y - copy * _STEP)

    def _one(self, parent: Element, x: float, y: float) -> None:
        near = (x + self.columns * _ACROSS, y + self.columns * _DOWN)
        back = (self.channels * _ACROSS, -self.channels * _DOWN)
        corner, far, top = (x, y), _moved(near, back), _moved((x, y), back)
        down = (0.0, self.rows)
        _face(parent, f"{self.style} front", corner, near, _moved(near, down), _moved(corner, down))
        _face(parent, f"{self.style} side", near, far, _moved(far, down), _moved(near, down))
        _face(parent, f"{self.style} top", corner, near, far, top)


def _moved(point: Point, by: Point) -> Point:
    return point[0] + by[0], point[1] + by[1]


def _face(parent: Element, style: str, *points: Point) -> None:
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    SubElement(parent, "polygon", {"class": style, "points": corners})
