"""Transposed convolution: weights ``(M, N / groups, *kernel)``, each used at every input position.

https://onnx.ai/onnx/operators/onnx__ConvTranspose.html
"""

from collections.abc import Sequence

from costlens.arithmetic.cost import Cost, convolution
from costlens.readers.onnx.operators._operator import Call, ContradictionError, Operator, Out, first_axis
from costlens.readers.onnx.operators._rules import pads_of, per_axis, used_at
from costlens.readers.onnx.tensor import Shape


def _kernel(call: Call) -> Shape:
    return call.shape(1)[2:]


def _infer(call: Call) -> Sequence[Out]:
    """Return ``stride·(size − 1) + output_padding + reach − pads`` for each spatial axis."""
    batch, channels, *places = call.shape(0)
    read, per_group, *window = call.shape(1)
    groups, rank = int(call.attributes.get("group", 1)), len(places)
    if isinstance(channels, int) and channels != read:
        raise ContradictionError(f"ConvTranspose reads {read} channels, its input has {channels}")
    steps, apart = per_axis(call, "strides", rank), per_axis(call, "dilations", rank)
    extra = list(call.attributes.get("output_padding") or [0] * rank)
    if len(extra) != rank or len(window) != rank:
        raise ContradictionError(f"ConvTranspose over {rank} spatial axes with a kernel of {len(window)}")
    asked = call.attributes.get("output_shape")
    if asked:
        sizes = tuple(asked)[-rank:]
    elif call.attributes.get("auto_pad", "NOTSET") in ("SAME_UPPER", "SAME_LOWER"):
        sizes = tuple(size * step for size, step in zip(places, steps, strict=True))
    else:
        pads = _pads(call, rank)
        sizes = tuple(
            step * (size - 1) + more + (far - 1) * gap + 1 - pads[index] - pads[index + rank]
            for index, (size, step, gap, far, more) in enumerate(zip(places, steps, apart, window, extra, strict=True))
        )
    if any(isinstance(size, int) and size < 1 for size in sizes):
        raise ContradictionError(f"ConvTranspose would write {sizes}")
    return (Out(call.input(0).dtype, (batch, per_group * groups, *sizes)),)


def _pads(call: Call, rank: int) -> list[int]:
    """Return the padding: an attribute, or an input of ConvTransposeWithDynamicPads."""
    if call.attributes.get("auto_pad", "NOTSET") == "VALID":
        return [0] * 2 * rank
    if call.op == "ConvTransposeWithDynamicPads" and call.has(2):
        found = list(call.fixed(2))
        if len(found) != 2 * rank:
            raise ContradictionError(f"pads {found} over {rank} spatial axes")
        return found
    return pads_of(call, rank)


def _cost(call: Call) -> Cost:
    channels, per_group, *window = call.shape(1)
    groups = int(call.attributes.get("group", 1))
    batch, _, *places = call.shape(0)
    return Cost((convolution(tuple(window), channels, per_group * groups, used_at(batch, *places), groups),))


def _entry(bias: int) -> Operator:
    return Operator(
        _infer, _cost, (1, bias), _kernel, role="contraction", batch=first_axis, bias=bias, single=True
    )  # fmt: skip


OPERATORS = {"ConvTranspose": _entry(2), "ConvTransposeWithDynamicPads": _entry(3)}
