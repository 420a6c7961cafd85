"""ONNX files of packages count as onnxruntime runs them, tensor by tensor."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from costlens.arithmetic.sizes import Size
from costlens.readers.onnx import file, read
from costlens.readers.onnx.tensor import Tensor
from costlens.readers.onnx.walk import walk
from tests.cases.executed import Executed, execute
from tests.cases.shipped_onnx import SHIPPED, Shipped
from tests.fetched import fetched

pytestmark = pytest.mark.many


def stem(one: Shipped) -> str:
    return f"{one.package.partition('==')[0]}/{Path(one.member).stem}"


@pytest.mark.parametrize("one", SHIPPED, ids=stem)
def test_it_counts_as_it_runs(one: Shipped) -> None:
    path = fetched(one.package, one.member, one.sha256)
    ran = execute(path, one.sizes, one.numbers)
    counted = read(path, shapes={name: value.shape for name, value in ran.inputs.items()})
    assert (counted.totals.macs, counted.uncounted, counted.status["macs"]) == (ran.macs, (), "complete")
    assert (counted.totals.macs, counted.totals.deployed_params) == (one.macs, one.params)
    assert unlike(path, ran) == []


@pytest.mark.parametrize("one", SHIPPED, ids=stem)
def test_what_is_not_told_stays_free(one: Shipped) -> None:
    counted = read(fetched(one.package, one.member, one.sha256))
    assert counted.formulas.get("macs", "") == one.formula
    assert bool(counted.uncounted) == one.partly
    assert counted.totals.macs == (None if one.formula else one.macs)
    assert counted.totals.deployed_params == one.params


def unlike(path: Path, ran: Executed) -> list[Any]:
    """Return the tensors that the walk does not know the shape of, or knows another shape or value of than in a run."""
    shapes = {name: value.shape for name, value in ran.inputs.items()}
    known = {name: tuple(value.ravel().tolist()) for name, value in ran.inputs.items() if value.dtype.kind in "iub"}
    made = [each for step in walk(file.model(path), shapes, known).steps for each in step.outputs if each is not None]
    checked = [each for each in made if each.name in ran.tensors]
    assert checked
    return [(each, ran.tensors[each.name].shape) for each in checked if not _same(each, ran.tensors[each.name])]


def _same(tensor: Tensor, real: Any) -> bool:
    value = tensor.value
    if tensor.shape != real.shape or value is None or any(isinstance(one, Size) for one in value):
        return tensor.shape == real.shape
    return real.dtype.kind not in "iufb" or np.allclose(
        np.asarray(value, float), real.ravel().astype(float), 1e-3, 1e-3, equal_nan=True
    )
