"""The constants of an ONNX file as arrays: those that it stores, and those that nodes make of constants alone."""

from __future__ import annotations

from typing import Any

from costlens.errors import first_line
from costlens.export.recognition.built import NoKindError


class Numbers:
    """Arrays by the names of tensors; each is worked out when it is asked for."""

    def __init__(self, model: Any) -> None:
        self._stored = {tensor.name: tensor for tensor in model.graph.initializer}
        self._makers = {name: node for node in model.graph.node for name in node.output if name}
        self.opsets = {one.domain: one.version for one in model.opset_import}
        self._made: dict[str, Any] = {}

    def array(self, name: str) -> Any:
        """Return a constant; NoKindError where it cannot be worked out."""
        if name not in self._made:
            self._made |= self._found(name)
        return self._made[name]

    def origin(self, name: str) -> str:
        """Return the constant that one is a copy of, by ``Identity``: exporters write so what they have joined."""
        node = self._makers.get(name)
        return self.origin(node.input[0]) if node is not None and node.op_type == "Identity" else name

    def _found(self, name: str) -> dict[str, Any]:
        from onnx import numpy_helper

        if name in self._stored:
            return {name: numpy_helper.to_array(self._stored[name])}
        node = self._makers.get(name)
        if node is None:
            raise NoKindError(f"reads the constant {name} of a function")
        given = {each: self.array(each) for each in node.input if each}
        return dict(zip(node.output, self._run(node, given), strict=False))

    def _run(self, node: Any, given: dict[str, Any]) -> list[Any]:
        """Work a node out by onnx's own reference."""
        from onnx import helper
        from onnx.reference import ReferenceEvaluator

        def value(name: str) -> Any:
            array = given.get(name)
            if array is None:
                return helper.make_tensor_value_info(name, 0, None)
            return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)

        opsets = [helper.make_opsetid(domain, version) for domain, version in self.opsets.items()]
        made = [helper.make_tensor_value_info(name, 0, None) for name in node.output]
        graph = helper.make_graph([node], "constant", list(map(value, given)), made)
        try:
            return list(ReferenceEvaluator(helper.make_model(graph, opset_imports=opsets)).run(None, given))
        except Exception as error:  # the reference raises what it likes
            raise NoKindError(
                f"a constant that {node.op_type} makes cannot be worked out: {first_line(error)}"
            ) from error
