"""Residual networks of many sizes: by their times a machine's caches are known as a network finds them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_OPSET, _IR = 18, 10
_CLASSES = 10


@dataclass(frozen=True, slots=True)
class Size:
    """The filters of the first convolution, how often they double, and the height and width of the image."""

    channels: int
    stages: int
    image: int


SIZES: Final = (
    Size(16, 2, 48), Size(16, 3, 64), Size(24, 3, 96), Size(16, 4, 96), Size(24, 4, 96), Size(32, 4, 96),
    Size(48, 4, 96), Size(64, 4, 112),
)  # fmt: skip
"""Of 0.4 to 80 MB: such that fit the core's own cache, the last one, and neither."""


def write_net(path: Path, size: Size) -> None:
    """Write a network as tf2onnx writes those of layers: convolutions of three kinds, joins, a pool and a product."""
    import onnx
    from onnx import helper

    net = _Net()
    channels = size.channels
    x = net.convolution("image", 3, channels, 3, stride=2)
    for _ in range(size.stages):
        x = net.convolution(x, channels, 2 * channels, 3, stride=2)
        channels *= 2
        x = net.convolution(net.convolution(x, channels, channels, 3, groups=channels), channels, channels, 1)
        x = net.made("Add", [x, net.convolution(x, channels, channels, 3)])
    flat = net.made("Flatten", [net.made("GlobalAveragePool", [x])])
    made = net.made("Gemm", [flat, net.stored((channels, _CLASSES)), net.stored((_CLASSES,))])
    graph = helper.make_graph(
        net.nodes, "net", [_value("image", (1, 3, size.image, size.image))], [_value(made, (1, _CLASSES))], net.weights
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR), str(path))


def write_nets(folder: Path) -> Iterator[Path]:
    """Write one network of each size, and yield its file."""
    for number, size in enumerate(SIZES):
        path = folder / f"net{number}.onnx"
        write_net(path, size)
        yield path


class _Net:
    """The nodes and weights of a network, as it grows."""

    def __init__(self) -> None:
        import numpy

        self._random = numpy.random.default_rng(0)
        self._half = numpy.float32(0.5)
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def convolution(self, x: str, inputs: int, outputs: int, kernel: int, *, stride: int = 1, groups: int = 1) -> str:
        """Add a convolution with its bias and a ReLU; return what it makes."""
        before, after = (kernel - stride) // 2, (kernel - stride + 1) // 2
        pads = [max(0, before)] * 2 + [max(0, after)] * 2
        weights = [self.stored((outputs, inputs // groups, kernel, kernel)), self.stored((outputs,))]
        made = self.made("Conv", [x, *weights], strides=[stride] * 2, pads=pads, group=groups)
        return self.made("Relu", [made])

    def made(self, op: str, inputs: list[str], **attributes: Any) -> str:
        """Add a node and return what it makes."""
        from onnx import helper

        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], name, **attributes))
        return name

    def stored(self, shape: tuple[int, ...]) -> str:
        """Add weights, as likely below zero as above, so that numbers behind many layers stay small."""
        from onnx import numpy_helper

        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array((self._random.random(shape, "float32") - self._half) / 8, name))
        return name


def _value(name: str, shape: tuple[int, ...]) -> Any:
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
