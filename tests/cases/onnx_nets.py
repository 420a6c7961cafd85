"""Small ONNX files written by hand, to be timed."""

from __future__ import annotations

from pathlib import Path

CONVOLUTION_MACS = 32 * 32 * 3 * 3 * 24 * 24


def write_net(path: Path, convolutions: int, *, batch: int | str = "N", inputs: int = 1, channels: int = 32) -> Path:
    """Write a chain of 3x3 convolutions on 24x24 maps; several inputs are added first."""
    import numpy
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = numpy.random.default_rng(0)
    shape = [batch, channels, 24, 24]
    sources = [helper.make_tensor_value_info(f"x{i}", TensorProto.FLOAT, shape) for i in range(inputs)]
    nodes = [helper.make_node("Sum", [source.name for source in sources], ["t0"])]
    weights = []
    for i in range(convolutions):
        scale = (2 / (9 * channels)) ** 0.5
        weight = (scale * random.standard_normal((channels, channels, 3, 3))).astype("float32")
        weights.append(numpy_helper.from_array(weight, f"w{i}"))
        nodes.append(helper.make_node("Conv", [f"t{i}", f"w{i}"], [f"c{i}"], pads=[1] * 4))
        nodes.append(helper.make_node("Relu", [f"c{i}"], [f"t{i + 1}"]))
    result = helper.make_tensor_value_info(f"t{convolutions}", TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "net", sources, [result], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), path)
    return path
