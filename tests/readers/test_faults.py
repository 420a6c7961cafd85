"""Each kind of fault that counters of ONNX files have, in several forms: right by arithmetic, and the same in a run."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from costlens.errors import UsageError
from costlens.readers.onnx import read
from tests.cases.contractions import COUNTED, brute_force
from tests.cases.onnx_cases import save
from tests.cases.onnx_faults import FORMS, Form
from tests.fakes.executed_onnx import executed, executed_by_onnxruntime


def _written(form: Form, path: Path) -> Path:
    saved = onnx.load(save(path, form.nodes, dict(form.inputs), form.constants))
    for name, shape in form.noted.items():
        noted = helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
        saved.graph.value_info.append(noted)
        for value in saved.graph.output:
            if value.name == name:
                value.CopyFrom(noted)
    onnx.save(saved, path)
    return path


def _ran(path: Path, form: Form) -> int:
    """Return the multiply-accumulates of a run: by onnxruntime, or by the reference where a node holds graphs."""
    model = onnx.load(path)
    feeds = {
        name: np.ones([_fixed(name, index, size, form) for index, size in enumerate(shape)], np.float32)
        for name, shape in form.inputs.items()
    }
    del model.graph.value_info[:]
    for value in model.graph.input:
        value.type.tensor_type.ClearField("shape")
    holds = any(attribute.HasField("g") for node in model.graph.node for attribute in node.attribute)
    runs = executed(model, feeds, tuple(COUNTED)) if holds else executed_by_onnxruntime(model, feeds)
    return sum(map(brute_force, runs))


def _fixed(name: str, index: int, size: Any, form: Form) -> int:
    given = form.sizes.get(f"{name}:{index}", form.sizes.get(str(size), 1))
    return size if isinstance(size, int) and size > 0 else given


@pytest.mark.parametrize("title", [title for title, form in FORMS.items() if not form.refused])
def test_every_form_is_right_and_the_same_in_a_run(title: str, tmp_path: Path) -> None:
    form = FORMS[title]
    path = _written(form, tmp_path / "m.onnx")
    free = read(path)
    assert (free.totals.deployed_params, free.uncounted) == (form.params, ())
    assert (free.formulas["macs"] if isinstance(form.macs, str) else free.totals.macs) == form.macs
    counted = read(path, form.sizes)
    expected = counted.totals.macs if form.by_hand else _ran(path, form)
    assert (counted.status["macs"], counted.totals.macs) == ("complete", expected)


@pytest.mark.parametrize("title", [title for title, form in FORMS.items() if form.refused])
def test_what_cannot_run_is_refused(title: str, tmp_path: Path) -> None:
    form = FORMS[title]
    path = _written(form, tmp_path / "m.onnx")
    with pytest.raises(UsageError, match=rf"m\.onnx: {re.escape(form.refused)}"):
        read(path, form.sizes)
