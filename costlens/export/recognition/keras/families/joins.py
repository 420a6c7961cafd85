"""Layers and operations that join tensors, or a tensor and a constant."""

from collections.abc import Callable
from functools import partial

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.keras.found import Found

_ORDERED = ("subtract", "divide")


def _scaled_sum(found: Found) -> str:
    """Say the sum of a tensor and another one times a constant."""
    scale = found.settings.take("scale")
    first, second = found.inputs
    return found.add("add", first, found.add("multiply", second, value=float(scale), part="scale"))


def _arithmetic(kind: str, found: Found) -> str:
    """Say an operation of two tensors, or of one and a number, which are its arguments."""
    given = [*found.arguments, *found.named.values()]
    constants = [one for one in given if not isinstance(one, str)]
    if not constants:
        return found.add(kind)
    value = constants[0]
    if len(given) != 2 or not isinstance(value, int | float):  # noqa: PLR2004
        raise NoKindError(f"reads {type(value).__name__} as a constant")
    if isinstance(given[1], str) and kind in _ORDERED:
        raise NoKindError(f"has the constant {value} first")
    return found.add(kind, *(one for one in given if isinstance(one, str)), value=float(value))


def _of(kind: str) -> Callable[[Found], str]:
    return partial(_arithmetic, kind)


OPERATORS = {
    "CustomScaleLayer": _scaled_sum,
    "ops.Add": _of("add"),
    "ops.Subtract": _of("subtract"),
    "ops.Multiply": _of("multiply"),
    "ops.Divide": _of("divide"),
    "ops.TrueDivide": _of("divide"),
    "ops.Maximum": _of("maximum"),
    "ops.Minimum": _of("minimum"),
}
