"""An exported file counts the same however it is written: other shapes noted, other order, other places of weights."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import helper, shape_inference

from costlens.readers.onnx import read
from costlens.results.counts import CountRow, ModelCount
from tests.cases.exported import exported
from tests.places import ROOT

pytestmark = pytest.mark.many
SPECS = (
    "separable_example", "bc_resnet_1", "ds_cnn_s", "keyword_head", "matchboxnet_3x1x64", "shufflenet_v2",
    "speech_embedding_streaming",
)  # fmt: skip


def batch_of_three(graph: Any) -> None:
    for value in graph.input:
        value.type.tensor_type.shape.dim[0].dim_value = 3


def batch_of_another_name(graph: Any) -> None:
    for value in graph.input:
        value.type.tensor_type.shape.dim[0].dim_param = "N"


def batch_without_a_name(graph: Any) -> None:
    """Take the name of the batch away; the batches of several inputs could then be different."""
    if len(graph.input) == 1:
        graph.input[0].type.tensor_type.shape.dim[0].Clear()


def nothing_noted(graph: Any) -> None:
    del graph.value_info[:]
    for value in graph.output:
        value.type.tensor_type.ClearField("shape")


def stale_shapes(graph: Any) -> None:
    """Note shapes of tensors that are not those of a run."""
    for value in (*graph.value_info, *graph.output):
        for size in value.type.tensor_type.shape.dim:
            size.dim_value = size.dim_value + 3


def shuffled(graph: Any) -> None:
    nodes = list(graph.node)
    random.Random(0).shuffle(nodes)
    del graph.node[:]
    graph.node.extend(nodes)


def weights_in_nodes(graph: Any) -> None:
    made = [helper.make_node("Constant", [], [tensor.name], value=tensor) for tensor in graph.initializer]
    nodes = list(graph.node)
    del graph.initializer[:], graph.node[:]
    graph.node.extend([*made, *nodes])


CHANGES: tuple[Callable[[Any], None], ...] = (
    batch_of_another_name, batch_without_a_name, nothing_noted, stale_shapes, shuffled, weights_in_nodes,
)  # fmt: skip


def _rows(count: ModelCount) -> dict[str, tuple[Any, ...]]:
    """Return what each row counts, by its name; one name may stand for several rows."""
    return {row.name: _counted(row) for row in count.rows}


def _counted(row: CountRow) -> tuple[Any, ...]:
    return (row.kind, row.macs, row.flops, row.deployed_params, row.weight_bytes, row.input, row.output, row.kernel)


def _saved(model: Any, path: Path) -> ModelCount:
    onnx.save(model, path)
    return read(path)


def _model(spec: str) -> tuple[Any, ModelCount]:
    path = exported(ROOT / "specs" / f"{spec}.yaml").onnx
    return shape_inference.infer_shapes(onnx.load(path)), read(path)


@pytest.mark.parametrize("spec", SPECS)
def test_a_file_that_is_written_otherwise_counts_the_same(spec: str, tmp_path: Path) -> None:
    model, before = _model(spec)
    assert (before.status["macs"], before.uncounted) == ("complete", ())
    for change in CHANGES:
        changed = onnx.ModelProto()
        changed.CopyFrom(model)
        change(changed.graph)
        after = _saved(changed, tmp_path / "m.onnx")
        assert (after.totals.macs, after.totals.deployed_params, after.batch, after.uncounted) == (
            before.totals.macs, before.totals.deployed_params, 1, ()
        ), change.__name__  # fmt: skip
        assert _rows(after) == _rows(before), change.__name__


@pytest.mark.parametrize("spec", SPECS)
def test_a_fixed_batch_multiplies_every_row(spec: str, tmp_path: Path) -> None:
    model, before = _model(spec)
    batch_of_three(model.graph)
    after = _saved(model, tmp_path / "m.onnx")
    assert (after.batch, after.totals.deployed_params) == (3, before.totals.deployed_params)
    assert {row.name: row.macs for row in after.rows} == {row.name: 3 * (row.macs or 0) for row in before.rows}


@pytest.mark.parametrize("spec", SPECS)
def test_a_simplified_file_counts_the_same(spec: str, tmp_path: Path) -> None:
    onnxslim = pytest.importorskip("onnxslim", reason="simplifies a file independently of this project")
    model, before = _model(spec)
    after = _saved(onnxslim.slim(model), tmp_path / "m.onnx")
    assert (after.totals.macs, after.totals.deployed_params) == (before.totals.macs, before.totals.deployed_params)
