"""Recurrent layers: an operator between two transposes."""

from collections.abc import Sequence
from typing import Any

from costlens.prediction.layout import Shape, Tensor
from costlens.prediction.rules._rule import Rule
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operand


def _recurrent(op: str, gates: int) -> Rule:
    """Return the rule of a _recurrent layer: its operator between two transposes."""

    def rule(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
        x, units = reads[0], layer.units
        steps, channels = x.shape
        ways = 2 if getattr(layer, "bidirectional", None) else 1
        sequence = Operand((steps, w.batch, channels))
        w.emit("Transpose", [w.lay(x, "last")], sequence, perm=(1, 0, 2))
        stored = [(ways, gates * units, channels), (ways, gates * units, units), (ways, 2 * gates * units)]
        every = Operand((steps, ways, w.batch, units))
        emitted = w.emit(
            op,
            [sequence, *(Operand(each, stored=True) for each in stored)],
            every,
            hidden_size=units,
            direction="bidirectional" if ways > 1 else None,
        )
        states = 2 if op == "LSTM" else 1
        emitted.outputs += [Operand((ways, w.batch, units))] * states
        made = Tensor(out, {"last"})
        w.emit("Transpose", [every], Operand((w.batch, steps, ways, units)), perm=(2, 0, 1, 3))
        return made

    return rule


RULES = {"lstm": _recurrent("LSTM", 4), "gru": _recurrent("GRU", 3)}
