"""Names beside dots, none over another where there is room: near ones, and far ones with a line to their dot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

from costlens.formats.charts._shapes import LONGEST, Anchor, Rule, Shape, Words

_LETTERS, _HIGH = {"": 6.6, "small": 6.0}, 14.0
"""Pixels that a letter of a name takes, rather too many, and a line."""
_NEAR, _RINGS = 5.0, (0.0, 13.0, 28.0, 46.0, 68.0, 92.0)
"""How far from the edge of its dot a name stands, and how much farther it may."""
_WAYS: tuple[tuple[float, float], ...] = (
    (1, 0), (-1, 0), (0, -1), (0, 1), (0.8, -0.7), (0.8, 0.7), (-0.8, -0.7), (-0.8, 0.7),
)  # fmt: skip
_ROUNDS = 3
_A_PIXEL_AWAY, _OUTSIDE, _CROSSED = 4.0, 100.0, 60.0
"""What it costs to stand farther away, outside, or with a line over something; a pixel that is covered costs 1."""
_STEPS = 6
_PIECE, _THICK = 8.0, 2.0
"""Pixels between the boxes that a line is, and half the size of one."""

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Named:
    """A dot with a name; one without a name is only kept free."""

    x: float
    y: float
    radius: float
    name: str = ""

    @property
    def box(self) -> Box:
        """The room that the dot takes."""
        return self.x - self.radius, self.y - self.radius, self.x + self.radius, self.y + self.radius


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a name may stand: its text with the room it takes, how far away, and points of the line to its dot."""

    words: Words
    box: Box
    away: float
    line: tuple[Point, ...]


def along(points: Sequence[Point]) -> list[Box]:
    """Return the room that a line takes, which names keep free: a small box every few pixels.

    >>> along([(0, 0), (24, 0)])
    [(2.0, -2.0, 6.0, 2.0), (10.0, -2.0, 14.0, 2.0), (18.0, -2.0, 22.0, 2.0)]
    """
    boxes = []
    for (x, y), (right, down) in pairwise(points):
        pieces = max(1, int(hypot(right - x, down - y) / _PIECE))
        for piece in range(pieces):
            part = (piece + 0.5) / pieces
            at, level = x + part * (right - x), y + part * (down - y)
            boxes.append((at - _THICK, level - _THICK, at + _THICK, level + _THICK))
    return boxes


def labels(dots: Sequence[Named], within: Box, style: str = "", lines: Sequence[Box] = ()) -> Iterator[Shape]:
    """Yield the names of dots, and lines to those that stand far from theirs; ``lines``: what else is to be kept free.

    Names are placed one after the other, then each anew among the others. One for which nothing is free stands where it
    covers least.
    """
    named = [place for place, dot in enumerate(dots) if dot.name]
    places = {number: list(_places(dots[number], style)) for number in named}
    kept = [*(dot.box for dot in dots), *lines]
    near = {number: _near(kept, places[number]) for number in named}
    chosen: dict[int, _Place] = {}
    for _ in range(_ROUNDS):
        before = dict(chosen)
        for number in named:
            taken = near[number] + [one.box for other, one in chosen.items() if other != number]
            chosen[number] = min(places[number], key=lambda place: _cost(place, taken, within))
        if chosen == before:
            break
    for number in named:
        place, dot = chosen[number], dots[number]
        if place.line:
            yield Rule([(dot.x, dot.y), place.line[-1]], "soft")
        yield place.words


def _near(boxes: Sequence[Box], places: Sequence[_Place]) -> list[Box]:
    """Return the boxes that any of some places can reach."""
    left, top, right, bottom = (
        pick(place.box[side] for place in places) for side, pick in enumerate((min, min, max, max))
    )
    return [box for box in boxes if box[0] < right and box[2] > left and box[1] < bottom and box[3] > top]


def _places(dot: Named, style: str) -> Iterator[_Place]:
    """Yield the places for a name, the nearest and best ones first."""
    width = _LETTERS[style] * min(len(dot.name), LONGEST)
    for ring in _RINGS:
        for right, down in _WAYS:
            anchor: Anchor = "start" if right > 0 else "end" if right else "middle"
            x = dot.x + right * (dot.radius + _NEAR + ring)
            y = dot.y + down * (dot.radius + _NEAR + ring + (0 if right else 2))
            left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
            box = (left, y - _HIGH / 2, left + width, y + _HIGH / 2)
            line = tuple(_line(dot, _edge(dot, box))) if ring else ()
            yield _Place(Words(x, y, dot.name, style, anchor), box, ring, line)


def _edge(dot: Named, box: Box) -> Point:
    """Return the point of a box's edge that is nearest to a dot outside it."""
    return min(max(dot.x, box[0]), box[2]), min(max(dot.y, box[1]), box[3])


def _line(dot: Named, end: Point) -> Iterator[Point]:
    for step in range(1, _STEPS + 1):
        part = step / _STEPS
        yield dot.x + part * (end[0] - dot.x), dot.y + part * (end[1] - dot.y)


def _cost(place: _Place, taken: Sequence[Box], within: Box) -> float:
    """Return how bad a place is, which is 0 for one beside its dot that covers nothing."""
    left, top, right, bottom = place.box
    outside = max(0.0, within[0] - left) + max(0.0, right - within[2])
    outside += max(0.0, within[1] - top) + max(0.0, bottom - within[3])
    cost = _A_PIXEL_AWAY * place.away + _OUTSIDE * outside
    for other in taken:
        if other[0] < right and other[2] > left and other[1] < bottom and other[3] > top:
            cost += (min(right, other[2]) - max(left, other[0])) * (min(bottom, other[3]) - max(top, other[1]))
            cost += _CROSSED
        for x, y in place.line[1:-1]:
            if other[0] < x < other[2] and other[1] < y < other[3]:
                cost += _CROSSED
                break
    return cost
