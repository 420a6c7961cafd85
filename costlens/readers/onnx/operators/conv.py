"""Convolutions: weights ``(N, M / groups, *kernel)``, each used at every output position.

https://onnx.ai/onnx/operators/onnx__Conv.html; DeformConv samples its input at offsets and multiplies as often,
CausalConvWithState is depthwise and puts its padding, or what an earlier run left, before its input; com.microsoft's
takes further axes, channels at the end and sequences of several lengths (onnxruntime, docs/ContribOperators.md).
"""

from collections.abc import Callable, Sequence
from math import prod

from costlens.arithmetic.cost import Cost, convolution, depthwise
from costlens.readers.onnx.operators._operator import Call, ContradictionError, Infer, Operator, Out, first_axis
from costlens.readers.onnx.operators._rules import used_at, window_sizes
from costlens.readers.onnx.tensor import INT32, Shape

_INT8_OUT = {"ConvInteger": INT32}


def _entry(weight: int, *places: int, integer: bool = False, last: bool = False) -> Operator:
    """Return the entry of a convolution with its weights at an input; ``last``: channels are the last axis."""

    def kernel(call: Call) -> Shape:
        return call.shape(weight)[2:]

    def infer(call: Call) -> Sequence[Out]:
        batch, *rest = call.shape(0)
        channels, places_ = (rest[-1], rest[:-1]) if last else (rest[0], rest[1:])
        filters, per_group, *window = call.shape(weight)
        groups = int(call.attributes.get("group", 1))
        if groups < 1 or (isinstance(filters, int) and filters % groups):
            raise ContradictionError(f"{call.op} of {filters} filters in {groups} groups")
        if isinstance(channels, int) and channels != per_group * groups:
            raise ContradictionError(
                f"{call.op} reads {per_group * groups} channels, its input {call.input(0).name} has {channels}"
            )
        sizes = window_sizes(call, tuple(places_), window)
        shape = (batch, *sizes, filters) if last else (batch, filters, *sizes)
        kind = _INT8_OUT.get(call.op) or (call.input(7).dtype if call.op == "QLinearConv" else call.input(0).dtype)
        return (Out(kind, shape),)

    def cost(call: Call) -> Cost:
        filters, per_group, *window = call.shape(weight)
        groups = int(call.attributes.get("group", 1))
        batch, *rest = call.out()
        positions = used_at(batch, *(rest[:-1] if last else rest[1:]))
        return Cost((convolution(tuple(window), per_group * groups, filters, positions, groups),))

    return Operator(
        infer, cost, (weight, *places), kernel, role="contraction", batch=first_axis, bias=next(iter(places), None),
        integers=integer, single=True, integer=integer,
    )  # fmt: skip


def _causal(call: Call) -> Sequence[Out]:
    """Return as many steps as are read, and the state for the next run: as much of the last axis as a kernel spans."""
    shape, kind = call.shape(0), call.input(0).dtype
    filters, _, *window = call.shape(1)
    last = bool(call.attributes.get("channels_last", 0))
    channels = prod(shape[2:]) if last else shape[1]
    if isinstance(channels, int) and channels != filters:
        raise ContradictionError(f"{call.op} reads {filters} channels, its input {call.input(0).name} has {channels}")
    steps = (window[-1] - 1) * call.attributes.get("dilation", 1)
    state = (shape[0], steps, *shape[2:]) if last else (*shape[:-1], steps)
    windows = call.attributes.get("state_window", 0)
    return (Out(kind, shape), Out(kind, (windows, *state) if windows else state))


def _causal_cost(call: Call) -> Cost:
    filters, _, *window = call.shape(1)
    batch, *rest = call.out()
    places = rest[:1] if call.attributes.get("channels_last", 0) else rest[1:]
    return Cost((depthwise(tuple(window), filters, used_at(batch, *places)),))


def _of_tokens(call: Call) -> Sequence[Out]:
    """Return the tokens ``(T, C)`` of sequences of any length, and the states ``(B, C, steps)`` and their updates."""
    _, channels = call.shape(0, 2)
    state, kind = call.shape(4, 3), call.input(0).dtype
    updates = (state[0], call.attributes.get("state_update_capacity", 0), channels)
    return (Out(kind, call.shape(0)), Out(kind, state), Out(kind, updates))


def _of_tokens_cost(call: Call) -> Cost:
    filters, _, *window = call.shape(1)
    return Cost((depthwise(tuple(window), filters, used_at(call.out()[0])),))


def _depthwise(infer: Infer, cost: Callable[[Call], Cost], bias: int) -> Operator:
    return Operator(
        infer, cost, (1, bias), lambda call: call.shape(1)[2:], role="contraction", batch=first_axis, bias=bias,
        single=True,
    )  # fmt: skip


OPERATORS = {
    **dict.fromkeys(("Conv", "FusedConv"), _entry(1, 2)),
    **dict.fromkeys(("NhwcConv", "NhwcFusedConv"), _entry(1, 2, last=True)),
    "ConvInteger": _entry(1, integer=True),
    "QLinearConv": _entry(3, 8, integer=True),
    "DeformConv": _entry(1, 3),
    "CausalConvWithState": _depthwise(_causal, _causal_cost, 2),
    "VarlenCausalConvWithState": _depthwise(_of_tokens, _of_tokens_cost, 3),
}  # fmt: skip
