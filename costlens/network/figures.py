"""What layers make of shapes and what they cost, worked out once for each layer and each shape.

Networks repeat their blocks, and the networks of a family most of their rows.
"""

from functools import lru_cache

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.precision import Stored
from costlens.arithmetic.shapes import Shape
from costlens.network.layers import Layer

_KEPT = 2**15
Shapes = tuple[Shape, ...]


@lru_cache(maxsize=_KEPT)
def outputs(layer: Layer, shapes: Shapes) -> tuple[Shape, tuple[tuple[str, Shape], ...]]:
    """Return the shape of a layer's output, and of its further outputs by name; ShapeError where it has none."""
    return layer.output_shape(*shapes), tuple(layer.more_outputs(*shapes).items())


@lru_cache(maxsize=_KEPT)
def cost(layer: Layer, shapes: Shapes) -> Cost:
    """Return what a layer costs for one example."""
    return layer.cost(*shapes)


@lru_cache(maxsize=_KEPT)
def stored(layer: Layer, shapes: Shapes) -> Stored:
    """Return which numbers the exported file stores for a layer where nothing is folded."""
    return layer.stored(*shapes)


@lru_cache(maxsize=_KEPT)
def inside(layer: Layer, shapes: Shapes) -> int:
    """Return how many values a layer keeps alive at once while it works, if more than it returns."""
    return layer.inside(*shapes)


@lru_cache(maxsize=_KEPT)
def between(layer: Layer, shapes: Shapes) -> tuple[int, ...]:
    """Return how many values each tensor between the layer's operators has."""
    return layer.between(*shapes)
