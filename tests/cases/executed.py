"""What an ONNX file does in a run: the shapes and values of its tensors, and its multiply-accumulates.

The other road to a count: onnxruntime runs the file with nothing optimised, and its profile tells the sizes of what
each node read and wrote, within branches and loops as often as they ran. No code of the counter is used.
"""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

Sizes = Mapping[str, int]
Shape = tuple[int, ...]
_TIMED = "_kernel_time"
_SHORT = 64
"""The size of a free axis that nothing else is said of."""
_NUMBERS = {
    onnx.TensorProto.FLOAT: np.float32, onnx.TensorProto.DOUBLE: np.float64, onnx.TensorProto.FLOAT16: np.float16,
    onnx.TensorProto.INT64: np.int64, onnx.TensorProto.INT32: np.int32, onnx.TensorProto.UINT8: np.uint8,
    onnx.TensorProto.INT8: np.int8, onnx.TensorProto.INT16: np.int16, onnx.TensorProto.BOOL: np.bool_,
    onnx.TensorProto.UINT32: np.uint32, onnx.TensorProto.STRING: np.object_,
}  # fmt: skip


@dataclass(frozen=True)
class Executed:
    """A run: its inputs, the tensors that it made outside of branches and loops, its MACs, and what it ran."""

    inputs: Mapping[str, Any]
    tensors: Mapping[str, Any]
    macs: int
    ran: frozenset[str]


def execute(path: Path, sizes: Sizes | None = None, numbers: Mapping[str, Any] | None = None) -> Executed:
    """Run a file once; ``sizes`` of free axes by name or place (``x:1``), ``numbers`` to fill an input with."""
    model = onnx.load(str(path))
    inputs = _inputs(model, sizes or {}, numbers or {})
    outputs = [each.name for each in model.graph.output]
    made = [name for node in model.graph.node for name in node.output if name]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in made if name not in outputs)
    tensors, ran = _profiled(model, inputs)
    nodes = {node.name: node for node in _nodes(model.graph) if node.name}
    macs = sum(_macs(each["args"], nodes.get(each["name"].removesuffix(_TIMED))) for each in ran)
    return Executed(inputs, tensors, macs, frozenset(each["args"]["op_name"] for each in ran))


def _profiled(model: Any, inputs: Mapping[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """Return the tensors that a run makes, and onnxruntime's event for each time that a node ran."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_session_config_entry("session.disable_prepacking", "1")  # what is packed has no sizes in the profile
    options.enable_profiling, options.log_severity_level = True, 4
    with tempfile.TemporaryDirectory() as folder:
        options.profile_file_prefix = str(Path(folder, "run"))
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        found = session.run(None, dict(inputs))
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    names = [each.name for each in session.get_outputs()]
    tensors = {name: value for name, value in zip(names, found, strict=True) if isinstance(value, np.ndarray)}
    return tensors, [each for each in events if each.get("cat") == "Node" and each["name"].endswith(_TIMED)]


def _inputs(model: Any, sizes: Sizes, numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs of the asked sizes: the batch and other first axes 1, further free axes short."""
    held = {tensor.name for tensor in model.graph.initializer}
    random, found = np.random.default_rng(0), {}
    for value in model.graph.input:
        if value.name not in held:
            kind = value.type.tensor_type
            shape = [
                each.dim_value if each.dim_value > 0 else _size(sizes, value.name, index, each.dim_param)
                for index, each in enumerate(kind.shape.dim)
            ]
            number = _NUMBERS[kind.elem_type]
            if value.name in numbers:
                found[value.name] = np.full(shape, numbers[value.name], number)
            elif np.dtype(number).kind == "f":
                found[value.name] = random.standard_normal(shape).astype(number)
            else:
                found[value.name] = np.full(shape, "a" if number is np.object_ else 1, number)
    return found


def _size(sizes: Sizes, name: str, index: int, axis: str) -> int:
    short = 1 if index == 0 or "batch" in axis else _SHORT
    return sizes.get(f"{name}:{index}", sizes.get(axis, short))


def _nodes(graph: Any) -> list[Any]:
    """Return the nodes of a graph and of those within it."""
    found = []
    for node in graph.node:
        found.append(node)
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                found += _nodes(inner)
    return found


def _macs(ran: Mapping[str, Any], node: Any) -> int:
    """Return the multiply-accumulates of one run of a node, from the sizes of what it read and wrote."""
    rule = _RULES.get(ran["op_name"])
    if rule is None:
        return 0
    read, wrote = ([tuple(map(int, one)) for each in ran[key] for one in each.values()]
                   for key in ("input_type_shape", "output_type_shape"))
    attributes = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute} if node else {}
    return rule(read, wrote[0], attributes)


Rule = Any


def _convolution(weight: int) -> Rule:
    return lambda read, wrote, _: prod(read[weight]) * wrote[0] * prod(wrote[2:])


def _transposed(read: Sequence[Shape], wrote: Shape, _: Any) -> int:
    return prod(read[1]) * read[0][0] * prod(read[0][2:])


def _product(read: Sequence[Shape], wrote: Shape, _: Any) -> int:
    return prod(wrote) * read[0][-1]


def _gemm(read: Sequence[Shape], wrote: Shape, _: Any) -> int:
    return prod(wrote) * prod(read[0]) // wrote[0] if wrote[0] else 0


def _recurrent(read: Sequence[Shape], wrote: Shape, _: Any) -> int:
    return read[0][0] * read[0][1] * (prod(read[1]) + prod(read[2]))


def _einsum(read: Sequence[Shape], wrote: Shape, attributes: Mapping[str, Any]) -> int:
    left = attributes["equation"].decode().replace(" ", "").partition("->")[0].split(",")
    pairs = (pair for word, shape in zip(left, read, strict=True) for pair in zip(word, shape, strict=True))
    sizes = dict(pairs)
    return prod(sizes.values()) if len(left) > 1 else 0


def _attention(read: Sequence[Shape], wrote: Shape, attributes: Mapping[str, Any]) -> int:
    """Keys times queries, and values times what they weigh, for each head; a past of the same form comes before."""
    query, key, value = read[:3]
    past = read[-2][2] if len(read) > 4 else 0
    if len(query) == 4:
        batch, heads, queries, size = query
        return batch * heads * queries * (key[2] + past) * (size + value[3])
    heads, groups = attributes["q_num_heads"], attributes["kv_num_heads"]
    return query[0] * query[1] * (key[1] + past) * (query[2] + heads * value[2] // groups)


def _packed(read: Sequence[Shape], wrote: Shape, attributes: Mapping[str, Any]) -> int:
    return prod(wrote) * attributes["K"]


def _stft(read: Sequence[Shape], wrote: Shape, attributes: Mapping[str, Any]) -> int:
    length = read[2][0] if len(read) > 2 and read[2] else 2 * (wrote[2] - 1)
    return prod(wrote) * length


_RULES: dict[str, Rule] = {
    **dict.fromkeys(("Conv", "FusedConv", "ConvInteger", "DeformConv"), _convolution(1)),
    "QLinearConv": _convolution(3),
    "ConvTranspose": _transposed,
    **dict.fromkeys(("MatMul", "FusedMatMul", "MatMulInteger", "QLinearMatMul", "MatMulIntegerToFloat"), _product),
    "DynamicQuantizeMatMul": _product,
    **dict.fromkeys(("Gemm", "FusedGemm", "QGemm"), _gemm),
    **dict.fromkeys(("LSTM", "GRU", "RNN", "DynamicQuantizeLSTM"), _recurrent),
    "Attention": _attention,
    "Einsum": _einsum,
    **dict.fromkeys(("MatMulNBits", "MatMulBnb4"), _packed),
    "STFT": _stft,
}
