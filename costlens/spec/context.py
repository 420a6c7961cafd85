"""Where an expansion stands, and how messages say so."""

from dataclasses import dataclass, replace

from costlens.spec import tree
from costlens.spec.scope import Scope
from costlens.spec.statements import Statement
from costlens.spec.turns import Turns
from costlens.spec.values import Values


@dataclass(frozen=True, slots=True)
class Context:
    """Where an expansion stands: what names stand for, the call it is in, and whether a repeat numbers its names.

    ``caller`` is the scope of that call: where a parameter that names a layer is looked up.
    """

    values: Values
    called: str = ""
    numbered: bool = False
    caller: Scope | None = None

    @property
    def call(self) -> str:
        """The call and the turn of repeats, as messages name them."""
        turn = ", ".join(f"{name} = {tree.written(value)}" for name, value in self.values.counted.items())
        return ", ".join(filter(None, (self.called, turn and f"with {tree.shorten(turn)}")))


def in_turn(turns: Turns, turn: int, context: Context, *, numbered: bool) -> Context:
    """Return where the body of a repeat stands in one of its turns."""
    return replace(context, values=turns.values(turn), numbered=numbered)


def not_there(name: str, skipped: Statement) -> str:
    """Say that a layer is not there, and why."""
    condition = skipped.when and f"when: {tree.shorten(tree.written(skipped.when.value))}"
    return f"{tree.shorten(name)} is not there: {condition} ({tree.where(skipped.at.line)}) does not hold"
