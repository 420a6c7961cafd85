"""One file per family of ONNX operators: the layers that a node becomes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from costlens.discovery import operators_in
from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.onnx.call import Call

Family = Callable[[Call], None]


@cache
def _families() -> dict[str, Family]:
    return operators_in(__name__, __path__)


def family(op: str) -> Family:
    """Return what adds a node to a graph, by its operator; NoKindError where no kind does what it does."""
    found = _families().get(op)
    if found is None:
        raise NoKindError("no kind does what this operator does")
    return found
