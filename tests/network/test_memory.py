"""Sizes in a precision by hand, and the tensors that TensorFlow Lite's operators hold, by step."""

from dataclasses import replace
from math import prod
from pathlib import Path

import pytest

from costlens.analysis.memory import of_graph, of_rows
from costlens.arithmetic import arena
from costlens.errors import SpecError, UsageError
from costlens.network import memory
from costlens.network.count import count
from costlens.network.graph import Graph
from costlens.network.precisions import FLOAT, Precisions
from costlens.network.totals import totals
from costlens.results.counts import ModelCount, known
from costlens.results.precision import in_precision
from costlens.spec.loading import load, loads
from tests.places import SPECS

IN, OUT = 8 * 8 * 4, 8 * 8 * 16
MAP = "[8, 8, 4]"
CONV = "{conv: {filters: 16, kernel: 3, name: c}}"


def graph(layers: str, given: str = MAP) -> Graph:
    return loads(f"name: t\ninput: {given}\nlayers: {layers}\n").graph


STEPS = {
    "a convolution": (f"[{CONV}]", MAP, ["c"], {"input": (IN, 0, 0), "c": (OUT, 0, 0)}),
    "with a norm and a ReLU it is one operator": (
        "[{conv: {filters: 16, kernel: 3, name: c, bias: false, norm: batch, activation: relu}}]", MAP, ["c"],
        {"input": (IN, 0, 0), "c.relu": (OUT, 0, 0)}),
    "a ReLU that is written alone, too": (
        f"[{CONV}, relu6]", MAP, ["c"], {"input": (IN, 0, 0), "relu61": (OUT, 0, 0)}),
    "but not where the convolution is read by others": (
        f"[{CONV}, {{relu: {{name: r}}}}, {{add: {{from: [r, c], name: s}}}}]", MAP, ["c", "r", "s"],
        {"input": (IN, 0, 0), "c": (OUT, 0, 2), "r": (OUT, 1, 2), "s": (OUT, 2, 2)}),
    "another activation is an operator": (
        f"[{CONV}, {{sigmoid: {{name: a}}}}]", MAP, ["c", "a"],
        {"input": (IN, 0, 0), "c": (OUT, 0, 1), "a": (OUT, 1, 1)}),
    "x·sigmoid(x) is two, and both read x": (
        f"[{CONV}, {{silu: {{name: a}}}}]", MAP, ["c", "a", "a"],
        {"input": (IN, 0, 0), "c": (OUT, 0, 2), "a (part 1)": (OUT, 1, 2), "a": (OUT, 2, 2)}),
    "a norm that is not folded is a product and a sum": (
        f"[{CONV}, relu, {{batch_norm: {{name: n}}}}]", MAP, ["c", "n", "n"],
        {"input": (IN, 0, 0), "relu1": (OUT, 0, 1), "n (part 1)": (OUT, 1, 2), "n": (OUT, 2, 2)}),
    "zeros that Keras has no word for are an operator": (
        "[{conv: {filters: 16, kernel: 3, padding: 1, stride: 2, name: c}}]", MAP, ["c", "c"],
        {"input": (IN, 0, 0), "c (part 1)": (10 * 10 * 4, 0, 1), "c": (4 * 4 * 16, 1, 1)}),
    "a sequence is an image of height 1 meanwhile": (
        "[{conv: {filters: 16, kernel: 3, name: c}}]", "[8, 4]", ["c", "c", "c"],
        {"input": (32, 0, 0), "input (reshaped)": (32, 0, 1), "c": (128, 1, 2), "c (reshaped)": (128, 2, 2)}),
    "and stays one until something reads a sequence": (
        "[{conv: {filters: 16, kernel: 3, name: c}}, {conv: {filters: 4, kernel: 3, name: d, activation: relu}}, "
        "{sigmoid: {name: a}}, {global_avg_pool: {name: p}}]", "[8, 4]", ["c", "c", "d", "a", "a", "p"],
        {"input": (32, 0, 0), "input (reshaped)": (32, 0, 1), "c": (128, 1, 2), "d.relu": (32, 2, 3), "a": (32, 3, 4),
         "a (reshaped)": (32, 4, 5), "p": (4, 5, 5)}),
    "zeros of a sequence are added before it is an image": (
        "[{conv: {filters: 16, kernel: 3, padding: causal, name: c}}, {flatten: {name: f}}]", "[8, 4]",
        ["c", "c", "c", "f"],
        {"input": (32, 0, 0), "c (part 1)": (40, 0, 1), "c (part 2)": (40, 1, 2), "c": (128, 2, 3), "f": (128, 3, 3)}),
    "bands become channels by moving values": (
        "[{sub_spectral_norm: {bands: 2, name: n}}]", MAP, ["n"] * 10,
        {"input": (IN, 0, 0), "n": (IN, 9, 9), **{f"n (part {part})": (IN, part - 1, part) for part in range(1, 10)}}),
    "a dropout is nothing": (f"[{CONV}, dropout]", MAP, ["c"], {"input": (IN, 0, 0), "c": (OUT, 0, 0)}),
    "what is returned lives to the end": (
        f"[{CONV}, {{global_avg_pool: {{name: p}}}}]\noutputs: [c, p]", MAP, ["c", "p"],
        {"input": (IN, 0, 0), "c": (OUT, 0, 1), "p": (16, 1, 1)}),
}  # fmt: skip
"""Layers, what they read; the row of each step; the tensors with their values, first and last step."""


@pytest.mark.parametrize("title", STEPS)
def test_what_is_held(title: str) -> None:
    layers, given, rows, expected = STEPS[title]
    net = graph(layers, given)
    run = memory.run(net)
    assert [net.nodes[place].row for place in run.steps] == [row if row in rows else rows[0] for row in rows]
    held = memory.tensors(run, memory.values(net, run))
    assert {one.name: (one.bytes, one.first, one.last) for one in held if one.bytes} == expected


def test_some_kernels_need_more_in_int8() -> None:
    net = graph("[{conv_transpose: {filters: 2, kernel: 2, stride: 2}}]")
    made = 16 * 16 * 2
    assert count(net).totals.arena_bytes == 4 * (IN + made)
    assert count(net).totals.arena_bytes_int8 == IN + made + 4 * made  # a sum for each value


WEIGHTS, CHANNELS = 3 * 3 * 4 * 16, 16
STORED = {
    "with a bias": ("[{conv: {filters: 16, kernel: 3}}]", WEIGHTS + 4 * CHANNELS + 4 * CHANNELS,
                    WEIGHTS + 4 * CHANNELS + 12 * 2 * CHANNELS),
    "without one a bias of zeros is in the file": (
        "[{conv: {filters: 16, kernel: 3, bias: false}}]", WEIGHTS + 4 * CHANNELS,
        WEIGHTS + 4 * CHANNELS + 12 * 2 * CHANNELS),
    "biases of zeros of one length lie in one place": (
        "[{conv: {filters: 4, kernel: 1, bias: false}}, {conv: {filters: 4, kernel: 1, bias: false}}]",
        2 * (16 + 4 * 4), 2 * 16 + 4 * 4 + 4 * 12 * 4),
    "a dense layer has none": (
        "[global_avg_pool, {dense: {units: 3, bias: false}}]", 4 * 3 + 4 * 3, 4 * 3 + 12 * 3),
    "a norm alone is two tensors of one scale each": ("[batch_norm]", 2 * 4 + 2 * 4, 2 * 4 + 2 * 12),
    "slopes are one": ("[prelu]", 4 + 4, 4 + 12),
    "each run of the same weights has a bias of its own": (
        "[{conv: {filters: 4, kernel: 1, name: one}}, {shared: {of: one, name: two}}]",
        16 + 4 * 4 + 2 * 4 * 4, 16 + 12 * 4 + 2 * (4 * 4 + 12 * 4)),
}  # fmt: skip
"""Layers; bytes of their weights in int8; bytes of a file's numbers, scales and zero points."""


@pytest.mark.parametrize("title", STORED)
def test_what_is_stored_in_int8(title: str) -> None:
    layers, weights, flash = STORED[title]
    found = count(graph(layers), precisions=Precisions.all("int8")).totals
    assert (found.weight_bytes, found.weight_bytes_int8, found.flash_bytes) == (weights, weights, flash)


@pytest.mark.parametrize("name", ["mlperf_tiny_resnet8", "bc_resnet_1", "keyword_spotter", "efficientnet_b0"])
def test_precisions_of_a_network(name: str) -> None:
    net = load(SPECS / f"{name}.yaml").graph
    whole, half, byte = (count(net, precisions=Precisions.all(p)) for p in ("fp32", "fp16", "int8"))
    assert count(net) == whole
    for figure in ("weight_bytes", "traffic_bytes", "peak_activation_bytes"):
        assert 2 * getattr(half.totals, figure) == getattr(whole.totals, figure)
    assert known(half.totals.intensity) == pytest.approx(2 * known(whole.totals.intensity))
    assert 4 * known(byte.totals.peak_activation_bytes) == whole.totals.peak_activation_bytes
    for figure in ("weight_bytes", "peak_activation_bytes", "arena_bytes"):
        of_both = {getattr(each.totals, f"{figure}_int8") for each in (whole, half, byte)}
        assert of_both == {getattr(byte.totals, figure)}
    weights, activations = (sum(known(row.weight_bytes) for row in byte.rows), known(byte.totals.traffic_bytes))
    assert known(byte.totals.weight_bytes) == weights < activations
    for each in (whole, half, byte):
        assert known(each.totals.arena_bytes) >= known(each.totals.peak_activation_bytes)
        assert totals(net, Precisions.all(each.precision)) == each.totals  # type: ignore[arg-type]


MIXED = """
name: mixed
input: [8, 8, 4]
precision: {'*': int8, 'head': fp32, 'stage*': fp16}
layers:
  - conv: {filters: 16, kernel: 3, name: stem}
  - conv: {filters: 16, kernel: 1, name: stage1}
  - global_avg_pool: {name: pool}
  - dense: {units: 10, name: head}
"""


def test_a_precision_for_each_layer() -> None:
    spec = loads(MIXED)
    found = count(spec.graph, precisions=spec.precisions)
    assert found.precision == "mixed"
    assert [row.dtype for row in found.rows] == ["int8", "float16", "int8", "float32"]
    assert [row.weight_bytes for row in found.rows] == [WEIGHTS + 8 * 16, 2 * (256 + 16), 0, 4 * 170]
    assert [row.live_bytes for row in found.rows] == [IN + OUT, OUT + 2 * OUT, 2 * OUT + 16, 16 + 4 * 10]
    assert [row.live_bytes_int8 for row in found.rows] == [IN + OUT, 2 * OUT, OUT + 16, 16 + 10]
    moved = [known(row.traffic_bytes) - known(row.weight_bytes) for row in found.rows]
    assert moved == [IN + OUT, 3 * OUT, 2 * OUT + 16, 16 + 40]
    assert found.totals == totals(spec.graph, spec.precisions)
    assert found.totals.arena_bytes == 3 * OUT


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("int9", 'expected fp32, fp16, int8, received "int9" (did you mean "int8"?)'),
        ("{stem: int9}", 'stem: expected fp32, fp16, int8, received "int9" (did you mean "int8"?)'),
        ("{sten: int8}", 'sten: no layer and no block has this name (did you mean "stem"?)'),
        ("[int8]", "expected int8 for all"),
    ],
)
def test_a_precision_that_is_none(written: str, message: str) -> None:
    text = MIXED.replace("{'*': int8, 'head': fp32, 'stage*': fp16}", written)
    with pytest.raises(SpecError) as found:
        loads(text, file="mixed.yaml")
    assert message in str(found.value)
    assert "mixed.yaml:4:" in str(found.value)


def test_what_stays_in_float_is_said() -> None:
    net = graph("[{conv: {filters: 16, kernel: 3, name: c, activation: elu}}]")
    said = "c: elu is computed in fp32, as TensorFlow Lite has no int8 kernel for it"
    assert said in count(net, precisions=Precisions.all("int8")).notes
    assert said not in count(net).notes


def test_a_count_of_a_file_in_another_precision() -> None:
    net = count(graph(f"[{CONV}, relu]"))
    rows = in_precision(_as_of_a_file(net), "fp16")
    assert (rows.totals.flash_bytes, rows.status["flash_bytes"]) == (None, "unavailable")
    assert rows.totals.weight_bytes == known(net.totals.weight_bytes) // 2
    assert rows.totals.traffic_bytes == known(net.totals.traffic_bytes) // 2
    with pytest.raises(UsageError, match="its numbers are float16 already"):
        in_precision(_as_of_a_file(rows), "int8")


def _as_of_a_file(found: ModelCount) -> ModelCount:
    return replace(found, precision="")


BRANCHES = """
name: t
input: [8, 8, 4]
layers:
  - conv: {filters: 8, kernel: 1, name: stem}
  - branches:
      paths:
        - [{conv: {filters: 64, kernel: 1, name: wide}}, {max_pool: {kernel: 8, name: few}}]
        - [{conv: {filters: 32, kernel: 1, name: middle}}, {max_pool: {kernel: 8, name: fewer}}]
        - [{conv: {filters: 16, kernel: 1, name: kept}}, {conv: {filters: 16, kernel: 8, padding: valid, name: last}}]
"""


def test_the_peak_is_explained() -> None:
    net = loads(BRANCHES).graph
    found = of_graph(net, count(net), FLOAT)
    wide, few = "branches1.path1.wide", "branches1.path1.few"
    assert found.steps[found.busiest] == few
    assert {one.name for one in found.at_peak} == {"stem", wide, few}
    assert found.peak_bytes == 4 * (64 * (8 + 64) + 64) == found.arena_bytes == count(net).totals.arena_bytes
    assert found.lowering is not None
    assert (found.lowering.row, found.lowering.next_row, found.lowering.bytes) == (few, wide, 4 * 64 * (8 + 64))
    assert of_rows(count(net)).peak_bytes == found.peak_bytes
    assert found.reordered is None  # 64 bytes less are not worth it


def test_an_order_that_needs_less_is_found_and_said() -> None:
    """The wide branch first leaves one number of each channel; last, it stands beside what the others made."""
    text = """
name: t
inputs: {x: [64, 64, 1]}
layers:
  - max_pool: {kernel: 2, name: half, from: x}
  - conv: {filters: 16, kernel: 3, name: late, from: x}
  - global_avg_pool: {name: few}
  - global_avg_pool: {name: other, from: half}
  - concat: {from: [few, other]}
"""
    net = loads(text).graph
    found = of_graph(net, count(net), FLOAT)
    assert found.reordered is not None
    assert found.reordered.arena_bytes < found.arena_bytes
    nodes = {node.name: node for node in net.nodes}
    order = ["late", "few", "half", "other", net.nodes[-1].name]
    other = Graph("t", net.inputs, tuple(nodes[name] for name in order), net.outputs)
    assert known(count(other).totals.arena_bytes) < found.arena_bytes
    chain = graph(f"[{CONV}, {{max_pool: {{kernel: 2}}}}]")
    assert of_graph(chain, count(chain), FLOAT).reordered is None


@pytest.mark.parametrize("path", sorted(SPECS.glob("[a-m]*.yaml")), ids=lambda path: path.stem)
def test_every_arena_holds_its_peak(path: Path) -> None:
    if path.name.endswith(".blocks.yaml"):
        pytest.skip("blocks")
    net = load(path).graph
    found = count(net)
    run = memory.run(net)
    own = {row.name: "fp32" for row in net.rows()}
    sizes = memory.sizes(net, run, memory.values(net, run), own)  # type: ignore[arg-type]
    plan = arena.plan(memory.tensors(run, sizes))
    assert plan.peak <= plan.bytes == found.totals.arena_bytes
    assert plan.bytes >= known(found.totals.peak_activation_bytes)
    assert all(prod(shape) for shape in net.shapes.values())
