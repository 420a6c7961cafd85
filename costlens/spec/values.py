"""What names stand for in a scope: the knobs, and inside a block its parameters, which hide knobs of the same name."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from costlens.spec import tree
from costlens.spec.expressions import ExpressionError, evaluate
from costlens.spec.statements import Given
from costlens.spec.tree import Scalar, Tree

MAX_ITEMS = 16
"""The longest list a parameter or a field takes."""
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Plain = str | int | float | bool
Bound = Plain | tree.Sequence | tree.Mapping


@dataclass(frozen=True, slots=True)
class Values:
    """Names and what they stand for; ``key`` is equal where all of them are. ``parameters`` are those of the block."""

    names: Mapping[str, Bound] = field(compare=False)
    key: Hashable = ()
    parameters: Mapping[str, Bound] = field(default_factory=dict, compare=False)
    outside: Values | None = field(default=None, compare=False)

    def seen_by(self, given: Given) -> Values:
        """Return what a field sees: the knobs alone where it is from ``defaults``."""
        return self.outside or self if given.is_default else self

    def inside(self, block: str, parameters: Mapping[str, Bound]) -> Values:
        """Return the values that the body of a block sees: the knobs and the block's parameters."""
        key = (block, *((name, frozen(value)) for name, value in parameters.items()))
        return Values({**self.names, **parameters}, key, parameters, self)


def frozen(value: Bound | Tree | None) -> Hashable:
    """Return a hashable equal of a value, without its positions.

    >>> frozen(Scalar(1, 1, 3, "3")) == frozen(Scalar(9, 9, 3, "3"))
    True
    """
    if isinstance(value, Scalar):
        return type(value.value).__name__, value.value
    if isinstance(value, tree.Sequence):
        return tuple(map(frozen, value.items))
    if isinstance(value, tree.Mapping):
        return tuple((key, frozen(entry.value)) for key, entry in value.entries.items())
    return type(value).__name__, value


def argument(given: Tree, values: Values) -> Bound:
    """Return what an argument stands for in the caller's scope; ExpressionError where it has no value.

    A name stands for its value, an expression for its number, any other word for itself.
    """
    if isinstance(given, Scalar):
        if given.value is None:
            raise ExpressionError("no value given")
        if not isinstance(given.value, str):
            return given.value
        if given.value in values.names:
            return values.names[given.value]
        return given.value if _WORD.fullmatch(given.value) else evaluate(given.value, values.names)
    if len(given.items if isinstance(given, tree.Sequence) else given.entries) > MAX_ITEMS:
        raise ExpressionError(f"holds more than {MAX_ITEMS} values")
    if isinstance(given, tree.Sequence):
        return given._replace(items=tuple(_as_tree(item, argument(item, values)) for item in given.items))
    entries = {
        key: entry._replace(value=_as_tree(entry.value, argument(entry.value, values)))
        for key, entry in given.entries.items()
    }
    return given._replace(entries=entries)


def _as_tree(at: Tree, value: Bound) -> Tree:
    if isinstance(value, tree.Sequence | tree.Mapping):
        return value
    return Scalar(at.line, at.column, value, str(value))
