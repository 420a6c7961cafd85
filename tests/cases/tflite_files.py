"""TensorFlow Lite files written by hand, with the schema that LiteRT ships."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

_NUMPY = {"FLOAT32": "f4", "FLOAT16": "f2", "INT32": "i4", "INT64": "i8", "INT8": "i1", "UINT8": "u1", "INT16": "i2"}


@dataclass
class T:
    """A tensor: ``data`` None is one that is made in a run; numbers are a constant, ``ones`` fills one."""

    name: str
    shape: Sequence[int]
    dtype: str = "FLOAT32"
    data: Any = None
    signature: Sequence[int] | None = None
    quantized: bool = False
    variable: bool = False
    has_rank: bool = True


@dataclass
class Op:
    """An operator: a name of BuiltinOperator, or any other name for a custom one; None is an operand left out.

    ``ADD:2`` is the second version of an operator.
    """

    op: str
    inputs: Sequence[str | None]
    outputs: Sequence[str]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Graph:
    """A sub-graph."""

    inputs: Sequence[str]
    outputs: Sequence[str]
    tensors: Sequence[T]
    ops: Sequence[Op]
    name: str = "main"


def x(*shape: int, name: str = "x", **more: Any) -> T:
    return T(name, shape, **more)


def w(name: str, *shape: int, dtype: str = "FLOAT32", **more: Any) -> T:
    """Return a constant of ones."""
    return T(name, shape, dtype, np.ones(shape, _NUMPY.get(dtype, "f4")), **more)


def ints(name: str, *values: int, dtype: str = "INT32", shape: Sequence[int] | None = None) -> T:
    """Return a constant of indices, sizes or axes."""
    return T(name, (len(values),) if shape is None else shape, dtype, np.array(values))


_OPTIONS = {
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions", "CONV_2D": "Conv2DOptions", "CONV_3D": "Conv3DOptions",
    "CONV_3D_TRANSPOSE": "Conv3DOptions", "TRANSPOSE_CONV": "TransposeConvOptions",
    "FULLY_CONNECTED": "FullyConnectedOptions", "BATCH_MATMUL": "BatchMatMulOptions", "IF": "IfOptions",
    "WHILE": "WhileOptions", "CALL_ONCE": "CallOnceOptions", "CALL": "CallOptions", "SVDF": "SVDFOptions",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTMOptions", "LSTM": "LSTMOptions",
    "BIDIRECTIONAL_SEQUENCE_LSTM": "BidirectionalSequenceLSTMOptions", "UNIDIRECTIONAL_SEQUENCE_RNN":
    "SequenceRNNOptions", "BIDIRECTIONAL_SEQUENCE_RNN": "BidirectionalSequenceRNNOptions", "RNN": "RNNOptions",
    "AVERAGE_POOL_2D": "Pool2DOptions", "MAX_POOL_2D": "Pool2DOptions", "L2_POOL_2D": "Pool2DOptions",
    "MEAN": "ReducerOptions", "SUM": "ReducerOptions", "REDUCE_MAX": "ReducerOptions", "ADD": "AddOptions",
    "MUL": "MulOptions", "SUB": "SubOptions", "DIV": "DivOptions", "CONCATENATION": "ConcatenationOptions",
    "GATHER": "GatherOptions", "PACK": "PackOptions", "UNPACK": "UnpackOptions", "RESHAPE": "ReshapeOptions",
    "SQUEEZE": "SqueezeOptions", "STRIDED_SLICE": "StridedSliceOptions", "DEPTH_TO_SPACE": "DepthToSpaceOptions",
    "SPACE_TO_DEPTH": "SpaceToDepthOptions", "SPLIT": "SplitOptions", "SPLIT_V": "SplitVOptions",
    "ONE_HOT": "OneHotOptions", "SOFTMAX": "SoftmaxOptions", "LOCAL_RESPONSE_NORMALIZATION":
    "LocalResponseNormalizationOptions", "LEAKY_RELU": "LeakyReluOptions", "CAST": "CastOptions",
    "RESIZE_BILINEAR": "ResizeBilinearOptions", "SHAPE": "ShapeOptions", "STABLEHLO_COMPOSITE":
    "StableHLOCompositeOptions", "VAR_HANDLE": "VarHandleOptions",
}  # fmt: skip


def save(path: Path, *graphs: Graph) -> Path:
    """Write a file of these sub-graphs, the first of which is the network."""
    codes: dict[str, int] = {}
    buffers = [schema.BufferT()]
    made = [_graph(each, codes, buffers) for each in graphs]
    model = schema.ModelT()
    model.version, model.subgraphs, model.buffers = 3, made, buffers
    model.operatorCodes = [_code(name) for name in codes]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path


def net(path: Path, tensors: Sequence[T], *ops: Op) -> Path:
    """Write a file of one graph, from x to y."""
    return save(path, Graph(["x"], ["y"], tensors, ops))


def _code(named: str) -> Any:
    name, _, version = named.partition(":")
    code = schema.OperatorCodeT()
    number = getattr(schema.BuiltinOperator, name, None)
    code.builtinCode = schema.BuiltinOperator.CUSTOM if number is None else number
    code.deprecatedBuiltinCode = min(code.builtinCode, 127)
    code.customCode, code.version = (name if number is None else None), int(version or 1)
    return code


def _graph(graph: Graph, codes: dict[str, int], buffers: list[Any]) -> Any:
    made = schema.SubGraphT()
    made.name = graph.name
    places = {tensor.name: index for index, tensor in enumerate(graph.tensors)}
    made.tensors = [_tensor(tensor, buffers) for tensor in graph.tensors]
    made.inputs = [places[name] for name in graph.inputs]
    made.outputs = [places[name] for name in graph.outputs]
    made.operators = [_operator(each, codes, places) for each in graph.ops]
    return made


def _tensor(tensor: T, buffers: list[Any]) -> Any:
    made = schema.TensorT()
    made.name, made.shape, made.type = tensor.name, list(tensor.shape), getattr(schema.TensorType, tensor.dtype)
    made.hasRank, made.isVariable = tensor.has_rank, tensor.variable
    if tensor.signature is not None:
        made.shapeSignature = list(tensor.signature)
    if tensor.quantized:
        made.quantization = schema.QuantizationParametersT()
        made.quantization.scale, made.quantization.zeroPoint = [0.5], [0]
    made.buffer = 0
    if tensor.data is not None:
        held = schema.BufferT()
        kind = _NUMPY.get(tensor.dtype, "i1")
        flat = np.asarray(tensor.data).astype(kind).ravel()
        assert tensor.dtype not in _NUMPY or flat.size == prod(tensor.shape), tensor
        held.data = np.frombuffer(flat.tobytes(), np.uint8)
        buffers.append(held)
        made.buffer = len(buffers) - 1
    return made


def _operator(each: Op, codes: dict[str, int], places: Mapping[str, int]) -> Any:
    made = schema.OperatorT()
    made.opcodeIndex = codes.setdefault(each.op, len(codes))
    made.inputs = [-1 if name is None else places[name] for name in each.inputs]
    made.outputs = [places[name] for name in each.outputs]
    if each.op in _OPTIONS:
        name = _OPTIONS[each.op]
        options = getattr(schema, f"{name}T")()
        for key, value in each.options.items():
            assert hasattr(options, key), (name, key)
            setattr(options, key, value)
        second = hasattr(schema.BuiltinOptions2, name)
        union = schema.BuiltinOptions2 if second else schema.BuiltinOptions
        setattr(made, "builtinOptions2Type" if second else "builtinOptionsType", getattr(union, name))
        setattr(made, "builtinOptions2" if second else "builtinOptions", options)
    return made
