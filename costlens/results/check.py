"""What ``costlens check`` found: each spec beside its published figures and its budget."""

from __future__ import annotations

from dataclasses import dataclass

from costlens.results.report import Budget, Expectation


@dataclass(frozen=True, slots=True)
class CheckedSpec:
    """One spec, at its own knobs and as written, or the problem that kept it from being read.

    ``uncounted`` lists what the count lacks: its figures are then lower bounds and hold nothing.
    """

    file: str
    name: str
    expectations: tuple[Expectation, ...] = ()
    budgets: tuple[Budget, ...] = ()
    uncounted: tuple[str, ...] = ()
    problem: str = ""

    @property
    def figures(self) -> int:
        """How many figures were compared; a time is not, since nothing is measured here."""
        return len(self.expectations) + sum(budget.ours is not None for budget in self.budgets)

    @property
    def compared(self) -> tuple[Expectation | Budget, ...]:
        """The published figures, then the limits."""
        return (*self.expectations, *self.budgets)

    @property
    def missed(self) -> tuple[str, ...]:
        """What does not hold, a line each, behind the file's name."""
        lines = [line.missed for line in self.compared if line.missed]
        lines += [f"not counted: {what}" for what in self.uncounted if lines]
        return tuple(f"{self.file}: {line}" for line in lines)
