"""Fourier transforms and what goes with them.

A DFT of n values is counted as it is defined: n complex multiply-accumulates for each of its outputs, 4 real ones each,
2 where the input is real. A runtime may use a fast transform, which takes fewer.
https://onnx.ai/onnx/operators/onnx__DFT.html and https://onnx.ai/onnx/operators/onnx__STFT.html
"""

from collections.abc import Sequence

from costlens.arithmetic.cost import Contraction, Cost
from costlens.arithmetic.sizes import AnySize
from costlens.readers.onnx.operators._operator import Call, ContradictionError, Operator, Out
from costlens.readers.onnx.operators._rules import axis_of, used_at
from costlens.readers.onnx.tensor import FLOAT

_COMPLEX = 2


def _dft_axis(call: Call) -> int:
    rank = len(call.shape(0))
    if call.opset >= 20:  # noqa: PLR2004
        return axis_of(call.ints(2)[0] if call.has(2) else -2, rank)
    return axis_of(call.attributes.get("axis", 1), rank)


def _bins(call: Call) -> tuple[AnySize, AnySize]:
    """Return how many values a transform reads and writes along its axis."""
    shape, axis = call.shape(0), _dft_axis(call)
    onesided, back = call.attributes.get("onesided", 0), call.attributes.get("inverse", 0)
    if onesided and back:
        length = call.ints(1)[0] if call.has(1) else 2 * (shape[axis] - 1)
        return length, length
    length = call.ints(1)[0] if call.has(1) else shape[axis]
    return length, length // 2 + 1 if onesided else length


def _dft(call: Call) -> Sequence[Out]:
    shape = list(call.shape(0))
    shape[_dft_axis(call)] = _bins(call)[1]
    shape[-1] = 1 if call.attributes.get("onesided", 0) and call.attributes.get("inverse", 0) else _COMPLEX
    return (Out(call.input(0).dtype, tuple(shape)),)


def _dft_cost(call: Call) -> Cost:
    shape, axis = call.shape(0), _dft_axis(call)
    reads, writes = _bins(call)
    others = used_at(*(size for index, size in enumerate(shape[:-1]) if index != axis))
    each = call.out()[-1] * shape[-1]
    return Cost((Contraction(used_at(reads, writes, each), others, fixed=True),))


def _frames(call: Call) -> tuple[AnySize, AnySize, AnySize, AnySize]:
    """Return the frames of an STFT, the length of each, its bins, and 1 for a real signal, 2 for a complex one."""
    signal = call.shape(0)
    parts = signal[2] if len(signal) == 3 else 1  # noqa: PLR2004
    (step,) = call.ints(1)
    if call.has(3):
        (length,) = call.ints(3)
    else:
        (length,) = call.shape(2, 1)
    if isinstance(step, int) and step < 1:
        raise ContradictionError(f"STFT by a step of {step}")
    bins = length // 2 + 1 if call.attributes.get("onesided", 1) else length
    return (signal[1] - length) // step + 1, length, bins, parts


def _stft(call: Call) -> Sequence[Out]:
    frames, _, bins, _ = _frames(call)
    return (Out(call.input(0).dtype, (call.shape(0)[0], frames, bins, _COMPLEX)),)


def _stft_cost(call: Call) -> Cost:
    frames, length, bins, parts = _frames(call)
    positions = used_at(call.shape(0)[0], frames)
    return Cost((Contraction(used_at(length, bins, _COMPLEX * parts), positions, fixed=True),))


def _mel(call: Call) -> Sequence[Out]:
    (bands,), (length,) = call.ints(0), call.ints(1)
    return (Out(call.attributes.get("output_datatype", FLOAT), (length // 2 + 1, bands)),)


def _window(call: Call) -> Sequence[Out]:
    return (Out(call.attributes.get("output_datatype", FLOAT), call.ints(0)),)


OPERATORS = {
    "DFT": Operator(_dft, _dft_cost, (0,), role="contraction"),
    "STFT": Operator(_stft, _stft_cost, (2,), role="contraction"),
    "MelWeightMatrix": Operator(_mel),
    **dict.fromkeys(("BlackmanWindow", "HammingWindow", "HannWindow"), Operator(_window)),
}
