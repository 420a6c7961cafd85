"""How many layers a spec expands to, worked out before expanding it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from costlens.spec import tree
from costlens.spec.binding import Binder
from costlens.spec.problems import Problems, ValuesError
from costlens.spec.statements import Branches, Call, Given, LayerStatement, Repeat, Statement
from costlens.spec.values import Values

MAX_LAYERS = 100_000
MAX_DEPTH = 50
MAX_CALLS = 10_000


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
    named = values.names.get(tree.word_of(given.value), given.value)
    return len(named.items) if isinstance(named, tree.Sequence) else 1
