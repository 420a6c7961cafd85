"""A view of an ONNX graph that is easy to edit: who makes a tensor, who reads it, what a constant holds."""

from collections import defaultdict
from typing import Any

MOVERS = ("Reshape", "Squeeze", "Transpose", "Unsqueeze")
"""Operators that move values and change none."""


class Editor:
    """Index of a ``GraphProto``; every edit goes through it, so that the index stays true."""

    def __init__(self, graph: Any) -> None:
        self.graph = graph
        self.nodes = list(graph.node)
        self.constants: dict[str, Any] = {tensor.name: tensor for tensor in graph.initializer}
        self.makers: dict[str, Any] = {output: node for node in self.nodes for output in node.output}
        self.outputs = {output.name for output in graph.output}
        self._readers: dict[str, list[Any]] = defaultdict(list)
        for node in self.nodes:
            for name in node.input:
                self._readers[name].append(node)

    def readings(self, tensor: str) -> int:
        """Return how often a tensor is read; being an output of the graph is one reading."""
        return len(self._readers[tensor]) + (tensor in self.outputs)

    def array(self, constant: str) -> Any:
        """Return the values of a constant."""
        from onnx import numpy_helper

        return numpy_helper.to_array(self.constants[constant])

    def origin(self, tensor: str) -> Any:
        """Return the node that computed a tensor's values, before nodes that only move them; None for an input."""
        maker = self.makers.get(tensor)
        while maker is not None and maker.op_type in MOVERS:
            maker = self.makers.get(maker.input[0])
        return maker

    def set_input(self, node: Any, index: int, array: Any) -> None:
        """Make a new constant the node's input; the old one stays, for others or to be dropped by ``tidy``."""
        from onnx import numpy_helper

        fresh = f"{node.output[0]}.{index}"
        while fresh in self.constants or fresh in self.makers:
            fresh += "_"
        self.graph.initializer.append(numpy_helper.from_array(array, fresh))
        self.constants[fresh] = self.graph.initializer[-1]
        while len(node.input) <= index:
            node.input.append("")
        before, node.input[index] = node.input[index], fresh
        if before:
            self._readers[before].remove(node)
        self._readers[fresh].append(node)

    def remove(self, node: Any) -> None:
        """Take out a node whose outputs nobody reads."""
        for name in node.input:
            self._readers[name].remove(node)
        self.nodes.remove(node)
        self.graph.node.remove(node)
        for made in node.output:
            del self.makers[made]

    def set_inputs(self, node: Any, names: list[str]) -> None:
        """Make these the tensors that a node reads."""
        for name in node.input:
            self._readers[name].remove(node)
        node.input[:] = names
        for name in names:
            self._readers[name].append(node)

    def bypass(self, node: Any, data: str) -> None:
        """Take a node with one output out: its readers read ``data``. An output of the graph keeps its name."""
        (made,) = node.output
        for name in node.input:
            self._readers[name].remove(node)
        self.nodes.remove(node)
        self.graph.node.remove(node)
        del self.makers[made]
        old, new = (data, made) if made in self.outputs else (made, data)
        if old in self.makers:
            maker = self.makers.pop(old)
            maker.output[list(maker.output).index(old)] = new
            self.makers[new] = maker
        for reader in self._readers[old]:
            reader.input[:] = [new if name == old else name for name in reader.input]
        self._readers[new] += self._readers.pop(old)


def attribute(node: Any, name: str, default: Any = None) -> Any:
    """Return an attribute of a node as a Python value."""
    from onnx import helper

    return next((helper.get_attribute_value(found) for found in node.attribute if found.name == name), default)


def set_attributes(node: Any, **values: Any) -> None:
    """Give a node these attributes instead of those it has by their names; None takes one away."""
    from onnx import helper

    kept = [found for found in node.attribute if found.name not in values]
    kept += [helper.make_attribute(name, value) for name, value in values.items() if value is not None]
    del node.attribute[:]
    node.attribute.extend(kept)
