"""LSTM, GRU and simple recurrent layers as one operator each.

tf2onnx writes a Loop for two of the three. One operator keeps one form for all, whose weights can be compared.
https://onnx.ai/onnx/operators/onnx__LSTM.html, …GRU.html and …RNN.html give the order of the gates.
"""

from typing import Any

from costlens import frameworks
from costlens.export.forms._form import Draft, Form

_OPERATORS = {"LSTM": "LSTM", "GRU": "GRU", "SimpleRNN": "RNN"}
_GATES = {"LSTM": (0, 3, 1, 2), "GRU": (0, 1, 2), "RNN": (0,)}
"""Where each of ONNX's gates is in Keras: i, o, f, c in i, f, c, o; the others have one order."""
_ACTIVATIONS = {"tanh": "Tanh", "relu": "Relu", "sigmoid": "Sigmoid"}
_STEPS_FIRST = (1, 0, 2)


_PLACE_OF_STATES = 5
"""Before them stand X, W, R, B and the lengths of sequences."""


class Recurrent(Form):
    """``(B, T, C) -> (B, T, H)`` or ``(B, H)``; steps are first inside, as onnxruntime takes them."""

    def takes(self, layer: Any) -> bool:
        """Say whether a layer is one of the three, or two of them in both directions."""
        return type(directions(layer)[0]).__name__ in _OPERATORS

    def write(self, layer: Any, draft: Draft) -> None:
        """Write a Transpose, the operator, and what brings its outputs into Keras's order."""
        import numpy as np

        cells = directions(layer)
        first, both = cells[0], len(cells) > 1
        operator = _OPERATORS[type(first).__name__]
        weights = [np.stack(side) for side in zip(*(_weights(each, operator) for each in cells), strict=True)]
        inputs = [draft.add("Transpose", draft.reads[0], perm=_STEPS_FIRST)]
        inputs += [draft.constant(name, values) for name, values in zip("WRB", weights, strict=False)]
        if states := draft.reads[1:]:
            inputs += [""] * (_PLACE_OF_STATES - len(inputs))
            inputs += [draft.add("Unsqueeze", state, draft.constant("zero", np.array([0]))) for state in states]
        last = [f"{draft.scope}/{name}" for name in ("Y_h", "Y_c")[: len(draft.makes) - 1]]
        if not first.return_sequences:
            last = last or [f"{draft.scope}/Y_h"]
        outputs = [f"{draft.scope}/Y" if first.return_sequences else "", *last]
        backwards = first.go_backwards and not both
        draft.add(
            operator, *inputs, outputs=outputs,
            hidden_size=first.units,
            direction="bidirectional" if both else "reverse" if backwards else "forward",
            activations=_activations(first, operator) * len(cells),
            **({"linear_before_reset": int(first.reset_after)} if operator == "GRU" else {}),
        )  # fmt: skip
        if first.return_sequences:
            _sequence(draft, outputs[0], layer, backwards=backwards)
        else:
            _last(draft, outputs[1], layer)
        for state, made in zip(last, draft.makes[1:], strict=False):
            draft.add("Squeeze", state, draft.constant("zero", np.array([0])), outputs=[made])


def directions(layer: Any) -> list[Any]:
    """Return Keras's layer of each direction."""
    both = isinstance(layer, frameworks.keras().layers.Bidirectional)
    return [layer.forward_layer, layer.backward_layer] if both else [layer]


def _activations(layer: Any, operator: str) -> list[str]:
    """Return the activations of one direction: of the gates, of what is taken in and, of an LSTM, of what leaves."""
    inner = _ACTIVATIONS[layer.activation.__name__]
    gates = [] if operator == "RNN" else [_ACTIVATIONS[layer.recurrent_activation.__name__]]
    return [*gates, inner, *([inner] if operator == "LSTM" else [])]


def _weights(layer: Any, operator: str) -> list[Any]:
    """Return ``(gates·H, C)``, ``(gates·H, H)`` and, with biases, ``(2·gates·H,)``: of the input, then of the state."""
    import numpy as np

    def arranged(values: Any) -> Any:
        """Put the gates, which are along the last axis, into ONNX's order."""
        gates = np.split(np.asarray(values), len(_GATES[operator]), axis=-1)
        return np.concatenate([gates[place] for place in _GATES[operator]], axis=-1)

    cell = layer.cell
    made = [arranged(cell.kernel).T, arranged(cell.recurrent_kernel).T]
    if not layer.use_bias:
        return made
    biases = arranged(cell.bias)
    if biases.ndim == 1:
        biases = np.stack([biases, np.zeros_like(biases)])
    return [*made, biases.reshape(-1)]


def _sequence(draft: Draft, steps: str, layer: Any, *, backwards: bool) -> None:
    """Bring ``(T, directions, B, H)`` into ``(B, T, H)``."""
    import numpy as np

    one, made = draft.constant("one", np.array([1])), [draft.makes[0]]
    mode = getattr(layer, "merge_mode", None)
    if mode == "concat":
        apart = draft.add("Transpose", steps, perm=(2, 0, 1, 3))
        draft.add("Reshape", apart, draft.constant("joined", np.array([0, 0, -1])), outputs=made)
        return
    steps = draft.add("ReduceSum", steps, one, keepdims=0) if mode == "sum" else draft.add("Squeeze", steps, one)
    if backwards:  # the operator leaves its outputs where it read, Keras in the order in which it did
        first, end = draft.constant("last", np.array([-1])), draft.constant("end", np.array([np.iinfo(np.int64).min]))
        steps = draft.add("Slice", steps, first, end, draft.constant("zero", np.array([0])), first)
    draft.add("Transpose", steps, perm=_STEPS_FIRST, outputs=made)


def _last(draft: Draft, state: str, layer: Any) -> None:
    """Bring ``(directions, B, H)`` into ``(B, H)``."""
    import numpy as np

    zero, made = draft.constant("zero", np.array([0])), [draft.makes[0]]
    mode = getattr(layer, "merge_mode", None)
    if mode == "concat":
        apart = draft.add("Transpose", state, perm=_STEPS_FIRST)
        draft.add("Reshape", apart, draft.constant("joined", np.array([0, -1])), outputs=made)
    elif mode == "sum":
        draft.add("ReduceSum", state, zero, keepdims=0, outputs=made)
    else:
        draft.add("Squeeze", state, zero, outputs=made)
