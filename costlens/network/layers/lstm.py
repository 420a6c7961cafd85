"""Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000)."""

from costlens.network.layers._recurrent import Recurrent


class Lstm(Recurrent):
    """LSTM: ``(T, C) -> (units,)``, or ``(T, units)`` with return_sequences; ``C·4·units + units·4·units`` kernels.

    Each kernel is used once at every step: ``T·(C·4·units + units·4·units)`` MACs, and twice that in two directions. An
    initial state is read with ``from: [x, h, c]``; with return_state the last one is ``lstm1.h`` and ``lstm1.c``.
    ``4·units`` biases, as Keras stores them; the exported operator holds ``8·units``, half of them zeros.
    30 FLOPs a unit and step beside biases: three sigmoids and two tanh, three products and five sums.
    """

    takes = (1, 3)
    states = ("h", "c")
    gates = 4
    flops_per_unit = 20
    activations = 2
    keras_class = "LSTM"
    also_called = ("long_short_term_memory", "cudnnlstm")
