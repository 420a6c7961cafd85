"""Operators that work value by value: no multiply-accumulates; a constant added or multiplied with is a parameter.

A constant of one number (a bound, a slope for all, an epsilon) is not. FLOPs of each value: as layers of specs have.
"""

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from costlens.arithmetic.sizes import Size, UndecidedError
from costlens.readers.onnx.operators._operator import Call, Operator, Out
from costlens.readers.onnx.operators._rules import broadcast, compared, computed, joined, quotient, times, unary
from costlens.readers.onnx.tensor import BOOL, FLOATS, Value

_EXP = 4
_MOST_BITS = 64
_FLOPS = {"Softmax": 5, "LogSoftmax": 5, "Sigmoid": _EXP, "Tanh": 5, "Gelu": 5, "Swish": 5, "HardSwish": 5, "SwiGLU": 6}


def _largest(*values: Any) -> Any:
    found = values[0]
    for value in values[1:]:
        found = value if compared(operator.gt)(value, found) else found
    return found


def _least(*values: Any) -> Any:
    found = values[0]
    for value in values[1:]:
        found = value if compared(operator.lt)(value, found) else found
    return found


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(base, Size) and float(exponent).is_integer() and 0 <= exponent <= 8:  # noqa: PLR2004
        return math.prod([base] * int(exponent))
    if abs(exponent) > _MOST_BITS and base not in (-1, 0, 1) and not isinstance(base, float):
        raise OverflowError("a power of more than 64 bits")
    found = base**exponent
    return math.nan if isinstance(found, complex) else found


_JOINS: dict[str, Callable[..., Any] | None] = {
    "Add": operator.add, "BiasGelu": None, "Div": quotient, "Max": _largest, "Mean": None, "Min": _least,
    "Mul": times, "Pow": _power, "PRelu": None, "Sub": operator.sub, "Sum": lambda *values: sum(values),
    "BitwiseAnd": operator.and_, "BitwiseOr": operator.or_, "BitwiseXor": operator.xor, "BitShift": None,
    "QuickGelu": None, "BiasAdd": None, "SwiGLU": None,
}  # fmt: skip
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "And": lambda left, right: bool(left and right), "Or": lambda left, right: bool(left or right),
    "Xor": lambda left, right: bool(left) != bool(right), "Equal": compared(operator.eq),
    "Greater": compared(operator.gt), "GreaterOrEqual": compared(operator.ge), "Less": compared(operator.lt),
    "LessOrEqual": compared(operator.le),
}  # fmt: skip


def _whole(value: Any) -> Any:
    return value if isinstance(value, Size) else float(round(value))


def _rounded(to: Callable[[Any], int]) -> Callable[[Any], Any]:
    return lambda value: value if isinstance(value, Size) else float(to(value))


_ALONE: dict[str, Callable[[Any], Any] | None] = {
    **dict.fromkeys((
        "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Celu", "Cos", "Cosh", "Elu", "FastGelu", "Gelu",
        "HardSigmoid", "HardSwish", "Hardmax", "LeakyRelu", "LogSoftmax", "Mish", "Selu", "Shrink", "Sigmoid", "Sin",
        "Sinh", "Softmax", "Softplus", "Softsign", "Swish", "Tan", "Tanh", "ThresholdedRelu", "BitwiseNot",
        "Affine", "ImageScaler", "ParametricSoftplus", "ScaledTanh", "LRN",
    )),
    "Abs": abs, "Ceil": _rounded(math.ceil), "Floor": _rounded(math.floor), "Erf": math.erf, "Exp": math.exp,
    "Log": math.log, "Neg": operator.neg, "Reciprocal": lambda value: 1 / value, "Round": _whole,
    "Relu": lambda value: _largest(value, 0), "Sqrt": math.sqrt,
    "Sign": lambda value: compared(operator.gt)(value, 0) - compared(operator.lt)(value, 0),
}  # fmt: skip
_TESTS: dict[str, Callable[[Any], bool] | None] = {
    "IsInf": None, "IsNaN": None, "Not": operator.not_,
}  # fmt: skip


def _clip(call: Call) -> Sequence[Out]:
    first = call.input(0)
    low = call.attributes.get("min") if call.opset < 11 else None  # noqa: PLR2004
    high = call.attributes.get("max") if call.opset < 11 else None  # noqa: PLR2004
    value = first.value
    for index, compare in ((1, _largest), (2, _least)):
        bound = call.input(index).value if call.has(index) else None
        if call.has(index) and bound is None:
            value = None
        elif value is not None and bound:
            value = _mapped(compare, value, bound[0])
    for bound_, compare in ((low, _largest), (high, _least)):
        if value is not None and bound_ is not None:
            value = _mapped(compare, value, bound_)
    return (Out(first.dtype, first.shape, value),)


def _mapped(compare: Callable[..., Any], value: Value, bound: Any) -> Value | None:
    try:
        return tuple(compare(one, bound) for one in value)
    except UndecidedError:
        return None


def _cast(call: Call) -> Sequence[Out]:
    first = call.input(0)
    kind = call.attributes.get("to", 0) if call.op == "Cast" else call.input(1).dtype
    value = first.value
    if value is not None:
        try:
            value = tuple(_as(kind, one) for one in value)
        except (ValueError, OverflowError, TypeError):
            value = None
    return (Out(kind, first.shape, value),)


def _as(kind: int, value: Any) -> Any:
    if isinstance(value, Size):
        if kind == BOOL:
            raise ValueError("a truth that depends on a free axis")
        return value
    if kind in FLOATS:
        return float(value)
    return bool(value) if kind == BOOL else int(value)


def _bits(call: Call) -> Sequence[Out]:
    """Return the same bits, read as another type of as many."""
    return (Out(call.attributes.get("to", 0), call.input(0).shape),)


def _where(call: Call) -> Sequence[Out]:
    shape = broadcast(call, call.shape(0), call.shape(1), call.shape(2))
    value = computed(call, shape, lambda test, yes, no: yes if test else no)
    return (Out(call.input(1).dtype, shape, value),)


def _dropout(call: Call) -> Sequence[Out]:
    """Return the input as it is, outside of training."""
    first = call.input(0)
    return (Out(first.dtype, first.shape, None if call.has(2) else first.value), Out(BOOL, first.shape))


def _rest(call: Call) -> Sequence[Out]:
    """Return what is left of a division: with the sign of the divisor, or of the dividend for ``fmod``."""
    return joined(math.fmod if call.attributes.get("fmod", 0) else operator.mod)(call)


OPERATORS = {
    **{
        name: Operator(joined(compute), weights=None, in_place=True, flops=_FLOPS.get(name, 1))
        for name, compute in _JOINS.items()
    },
    **{name: Operator(joined(compute, BOOL), flops=1) for name, compute in _COMPARISONS.items()},
    **{name: Operator(unary(compute), in_place=True, flops=_FLOPS.get(name, 1)) for name, compute in _ALONE.items()},
    **{name: Operator(unary(compute, BOOL), flops=1) for name, compute in _TESTS.items()},
    "Clip": Operator(_clip, in_place=True, flops=2),
    "Cast": Operator(_cast, role="layout"),
    "BitCast": Operator(_bits),
    "CastLike": Operator(_cast, weights=(0,), role="layout"),
    "Dropout": Operator(_dropout, in_place=True),
    "Mod": Operator(_rest, weights=None, in_place=True, flops=1),
    "Where": Operator(_where, weights=(1, 2), flops=1),
}
