"""What names stand for in a scope: knobs, a block's parameters, repeats' counters; inner ones hide outer ones."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from costlens.spec import tree
from costlens.spec.expressions import ExpressionError, evaluate
from costlens.spec.items import Element
from costlens.spec.statements import Given
from costlens.spec.tree import Scalar, Tree

MAX_VALUES = 256
"""The most values in a list or a table that a name stands for."""
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
"""A word of the language, or the name of a layer, also of one inside another."""

Plain = str | int | float | bool
Bound = Plain | tree.Sequence | tree.Mapping


@dataclass(frozen=True, slots=True)
class Values:
    """Names and what they stand for; ``key`` is equal where all of them are.

    ``parameters`` are those of the block, whose words name layers where it is called; ``counted`` are the names that
    repeats give, whose words name layers of the body itself unless they are parameters, too.
    """

    names: ChainMap[str, Bound] = field(compare=False)
    key: Hashable = ()
    parameters: Mapping[str, Bound] = field(default_factory=dict, compare=False)
    counted: ChainMap[str, Bound] = field(default_factory=ChainMap, compare=False)
    outside: Values | None = field(default=None, compare=False)

    def seen_by(self, given: Given) -> Values:
        """Return what a field sees: the knobs alone where it is from ``defaults``."""
        return self.outside or self if given.is_default else self

    def inside(self, block: str, parameters: dict[str, Bound]) -> Values:
        """Return the values that the body of a block sees: the knobs and the block's parameters."""
        return Values(ChainMap(parameters, *self.names.maps), (block, _keys(parameters)), parameters, outside=self)

    def turn(self, given: dict[str, Bound], *, as_parameters: Collection[str] = ()) -> Values:
        """Return the values that one turn of a repeat sees; the words of some are those of parameters."""
        parameters = {name: value for name, value in self.parameters.items() if name not in given}
        parameters |= {name: given[name] for name in as_parameters}
        names, here = ChainMap(given, *self.names.maps), ChainMap(given, *self.counted.maps)
        return Values(names, (self.key, _keys(given)), parameters, here, self.outside or self)


def knobs_alone(knobs: dict[str, Bound]) -> Values:
    """Return the values that a spec's top level sees."""
    return Values(ChainMap(knobs))


def _keys(names: Mapping[str, Bound]) -> Hashable:
    return tuple((name, _key(value)) for name, value in names.items())


def _key(value: Bound) -> Hashable:
    """Return what is equal for equal values; of a list a digest, since many calls may hold a long one."""
    key = frozen(value)
    return sha256(repr(key).encode()).digest() if isinstance(value, tree.Sequence | tree.Mapping) else key


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


def name_or_element(text: str, values: Values) -> Bound | None:
    """Return what a name or an element of a list, such as ``widths[i]``, stands for; None for another text.

    ExpressionError for an element that is not there.
    """
    if text in values.names:
        return values.names[text]
    return given(evaluate(text, values.names)) if "[" in text else None


def given(value: Element) -> Bound:
    """Return a value; ExpressionError where it is none."""
    if value is None:
        raise ExpressionError("no value given")
    return value


def argument(written: Tree, values: Values) -> Bound:
    """Return what an argument stands for in the caller's scope; ExpressionError where it has no value.

    A name stands for its value, an expression for its number, any other word for itself.
    """
    if isinstance(written, Scalar):
        if not isinstance(written.value, str):
            return given(written.value)
        if written.value in values.names:
            return values.names[written.value]
        return written.value if _WORD.fullmatch(written.value) else given(evaluate(written.value, values.names))
    found = _filled(written, values)
    if size(found) > MAX_VALUES:
        raise ExpressionError(f"holds more than {MAX_VALUES} values")
    return found


def _filled(written: tree.Sequence | tree.Mapping, values: Values) -> tree.Sequence | tree.Mapping:
    if size(written) > MAX_VALUES:
        raise ExpressionError(f"holds more than {MAX_VALUES} values")

    def part(item: Tree) -> Tree:
        return _as_tree(item, argument(item, values))

    if isinstance(written, tree.Sequence):
        return written._replace(items=tuple(map(part, written.items)))
    entries = {key: entry._replace(value=part(entry.value)) for key, entry in written.entries.items()}
    return written._replace(entries=entries)


def size(written: Tree) -> int:
    """Return how many values a list or a mapping holds in all, counted to just above what a name may hold."""
    total, waiting = 0, [written]
    while waiting and total <= MAX_VALUES:
        one = waiting.pop()
        inner = one.items if isinstance(one, tree.Sequence) else ()
        if isinstance(one, tree.Mapping):
            inner = tuple(entry.value for entry in one.entries.values())
        total += len(inner)
        waiting += inner[: MAX_VALUES + 1]
    return total


def _as_tree(at: Tree, value: Bound) -> Tree:
    if isinstance(value, tree.Sequence | tree.Mapping):
        return value
    return Scalar(at.line, at.column, value, str(value))
