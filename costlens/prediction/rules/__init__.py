"""What each layer kind is in an exported file, one file per family: the operators that the export writes for its row.

``RULES`` of a file maps layer kinds to their rules; a new family is a new file here and nothing else. A kind without a
rule is one kernel of an unknown operator, whose time is modelled by what it reads and makes.
"""

from collections.abc import Sequence
from functools import cache

from costlens.discovery import operators_in
from costlens.network.layers import Layer
from costlens.prediction.layout import Shape, Tensor
from costlens.prediction.rules._rule import Rule
from costlens.prediction.writer import Writer


def write(writer: Writer, layer: Layer, reads: Sequence[Tensor], shapes: Sequence[Shape]) -> list[Tensor]:
    """Write a layer's kernels and return the tensors that it makes, of these shapes."""
    rule = _known().get(layer.kind())
    made = rule(writer, layer, reads, shapes[0]) if rule is not None else None
    if made is None:
        stored = layer.cost(*(each.shape for each in reads)).params
        return writer.opaque(layer.kind(), reads, shapes, stored)
    return made if isinstance(made, list) else [made]


@cache
def _known() -> dict[str, Rule]:
    return operators_in(__name__, __path__, "RULES")
