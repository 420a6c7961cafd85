"""Fields of a layer as a spec gives them: expressions evaluated, sizes made whole, values checked."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from math import isfinite
from typing import Any, NamedTuple

from costlens.arithmetic.shapes import Limits
from costlens.network.fields import REQUIRED, Field, Items, Text, Type, Words, type_of
from costlens.network.fields import FieldError as LayerFieldError
from costlens.network.layers import Layer
from costlens.spec import elsewhere, tree
from costlens.spec.expressions import ExpressionError, UnknownNameError, evaluate
from costlens.spec.items import Element
from costlens.spec.problems import ValuesError
from costlens.spec.statements import Given
from costlens.spec.tree import Entry, Position, Scalar, Tree
from costlens.spec.values import Values

MAX_ITEMS = 16
"""The longest list that a field takes."""
MAX_SIZE = 2**31 - 1
_CHOICE = re.compile(r"\[| if ")
"""What makes a text an expression also where a field takes words alone."""
_ALMOST = 1e-9  # relative: 3 * 0.1 * 10 is a whole 3, as far as anyone means it


class FieldType(NamedTuple):
    """A field, and the words and sorts of scalars it takes anywhere in its value."""

    field: Field
    leaves: frozenset[type | str | None]


class FieldError(ValueError):
    """A value a field cannot take.

    An empty message means "expected … received …", which the caller writes, and ``guess`` after it.
    """

    def __init__(self, at: Tree, message: str = "", guess: str = "") -> None:
        self.at = at
        self.guess = guess
        super().__init__(message)

    def message(self, expected: str) -> str:
        """Return the message, written with what was expected where it has none of its own."""
        return str(self) or f"expected {expected}, received {tree.what(self.at)}{self.guess}"


@cache
def _types(cls: type[Layer]) -> Mapping[str, FieldType]:
    return {name: FieldType(field, frozenset(_leaves(field.type))) for name, field in cls.fields().items()}


def one_value(*sorts: type, limits: Limits = Limits()) -> FieldType:  # noqa: B008  # a value
    """Return the type of a field that takes a bool or a number."""
    return FieldType(Field(REQUIRED, "", limits, tuple(type_of(sort, limits)[0] for sort in sorts)), frozenset(sorts))


def _leaves(wanted: Type) -> Iterator[type | str | None]:
    for one in wanted:
        if isinstance(one, Words):
            yield from one.words
        elif isinstance(one, Text):
            yield str
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
        elif value in wanted.leaves or (str in wanted.leaves and not _CHOICE.search(value)):
            return value
        elif wanted.leaves & {bool, int, float} or _CHOICE.search(value):
            value = _evaluated(value, wanted, values, at)
            if isinstance(value, tree.Sequence | tree.Mapping):
                return settle(value, wanted, values, at)
        else:
            _refuse_word_of_others(value, wanted, at)
    return _coerced(value, given, wanted, at)


def _evaluated(text: str, wanted: FieldType, values: Values, at: Tree) -> Element:
    try:
        return evaluate(text, values.names, [leaf for leaf in wanted.leaves if isinstance(leaf, str)])
    except ExpressionError as error:
        if isinstance(error, UnknownNameError) and text.isidentifier():
            _refuse_word_of_others(text, wanted, at)
            raise FieldError(at, guess=error.guess) from None
        raise FieldError(at, f'"{tree.shorten(text)}": {error}') from None


def _refuse_word_of_others(word: str, wanted: FieldType, at: Tree) -> None:
    if here := elsewhere.value(word, [leaf for leaf in wanted.leaves if isinstance(leaf, str)]):
        raise FieldError(at, f"received {tree.what(at)}{here}") from None


def _coerced(value: Any, given: Scalar, wanted: FieldType, at: Tree) -> Any:
    if value is None and None not in wanted.leaves:
        raise FieldError(at, "no value given")
    if value is None or isinstance(value, str):
        return value
    if wanted.leaves.isdisjoint((bool,) if isinstance(value, bool) else (int, float)):
        raise FieldError(at)
    return value if isinstance(value, bool) else _number(value, given, whole=float not in wanted.leaves, at=at)


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


def _received(given: Tree, settled: Any) -> str:
    """Write a value for a message, with the expression it came from."""
    shown = tree.shorten(_written(settled))
    if isinstance(given, Scalar) and isinstance(given.value, str) and not isinstance(settled, str):
        return f'"{tree.shorten(given.text)}" = {shown}'
    return shown


def _written(settled: Any) -> str:
    if isinstance(settled, tuple):
        return f"[{', '.join(map(_written, settled))}]"
    if isinstance(settled, bool):
        return str(settled).lower()
    return f'"{settled}"' if isinstance(settled, str) else f"{settled}"


def written_fields(cls: type[Layer], value: Tree | None) -> dict[str, Entry] | None:
    """Return the fields that a value behind a layer's word gives, of its shorthand too; None where it cannot be any."""
    if isinstance(value, tree.Mapping):
        return value.entries
    if value is None or tree.is_nothing(value):
        return {}
    return {cls.shorthand: Entry(value.line, value.column, value)} if cls.shorthand else None


def settled(given: Given, wanted: FieldType, values: Values, label: str) -> Any:
    """Return the plain value of a field; ValuesError, its message behind the label, for one that it cannot take."""
    try:
        plain = settle(given.value, wanted, values.seen_by(given))
    except FieldError as error:
        raise ValuesError((error.at, given.path, f"{label}: {error.message(wanted.field.expected)}")) from None
    try:
        wanted.field.take(plain)
    except ValueError:
        message = f"{label}: expected {wanted.field.expected}, received {_received(given.value, plain)}"
        raise ValuesError((given.value, given.path, message)) from None
    return plain


def settled_layer(cls: type[Layer], fields: Mapping[str, Given], values: Values, label: str = "") -> Layer:
    """Build a layer from its fields; ValuesError, each message behind the label, where they cannot be its fields."""
    plain: dict[str, Any] = {}
    wrong: list[tuple[Position, str, str]] = []
    for name, given in fields.items():
        try:
            plain[name] = settled(given, _types(cls)[name], values, f"{label}{name}")
        except ValuesError as error:
            wrong += error.found
    if not wrong:
        try:
            return _built(cls, *plain.items())
        except LayerFieldError as error:
            for name in error.wrong.keys() & fields.keys():  # one that is missing has been reported
                given = fields[name]
                received = _received(given.value, plain[name])
                wrong.append((given.value, given.path, f"{label}{name}: {error.wrong[name]}, received {received}"))
    raise ValuesError(*wrong)


@lru_cache(maxsize=10_000)
def _built(cls: type[Layer], *given: tuple[str, Any]) -> Layer:
    return cls(**dict(given))
