"""The simple recurrent layer (Elman 1990)."""

from costlens.network.layers._recurrent import Recurrent


class SimpleRnn(Recurrent):
    """Simple RNN: ``(T, C) -> (units,)``, or ``(T, units)`` with return_sequences; ``C·units + units·units`` kernels.

    Each kernel is used once at every step: ``T·(C·units + units·units)`` MACs, and twice that in two directions. An
    initial state is read with ``from: [x, h]``; with return_state the last one is ``simple_rnn1.h``. ``units`` biases,
    as Keras stores them; the exported operator holds ``2·units``, half of them zeros. A sum and the activation a unit.
    """

    takes = (1, 2)
    gates = 1
    flops_per_unit = 1
    keras_class = "SimpleRNN"
    also_called = ("rnn", "elman", "vanilla_rnn")
