"""Kernels of every sort are really timed through the runtime; one that it does not have is told."""

from pathlib import Path

import pytest

from costlens import runtimes
from costlens.bench.kernels_worker import KernelJob, KernelSamples, measure
from costlens.bench.protocol import Protocol
from costlens.bench.run import bench
from costlens.network.graph import Graph
from costlens.prediction.kernels import kernels
from costlens.runtimes import Options
from costlens.runtimes._onnxruntime_operations import block
from costlens.runtimes._operation import Operand, Operation, operation
from tests.cases.exported import exported
from tests.cases.networks import graph, layer

pytestmark = pytest.mark.measures

NET = graph(
    (16, 16, 3), ("a", layer("conv", filters=16, kernel=3, stride=2)), ("a.relu", layer("relu6")),
    ("b", layer("depthwise", kernel=3)), ("c", layer("conv", filters=16, kernel=3, groups=4)),
    ("s", layer("squeeze_excite", ratio=4)), ("p", layer("max_pool", kernel=3, stride=2, padding=1)),
    ("q", layer("conv", filters=16, kernel=1)), ("t", layer("add"), "p", "q"), ("h", layer("hard_swish")),
    ("k", layer("slice", axis=-1, start=8)), ("j", layer("concat"), "k", "k"), ("n", layer("batch_norm")),
    ("g", layer("global_avg_pool")), ("d", layer("dense", units=10)), ("d.sigmoid", layer("sigmoid")),
)  # fmt: skip
SEQUENCE = graph((24, 8), ("a", layer("conv", filters=16, kernel=3)), ("n", layer("layer_norm")), ("e", layer("gelu")),
                 ("l", layer("lstm", units=8)), ("d", layer("dense", units=4)))  # fmt: skip

MAPS = graph(
    (8, 8, 16), ("a", layer("conv", filters=64, kernel=3)), ("d", layer("depth_to_space", block=2)),
    ("b", layer("conv", filters=16, kernel=3)), ("u", layer("upsample", factor=2)),
    ("v", layer("resize", size=45, mode="bilinear")), ("w", layer("resize", size=31)),
    ("x", layer("resize", size=70, mode="bilinear", align_corners=True)), ("e", layer("space_to_depth", block=2)),
)  # fmt: skip


def timed(operations: list[Operation], folder: Path) -> KernelSamples:
    job = KernelJob(Options("cpu"), tuple(one.text for one in operations), folder, 2**20, 0.001)
    return measure(job, runtimes.get("onnxruntime"), lambda message: None)


@pytest.mark.parametrize("net", [NET, SEQUENCE, MAPS], ids=["image", "sequence", "maps"])
def test_every_kernel_of_a_network_runs_alone(net: Graph, tmp_path: Path) -> None:
    operations = [*dict.fromkeys(one.operation for one in kernels(net, block=block(tmp_path)))]
    found = timed([one for one in operations if one.is_known], tmp_path)
    assert [one for one in found.refused if one] == []
    assert all(us is not None and us >= 0 for us in (*found.warm_us, *found.cold_us))
    assert sum(us or 0 for us in found.warm_us) > 0
    assert found.block == block(tmp_path)


def test_kernels_of_any_first_axis_run_alone(tmp_path: Path) -> None:
    """A model's inputs must have the batch that was asked for; a kernel's may be steps, rows or eight examples."""
    rows = operation("MatMul", [Operand((16, 8)), Operand((8, 4), stored=True)], [Operand((16, 4))])
    examples = operation("Relu", [Operand((8, 4, 4, 4))], [Operand((8, 4, 4, 4))])
    for one in (rows, examples):
        found = timed([one], tmp_path)
        assert found.refused == ("",)
        assert found.warm_us[0] is not None


def test_a_kernel_that_the_runtime_does_not_have_is_told_and_stops_no_other(tmp_path: Path) -> None:
    good = operation("Relu", [Operand((1, 8))], [Operand((1, 8))])
    bad = operation("NoSuchOperator", [Operand((1, 8))], [Operand((1, 8))])
    found = timed([good, bad, operation("Tanh", [Operand((1, 8))], [Operand((1, 8))])], tmp_path)
    assert [us is None for us in found.warm_us] == [False, True, False]
    assert [us > 0 for us in found.paces_us] == [True, False, True]
    assert min(us for us in found.paces_us if us) >= found.pace_us > 0
    assert ["NoSuchOperator" in why for why in found.refused] == [False, True, False]


def test_a_kernel_takes_longer_out_of_the_cache_than_in_the_cores_own(tmp_path: Path) -> None:
    product = operation("MatMul", [Operand((1, 512)), Operand((512, 512), stored=True)], [Operand((1, 512))])
    large = operation("MatMul", [Operand((1, 2048)), Operand((2048, 512), stored=True)], [Operand((1, 512))])
    job = KernelJob(Options("cpu"), (product.text, large.text), tmp_path, 2**25, 0.02, 2**20)
    found = measure(job, runtimes.get("onnxruntime"), lambda message: None)
    (near, beyond), (cold, _) = found.near_us, found.cold_us
    assert near
    assert cold
    assert cold > 1.1 * near
    assert beyond is None


def test_short_kernels_take_parts_of_a_microsecond_and_not_whole_ones(tmp_path: Path) -> None:
    """The profiler counts whole microseconds, so what takes less than one would take nothing."""
    flat = operation("Reshape", [Operand((1, 8, 4))], [Operand((1, 32))])
    small, larger = (operation("Relu", [Operand((1, size))], [Operand((1, size))]) for size in (8, 65536))
    job = KernelJob(Options("cpu"), tuple(one.text for one in (flat, small, larger)), tmp_path, 2**25, 0.05, 2**20)
    found = measure(job, runtimes.get("onnxruntime"), lambda said: None)
    near = [us or 0.0 for us in found.near_us]
    assert min(near) > 0.02
    assert max(near[:2]) < near[2]
    for more in (found.warm_us, found.cold_us):
        assert all(us is not None and us >= least for us, least in zip(more, near, strict=True))


@pytest.mark.tensorflow
def test_a_whole_network_takes_about_as_long_as_its_kernels(tmp_path: Path) -> None:
    source = exported("specs/ds_cnn_s.yaml", "as-written")
    placed = kernels(source.graph, block=block(tmp_path))
    texts = tuple(dict.fromkeys(one.operation.text for one in placed))
    found = measure(
        KernelJob(Options("cpu"), texts, tmp_path, 2**25, 0.005, 2**20), runtimes.get("onnxruntime"), lambda said: None
    )
    taken = dict(zip(texts, found.near_us, strict=True))
    whole = bench({"net": source.onnx}, Protocol(device="cpu", processes=2, looks=1, blocks=8, time_budget_s=2.0))
    (one,) = whole.models
    assert sum(taken[each.operation.text] or 0 for each in placed) == pytest.approx(1e3 * one.median_ms, rel=0.5)
