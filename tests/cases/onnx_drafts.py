"""ONNX files of one kernel after another, to be timed and profiled."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

Shape = list[int | str]
CONVOLUTION_MACS = 32 * 32 * 3 * 3 * 24 * 24


@dataclass
class Draft:
    """An ONNX graph in the making: nodes as ``(op, inputs, output, attributes)``, weights random by shape."""

    inputs: dict[str, Shape]
    nodes: list[tuple[str, str, str, dict[str, Any]]]
    weights: dict[str, tuple[int, ...]]
    named: bool = True
    constants: dict[str, Any] | None = None
    names: dict[int, str] | None = None
    precision: str = "FLOAT"

    def write(self, path: Path) -> Path:
        import numpy
        import onnx
        from onnx import TensorProto, helper, numpy_helper

        random = numpy.random.default_rng(0)
        precision = getattr(TensorProto, self.precision)
        kind = helper.tensor_dtype_to_np_dtype(precision)
        stored = [
            numpy_helper.from_array((0.1 * random.standard_normal(shape)).astype(kind), name)
            for name, shape in self.weights.items()
        ] + [numpy_helper.from_array(numpy.asarray(value), name) for name, value in (self.constants or {}).items()]
        names = self.names
        if names is None:
            names = {i: f"n{i}.{op}" for i, (op, *_) in enumerate(self.nodes) if self.named}
        nodes = [
            helper.make_node(op, ins.split(), out.split(), name=names.get(i, ""), **attributes)
            for i, (op, ins, out, attributes) in enumerate(self.nodes)
        ]
        sources = [helper.make_tensor_value_info(n, precision, shape) for n, shape in self.inputs.items()]
        result = helper.make_tensor_value_info(self.nodes[-1][2], precision, None)
        graph = helper.make_graph(nodes, "net", sources, [result], stored)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), path)
        return path


def write_net(path: Path, convolutions: int, *, batch: int | str = "N", inputs: int = 1, channels: int = 32) -> Path:
    """Write a chain of 3x3 convolutions on 24x24 maps, its nodes without names; several inputs are added first."""
    sources: dict[str, Shape] = {f"x{i}": [batch, channels, 24, 24] for i in range(inputs)}
    nodes: list[tuple[str, str, str, dict[str, Any]]] = [("Sum", " ".join(sources), "t0", {})]
    for i in range(convolutions):
        nodes += [("Conv", f"t{i} w{i}", f"c{i}", {"pads": [1] * 4}), ("Relu", f"c{i}", f"t{i + 1}", {})]
    weights = {f"w{i}": (channels, channels, 3, 3) for i in range(convolutions)}
    return Draft(sources, nodes, weights, named=False).write(path)
