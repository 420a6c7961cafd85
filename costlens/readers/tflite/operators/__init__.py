"""One file per family of operators: ``OPERATORS`` maps each operator's name to what is known of it.

A new family is a new file here and nothing else.
"""

from functools import cache

from costlens.discovery import operators_in
from costlens.readers.tflite.operators._operator import Call, ContradictionError, NotCountedError, Operator, Out, Role

__all__ = ["Call", "ContradictionError", "NotCountedError", "Operator", "Out", "Role", "operator"]


def operator(name: str) -> Operator | None:
    """Return the family's entry for an operator, or None where no file knows it.

    >>> operator("CONV_2D") is not None, operator("NO_SUCH_OPERATOR")
    (True, None)
    """
    return _known().get(name)


@cache
def _known() -> dict[str, Operator]:
    return operators_in(__name__, __path__)
