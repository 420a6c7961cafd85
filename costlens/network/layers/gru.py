"""Gated recurrent unit (Cho et al. 2014)."""

from typing import Any

from costlens.network.fields import field
from costlens.network.layers._base import Toolkit
from costlens.network.layers._recurrent import Recurrent


class Gru(Recurrent):
    """GRU: ``(T, C) -> (units,)``, or ``(T, units)`` with return_sequences; ``C·3·units + units·3·units`` kernels.

    Each kernel is used once at every step: ``T·(C·3·units + units·3·units)`` MACs, and twice that in two directions. An
    initial state is read with ``from: [x, h]``; with return_state the last one is ``gru1.h``. ``6·units`` biases, as
    Keras and PyTorch store them, or ``3·units`` without reset_after; the exported operator always holds ``6·units``.
    21 FLOPs a unit and step beside biases: two sigmoids and a tanh, three products, four sums and a difference.
    """

    takes = (1, 2)
    gates = 3
    flops_per_unit = 16
    keras_class = "GRU"
    also_called = ("gated_recurrent_unit", "cudnngru")

    reset_after: bool = field(
        default=True, description="reset the state after its product and not before, which takes a second bias"
    )

    def biases(self) -> int:
        return super().biases() * (2 if self.reset_after else 1)

    def cells(self, k: Toolkit, **settings: Any) -> Any:
        return super().cells(k, reset_after=self.reset_after, **settings)
