"""Arguments → a block's parameters, and the number of a repeat: values that decide how much a spec expands to."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from costlens.spec.expressions import ExpressionError
from costlens.spec.fields import FieldError, FieldType, received, settle
from costlens.spec.statements import Block, Call, Repeat, Statement
from costlens.spec.tree import Tree, show
from costlens.spec.values import Bound, Values, argument

_WHOLE = FieldType(frozenset(), whole=True, number=True, boolean=False, nullable=False)


_TIMES = "a whole number from 0"


class BindingError(ValueError):
    """Arguments that have no value; ``wrong`` lists where, and what."""

    def __init__(self, wrong: list[tuple[Tree, str]]) -> None:
        self.wrong = wrong
        super().__init__()


@dataclass(frozen=True, slots=True)
class Binder:
    """Works each call and each repeat out once for each set of values."""

    blocks: Mapping[str, Block]
    knobs: Values
    _known: dict[Hashable, Any] = field(default_factory=dict)

    def bind(self, call: Call, values: Values) -> Values:
        """Return what the body of the called block sees; BindingError where an argument has no value."""
        bound: Values = self._once((call, values.key), lambda: self._bind(call, values))
        return bound

    def sole_call(self, body: tuple[Statement, ...]) -> Call | None:
        """Return the unnamed call of a block that is all a body holds."""
        call = body[0] if len(body) == 1 else None
        return call if isinstance(call, Call) and call.name is None and call.kind in self.blocks else None

    def opened(self, body: tuple[Statement, ...]) -> tuple[Statement, ...]:
        """Return the statements of a body; those of the block where a sole call is all it holds."""
        call = self.sole_call(body)
        return self.opened(self.blocks[call.kind].body) if call else body

    def times(self, repeat: Repeat, values: Values) -> int:
        """Return how often a body is repeated; BindingError unless that is a whole number from 0."""
        number: int = self._once((repeat, values.key), lambda: _times(repeat, values))
        return number

    def _once(self, key: Hashable, work: Any) -> Any:
        if key not in self._known:
            try:
                self._known[key] = work()
            except BindingError as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, BindingError):
            raise found
        return found

    def _bind(self, call: Call, values: Values) -> Values:
        block = self.blocks.get(call.kind)
        if block is None:  # its own problem has been reported
            raise BindingError([])
        bound: dict[str, Bound] = {}
        wrong: list[tuple[Tree, str]] = []
        for name, default in block.parameters.items():
            given = call.arguments.get(name, default)
            if given is None:
                continue
            scope = values if name in call.arguments else Values({**self.knobs.names, **bound})
            try:
                bound[name] = argument(given, scope)
            except ExpressionError as error:
                wrong.append((given, f"{name}: {show(given)}: {error}"))
        if wrong:
            raise BindingError(wrong)
        return self.knobs.inside(block.name, bound)


def _times(repeat: Repeat, values: Values) -> int:
    try:
        times = settle(repeat.times, _WHOLE, values)
    except FieldError as error:
        raise BindingError([(error.at, f"times: {error.message(_TIMES)}")]) from None
    if not isinstance(times, int) or times < 0:
        given = received(repeat.times, times)
        raise BindingError([(repeat.times, f"times: expected {_TIMES}, received {given}")])
    return times
