"""Linear attention: a state ``(key, value)`` for each head, which each token writes to and reads from once.

    MACs = batch · tokens · (key · value) · (heads of keys · (1, or 2 for the delta rules) + heads of queries)

The delta rules first read the state with the key. Decays and rates are no multiply-accumulates.
https://onnx.ai/onnx/operators/onnx__LinearAttention.html; GatedDeltaNet has a state for each head of values
(onnxruntime, docs/ContribOperators.md).
"""

from collections.abc import Sequence

from costlens.arithmetic.cost import Contraction, Cost
from costlens.arithmetic.sizes import AnySize
from costlens.readers.onnx.operators._operator import Call, ContradictionError, Operator, Out, first_axis
from costlens.readers.onnx.operators._rules import used_at
from costlens.readers.onnx.tensor import FLOAT, Shape

_DELTA = ("delta", "gated_delta")


def _heads(call: Call) -> tuple[int, int]:
    heads, of_keys = (call.attributes.get(name) for name in ("q_num_heads", "kv_num_heads"))
    if not isinstance(heads, int) or not isinstance(of_keys, int) or min(heads, of_keys) < 1 or heads % of_keys:
        raise ContradictionError(f"{call.op} with {heads} heads of queries and {of_keys} of keys")
    return heads, of_keys


def _state(call: Call) -> tuple[AnySize, AnySize]:
    """Return the sizes of a key and of a value."""
    _, of_keys = _heads(call)
    return call.shape(1, 3)[2] // of_keys, call.shape(2, 3)[2] // of_keys


def _infer(call: Call) -> Sequence[Out]:
    batch, tokens, _ = call.shape(0, 3)
    heads, of_keys = _heads(call)
    key, value = _state(call)
    kind = call.input(0).dtype
    return (Out(kind, (batch, tokens, heads * value)), Out(kind, (batch, of_keys, key, value)))


def _cost(call: Call) -> Cost:
    batch, tokens, _ = call.shape(0, 3)
    heads, of_keys = _heads(call)
    times = 2 if call.attributes.get("update_rule", "gated_delta") in _DELTA else 1
    used = used_at(batch, tokens)
    return Cost((Contraction((of_keys * times, *_state(call)), used), Contraction((heads, *_state(call)), used)))


def _network(call: Call) -> tuple[Shape, AnySize, AnySize, AnySize]:
    """Return the axes of the tokens of a GatedDeltaNet, the heads of values, and the sizes of a key and a value."""
    query = call.shape(0)
    if call.has(2):
        return query[:-2], call.shape(2)[-2], query[-1], call.shape(2)[-1]
    _, heads, value, key = call.shape(6, 4)  # packed: only the state tells
    return query[:-1], heads, key, value


def _network_infer(call: Call) -> Sequence[Out]:
    tokens, heads, key, value = _network(call)
    examples = call.shape(6, 4)[0] if call.has(6) else call.shape(3, 1)[0] - 1
    return (Out(call.input(0).dtype, (*tokens, heads, value)), Out(FLOAT, (examples, heads, value, key)))


def _network_cost(call: Call) -> Cost:
    tokens, heads, key, value = _network(call)
    times = 3 if call.attributes.get("update_rule", "gated_delta") in _DELTA else 2
    return Cost((Contraction((heads * times, key, value), used_at(*tokens)),))


OPERATORS = {
    "LinearAttention": Operator(_infer, _cost, (0, 1, 2, 3), role="contraction", batch=first_axis),
    "GatedDeltaNet": Operator(_network_infer, _network_cost, (0, 1, 2, 6, 7, 8), role="contraction"),
}
