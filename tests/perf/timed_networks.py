"""Networks of known size to measure the measurement with, and a load that competes with it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZES = {
    "tiny (separable)": ("separable", 32, 24, 4),
    "small": ("standard", 32, 24, 3),
    "medium (separable)": ("separable", 96, 28, 8),
    "large": ("standard", 96, 28, 8),
    "largest": ("standard", 160, 28, 6),
}
"""Form, channels, side of the map and layers: 50 µs to 20 ms on one core of a server."""

_LOAD = """
import numpy
a, b = numpy.ones((384, 384), "float32"), numpy.ones(4_000_000, "float32")
while True:
    for _ in range(50):
        a @ a
    b + b
"""


def write_network(path: Path, form: str, channels: int, side: int, layers: int) -> Path:
    """Write a chain of 3x3 convolutions, or of depthwise 3x3 and 1x1 ones, each with its ReLU."""
    import numpy
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = numpy.random.default_rng(0)
    nodes, weights = [], []
    last = "x"

    def convolution(name: str, kernel: int, groups: int) -> None:
        nonlocal last
        fan_in = channels // groups * kernel * kernel
        values = (2 / fan_in) ** 0.5 * random.standard_normal((channels, channels // groups, kernel, kernel))
        weights.append(numpy_helper.from_array(values.astype("float32"), f"{name}.w"))
        pads = [kernel // 2] * 4
        nodes.append(helper.make_node("Conv", [last, f"{name}.w"], [f"{name}.c"], pads=pads, group=groups))
        nodes.append(helper.make_node("Relu", [f"{name}.c"], [name]))
        last = name

    for layer in range(layers):
        if form == "standard":
            convolution(f"conv{layer}", 3, 1)
        else:
            convolution(f"depthwise{layer}", 3, channels)
            convolution(f"pointwise{layer}", 1, 1)
    shape = [1, channels, side, side]
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("x", last)]
    graph = helper.make_graph(nodes, form, values[:1], values[1:], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), path)
    return path


@contextmanager
def competing_load(wanted: bool) -> Iterator[None]:
    """Keep one core busy with arithmetic and memory traffic, where wanted."""
    if not wanted:
        yield
        return
    child = subprocess.Popen([sys.executable, "-c", _LOAD])
    try:
        time.sleep(0.5)
        yield
    finally:
        child.kill()
        child.wait()
