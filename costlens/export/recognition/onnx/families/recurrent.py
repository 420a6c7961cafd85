"""LSTM and GRU, whose outputs have an axis for the directions that a spec's have not.

https://onnx.ai/onnx/operators/onnx__LSTM.html and …GRU.html give the order of the gates.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.onnx.call import NONE, Call

_GATES = {"lstm": (0, 2, 3, 1), "gru": (0, 1, 2)}
"""Where each of Keras's gates is in ONNX: i, f, c, o in i, o, f, c; those of a GRU have one order."""
_STEPS_FIRST = (1, 0, 2)
_STATE = (NONE, 0, 1)
_LENGTHS, _STATES = 4, 5
_BIASES = 3
_BOTH = "bidirectional"


def _recurrent(kind: str, call: Call) -> None:
    given = call.attributes
    direction = given.get("direction", "forward")
    made = [bool(one is not None and call.net.readers.get(one.name)) for one in call.step.outputs]
    steps, states = made[0], made[1:]
    keeps = (steps and any(states)) or len([one for one in states if one]) > 1
    _refuse(kind, call, direction, steps=steps, keeps=keeps)
    fields: dict[str, Any] = {"units": int(given["hidden_size"]), "inner": _inner(kind, call)}
    fields |= {"bidirectional": True} if direction == _BOTH else {}
    fields |= {"go_backwards": True} if direction == "reverse" else {}
    fields |= {"return_sequences": True} if steps else {}
    fields |= {"return_state": True} if keeps else {}
    after = bool(given.get("linear_before_reset", 0))
    if kind == "gru":
        fields["reset_after"] = after
    fields["bias"] = call.operand(_BIASES) is not None
    tensors = call.add_all(kind, *_inputs(call), weights=_weights(kind, call, apart=kind == "gru" and after), **fields)
    if direction == _BOTH:
        _return_both(call, tensors[0], steps=steps)
        return
    if steps:
        call.returns(tensors[0], (1, NONE, 0, 2))
    elif not keeps:
        call.returns(tensors[0], _STATE, 1)
    for place, tensor in enumerate(tensors[1:], 1):
        call.returns(tensor, _STATE, place)


def _refuse(kind: str, call: Call, direction: str, *, steps: bool, keeps: bool) -> None:
    """Raise NoKindError for what a spec's layers do not do."""
    if call.attributes.get("layout") or call.attributes.get("clip") or call.attributes.get("input_forget"):
        raise NoKindError("layout, clip or input_forget is given")
    if call.operand(_LENGTHS) is not None or (kind == "lstm" and call.operand(7) is not None):
        raise NoKindError("reads lengths of sequences, or peepholes")
    if call.view().axes != _STEPS_FIRST:
        raise NoKindError("the batch is not the second axis of what it reads")
    if direction == _BOTH and keeps:
        raise NoKindError("returns the states of both directions beside what else it returns")
    if direction == "reverse" and steps:
        raise NoKindError("reads backwards and returns all steps in the order of the input")


def _inner(kind: str, call: Call) -> str | None:
    """Return the activation of what is no gate; None for the usual one."""
    words = [word.lower() for word in call.attributes.get("activations") or ()]
    size = 3 if kind == "lstm" else 2
    for first in range(0, len(words), size):
        gate, *inner = words[first : first + size]
        if gate != "sigmoid" or len({*inner}) > 1 or inner[0] not in ("tanh", "relu") or inner[0] != words[1]:
            raise NoKindError(f"activations: {', '.join(words)}")
    return words[1] if words and words[1] != "tanh" else None


def _inputs(call: Call) -> list[str]:
    """Return the sequence, and the states that it starts from unless they are zeros."""
    inputs = [call.view().tensor]
    for place in (_STATES, _STATES + 1):
        if call.operand(place) is None or (call.is_constant(place) and not call.array(place).any()):
            continue
        view = call.view(place)
        if view.axes != _STATE:
            raise NoKindError("starts from states in another order of axes")
        inputs.append(view.tensor)
    return inputs


def _weights(kind: str, call: Call, *, apart: bool) -> list[Any]:
    """Return the weights of Keras's layer: of the input, of the state, and biases, for each direction."""
    import numpy as np

    kernels, states, biases = call.array(1), call.array(2), call.array(_BIASES)
    gates = _GATES[kind]

    def ordered(values: Any) -> Any:
        parts = np.split(values, len(gates), axis=0)
        return np.concatenate([parts[place] for place in gates], axis=0)

    held = []
    for direction in range(len(kernels)):
        held += [ordered(kernels[direction]).T, ordered(states[direction]).T]
        if biases is not None:
            both = [ordered(half) for half in np.split(biases[direction], 2)]
            held.append(np.stack(both) if apart else both[0] + both[1])
    return held


def _return_both(call: Call, tensor: str, *, steps: bool) -> None:
    """Give the two directions, which are one after the other along the channels, an axis."""
    *leading, channels = call.net.builder.shapes[tensor]
    shape = (*leading, 2, channels // 2)
    apart = call.add("reshape", tensor, part="directions", shape=shape)
    call.net.undone[apart, (*leading, channels)] = tensor
    call.returns(apart, (1, 2, 0, 3) if steps else (1, 0, 2), 0 if steps else 1)


OPERATORS = {"LSTM": partial(_recurrent, "lstm"), "GRU": partial(_recurrent, "gru")}
