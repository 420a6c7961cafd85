"""Operators between number formats: they carry numbers and count nothing."""

from collections.abc import Sequence

from costlens.readers.tflite.operators._operator import Call, Operator, Out


def _cast(call: Call) -> Sequence[Out]:
    first = call.input(0)
    return (Out(first.shape, first.value),)


OPERATORS = {
    "CAST": Operator(_cast, role="layout"),
    "BITCAST": Operator(None, role="layout"),
    "DENSIFY": Operator(role="carrier"),
    "DEQUANTIZE": Operator(role="carrier"),
    "FAKE_QUANT": Operator(role="carrier"),
    "QUANTIZE": Operator(role="carrier"),
}
