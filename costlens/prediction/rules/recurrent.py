"""Recurrent layers: an operator that reads and makes a sequence step by step."""

from collections.abc import Sequence
from typing import Any

from costlens.prediction.layout import Shape, Tensor
from costlens.prediction.rules._rule import Rule
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operand


def _recurrent(op: str, gates: int) -> Rule:
    def rule(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> list[Tensor] | None:
        (x, *states), units, ways = reads, layer.units, layer.directions
        if layer.merge == "sum" or layer.go_backwards:
            return None
        (steps, channels), state = x.shape, Operand((ways, w.batch, units))
        read = w.lay(x, "steps")
        stored = [(ways, gates * units, channels), (ways, gates * units, units), (ways, 2 * gates * units)]
        started = [w.emit("Reshape", [w.lay(each, "last")], state).outputs[0] for each in states]
        inner = layer.inner.capitalize()
        every = Operand((steps, ways, w.batch, units))
        run = w.emit(
            op, [read, *(Operand(each, stored=True) for each in stored), *([None, *started] if started else [])],
            every, hidden_size=units, direction="bidirectional" if ways > 1 else None,
            activations=("Sigmoid", *(inner,) * layer.activations) * ways,
            linear_before_reset=int(getattr(layer, "reset_after", False)),
        )  # fmt: skip
        further = len(layer.states) if layer.return_state else 0
        run.outputs = [*([every] if layer.return_sequences else [state]), *[state] * further]
        return [_sequence(w, layer, every, out), *(Tensor((units,), {"last"}) for _ in range(further))]

    return rule


def _sequence(w: Writer, layer: Any, every: Operand, out: Shape) -> Tensor:
    """Return what a recurrent layer makes: its last state, or that of every step."""
    if not layer.return_sequences:
        return Tensor(out, {"last"})
    if layer.directions == 1:
        return Tensor(out, {"steps"})
    steps, ways, batch, units = every.shape
    w.emit("Transpose", [every], Operand((batch, steps, ways, units)), perm=(2, 0, 1, 3))
    return Tensor(out, {"last"})


RULES = {"lstm": _recurrent("LSTM", 4), "gru": _recurrent("GRU", 3)}
