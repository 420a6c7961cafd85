"""Arguments → a block's parameters, the turns of a repeat, what is there, and how many layers a spec expands to."""

from collections import ChainMap
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cache

from costlens.spec.expressions import ExpressionError
from costlens.spec.fields import FieldError, one_value, settle
from costlens.spec.problems import Problems, ValuesError
from costlens.spec.statements import Block, Branches, Call, Given, LayerStatement, Repeat, Statement
from costlens.spec.tree import Position, Sequence, show, word_of
from costlens.spec.turns import Turns, turns
from costlens.spec.values import Bound, Values, argument, name_or_element, size

MAX_LAYERS = 100_000
MAX_DEPTH = 50
MAX_CALLS = 10_000
MAX_HELD = 200_000
"""The most values in the lists that calls are given, in all."""
_CONDITION = one_value(bool, int, float)


class Binder:
    """Works each call, each repeat and each condition out once for each set of values."""

    def __init__(self, blocks: Mapping[str, Block], knobs: Values) -> None:
        self.blocks = blocks
        self.knobs = knobs
        self.bind = cache(self._bind)
        self.turns: Callable[[Repeat, Values], Turns] = cache(turns)

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
            scope = values if name in call.arguments else Values(ChainMap(bound, *self.knobs.names.maps))
            try:
                bound[name] = argument(given, scope)
            except ExpressionError as error:
                wrong.append((given, call.at.path, f"{name}: {show(given)}: {error}"))
        if wrong:
            raise ValuesError(*wrong)
        return self.knobs.inside(block.name, bound)


def is_there(statement: Statement, values: Values) -> bool:
    """Say whether the condition of a statement holds; ValuesError for what is none."""
    when = statement.when
    if when is None:
        return True
    try:
        held = settle(when.value, _CONDITION, values)
        if isinstance(held, bool | int | float):
            return bool(held)
        raise FieldError(when.value)
    except FieldError as error:
        message = f"when: {error.message('a condition, such as use_se or stride == 1')}"
        raise ValuesError((when.value, when.path, message)) from None


@dataclass(slots=True)
class Sizes:
    """Counts layers; turns that are alike are counted once, and a block once for each set of arguments."""

    binder: Binder
    problems: Problems
    _known: dict[Hashable, int] = field(default_factory=dict)
    _held: int = 0

    def of(self, body: tuple[Statement, ...], values: Values, depth: int = 1) -> int:
        """Return the number of layers a body expands to; SpecError when that is beyond any limit."""
        size = 0
        for statement in body:
            if depth > MAX_DEPTH:
                self._stop(statement, f"nested deeper than {MAX_DEPTH} levels; use blocks of fewer levels")
            try:
                size += max(1, self._one(statement, values, depth)) if is_there(statement, values) else 1
            except ValuesError:  # which expanding reports
                size += 1
            if size > MAX_LAYERS:
                self._stop(statement, f"expands to more than {MAX_LAYERS:,} layers; repeat less, or call fewer blocks")
        return size

    def _one(self, statement: Statement, values: Values, depth: int) -> int:
        if isinstance(statement, LayerStatement):
            return 1 + (statement.norm is not None) + _activations(statement.activation, values)
        if isinstance(statement, Repeat):
            return self._repeat(statement, values, depth + 1)
        if isinstance(statement, Branches):
            return 1 + sum(self.of(path, values, depth + 1) for path in statement.paths)
        return self._call(statement, values, depth) if isinstance(statement, Call) else 1

    def _repeat(self, repeat: Repeat, values: Values, depth: int) -> int:
        turns = self.binder.turns(repeat, values)
        if turns.are_alike:
            return len(turns) * self.of(repeat.body, values, depth)
        total = 0
        for index in range(len(turns)):
            total += self.of(repeat.body, turns.values(index), depth)
            if total > MAX_LAYERS:
                break
        return total

    def _call(self, call: Call, values: Values, depth: int) -> int:
        inside = self.binder.bind(call, values)
        key = inside.key, depth
        if key not in self._known:
            self._held += sum(size(value) for value in inside.parameters.values() if isinstance(value, Sequence))
            if len(self._known) >= MAX_CALLS or self._held > MAX_HELD:
                ways = f"{MAX_CALLS:,} different ways" if self._held <= MAX_HELD else f"{MAX_HELD:,} values of lists"
                self._stop(call, f"calls blocks in more than {ways}; nest fewer blocks")
            self._known[key] = self.of(self.binder.blocks[call.kind].body, inside, depth + 1)
        return self._known[key]

    def _stop(self, statement: Statement, message: str) -> None:
        self.problems.stop(statement.at, statement.at.path, message)


def _activations(given: Given | None, values: Values) -> int:
    if given is None:
        return 0
    try:
        named = name_or_element(word_of(given.value), values) or given.value
    except ExpressionError:  # which expanding reports
        return 1
    return len(named.items) if isinstance(named, Sequence) else 1
