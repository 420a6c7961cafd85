"""Reductions, searches and cumulative operators: no weights and no multiply-accumulates."""

from __future__ import annotations

from costlens.readers.onnx.operators._operator import Operator

_NAMES = (
    "ArgMax", "ArgMin", "CumSum", "NonMaxSuppression", "NonZero", "ReduceL1", "ReduceL2", "ReduceLogSum",
    "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare", "TopK",
    "Unique",
)  # fmt: skip

OPERATORS = dict.fromkeys(_NAMES, Operator())
