"""The norm and the activations a statement carries: ``norm: batch``, ``activation: [relu, {maximum: 0.1}]``."""

from __future__ import annotations

from collections.abc import Callable

from costlens.network.layers import Layer
from costlens.spec import language, tree
from costlens.spec.fields import settled_layer
from costlens.spec.problems import hint
from costlens.spec.tree import Entry, Scalar, Tree
from costlens.spec.values import Values

NONE = "none"
Tail = tuple[tuple[str, Layer], ...]


class TailError(ValueError):
    """What is wrong with a norm or an activation, each with its position."""

    def __init__(self, wrong: list[tuple[Tree, str]]) -> None:
        self.wrong = wrong
        super().__init__()


def norm(given: Tree, values: Values) -> Tail:
    """Return the norm after a layer as (``norm``, layer), or nothing; TailError for another value."""
    layer = _layer(given, values, "norm", language.norm_layer, language.norm_words)
    return (("norm", layer),) if layer else ()


def activations(given: Tree, values: Values) -> Tail:
    """Return the activations after a layer as (kind, layer); a second of one kind is ``relu2``."""
    if isinstance(given, Scalar) and isinstance(given.value, str):
        named = values.names.get(given.value)
        if isinstance(named, tree.Sequence | tree.Mapping):
            given = _moved(named, given)
    items = given.items if isinstance(given, tree.Sequence) else (given,)
    found: dict[str, Layer] = {}
    wrong: list[tuple[Tree, str]] = []
    for item in items:
        try:
            layer = _layer(item, values, "activation", language.activation_layer, language.activation_words)
        except TailError as error:
            wrong += error.wrong
            continue
        if layer:
            kind, ordinal = layer.kind(), 1
            while (suffix := kind if ordinal == 1 else f"{kind}{ordinal}") in found:
                ordinal += 1
            found[suffix] = layer
    if wrong:
        raise TailError(wrong)
    return tuple(found.items())


def _layer(
    given: Tree,
    values: Values,
    field: str,
    find: Callable[[str], type[Layer] | None],
    known: Callable[[], tuple[str, ...]],
) -> Layer | None:
    word, value = _word(given, values)
    if word == NONE or (isinstance(given, Scalar) and given.value is None):
        return None
    cls = find(word) if word else None
    if cls is None:
        words = (*known(), NONE)
        guess = hint(language.meant(word), words) if word else ""
        raise TailError([(given, f"{field}: expected {', '.join(words)}, received {tree.show(given)}{guess}")])
    fields, problems = _fields(cls, f"{field}.{word}", value, given)
    layer = None
    if not problems:
        layer, wrong = settled_layer(cls, {name: (entry.value, values) for name, entry in fields.items()})
        problems = [(error.at, f"{field}.{word}.{name}: {error}") for name, error in wrong.items()]
    if problems:
        raise TailError(problems)
    return layer


def _word(given: Tree, values: Values) -> tuple[str, Tree | None]:
    if isinstance(given, Scalar):
        named = values.names.get(given.text, given.text) if isinstance(given.value, str) else ""
        if isinstance(named, tree.Mapping):
            return _word(named, values)
        return (named, None) if isinstance(named, str) else ("", None)
    if isinstance(given, tree.Mapping) and len(given.entries) == 1:
        ((word, entry),) = given.entries.items()
        return word, entry.value
    return "", None


def _fields(
    cls: type[Layer], path: str, value: Tree | None, given: Tree
) -> tuple[dict[str, Entry], list[tuple[Tree, str]]]:
    """Return the fields given, and what is wrong with their names."""
    if value is None or (isinstance(value, Scalar) and value.value is None):
        fields: dict[str, Entry] = {}
    elif isinstance(value, tree.Mapping):
        fields = value.entries
    elif cls.shorthand:
        fields = {cls.shorthand: Entry(value.line, value.column, value)}
    else:
        takes = f"takes {language.listed(tuple(cls.fields()))}" if cls.fields() else "takes no value"
        return {}, [(value, f"{path}: expected fields, received {tree.show(value)}; it {takes}")]
    wrong: list[tuple[Tree, str]] = []
    known = language.listed(tuple(cls.fields())) or "none"
    for name, entry in fields.items():
        if name not in cls.fields():
            guess = hint(name, cls.fields(), f"; known: {known}")
            at = Scalar(entry.line, entry.column, name, name)
            wrong.append((at, f"{path}.{tree.shorten(name)}: unknown field{guess}"))
    for name, info in cls.fields().items():
        if info.required and name not in fields:
            wrong.append((given, f"{path}.{name}: missing ({info.description})"))
    return fields, wrong


def _moved(named: tree.Sequence | tree.Mapping, at: Scalar) -> Tree:
    """Give a parameter's value the place where it is used."""
    if isinstance(named, tree.Mapping):
        return named._replace(line=at.line, column=at.column)
    items = tuple(item._replace(line=at.line, column=at.column) for item in named.items)
    return tree.Sequence(at.line, at.column, items)
