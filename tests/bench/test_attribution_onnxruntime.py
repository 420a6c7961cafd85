"""Time per layer of real models: every kernel finds its row, and the rows make up the latency."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from costlens.bench import bounds
from costlens.bench.attribution.calibration import calibrate
from costlens.bench.attribution.run import layer_times
from costlens.bench.attribution.summary import Named
from costlens.bench.protocol import Protocol
from costlens.errors import BenchError
from costlens.readers.onnx import read
from costlens.results.bounds import Bounds
from costlens.results.layer_times import LayerTime, LayerTimes
from costlens.runtimes import Input, Options
from costlens.runtimes._ladder import LENGTHS
from costlens.sources._source import Asked
from costlens.tasks import profile as task
from costlens.tasks._tools import Tools
from tests.cases.onnx_drafts import Draft
from tests.fakes.command_line import Run

pytestmark = pytest.mark.measures


def residual(batch: int | str, named: bool = True) -> Draft:
    """Two convolutions with a sum around the second, large enough to be measured, then a classifier."""
    pads = {"pads": [1] * 4}
    return Draft(
        {"x": [batch, 32, 48, 48]},
        [
            ("Conv", "x w1 b1", "a", pads),
            ("Relu", "a", "r", {}),
            ("Conv", "r w2 b2", "c", pads),
            ("Add", "c r", "s", {}),
            ("Relu", "s", "t", {}),
            ("Conv", "t w3 b3", "d", pads),
            ("Transpose", "d", "e", {"perm": [0, 2, 3, 1]}),
            ("Sigmoid", "e", "f", {}),
        ],
        {"w1": (32, 32, 3, 3), "b1": (32,), "w2": (32, 32, 3, 3), "b2": (32,), "w3": (32, 32, 3, 3), "b3": (32,)},
        named,
    )


def recurrent() -> Draft:
    return Draft(
        {"x": [20, 1, 32]},
        [("LSTM", "x w r", "y", {"hidden_size": 64}), ("Tanh", "y", "z", {})],
        {"w": (1, 256, 32), "r": (1, 256, 64)},
    )


def loop() -> Draft:
    """A loop of twenty products: its kernels run inside it."""
    from onnx import parser

    body = parser.parse_graph("""
        body (int64 i, bool c, float[1, 64] s) => (bool d, float[1, 64] o) {
            p = MatMul(s, w)
            o = Tanh(p)
            d = Identity(c)
        }""")
    return Draft(
        {"x": [1, 64]},
        [("Sigmoid", "x", "x1", {}), ("Loop", "n go x1", "y", {"body": body}), ("Tanh", "y", "z", {})],
        {"w": (64, 64)},
        constants={"n": 20, "go": True},
    )


def profile(path: Path, processes: int = 1) -> LayerTimes:
    counted = read(path)
    rows = [LayerTime(row.name, row.kind, 0.0, 0.0, ()) for row in counted.rows]
    options = Options("cpu", batch=counted.batch, inputs={name: Input(shape) for name, shape in counted.inputs.items()})
    return layer_times(Named("net", "", ""), path, rows, options, processes=processes, seconds=0.3)


@pytest.mark.parametrize("named", [True, False], ids=["named", "unnamed"])
@pytest.mark.parametrize("batch", [1, "N"], ids=["fixed batch", "free batch"])
def test_every_kernel_of_a_fused_graph_finds_its_row(batch: int | str, named: bool, tmp_path: Path) -> None:
    found = profile(residual(batch, named).write(tmp_path / "m.onnx"), processes=2)
    assert (found.coverage, 1 - found.other.share) == (1.0, 1.0)
    convolutions = [row for row in found.rows if row.kind == "Conv"]
    assert [len(row.kernels) for row in convolutions] == [1, 1, 1]
    assert convolutions[1].fused == (found.rows[4].row, found.rows[3].row)
    assert found.rows[3].inside == convolutions[1].row
    assert {kernel.op for kernel in found.layout.kernels} <= {"ReorderInput", "ReorderOutput"}
    assert sum(line.share for line in found.lines) == pytest.approx(1.0)


@pytest.mark.parametrize("draft", [recurrent, loop], ids=["LSTM", "Loop"])
def test_what_holds_other_kernels_is_one(draft: Any, tmp_path: Path) -> None:
    found = profile(draft().write(tmp_path / "m.onnx"))
    assert [[kernel.op for kernel in row.kernels] for row in found.rows] == [[row.kind] for row in found.rows]
    assert found.coverage == 1.0


def test_the_profiler_is_measured_on_nets_of_few_to_many_kernels(tmp_path: Path) -> None:
    by = profile(recurrent().write(tmp_path / "m.onnx")).calibration
    counts = [rung.kernels for rung in by.rungs]
    assert counts == sorted(set(counts))
    assert all(kernels >= length for kernels, length in zip(counts, LENGTHS, strict=True))
    assert all(min(rung.unprofiled_us, rung.profiled_us, rung.kernels_us) > 0 for rung in by.rungs)
    assert by == calibrate(by.rungs)


def test_a_file_keeps_its_batch_and_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    path = residual(3).write(tmp_path / "m.onnx")
    found = by_node(path)
    assert found.batch == 3
    assert found.rows[0].macs == 3 * 32 * 32 * 9 * 48 * 48
    assert sum(row.macs_share or 0 for row in found.rows) == pytest.approx(1.0)
    assert list(scratch.glob("costlens*")) == []
    assert sorted(file.name for file in tmp_path.iterdir()) == ["m.onnx", "scratch"]


def by_node(path: Path) -> LayerTimes:
    """Profile a file in one process, as the command does in three."""
    (found,) = task.profile([str(path)], Asked(), Protocol(device="cpu", processes=3), tools=Tools()).times
    return found


def bounded(draft: Draft, path: Path, monkeypatch: pytest.MonkeyPatch, cache_bytes: int = 0) -> LayerTimes:
    """Profile on a machine of 100 GMACs/s, 10 GB/s, and 100 GB/s from its cache."""
    roofs = Bounds("f", 100.0, 10e9, 1, "fp32", "", cache_bytes, 100e9)
    monkeypatch.setattr(bounds, "find", lambda of: roofs)
    return by_node(draft.write(path))


def test_a_file_whose_names_repeat_has_a_row_and_a_kernel_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = [("Tanh", "x", "a", {}), ("Sigmoid", "a", "b", {}), ("Sigmoid", "b", "c", {}), ("Tanh", "c", "d", {})]
    names = {2: "Sigmoid_1", 3: "Tanh_0"}  # as the first two, unnamed, are called
    found = bounded(Draft({"x": [1, 64]}, nodes, {}, names=names), tmp_path / "m.onnx", monkeypatch)
    assert [(row.row, len(row.kernels)) for row in found.rows] == [
        ("Tanh_0", 1), ("Sigmoid_1", 1), ("Sigmoid_1 #2", 1), ("Tanh_0 #2", 1)
    ]  # fmt: skip
    assert found.coverage == 1.0


@pytest.mark.parametrize(("cache_bytes", "bandwidth"), [(0, 10e9), (2**24, 100e9)], ids=["memory", "cache"])
def test_a_node_is_bound_by_what_it_computes_and_moves(
    cache_bytes: int, bandwidth: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = bounded(residual(1), tmp_path / "m.onnx", monkeypatch, cache_bytes)
    conv, relu = found.rows[:2]
    assert (conv.limited_by, conv.bound_us) == ("compute", pytest.approx(32 * 32 * 9 * 48 * 48 / 100e9 * 1e6))
    assert (relu.limited_by, relu.bound_us) == ("memory", pytest.approx(2 * 4 * 32 * 48 * 48 / bandwidth * 1e6))


def test_rows_that_are_not_fp32_have_no_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = bounded(replace(residual(1), precision="FLOAT16"), tmp_path / "m.onnx", monkeypatch)
    assert {(row.bound_us, row.limited_by) for row in found.rows} == {(None, "")}
    image = 32 * 48 * 48
    assert (found.rows[0].macs, found.rows[1].traffic_bytes) == (32 * 9 * image, 2 * 2 * image)


def test_a_loop_is_one_row_with_the_macs_of_its_turns_and_no_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = bounded(loop(), tmp_path / "m.onnx", monkeypatch)
    assert [(row.kind, row.macs, row.traffic_bytes, row.bound_us) for row in found.rows] == [
        ("Sigmoid", 0, 512, pytest.approx(512 / 10e9 * 1e6)),
        ("Loop", 20 * 64 * 64, ANY, None),
        ("Tanh", 0, 512, pytest.approx(512 / 10e9 * 1e6)),
    ]


def test_a_model_that_cannot_be_loaded_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(BenchError, match=r"broken\.onnx: onnxruntime .* cannot load the model") as failed:
        layer_times(Named("net", "", ""), path, [], Options("cpu"))
    assert "\n" not in str(failed.value)


def test_the_command_profiles_a_file(tmp_path: Path, run: Run) -> None:
    path = str(residual("N").write(tmp_path / "m.onnx"))
    done = run("profile", path, "--format", "json")
    (document,) = json.loads(done.stdout)
    assert document["schema"] == "costlens.layer-times/1"
    assert [row["row"] for row in document["rows"]][:2] == ["n0.Conv", "n1.Relu"]
    done = run("profile", path, "--sort", "time", "--depth", "1")
    assert "measured without profiler" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
