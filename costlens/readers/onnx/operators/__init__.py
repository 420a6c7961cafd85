"""One file per family of ONNX operators: ``OPERATORS`` maps each operator's name to what is known of it.

Counting, profiling and exporting read this one table. A new family is a new file here and nothing else.
"""

from functools import cache

from costlens.discovery import operators_in
from costlens.readers.onnx.operators._operator import (
    Call,
    ContradictionError,
    NotCountedError,
    Operator,
    Out,
    Role,
)

__all__ = [
    "Call", "ContradictionError", "NotCountedError", "Operator", "Out", "Role", "convolutions", "named", "operator",
]  # fmt: skip

_STANDARD = ("", "ai.onnx", "com.microsoft")


def operator(domain: str, name: str) -> Operator | None:
    """Return the family's entry for an operator, or None where no file knows it.

    >>> operator("", "Conv") is not None, operator("", "NoSuchOperator"), operator("my.own", "Conv")
    (True, None, None)
    """
    known = _known()
    found = known.get(f"{domain}.{name}") if domain else None
    return found or (known.get(name) if domain in _STANDARD else None)


@cache
def named(*roles: Role, integer: bool | None = None) -> frozenset[str]:
    """Return the names of the operators with one of these roles; ``integer`` selects those that compute in integers.

    A runtime's own graph gives its operators domains of its own, so names are all that there is to go by.

    >>> sorted(named("layout") & {"Conv", "Reshape", "Transpose"})
    ['Reshape', 'Transpose']
    """
    return frozenset(
        name for name, entry in _known().items() if entry.role in roles and integer in (None, entry.integer)
    )


@cache
def convolutions() -> frozenset[str]:
    """Return the names of the contractions that have a spatial kernel."""
    return frozenset(name for name in named("contraction") if _known()[name].kernel)


@cache
def _known() -> dict[str, Operator]:
    return operators_in(__name__, __path__)
