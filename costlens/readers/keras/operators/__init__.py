"""One file per family of TensorFlow's graph operations: ``OPERATORS`` maps each operation's type to its rule.

A new family is a new file here and nothing else.
"""

from functools import cache

from costlens.discovery import operators_in
from costlens.readers.keras.operators._operator import Call, NotCountedError, Operand, Operator, Shape

__all__ = ["Call", "NotCountedError", "Operand", "Operator", "Shape", "operator"]


def operator(name: str) -> Operator | None:
    """Return the rule of an operation, or None where no file has one.

    >>> operator("Conv2D") is not None, operator("NoSuchOperation")
    (True, None)
    """
    return _known().get(name)


@cache
def _known() -> dict[str, Operator]:
    return operators_in(__name__, __path__)
