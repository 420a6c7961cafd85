"""How many layers a spec expands to, worked out before expanding it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from costlens.spec import tree
from costlens.spec.binding import Binder, BindingError
from costlens.spec.problems import Place
from costlens.spec.statements import Branches, Call, Given, LayerStatement, Repeat, Statement
from costlens.spec.tree import Scalar
from costlens.spec.values import Values

MAX_LAYERS = 100_000
MAX_DEPTH = 50
MAX_CALLS = 10_000


class TooLargeError(ValueError):
    """A spec that expands too far; the message says how far."""

    def __init__(self, at: Place, message: str) -> None:
        self.at = at
        super().__init__(message)


@dataclass(slots=True)
class Sizes:
    """Counts layers; a repeat is its times × its body's size, a block is counted once for each set of arguments."""

    binder: Binder
    _known: dict[Hashable, int] = field(default_factory=dict)

    def of(self, body: tuple[Statement, ...], values: Values, depth: int = 1) -> int:
        """Return the number of layers a body expands to; TooLargeError when that is beyond any limit."""
        size = 0
        for statement in body:
            if depth > MAX_DEPTH:
                raise TooLargeError(statement.at, f"nested deeper than {MAX_DEPTH} levels; use blocks of fewer levels")
            size += self._one(statement, values, depth)
            if size > MAX_LAYERS:
                raise TooLargeError(
                    statement.at, f"expands to more than {MAX_LAYERS:,} layers; repeat less, or call fewer blocks"
                )
        return size

    def _one(self, statement: Statement, values: Values, depth: int) -> int:
        if isinstance(statement, LayerStatement):
            return 1 + (statement.norm is not None) + _activations(statement.activation, values)
        if isinstance(statement, Repeat):
            try:
                return self.binder.times(statement, values) * max(1, self.of(statement.body, values, depth + 1))
            except BindingError:
                return 1
        if isinstance(statement, Branches):
            return 1 + sum(self.of(path, values, depth + 1) for path in statement.paths)
        return self._call(statement, values, depth) if isinstance(statement, Call) else 1

    def _call(self, call: Call, values: Values, depth: int) -> int:
        try:
            inside = self.binder.bind(call, values)
        except BindingError:
            return 1
        key = inside.key, depth
        if key not in self._known:
            if len(self._known) >= MAX_CALLS:
                message = f"calls blocks in more than {MAX_CALLS:,} different ways; nest fewer blocks"
                raise TooLargeError(call.at, message)
            self._known[key] = max(1, self.of(self.binder.blocks[call.kind].body, inside, depth + 1))
        return self._known[key]


def _activations(given: Given | None, values: Values) -> int:
    value = given.value if given else None
    if isinstance(value, Scalar):
        named = values.names.get(value.text)
        return len(named.items) if isinstance(named, tree.Sequence) else 1
    return len(value.items) if isinstance(value, tree.Sequence) else 1 if value else 0
