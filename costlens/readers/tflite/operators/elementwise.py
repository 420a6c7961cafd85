"""Operators that work value by value: no multiply-accumulates; a constant added or multiplied with is a parameter.

A constant of one number (a bound, a slope for all, an epsilon) is not. FLOPs of each value are those of docs/counting.
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any

from costlens.readers.tflite.operators._operator import Call, Operator, Out
from costlens.readers.tflite.operators._rules import broadcast, computed

ACTIVATION_FLOPS = {"": 0, "relu": 1, "relu_n1_to_1": 2, "relu6": 2, "tanh": 5, "sign_bit": 1}
"""FLOPs of each value of an activation that is fused into another operator."""

_ALONE = {
    "ABS": 1, "CEIL": 1, "COS": 1, "ELU": 3, "EXP": 1, "FLOOR": 1, "GELU": 5, "HARD_SWISH": 5, "LEAKY_RELU": 2,
    "LOG": 1, "LOGICAL_NOT": 1, "LOGISTIC": 4, "LOG_SOFTMAX": 5, "NEG": 1, "RELU": 1, "RELU6": 2, "RELU_0_TO_1": 2,
    "RELU_N1_TO_1": 2, "ROUND": 1, "RSQRT": 2, "SIGN": 1, "SIN": 1, "SOFTMAX": 5, "SQRT": 1, "SQUARE": 1, "TANH": 5,
}  # fmt: skip
_JOINS: dict[str, tuple[int, Callable[..., Any] | None]] = {
    "ADD": (1, operator.add), "ATAN2": (1, None), "BITWISE_XOR": (1, operator.xor), "DIV": (1, None),
    "FLOOR_DIV": (1, operator.floordiv), "FLOOR_MOD": (1, operator.mod), "MAXIMUM": (1, max), "MINIMUM": (1, min),
    "MUL": (1, operator.mul), "POW": (1, None), "PRELU": (2, None), "RIGHT_SHIFT": (1, None),
    "SQUARED_DIFFERENCE": (2, None), "SUB": (1, operator.sub),
}  # fmt: skip
_TESTS: dict[str, Callable[..., Any]] = {
    "EQUAL": operator.eq, "GREATER": operator.gt, "GREATER_EQUAL": operator.ge, "LESS": operator.lt,
    "LESS_EQUAL": operator.le, "LOGICAL_AND": lambda left, right: left and right,
    "LOGICAL_OR": lambda left, right: left or right, "NOT_EQUAL": operator.ne,
}  # fmt: skip
_VALUES: dict[str, Callable[..., Any]] = {
    "ABS": abs, "LOGICAL_NOT": operator.not_, "NEG": operator.neg, "SIGN": lambda x: (x > 0) - (x < 0),
    "SQUARE": lambda x: x * x,
}  # fmt: skip


def _joined(function: Callable[..., Any] | None) -> Callable[[Call], Sequence[Out]]:
    def infer(call: Call) -> Sequence[Out]:
        shape = broadcast(*(call.shape(index) for index in range(len(call.inputs))))
        return (Out(shape, computed(call, shape, function) if function else None),)

    return infer


def _alone(function: Callable[..., Any] | None) -> Callable[[Call], Sequence[Out]]:
    def infer(call: Call) -> Sequence[Out]:
        shape = call.shape(0)
        return (Out(shape, computed(call, shape, function) if function else None),)

    return infer


def _sum(call: Call) -> Sequence[Out]:
    return (Out(broadcast(*(call.shape(index) for index in range(len(call.inputs))))),)


def _select(call: Call) -> Sequence[Out]:
    """Return the shape of the two choices; the old operator takes a condition per row."""
    if call.op == "SELECT":
        return (Out(call.shape(1)),)
    shape = broadcast(*(call.shape(index) for index in range(3)))
    return (Out(shape, computed(call, shape, lambda test, yes, no: yes if test else no)),)


OPERATORS = {
    **{name: Operator(_alone(_VALUES.get(name)), in_place=True, flops=flops) for name, flops in _ALONE.items()},
    **{
        name: Operator(_joined(function), weights=None, in_place=True, flops=flops)
        for name, (flops, function) in _JOINS.items()
    },
    **{name: Operator(_joined(function), flops=1) for name, function in _TESTS.items()},
    "ADD_N": Operator(_sum, weights=None, in_place=True, flops=1),
    **dict.fromkeys(("SELECT", "SELECT_V2"), Operator(_select, weights=(1, 2), flops=1)),
}
