"""One file per family of Keras layers that the names of kinds and fields alone do not tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from costlens.discovery import operators_in
from costlens.export.recognition.keras.found import Found
from costlens.export.recognition.keras.plain import plain

Family = Callable[[Found], str | Iterable[str]]


@cache
def _families() -> dict[str, Family]:
    return operators_in(__name__, __path__)


def family(layer: Any) -> Family:
    """Return what adds a call to a graph, by the name of the layer's class; ``ops.Add`` for Keras's operations."""
    word = type(layer).__name__
    if type(layer).__module__.startswith("keras.src.ops"):
        word = f"ops.{word}"
    return _families().get(word, plain)
