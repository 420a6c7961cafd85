"""A view of an ONNX graph that is easy to edit: who makes a tensor, who reads it, what a constant holds."""

from __future__ import annotations

from typing import Any

MOVERS = ("Reshape", "Squeeze", "Transpose", "Unsqueeze")
"""Operators that move values and change none."""


class Editor:
    """Index of a ``GraphProto``; every edit goes through it, so that the index stays true."""

    def __init__(self, graph: Any) -> None:
        self.graph = graph
        self.nodes = list(graph.node)  # held, since a message's identity lasts only while someone holds it
        self.constants: dict[str, Any] = {tensor.name: tensor for tensor in graph.initializer}
        self.makers: dict[str, Any] = {output: node for node in self.nodes for output in node.output}
        self.outputs = {output.name for output in graph.output}
        self._readers: dict[str, list[Any]] = {}
        for node in self.nodes:
            for name in node.input:
                self._readers.setdefault(name, []).append(node)

    def readings(self, tensor: str) -> int:
        """Return how often a tensor is read; being an output of the graph is one reading."""
        return len(self._readers.get(tensor, ())) + (tensor in self.outputs)

    def readers(self, tensor: str) -> tuple[Any, ...]:
        """Return the nodes that read a tensor."""
        return tuple(self._readers.get(tensor, ()))

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

    def set_input(self, node: Any, index: int, array: Any, name: str) -> None:
        """Make a new constant the node's input; the old one stays, for others or to be dropped by ``tidy``."""
        from onnx import numpy_helper

        fresh = name
        while fresh in self.constants or fresh in self.makers:
            fresh += "_"
        self.graph.initializer.append(numpy_helper.from_array(array, fresh))
        self.constants[fresh] = self.graph.initializer[-1]
        while len(node.input) <= index:
            node.input.append("")
        before = node.input[index]
        node.input[index] = fresh
        self._readers.setdefault(fresh, []).append(node)
        if before:
            self._forget(before, node)

    def bypass(self, node: Any, data: str) -> None:
        """Take a node with one output out: its readers read ``data``. An output of the graph keeps its name."""
        (made,) = node.output
        for name in node.input:
            self._forget(name, node)
        index = next(i for i, other in enumerate(self.nodes) if other is node)
        del self.graph.node[index], self.nodes[index], self.makers[made]
        old, new = (data, made) if made in self.outputs else (made, data)
        if old in self.makers:
            maker = self.makers.pop(old)
            maker.output[list(maker.output).index(old)] = new
            self.makers[new] = maker
        for reader in self._readers.get(old, ()):
            reader.input[:] = [new if name == old else name for name in reader.input]
        self._readers.setdefault(new, []).extend(self._readers.pop(old, ()))

    def _forget(self, tensor: str, node: Any) -> None:
        if tensor:
            readers = self._readers[tensor]
            del readers[next(i for i, other in enumerate(readers) if other is node)]


def attribute(node: Any, name: str, default: Any = None) -> Any:
    """Return an attribute of a node as a Python value."""
    from onnx import helper

    for found in node.attribute:
        if found.name == name:
            return helper.get_attribute_value(found)
    return default
