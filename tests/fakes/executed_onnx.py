"""Runs of ONNX models that keep what each node read and wrote."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun
from onnx.reference.ops._op import OpRunBinary, OpRunUnary

_YES = "a loop begins"


@dataclass(frozen=True)
class Executed:
    """A node that ran: operator, domain, attributes, names of operands, arrays; None for an operand left out."""

    op: str
    domain: str
    attributes: Mapping[str, Any]
    reads: Sequence[str]
    inputs: Sequence[Any]
    outputs: Sequence[Any]


def of_node(
    node: Any, inputs: Sequence[Any], outputs: Sequence[Any], outer: Mapping[str, Any] | None = None
) -> Executed:
    """Return a node with its arrays; ``outer``: the attributes of the function around it."""
    given = {
        one.name: (outer or {}).get(one.ref_attr_name) if one.ref_attr_name else helper.get_attribute_value(one)
        for one in node.attribute
    }
    named = {name: value for name, value in given.items() if value is not None}
    return Executed(node.op_type, node.domain, named, list(node.input), list(inputs), list(outputs))


def executed(model: Any, feeds: Mapping[str, Any], whole: Sequence[str] = ()) -> list[Executed]:
    """Run a model and return its nodes as they ran, those of sub-graphs and functions each time they did.

    Nodes within an operator of ``whole``, which the evaluator runs as a function, are left out.
    """
    found: list[Executed] = []
    copied = type(model)()
    copied.CopyFrom(model)
    _begin_loops(copied.graph)
    with _watched(found, whole):
        ReferenceEvaluator(copied).run(None, dict(feeds))
    return found


def _begin_loops(graph: Any) -> None:
    """Give every Loop a condition that holds: the evaluator takes one that is left out for false."""
    for node in graph.node:
        if node.op_type == "Loop" and list(node.input[1:2]) == [""]:
            node.input[1] = _YES
        for attribute in node.attribute:
            _begin_loops(attribute.g)
    if not any(tensor.name == _YES for tensor in graph.initializer):
        graph.initializer.append(numpy_helper.from_array(np.array(True), _YES))


@contextmanager
def _watched(found: list[Executed], whole: Sequence[str]) -> Iterator[None]:
    within: list[str] = []

    def watched(run: Callable[..., Any]) -> Callable[..., Any]:
        def keep(self: Any, *args: Any, **more: Any) -> Any:
            entered = not within and self.onnx_node.op_type in whole
            within.extend([self.onnx_node.op_type] * entered)
            outputs = run(self, *args, **more)
            if entered:
                within.pop()
            if not within:
                found.append(of_node(self.onnx_node, args, outputs, more.get("linked_attributes")))
            return outputs

        return keep

    with ExitStack() as patches:
        for kind in (OpRun, OpRunBinary, OpRunUnary):
            patches.enter_context(mock.patch.object(kind, "run", watched(kind.run)))
        yield


def executed_by_onnxruntime(model: Any, feeds: Mapping[str, Any]) -> list[Executed]:
    """Run a model without sub-graphs by onnxruntime and return its nodes, with arrays of the right shape and no memory.

    What ConstantOfShape makes is told by its input.
    """
    import onnxruntime

    made = [node for node in model.graph.node if node.op_type != "ConstantOfShape"]
    names = [name for node in made for name in node.output if name]
    watched = type(model)()
    watched.CopyFrom(model)
    del watched.graph.output[:]
    watched.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(watched.SerializeToString(), options, providers=["CPUExecutionProvider"])
    arrays = dict(zip(names, session.run(names, dict(feeds)), strict=True))
    arrays |= {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    arrays |= feeds
    for node in model.graph.node:
        if node.op_type == "ConstantOfShape":
            arrays[node.output[0]] = np.broadcast_to(np.float32(0), arrays[node.input[0]])
    return [
        of_node(node, [arrays.get(name) for name in node.input], [arrays.get(name) for name in node.output])
        for node in model.graph.node
    ]


def constants(model: Any) -> frozenset[str]:
    """Return the names of tensors that are the same in every run, which runtimes work out when they load a file."""
    known = {tensor.name for tensor in model.graph.initializer}
    for node in model.graph.node:
        holds = any(attribute.HasField("g") for attribute in node.attribute)
        if not holds and known.issuperset(filter(None, node.input)):
            known |= set(node.output)
    return frozenset(known)
