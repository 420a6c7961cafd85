"""The node tests of the package onnx: the walk finds the shapes and the small values that each of them has in a run."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from costlens.arithmetic.sizes import Size
from costlens.readers.onnx import file
from costlens.readers.onnx.walk import inputs_of, walk

pytestmark = pytest.mark.many
_DECIDED_BY_A_RUN = (
    "Unique", "NonMaxSuppression", "ImageDecoder", "StringSplit", "StringNormalizer", "Loop", "DequantizeLinear",
    "Range",
)  # fmt: skip
"""Operators some of whose outputs have a size that only their data decide, or a type that NumPy does not hold."""


def _cases() -> Iterator[tuple[str, Any, list[Any], list[Any]]]:
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case in collect_testcases():
            for inputs, outputs in case.data_sets:
                yield case.name, file.parsed(case.model.SerializeToString()), inputs, outputs


def _numbers(array: Any) -> tuple[Any, ...] | None:
    if not hasattr(array, "dtype") or array.size > 4096 or array.dtype.kind not in "iufb":
        return None
    return tuple(np.asarray(array).ravel().tolist())


def test_shapes_and_values_are_those_of_a_run() -> None:
    right, wrong, unknown = 0, [], set()
    for name, model, inputs, outputs in _cases():
        given = list(zip(inputs_of(model.graph), inputs, strict=False))
        shapes = {value.name: tuple(array.shape) for value, array in given if hasattr(array, "shape")}
        values = {value.name: numbers for value, array in given if (numbers := _numbers(array)) is not None}
        found = walk(model, shapes, values)
        for tensor, array in zip(found.outputs, outputs, strict=False):
            if not hasattr(array, "shape"):
                continue
            if tensor is None or tensor.shape is None or any(isinstance(size, Size) for size in tensor.shape):
                unknown |= {node.op_type for node in model.graph.node}
                continue
            expected = _numbers(array)
            same = tensor.value is None or expected is None or np.allclose(tensor.value, expected, 1e-2, 1e-2)
            right += same and tensor.shape == array.shape
            wrong += [] if same and tensor.shape == array.shape else [(name, tensor.shape, array.shape)]
    assert wrong == []
    assert unknown - {"Cast", "Ceil", "Div", "Relu", "Sub"} <= set(_DECIDED_BY_A_RUN)
    assert right > 2000
