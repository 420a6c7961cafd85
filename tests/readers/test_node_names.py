"""Rows of PyTorch's files are called as their modules; a count, a run, a profile and a rewrite use the same names."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import numpy_helper

from costlens.bench.attribution.join import assign
from costlens.readers.onnx.node_names import name_of
from costlens.runtimes._onnxruntime_operations import operations
from costlens.runtimes._runtime import Options
from costlens.sources._source import Asked
from costlens.sources.find import models
from costlens.tasks._file_proof import check
from tests.cases.onnx_cases import node, save

SCOPES = "pkg.torch.onnx.name_scopes"


def noted(op: str, reads: list[str], makes: list[str], name: str, scopes: str) -> Any:
    made = node(op, reads, makes, name)
    made.metadata_props.add(key="pkg.torch.onnx.fx_node", value="%x")
    made.metadata_props.add(key=SCOPES, value=scopes)
    return made


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        ("['', 'features', 'features.0', 'hardtanh']", "features.0/Clip"),
        ('["", "it\'s", "clip"]', "it's/Clip"),
        ("['', 'add']", "n4"),
        ("['alone']", "n4"),
        ("", "n4"),
        ("no list", "n4"),
        (f"['', '{'a' * 5000}', 'x']", "n4"),
    ],
)
def test_a_node_has_the_name_of_its_module(scopes: str, expected: str) -> None:
    assert name_of(noted("Clip", ["x"], ["y"], "n4", scopes), 7) == expected


def test_a_convolution_has_its_own_name_where_its_norm_was_folded_into_it() -> None:
    scopes = "['', 'stem', 'stem.norm', '_native_batch_norm_legit_no_training']"
    assert name_of(noted("Conv", ["x", "stem.conv.weight", "b"], ["y"], "c", scopes), 0) == "stem.conv/Conv"


def test_a_node_without_any_name_has_that_of_its_operator_and_place() -> None:
    assert name_of(node("Relu", ["x"], ["y"]), 3) == "Relu_3"


def of_modules(folder: Path) -> Path:
    """Write a file of two convolutions in modules,."""
    weights = [numpy_helper.from_array(np.ones((4, 4, 3, 3), np.float32), f"stage.{one}.weight") for one in (0, 1)]
    nodes = [
        noted("Conv", ["x", "stage.0.weight"], ["a"], "n1", "['', 'stage', 'stage.0', 'conv2d']"),
        noted("Relu", ["a"], ["b"], "n1b", "['', 'stage', 'relu']"),
        noted("Conv", ["b", "stage.1.weight"], ["c"], "n2", "['', 'stage', 'stage.1', 'conv2d_1']"),
        noted("Relu", ["c"], ["y"], "n3", "['', 'relu_1']"),
    ]
    return save(folder / "net.onnx", nodes, {"x": [1, 4, 9, 9]}, weights)


ROWS = ("stage.0/Conv", "stage/Relu", "stage.1/Conv", "n3")


def test_a_count_and_a_run_of_it_have_these_rows(tmp_path: Path) -> None:
    (model,) = models([str(of_modules(tmp_path))], Asked())
    assert tuple(row.name for row in model.count.rows) == ROWS
    _, ledger = check(model)
    assert ledger
    assert ledger.ok
    (shapes,) = (one for one in ledger.entries if one.name == "output shapes")
    assert dict(shapes.roads) == {"rows compared": 4, "equal": 4}


def test_kernels_are_joined_to_these_rows(tmp_path: Path) -> None:
    ran = operations(of_modules(tmp_path), Options("cpu"), tmp_path)
    found = assign(ran.kernels, ran.optimised, ran.source, ROWS)
    assert "nchwc.Conv" in {one.op for one in ran.operations}
    assert [one.row for one in found if one.row] == ["stage.0/Conv", "stage.1/Conv"]
    assert [row for one in found for row in one.fused] == ["stage/Relu", "n3"]
