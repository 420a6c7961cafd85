"""What a spec stores and holds in a precision is what the file does that TensorFlow's converter makes of it."""

from pathlib import Path

import pytest

from costlens.arithmetic import arena
from costlens.arithmetic.precision import together
from costlens.network import memory
from costlens.network.count import count
from costlens.network.deployed import deployed_params
from costlens.network.graph import Graph
from costlens.network.precisions import Precisions
from costlens.network.variants import rewrite
from costlens.readers.tflite import plan_of, read
from costlens.spec.loading import loads
from tests.cases.networks import graph, layer
from tests.cases.quantised import converted, held

pytestmark = pytest.mark.tensorflow

NETWORK = """
name: t
input: [16, 16, 4]
layers:
  - conv: {filters: 8, kernel: 3, bias: false, norm: batch, activation: relu6, name: stem}
  - residual: {body: [{conv: {filters: 8, kernel: 3, activation: relu}}, {conv: {filters: 8, kernel: 3, bias: false}}]}
  - batch_norm
  - relu
  - conv: {filters: 16, kernel: 3, padding: 1, stride: 2, activation: silu, name: zeros}
  - prelu: {shared_axes: [1, 2]}
  - global_avg_pool
  - dense: {units: 12, activation: relu}
  - dense: {units: 5, bias: false}
  - softmax
"""
SEQUENCE = """
name: t
input: [32, 6]
layers:
  - conv: {filters: 8, kernel: 3, activation: relu}
  - depthwise: {kernel: 3, bias: false, norm: batch}
  - max_pool: 2
  - conv: {filters: 8, kernel: 1, name: one}
  - shared: {of: one, name: two}
  - flatten
  - dense: 4
"""
FILES = (
    (NETWORK, "as-written", "fp32"), (NETWORK, "as-written", "int8"), (NETWORK, "separable", "int8"),
    (NETWORK, "bottleneck", "int8"), (SEQUENCE, "as-written", "int8"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "precision"), FILES)
def test_a_spec_and_its_file(text: str, kind: str, precision: str, tmp_path: Path) -> None:
    net = rewrite(loads(text).graph, kind).graph
    ours = count(net, precisions=Precisions.all(precision))  # type: ignore[arg-type]
    path = converted(net, tmp_path, precision)
    theirs = held(path)
    stored = together(each.stored for each in deployed_params(net).values())
    biases = stored.biases + stored.zeros
    if precision == "int8":
        biases += stored.again
        assert theirs.numbers == {"INT8": stored.weights + stored.constants, "INT32": biases - stored.same}
        assert theirs.scales == stored.scales + biases
    else:
        assert theirs.numbers == {"FLOAT32": stored.numbers + stored.zeros - stored.same}
    assert ours.totals.flash_bytes == theirs.flash_bytes
    _, tensors, _ = plan_of(path)
    assert ours.totals.arena_bytes == arena.plan(tensors).bytes
    assert ours.totals.arena_bytes == read(path).totals.arena_bytes


def sequence(*steps: tuple[object, ...]) -> Graph:
    return graph((40, 16), *steps)


def conv(filters: int, **fields: object) -> object:
    return layer("conv", filters=filters, **{"kernel": 3, **fields})


SEQUENCES = {
    "one behind the other": sequence(
        ("a", conv(24)), ("b", layer("depthwise", kernel=3)), ("c", conv(8, kernel=1)), ("c.relu6", layer("relu6")),
        ("d", layer("max_pool", kernel=2)),
    ),
    "functions": sequence(
        ("a", conv(24)), ("b", layer("sigmoid")), ("c", conv(8)), ("d", layer("tanh")), ("e", conv(8)),
        ("f", layer("leaky_relu")), ("g", conv(8)), ("h", layer("silu")), ("i", conv(8)), ("j", layer("exp")),
    ),
    "a sum of two that read one": sequence(
        ("a", conv(24)), ("b", conv(24, kernel=5), "input"), ("c", layer("add"), "a", "b"), ("c.relu", layer("relu")),
        ("d", conv(8)), ("e", layer("flatten")),
    ),
    "a product with a gate": sequence(
        ("a", conv(24)), ("b", conv(24), "a"), ("c", layer("sigmoid")), ("d", layer("multiply"), "a", "c"),
        ("e", conv(8)),
    ),
    "one side alone is an image": sequence(("a", conv(16)), ("b", layer("add"), "input", "a"), ("c", conv(8))),
    "joined": sequence(
        ("a", conv(24)), ("b", conv(24)), ("c", layer("concat"), "a", "b"), ("d", conv(8)),
        ("e", layer("global_avg_pool")),
    ),
    "padded": sequence(("a", conv(24)), ("b", conv(8, padding="causal")), ("c", conv(8, dilation=3)), ("d", conv(8))),
    "a norm alone": sequence(
        ("a", conv(24)), ("a.relu", layer("relu")), ("b", layer("batch_norm")), ("c", conv(8)),
        ("d", layer("conv_transpose", filters=8, kernel=4, stride=2)),
    ),
    "of other lengths": sequence(
        ("a", conv(24)), ("b", layer("upsample", factor=2)), ("c", conv(8)),
        ("d", layer("resize", size=60, mode="bilinear")), ("e", conv(8)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("title", SEQUENCES)
def test_a_sequence_is_held_as_its_file_holds_it(title: str, tmp_path: Path) -> None:
    """Tensor by tensor: the bytes of each, and the steps in which it is in use."""
    net = SEQUENCES[title]
    run = memory.run(net)
    sizes = memory.sizes(net, run, memory.values(net, run), {row.name: "fp32" for row in net.rows()})
    _, theirs, _ = plan_of(converted(net, tmp_path, "fp32"))
    ours, held_there = (sorted(one[1:4] for one in each if one.bytes) for each in (memory.tensors(run, sizes), theirs))
    assert ours == held_there
