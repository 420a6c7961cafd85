"""Boxes within boxes and the lines between them → their places, by graphlay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from costlens.errors import not_installed

HEADER = 18
"""Pixels at the top of a box that holds others, for its name."""
_PADDING, _LAYERS, _BESIDE, _LINES = 6.0, 22.0, 18.0, 14.0
_STRAIGHT = 0.5
_OPTIONS: dict[str, Any] = {
    "direction": "topbottom",
    "spacing": {
        "compound_header": HEADER,
        "compound_padding": _PADDING,
        "layer_gap": _LAYERS,
        "node_gap": _BESIDE,
        "dummy_gap": _LINES,
        "isolated_gap": _BESIDE,
    },
}
_IN_COLUMNS: dict[str, Any] = {"wrap": {"viewport_aspect": 1.5}, "tuning": {"wrap": {"max_rows": 8}}}
"""A long chain stands in columns, about as wide as they are high."""


@dataclass(frozen=True, slots=True)
class Node:
    """A box of so many pixels, within the node of that place; one that holds others is as large as they need."""

    width: float
    height: float
    within: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes as (left, top, width, height) in the order of their nodes, lines from their starts, the whole's size."""

    boxes: Sequence[tuple[float, float, float, float]]
    lines: Sequence[Sequence[tuple[float, float]]]
    width: float
    height: float


def layout(nodes: Sequence[Node], edges: Sequence[tuple[int, int]]) -> Layout:
    """Place nodes in layers so that lines lead down and cross little; the same for the same graph in every process.

    RuntimeUnavailable without graphlay.
    """
    try:
        import graphlay
    except ModuleNotFoundError as error:
        raise not_installed(error) or error from None
    request = {
        "nodes": [{"key": "", **_request(node)} for node in nodes],
        "edges": [{"source": source, "target": target, "weight": 1.0} for source, target in edges],
    }
    for options in (_OPTIONS | _IN_COLUMNS, _OPTIONS):
        found = graphlay.layout(request, options=options)
        lines = [[(point["x"], point["y"]) for point in edge["points"]] for edge in found.edges]
        if all(map(_is_square, lines)):
            break  # between columns a line may have found no way around boxes
    boxes = [*map(_box, found.nodes)]
    corners = [*_corners(boxes), *(point for line in lines for point in line)]
    left, top = (min(point[axis] for point in corners) for axis in (0, 1))
    return Layout(
        [(x - left, y - top, width, height) for x, y, width, height in boxes],
        [[(x - left, y - top) for x, y in line] for line in lines],
        max(x for x, _ in corners) - left,
        max(y for _, y in corners) - top,
    )


def _is_square(line: Sequence[tuple[float, float]]) -> bool:
    """Say whether all pieces of a line lead down or sideways."""
    return all(min(abs(x - other_x), abs(y - other_y)) < _STRAIGHT for (x, y), (other_x, other_y) in pairwise(line))


def _request(node: Node) -> dict[str, Any]:
    within = {} if node.within is None else {"parent": node.within}
    return {"size": {"width": float(node.width), "height": float(node.height)}, "shape": "box", **within}


def _box(placed: Mapping[str, Any]) -> tuple[float, float, float, float]:
    width, height = placed["size"]["width"], placed["size"]["height"]
    return placed["center"]["x"] - width / 2, placed["center"]["y"] - height / 2, width, height


def _corners(boxes: Sequence[tuple[float, float, float, float]]) -> Iterator[tuple[float, float]]:
    for x, y, width, height in boxes:
        yield from ((x, y), (x + width, y + height))
