"""Fields of a layer as a spec gives them: expressions evaluated, sizes made whole, values checked."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from functools import cache
from math import isfinite
from typing import Any, NamedTuple

from costlens.network.fields import FieldError as LayerFieldError
from costlens.network.fields import Items, Type, Words
from costlens.network.layers import Layer
from costlens.spec import tree
from costlens.spec.expressions import ExpressionError, UnknownNameError, evaluate
from costlens.spec.tree import Scalar, Tree
from costlens.spec.values import MAX_ITEMS, Values

MAX_SIZE = 2**31 - 1
_ALMOST = 1e-9  # relative: 3 * 0.1 * 10 is a whole 3, as far as anyone means it


class FieldType(NamedTuple):
    """What sorts of scalars a field takes, anywhere in its value."""

    words: frozenset[str]
    whole: bool
    number: bool
    boolean: bool
    nullable: bool


class FieldError(ValueError):
    """A value a field cannot take.

    The message follows the field's name. An empty one means "expected … received …", which the caller writes, and
    ``guess`` after it.
    """

    def __init__(self, at: Tree, message: str = "", guess: str = "") -> None:
        self.at = at
        self.guess = guess
        super().__init__(message)

    def message(self, expected: str) -> str:
        """Return the message, written with what was expected where it has none of its own."""
        return str(self) or f"expected {expected}, received {tree.what(self.at)}{self.guess}"


@cache
def field_types(cls: type[Layer]) -> Mapping[str, FieldType]:
    """Return the type of each field of a layer kind."""
    return {name: field_type(each.type) for name, each in cls.fields().items()}


def field_type(wanted: Type) -> FieldType:
    """Classify a type by the scalars in it."""
    leaves = set(_leaves(wanted))
    words = frozenset(leaf for leaf in leaves if isinstance(leaf, str))
    number = int in leaves or float in leaves
    return FieldType(words, number and float not in leaves, number, bool in leaves, None in leaves)


def _leaves(wanted: Type) -> Iterator[type | str | None]:
    for one in wanted:
        if isinstance(one, Words):
            yield from one.words
        elif isinstance(one, Items):
            for part in one.types:
                yield from _leaves(part)
        else:
            yield one and one.sort


def settle(given: Tree, wanted: FieldType, values: Values, at: Tree | None = None) -> Any:
    """Return the plain value of a field: names replaced, expressions evaluated, lists as tuples.

    Raises FieldError at ``at`` (by default the value itself) for what cannot be a value of the field.
    """
    at = given if at is None else at
    if isinstance(given, tree.Sequence):
        if len(given.items) > MAX_ITEMS:
            raise FieldError(at, f"holds {len(given.items):,} values, {MAX_ITEMS} are the most a field takes")
        return tuple(settle(item, wanted, values, item if at is given else at) for item in given.items)
    if isinstance(given, tree.Mapping):
        raise FieldError(at)
    value: Any = given.value
    if isinstance(value, str):
        if value in values.names:
            value = values.names[value]
            if isinstance(value, tree.Sequence | tree.Mapping):
                return settle(value, wanted, values, at)
        elif value in wanted.words:
            return value
        elif wanted.number or wanted.boolean:
            value = _evaluated(value, wanted, values, at)
    return _coerced(value, given, wanted, at)


def _evaluated(text: str, wanted: FieldType, values: Values, at: Tree) -> Any:
    try:
        return evaluate(text, values.names, wanted.words)
    except UnknownNameError as error:
        if text.isidentifier():
            raise FieldError(at, guess=error.guess) from None
        raise FieldError(at, f'"{tree.shorten(text)}": {error}') from None
    except ExpressionError as error:
        raise FieldError(at, f'"{tree.shorten(text)}": {error}') from None


def _coerced(value: Any, given: Scalar, wanted: FieldType, at: Tree) -> Any:
    if value is None:
        if wanted.nullable:
            return None
        raise FieldError(at, "no value given")
    if isinstance(value, bool):
        if not wanted.boolean:
            raise FieldError(at)
        return value
    if isinstance(value, int | float):
        if not wanted.number:
            raise FieldError(at)
        return _number(value, given, whole=wanted.whole, at=at)
    return value


def _number(value: int | float, given: Scalar, *, whole: bool, at: Tree) -> int | float:
    if abs(value) > MAX_SIZE if isinstance(value, int) else not isfinite(value):
        raise FieldError(at, f"expected a finite number up to 2**31 - 1, received {tree.show(given)}")
    if not whole or isinstance(value, int):
        return value
    nearest = round(value)
    if abs(value - nearest) <= _ALMOST * max(1.0, abs(value)):
        return _number(nearest, given, whole=True, at=at)
    text = tree.shorten(given.text)
    if isinstance(given.value, str):
        raise FieldError(at, f'"{text}" = {value:.12g} is not whole; write int({text}) or round8({text})')
    raise FieldError(at, f"expected a whole number, received {text}")


def received(given: Tree, settled: Any) -> str:
    """Write a value for a message, with the expression it came from."""
    shown = tree.shorten(_shown(settled))
    if isinstance(given, Scalar) and isinstance(given.value, str) and not isinstance(settled, str):
        return f'"{tree.shorten(given.text)}" = {shown}'
    return shown


def _shown(settled: Any) -> str:
    if isinstance(settled, tuple):
        return f"[{', '.join(map(_shown, settled))}]"
    if isinstance(settled, bool):
        return str(settled).lower()
    return f'"{settled}"' if isinstance(settled, str) else f"{settled}"


def settled_layer(
    cls: type[Layer], given: Mapping[str, tuple[Tree, Values]]
) -> tuple[Layer | None, dict[str, FieldError]]:
    """Build a layer from the trees of its fields, each in its own scope; or say what is wrong, by field."""
    plain: dict[str, Any] = {}
    wrong: dict[str, FieldError] = {}
    fields, types = cls.fields(), field_types(cls)
    for name, (value, values) in given.items():
        expected = fields[name].expected
        try:
            plain[name] = settle(value, types[name], values)
            fields[name].take(plain[name])
        except FieldError as error:
            wrong[name] = FieldError(error.at, error.message(expected))
        except ValueError:
            wrong[name] = FieldError(value, f"expected {expected}, received {received(value, plain[name])}")
    if wrong:
        return None, wrong
    key = cls, *plain.items()
    layer = _built.get(key)
    if layer is None:
        try:
            layer = cls(**plain)
        except LayerFieldError as error:
            return None, {
                name: FieldError(given[name][0], f"{message}, received {received(given[name][0], plain[name])}")
                for name, message in error.wrong.items()
                if name in given  # one that is missing has been reported
            }
        if len(_built) < _REMEMBERED:
            _built[key] = layer
    return layer, {}


_REMEMBERED = 10_000
_built: dict[Hashable, Layer] = {}
