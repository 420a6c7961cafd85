"""Model files for other runtimes and precisions: the same network comes out, in the precision that was asked for."""

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from costlens import runtimes
from costlens.bench.process import ProcessFailed
from costlens.errors import ExportError, RuntimeUnavailable
from costlens.export import conversions as conversion
from costlens.export.conversions import model_file
from costlens.export.conversions._comparison import outputs_of_export, predict, require_agreement
from costlens.export.conversions._conversion import optimised
from costlens.export.conversions.onnxruntime_fp16 import fp16_problem
from costlens.export.conversions.onnxruntime_int8 import int8_share
from costlens.network.count import count
from costlens.spec.loading import load
from tests.cases.exported import exported
from tests.fakes.command_line import Run
from tests.places import ROOT, SPECS

pytestmark = pytest.mark.tensorflow

SMALL = ("separable_example", "speech_embedding")
IN_INT8 = {"separable_example": (0, 1.15), "speech_embedding": (2 * 24, 1.04)}
"""The numbers of norms that stay, which onnxruntime quantises, and how much larger its file is than counted."""
TWO = """
name: two
inputs: {left: [12, 10, 3], right: [12, 10, 3]}
outputs: [b, a]
layers:
  - conv: {name: a, from: left, filters: 8, kernel: 3}
  - conv: {name: c, from: right, filters: 8, kernel: 1}
  - concat: {from: [a, c]}
  - conv: {name: b, filters: 4, kernel: 3, stride: 2, groups: 2}
"""
DENSE = """
name: dense
input: [40]
layers:
  - dense: {units: 64, activation: relu}
  - dense: 10
"""


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COSTLENS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def two(tmp_path: Path) -> conversion.Source:
    (tmp_path / "two.yaml").write_text(TWO)
    return exported(tmp_path / "two.yaml")


@pytest.mark.parametrize("runtime", ["tensorflow", "litert"])
@pytest.mark.parametrize("name", [*SMALL, "two"])
def test_another_runtime_computes_the_same_network(name: str, runtime: str, tmp_path: Path) -> None:
    two = tmp_path / "two.yaml"  # without groups: TensorFlow has oneDNN's grouped convolutions on some processors only
    two.write_text(TWO.replace(", groups: 2", ""))
    export = exported(two if name == "two" else SPECS / f"{name}.yaml")
    path = model_file(export, runtime, "fp32", batch=2)
    inputs, expected = outputs_of_export(export.onnx, batch=2, seed=5)
    made = runtimes.get(runtime).predict(path, inputs)  # here; model_file ran it in a process of its own
    assert [value.shape for value in made] == [value.shape for value in expected]
    for ours, theirs in zip(made, expected, strict=True):
        assert abs(theirs).max() > 0.1
        assert abs(ours - theirs).max() <= 1e-4 * abs(theirs).max()
    assert model_file(export, runtime, "fp32", batch=2) == path
    if name == "two":  # several inputs and outputs keep their order
        assert [value.shape for value in made] == [(2, 6, 5, 4), (2, 12, 10, 8)]
        swapped = runtimes.get(runtime).predict(path, inputs[::-1])
        assert max(abs(a - b).max() for a, b in zip(swapped, expected, strict=True)) > 0.1


def test_the_ending_of_the_file_says_what_is_exported(tmp_path: Path, run: Run) -> None:
    (tmp_path / "dense.yaml").write_text(DENSE)
    spec, target = str(tmp_path / "dense.yaml"), tmp_path / "net.tflite"
    assert run("export", spec, "-o", str(tmp_path / "net.onnx")).returncode == 0
    # in a process that has imported no framework yet, the export being kept already
    done = subprocess.run(
        [sys.executable, "-m", "costlens", "export", spec, "-o", str(target)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    # nothing from a framework
    assert done.stderr == "exporting dense/as-written\nconverting dense/as-written\n"
    assert f"{target.stat().st_size:,} bytes, " in " ".join(done.stdout.split())  # a long path breaks the line
    inputs, (expected,) = outputs_of_export(tmp_path / "net.onnx", batch=1, seed=5)
    (made,) = predict("litert", target, inputs)
    assert abs(made - expected).max() <= 1e-4 * abs(expected).max()
    refused = run("export", spec, "-o", str(tmp_path / "net.pb"))
    assert (refused.returncode, (tmp_path / "net.pb").exists()) == (2, False)
    assert "net.pb: export writes .onnx, .tflite, .h, .c, .cc and .cpp files; give it one of these" in refused.stderr


def test_a_file_that_gives_something_else_is_refused(two: conversion.Source) -> None:
    other = exported(SPECS / "separable_example.yaml")
    path = model_file(other, "litert", "fp32")
    standard = exported(SPECS / "separable_example.yaml", "standard")
    with pytest.raises(ExportError, match=r"model.tflite: its outputs are .* away from the exported file's"):
        require_agreement(standard, path, "litert", batch=1)


def test_a_file_that_ends_its_process_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(b"no model at all")
    with pytest.raises(ProcessFailed, match=r"model.tflite: LiteRT .* cannot load the model"):
        predict("litert", path, [])


def _is_as_large_as_counted(name: str, held: list[Any]) -> None:
    """The weights are bytes; beside the figure the file holds zero points, and a scale of each bias and activation."""
    counted = count(load(SPECS / f"{name}.yaml").graph).totals
    of_norms, larger = IN_INT8[name]
    assert sum(array.size for array in held if array.dtype == "int8" and array.ndim > 1) == counted.kernels + of_norms
    assert 1 < sum(array.nbytes for array in held) / counted.weight_bytes_int8 < larger


@pytest.mark.parametrize("name", SMALL)
def test_int8_by_static_quantisation_has_a_pair_at_each_convolution(name: str) -> None:
    import onnx

    export = exported(SPECS / f"{name}.yaml")
    path = model_file(export, "onnxruntime", "int8")
    kinds = Counter(node.op_type for node in onnx.load(path).graph.node)
    convolutions = Counter(node.op_type for node in onnx.load(export.onnx).graph.node)["Conv"]
    assert kinds["Conv"] == convolutions
    assert kinds["DequantizeLinear"] > kinds["QuantizeLinear"] >= convolutions
    graph = optimised(path, "cpu").graph
    assert Counter(node.op_type for node in graph.node)["QLinearConv"] == convolutions
    assert conversion.look(path, "onnxruntime", "int8", "cpu") == conversion.Look()
    weights = {value.name: value for value in onnx.load(path).graph.initializer}
    _is_as_large_as_counted(name, [onnx.numpy_helper.to_array(value) for value in weights.values()])
    assert any(value.dims and value.dims[0] > 1 for key, value in weights.items() if key.endswith("_scale"))


def test_int8_of_dense_layers_is_dynamic(tmp_path: Path) -> None:
    import onnx

    (tmp_path / "dense.yaml").write_text(DENSE)
    path = model_file(exported(tmp_path / "dense.yaml"), "onnxruntime", "int8")
    kinds = Counter(node.op_type for node in onnx.load(path).graph.node)
    assert kinds["DynamicQuantizeLinear"] == kinds["MatMulInteger"] == 2
    assert int8_share(optimised(path, "cpu")) == (2, 2)


def test_a_convolution_that_stays_in_fp32_is_remarked(two: conversion.Source) -> None:
    path = model_file(two, "onnxruntime", "int8")
    narrow, every = int8_share(optimised(path, "cpu"))
    assert 0 < narrow < every == 3
    assert conversion.look(path, "onnxruntime", "int8", "cpu").remark.startswith(f"{narrow} of 3 ")
    assert conversion.look(two.onnx, "onnxruntime", "fp32", "cpu") == conversion.Look()


@pytest.mark.parametrize("name", SMALL)
def test_fp16_on_a_processor_without_such_kernels_is_not_computed_in_fp16(name: str) -> None:
    import platform

    import onnx

    path = model_file(exported(SPECS / f"{name}.yaml"), "onnxruntime", "fp16")
    stored = onnx.load(path)
    assert {value.data_type for value in stored.graph.initializer} <= {onnx.TensorProto.FLOAT16, onnx.TensorProto.INT64}
    assert fp16_problem(stored) == ""
    if platform.machine() == "x86_64":
        problem = conversion.look(path, "onnxruntime", "fp16", "cpu").problem
        assert problem.startswith("not computed in fp16: the optimised graph holds ")
        assert " to fp32, " in problem
        assert problem.endswith(" Conv in fp32")


def test_int8_of_litert_is_integers_throughout() -> None:
    from ai_edge_litert.interpreter import Interpreter

    path = model_file(exported(SPECS / "separable_example.yaml"), "litert", "int8", batch=2)
    interpreter = Interpreter(model_path=str(path))
    interpreter.allocate_tensors()
    ends = [*interpreter.get_input_details(), *interpreter.get_output_details()]
    assert {(end["dtype"].__name__, int(end["shape"][0])) for end in ends} == {("int8", 2)}


def test_what_cannot_be_converted_says_so(two: conversion.Source, tmp_path: Path) -> None:
    bare = conversion.Source(Path(shutil.copy(two.onnx, tmp_path / "bare.onnx")), two.sha256)
    assert model_file(bare, "onnxruntime", "fp32") == bare.onnx
    with pytest.raises(RuntimeUnavailable, match=r"litert cannot run bare.onnx: its file is made from a spec"):
        model_file(bare, "litert", "fp32")
    with pytest.raises(RuntimeUnavailable, match="tensorflow has no files in int8 here; it has fp32"):
        model_file(two, "tensorflow", "int8")
    empty = tmp_path / "empty.onnx"
    empty.write_bytes(b"\0\1\2")
    for precision in ("fp16", "int8"):
        with pytest.raises(ExportError, match=r"empty.onnx: "):
            model_file(conversion.Source(empty, "0"), "onnxruntime", precision)
