"""A statement with its values put in: the layer, its norm and activations, each problem at its own place.

``norm: batch``, ``activation: [relu, {maximum: 0.1}]``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from costlens.network.graph import Node
from costlens.network.layers import Layer
from costlens.spec import elsewhere, language, tree
from costlens.spec.expressions import ExpressionError
from costlens.spec.fields import FieldError, one_value, settle, settled_layer, written_fields
from costlens.spec.language import Family
from costlens.spec.problems import ValuesError
from costlens.spec.statements import Given, WithLayer
from costlens.spec.tree import Position, Scalar, Tree
from costlens.spec.values import Values, name_or_element

NONE = "none"
Tail = tuple[tuple[str, Layer], ...]
_T = TypeVar("_T")
_FLAG = one_value(bool)


@dataclass(frozen=True, slots=True)
class Filled:
    """What a statement with a layer stands for."""

    layer: Layer
    tail: Tail
    fixed: bool = False


def fill(statement: WithLayer, values: Values) -> Filled:
    """Put the values of a scope into a statement; ValuesError with all that is wrong."""
    wrong: list[tuple[Position, str, str]] = []

    def read(how: Callable[[Given, Values], _T], given: Given | None, otherwise: _T) -> _T:
        try:
            return how(given, values.seen_by(given)) if given else otherwise
        except ValuesError as error:
            wrong.extend(error.found)
            return otherwise

    nothing: Tail = ()
    tail = read(_norm, statement.norm, nothing) + read(_activations, statement.activation, nothing)
    fixed = read(_flag, statement.fixed, False)
    try:
        layer = settled_layer(statement.layer, statement.fields, values)
    except ValuesError as error:
        raise ValuesError(*error.found, *wrong) from None
    if wrong:
        raise ValuesError(*wrong)
    return Filled(layer, tail, fixed)


def row(name: str, layer: Layer, tail: Tail, sources: tuple[str, ...], section: str) -> tuple[Node, ...]:
    """Return the nodes of a layer with its norm and activations, as one row."""
    nodes = [Node(name, layer, sources, name, section)]
    for suffix, part in tail:
        nodes.append(Node(f"{name}.{suffix}", part, (nodes[-1].name,), name, section))
    return tuple(nodes)


def _flag(given: Given, values: Values) -> bool:
    try:
        value = settle(given.value, _FLAG, values)
        if isinstance(value, bool):
            return value
        raise FieldError(given.value)
    except FieldError as error:
        raise ValuesError((error.at, given.path, f"fixed: {error.message('true or false')}")) from None


def _norm(given: Given, values: Values) -> Tail:
    """Return the norm after a layer as (``norm``, layer), or nothing; ValuesError for another value."""
    layer = _layer(given.value, given.path, values, "norm", language.NORMS)
    return (("norm", layer),) if layer else ()


def _activations(given: Given, values: Values) -> Tail:
    """Return the activations after a layer as (kind, layer), a second of one kind as ``relu2``; or ValuesError."""
    written = given.value
    try:
        named = name_or_element(tree.word_of(written), values)
    except ExpressionError:  # said below
        named = None
    if isinstance(named, tree.Sequence | tree.Mapping):
        written = _moved(named, written)
    found: dict[str, Layer] = {}
    wrong: list[tuple[Position, str, str]] = []
    for item in tree.items_of(written):
        try:
            layer = _layer(item, given.path, values, "activation", language.ACTIVATIONS)
        except ValuesError as error:
            wrong += error.found
            continue
        if layer:
            kind, ordinal = layer.kind(), 1
            while (suffix := kind if ordinal == 1 else f"{kind}{ordinal}") in found:
                ordinal += 1
            found[suffix] = layer
    if wrong:
        raise ValuesError(*wrong)
    return tuple(found.items())


def _layer(given: Tree, path: str, values: Values, field: str, family: Family) -> Layer | None:
    try:
        word, value = _word(given, values)
    except ExpressionError as error:
        raise ValuesError((given, path, f"{field}: {tree.show(given)}: {error}")) from None
    if word == NONE or tree.is_nothing(given):
        return None
    cls = family.layer(word) if word else None
    if cls is None:
        words = (*family.words(), NONE)
        stands_for = f' = "{tree.shorten(word)}"' if isinstance(given, Scalar) and word not in ("", given.text) else ""
        received = f"received {tree.show(given)}{stands_for}"
        if word and (here := elsewhere.member(word, words, family.ending)):
            raise ValuesError((given, path, f"{field}: {received}{here}"))
        guess = elsewhere.guess(word, words) if word else ""
        raise ValuesError((given, path, f"{field}: expected {', '.join(words)}, {received}{guess}"))
    label, known = f"{field}.{word}", cls.fields()
    listed = f"; known: {', '.join(known) or 'none'}"
    fields = written_fields(cls, value)
    if fields is None:
        takes = f"takes {', '.join(known)}" if known else "takes no value"
        raise ValuesError((value or given, path, f"{label}: expected fields, received {tree.show(value)}; it {takes}"))
    wrong: list[tuple[Position, str, str]] = [
        (entry, path, f"{label}.{tree.shorten(name)}: unknown field{_meant(cls, name, listed)}")
        for name, entry in fields.items()
        if name not in known
    ]
    wrong += [
        (given, path, f"{label}.{name}: missing ({info.description})")
        for name, info in known.items()
        if info.required and name not in fields
    ]
    if wrong:
        raise ValuesError(*wrong)
    return settled_layer(cls, {name: Given(entry.value, path) for name, entry in fields.items()}, values, f"{label}.")


def _meant(cls: type[Layer], name: str, otherwise: str) -> object:
    known = cls.fields()
    return elsewhere.field(cls.kind(), name, known) or elsewhere.guess(name, known, otherwise)


def _word(given: Tree, values: Values) -> tuple[str, Tree | None]:
    """Return the word that names a layer, a parameter's too, and what stands behind it."""
    if isinstance(given, Scalar):
        named = name_or_element(given.text, values) or given.text if isinstance(given.value, str) else ""
        if isinstance(named, tree.Mapping):
            return _word(named, values)
        return (named, None) if isinstance(named, str) else ("", None)
    if isinstance(given, tree.Mapping) and len(given.entries) == 1:
        ((word, entry),) = given.entries.items()
        return word, entry.value
    return "", None


def _moved(named: tree.Sequence | tree.Mapping, at: Tree) -> Tree:
    """Give a parameter's value the place where it is used."""
    named = named._replace(line=at.line, column=at.column)
    if isinstance(named, tree.Sequence):
        return named._replace(items=tuple(item._replace(line=at.line, column=at.column) for item in named.items))
    return named
