"""Arguments → a block's parameters, and the number of a repeat: values that decide how much a spec expands to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from costlens.arithmetic.shapes import Limits
from costlens.spec.expressions import ExpressionError
from costlens.spec.fields import one_value, settled
from costlens.spec.problems import ValuesError
from costlens.spec.statements import Block, Call, Given, Repeat, Statement
from costlens.spec.tree import Position, show
from costlens.spec.values import Bound, Values, argument

_TIMES = one_value(int, Limits(ge=0))


class Binder:
    """Works each call and each repeat out once for each set of values."""

    def __init__(self, blocks: Mapping[str, Block], knobs: Values) -> None:
        self.blocks = blocks
        self.knobs = knobs
        self.bind = cache(self._bind)
        self.times = cache(_times)

    def sole_call(self, body: tuple[Statement, ...]) -> Call | None:
        """Return the unnamed call of a block that is all a body holds."""
        call = body[0] if len(body) == 1 else None
        return call if isinstance(call, Call) and call.name is None and call.kind in self.blocks else None

    def opened(self, body: tuple[Statement, ...]) -> tuple[Statement, ...]:
        """Return the statements of a body; those of the block where a sole call is all it holds."""
        call = self.sole_call(body)
        return self.opened(self.blocks[call.kind].body) if call else body

    def _bind(self, call: Call, values: Values) -> Values:
        """Return what the body of the called block sees; ValuesError where an argument has no value."""
        block = self.blocks.get(call.kind)
        if block is None:  # its own problem has been reported
            raise ValuesError
        bound: dict[str, Bound] = {}
        wrong: list[tuple[Position, str, str]] = []
        for name, default in block.parameters.items():
            given = call.arguments.get(name, default)
            if given is None:
                continue
            scope = values if name in call.arguments else Values({**self.knobs.names, **bound})
            try:
                bound[name] = argument(given, scope)
            except ExpressionError as error:
                wrong.append((given, call.at.path, f"{name}: {show(given)}: {error}"))
        if wrong:
            raise ValuesError(*wrong)
        return self.knobs.inside(block.name, bound)


def _times(repeat: Repeat, values: Values) -> int:
    """Return how often a body is repeated; ValuesError unless that is a whole number from 0."""
    times: int = settled(Given(repeat.times, repeat.at.path), _TIMES, values, "times")
    return times
