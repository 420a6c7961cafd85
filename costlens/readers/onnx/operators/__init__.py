"""One file per family of ONNX operators: ``OPERATORS`` maps each to what it multiplies and which inputs are weights.

A new family is a new file here and nothing else.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from costlens.readers.onnx.operators._operator import Call, NotCountedError, Operand, Operator

__all__ = ["Call", "NotCountedError", "Operand", "Operator", "operator"]

_STANDARD = ("", "ai.onnx", "com.microsoft")


def operator(domain: str, name: str) -> Operator | None:
    """Return the family's entry for an operator, or None where no file knows it.

    >>> operator("", "Conv") is not None, operator("", "NoSuchOperator"), operator("my.own", "Conv")
    (True, None, None)
    """
    return _known().get(name) if domain in _STANDARD else None


@cache
def _known() -> dict[str, Operator]:
    known: dict[str, Operator] = {}
    for module in sorted(found.name for found in iter_modules(__path__) if not found.name.startswith("_")):
        for name, entry in import_module(f"{__name__}.{module}").OPERATORS.items():
            if name in known:
                raise ImportError(f"operators/{module}.py: {name} is already known by another file")
            known[name] = entry
    return known
