"""A layer statement with its values put in: the layer, its norm and activations, each problem at its own place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from costlens.network.layers import Layer
from costlens.spec.fields import FieldError, FieldType, settle, settled_layer
from costlens.spec.problems import Problems
from costlens.spec.scope import Scope
from costlens.spec.statements import Branches, Given, LayerStatement
from costlens.spec.tail import Tail, TailError, activations, norm
from costlens.spec.values import Values

_FLAG = FieldType(frozenset(), whole=False, number=False, boolean=True, nullable=False)


@dataclass(frozen=True, slots=True)
class Context:
    """Where an expansion stands: what names stand for, the call it is in, and whether a repeat numbers its names.

    ``caller`` is the scope of that call: where a parameter that names a layer is looked up.
    """

    values: Values
    call: str = ""
    numbered: bool = False
    caller: Scope | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """What a layer statement stands for."""

    layer: Layer
    tail: Tail
    fixed: bool = False


def fill_layer(statement: LayerStatement, context: Context, knobs: Values, problems: Problems) -> Filled | None:
    """Put the values of a scope into a statement, those of the knobs alone into defaults; None where one is wrong."""
    before = len(problems)
    scopes = {True: knobs, False: context.values}
    layer = _layer(statement.layer, statement.fields, scopes, context, problems)
    tail: Tail = ()
    for given, read in ((statement.norm, norm), (statement.activation, activations)):
        try:
            tail += read(given.value, scopes[given.is_default]) if given else ()
        except TailError as error:
            for at, message in error.wrong:
                problems.add(at, given.path if given else "", message, context.call)
    fixed = _flag(statement.fixed, scopes, context, problems)
    return Filled(layer, tail, fixed) if layer is not None and len(problems) == before else None


def fill_join(statement: Branches, context: Context, problems: Problems) -> Filled | None:
    """Put the values of a scope into the join of branches; None where one is wrong."""
    layer = _layer(statement.join, statement.fields, {False: context.values}, context, problems)
    try:
        tail = activations(statement.activation.value, context.values) if statement.activation else ()
    except TailError as error:
        for at, message in error.wrong:
            problems.add(at, statement.at.path, message, context.call)
        return None
    return Filled(layer, tail) if layer is not None else None


def _layer(
    cls: type[Layer],
    fields: Mapping[str, Given],
    scopes: Mapping[bool, Values],
    context: Context,
    problems: Problems,
) -> Layer | None:
    layer, wrong = settled_layer(cls, {name: (item.value, scopes[item.is_default]) for name, item in fields.items()})
    for name, error in wrong.items():
        problems.add(error.at, fields[name].path, f"{name}: {error}", context.call)
    return layer


def _flag(given: Given | None, scopes: Mapping[bool, Values], context: Context, problems: Problems) -> bool:
    if given is None:
        return False
    try:
        value = settle(given.value, _FLAG, scopes[given.is_default])
        if isinstance(value, bool):
            return value
        wrong = FieldError(given.value)
    except FieldError as error:
        wrong = error
    problems.add(wrong.at, given.path, f"fixed: {wrong.message('true or false')}", context.call)
    return False
