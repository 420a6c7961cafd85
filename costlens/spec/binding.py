"""Arguments → a block's parameters, the number of a repeat, and the number of layers that a spec expands to."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cache

from costlens.arithmetic.shapes import Limits
from costlens.spec.expressions import ExpressionError
from costlens.spec.fields import one_value, settled
from costlens.spec.problems import Problems, ValuesError
from costlens.spec.statements import Block, Branches, Call, Given, LayerStatement, Repeat, Statement
from costlens.spec.tree import Position, Sequence, show, word_of
from costlens.spec.values import Bound, Values, argument

MAX_LAYERS = 100_000
MAX_DEPTH = 50
MAX_CALLS = 10_000
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


@dataclass(slots=True)
class Sizes:
    """Counts layers; a repeat is its times × its body's size, a block is counted once for each set of arguments."""

    binder: Binder
    problems: Problems
    _known: dict[Hashable, int] = field(default_factory=dict)

    def of(self, body: tuple[Statement, ...], values: Values, depth: int = 1) -> int:
        """Return the number of layers a body expands to; SpecError when that is beyond any limit."""
        size = 0
        for statement in body:
            if depth > MAX_DEPTH:
                self._stop(statement, f"nested deeper than {MAX_DEPTH} levels; use blocks of fewer levels")
            try:
                size += self._one(statement, values, depth)
            except ValuesError:  # which expanding reports
                size += 1
            if size > MAX_LAYERS:
                self._stop(statement, f"expands to more than {MAX_LAYERS:,} layers; repeat less, or call fewer blocks")
        return size

    def _one(self, statement: Statement, values: Values, depth: int) -> int:
        if isinstance(statement, LayerStatement):
            return 1 + (statement.norm is not None) + _activations(statement.activation, values)
        if isinstance(statement, Repeat):
            return self.binder.times(statement, values) * max(1, self.of(statement.body, values, depth + 1))
        if isinstance(statement, Branches):
            return 1 + sum(self.of(path, values, depth + 1) for path in statement.paths)
        return self._call(statement, values, depth) if isinstance(statement, Call) else 1

    def _call(self, call: Call, values: Values, depth: int) -> int:
        inside = self.binder.bind(call, values)
        key = inside.key, depth
        if key not in self._known:
            if len(self._known) >= MAX_CALLS:
                self._stop(call, f"calls blocks in more than {MAX_CALLS:,} different ways; nest fewer blocks")
            self._known[key] = max(1, self.of(self.binder.blocks[call.kind].body, inside, depth + 1))
        return self._known[key]

    def _stop(self, statement: Statement, message: str) -> None:
        self.problems.stop(statement.at, statement.at.path, message)


def _activations(given: Given | None, values: Values) -> int:
    if given is None:
        return 0
    named = values.names.get(word_of(given.value), given.value)
    return len(named.items) if isinstance(named, Sequence) else 1
