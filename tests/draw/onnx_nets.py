"""Random convolutional networks as ONNX models, with what each convolution in them multiplies, worked out here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil, prod
from typing import Any

import numpy as np
from hypothesis import strategies as st
from onnx import TensorProto, checker, helper, numpy_helper

node = helper.make_node


@dataclass(frozen=True)
class Conv:
    """A convolution that was written: M channels in groups, N filters, a kernel, and its positions in and out."""

    name: str
    channels: int
    filters: int
    kernel: tuple[int, ...]
    groups: int
    read: tuple[int, ...]
    made: tuple[int, ...]

    @property
    def macs(self) -> int:
        return prod(self.kernel) * self.channels // self.groups * self.filters * prod(self.made)


@dataclass
class Net:
    """A network as it is written; ``convs`` are those of its main graph, by name."""

    draw: Callable[[Any], Any]
    rank: int
    channels: int
    sizes: tuple[int, ...]
    nodes: list[Any] = field(default_factory=list, repr=False)
    constants: list[Any] = field(default_factory=list, repr=False)
    convs: dict[str, Conv] = field(default_factory=dict)
    tensor: str = "x"
    within: int = 0
    _shared: list[tuple[str, tuple[int, ...], int]] = field(default_factory=list)

    def fresh(self, what: str) -> str:
        return f"{what}{len(self.nodes) + len(self.constants)}"

    def const(self, *shape: int, scale: float = 0.5, low: float = -1.0) -> str:
        """Store random numbers, as an initialiser or as a Constant node, which stands before what reads it."""
        name = self.fresh("w")
        seed = len(self.nodes) * 1000 + len(self.constants)
        array = np.random.default_rng(seed).uniform(low, 1, shape).astype(np.float32) * scale
        tensor = numpy_helper.from_array(array, name)
        if self.draw(st.integers(0, 5)) == 0:
            self.nodes.append(node("Constant", [], [name], value=tensor))
        else:
            self.constants.append(tensor)
        return name

    def add(self, op: str, *more: str, tensors: tuple[str, ...] = (), **attributes: Any) -> str:
        made = self.fresh(op.lower())
        name = made if self.draw(st.integers(0, 4)) else ""
        self.nodes.append(node(op, [*(tensors or (self.tensor,)), *more], [made], name, **attributes))
        return made

    def row(self, made: str) -> str:
        """Return the name that a count gives the node that makes a tensor."""
        index = next(index for index, one in enumerate(self.nodes) if made in one.output)
        return str(self.nodes[index].name or f"{self.nodes[index].op_type}_{index}")

    def conv(self, filters: int, kernel: tuple[int, ...], groups: int = 1, *, plain: bool = False) -> None:
        draw = self.draw
        shape = (filters, self.channels // groups, *kernel)
        alike = [name for name, stored, of in self._shared if (stored, of) == (shape, groups)]
        weights = draw(st.sampled_from(alike)) if alike and draw(st.booleans()) else self.const(*shape)
        self._shared.append((weights, shape, groups))
        stride = [1 if plain else draw(st.integers(1, 2)) for _ in kernel]
        apart = [1 if plain else draw(st.integers(1, 2)) for _ in kernel]
        reach = [(k - 1) * d + 1 for k, d in zip(kernel, apart, strict=True)]
        fields: dict[str, Any] = {"strides": stride}
        word = "NOTSET" if plain else draw(st.sampled_from(["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]))
        if word.startswith("SAME"):
            apart, reach = [1] * self.rank, [*kernel]  # onnxruntime dilates no padding by a word
            made = tuple(ceil(size / step) for size, step in zip(self.sizes, stride, strict=True))
        else:
            before, after = ([0 if plain or word == "VALID" else draw(st.integers(0, 2)) for _ in kernel] for _ in "ab")
            after = [max(a, r - size - b) for a, b, r, size in zip(after, before, reach, self.sizes, strict=True)]
            word = "NOTSET" if any(after) or any(before) else word
            made = tuple(
                (size + b + a - r) // step + 1
                for size, b, a, r, step in zip(self.sizes, before, after, reach, stride, strict=True)
            )
            fields |= {"pads": [*before, *after]} if word == "NOTSET" and any((*before, *after)) else {}
        fields |= {} if word == "NOTSET" else {"auto_pad": word}
        fields |= {"dilations": apart} if max(apart) > 1 else {}
        fields |= {"group": groups} if groups > 1 else {}
        bias = [self.const(filters)] if draw(st.booleans()) else []
        self.tensor = self.add("Conv", weights, *bias, **fields)
        name = self.row(self.tensor)
        self.convs[name] = Conv(name, self.channels, filters, kernel, groups, self.sizes, made)
        self.channels, self.sizes = filters, made

    def norm(self) -> None:
        stored = [self.const(self.channels, low=0.1) for _ in range(4)]
        self.tensor = self.add("BatchNormalization", *stored)

    def activation(self) -> None:
        kind = self.draw(st.sampled_from(["Relu", "Clip", "LeakyRelu", "PRelu", "SiLU", "HardSwish by hand"]))
        if kind == "Clip":
            self.tensor = self.add("Clip", self.const(), self.const(scale=4, low=0.5))
        elif kind == "PRelu":
            self.tensor = self.add("PRelu", self.const(self.channels, *[1] * self.rank))
        elif kind == "SiLU":
            self.tensor = self.add("Mul", tensors=(self.tensor, self.add("Sigmoid")))
        elif kind == "HardSwish by hand":
            inner, before = self.add("Add", self.const()), self.tensor
            inner = self.add("Clip", self.const(), self.const(scale=4, low=0.5), tensors=(inner,))
            self.tensor = self.add("Mul", tensors=(inner, before))
            self.tensor = self.add("Mul", self.const())
        else:
            self.tensor = self.add(kind)

    def after(self) -> None:
        for step in (self.norm, self.activation):
            if self.draw(st.booleans()):
                step()

    def branch(self) -> None:
        """Put a convolution into both branches of an If, which reads the tensor from outside."""
        weights = self.const(self.channels, self.channels, *[1] * self.rank)
        graphs = {}
        for word in ("then", "else"):
            made = self.fresh(f"{word}_made")
            body = [node("Conv", [self.tensor, weights], [made], f"{made}_conv")]
            graphs[f"{word}_branch"] = helper.make_graph(body, word, [], [helper.make_empty_tensor_value_info(made)])
        self.tensor, self.within = self.add("If", tensors=("flag",), **graphs), self.within + 1


@st.composite
def nets(draw: Any) -> tuple[Any, Net]:
    """Draw a model that onnx's checker takes, and the network that it is."""
    rank = draw(st.integers(1, 3))
    channels = draw(st.sampled_from([1, 3, 4, 8]))
    net = Net(draw, rank, channels, tuple(draw(st.integers(6, 11)) for _ in range(rank)))
    start = net.sizes
    for _ in range(draw(st.integers(1, 5))):
        before, shape = net.tensor, (net.channels, net.sizes)
        filters = draw(st.sampled_from([net.channels, 1, 4, 6, 8]))
        kernel = tuple(draw(st.integers(1, 3)) for _ in range(rank))
        what = draw(st.sampled_from(["conv", "conv", "conv", "separable", "separable", "groups", "if", "pool"]))
        if what == "separable":
            net.conv(net.channels, kernel, net.channels)
            net.after()
            net.conv(filters, (1,) * rank, plain=True)
        elif what == "groups":
            net.conv(net.channels, kernel, draw(st.sampled_from([d for d in (1, 2, 4) if net.channels % d == 0])))
        elif what == "if":
            net.branch()
        elif what == "pool":
            net.tensor = net.add("MaxPool", kernel_shape=[1] * rank)
        else:
            net.conv(filters, kernel)
        if draw(st.integers(0, 3)):
            net.after()
        if (net.channels, net.sizes) == shape and net.tensor != before and draw(st.booleans()):
            net.tensor = net.add("Add", tensors=(net.tensor, before))
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, channels, *start])]
    inputs += [helper.make_tensor_value_info("flag", TensorProto.BOOL, [])] if net.within else []
    outputs = [helper.make_tensor_value_info(net.tensor, TensorProto.FLOAT, [1, net.channels, *net.sizes])]
    if net.tensor == "x":
        outputs = [helper.make_tensor_value_info(net.add("Identity"), TensorProto.FLOAT, [1, net.channels, *net.sizes])]
    graph = helper.make_graph(net.nodes, "net", inputs, outputs, net.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    return model, net
