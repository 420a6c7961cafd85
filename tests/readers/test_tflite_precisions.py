"""What a spec stores and holds in a precision is what the file does that TensorFlow's converter makes of it."""

from pathlib import Path

import pytest

from costlens.arithmetic import arena
from costlens.arithmetic.precision import together
from costlens.network.count import count
from costlens.network.deployed import deployed_params
from costlens.network.precisions import Precisions
from costlens.network.variants import rewrite
from costlens.readers.tflite import plan_of, read
from costlens.spec.loading import loads
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
