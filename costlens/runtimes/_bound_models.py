"""Models of one operation that show what a machine can do: written as ONNX, run through the runtime like any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from costlens.errors import BenchError
from costlens.runtimes.onnxruntime import Onnxruntime, optimised

CACHED: Final = "Add, cached"
STREAMED: Final = ("Identity", "Add", "MatMul, 1 row")
_OPSET: Final = 18
_IR: Final = 10  # what opset 18 came with; younger files are refused by older runtimes


_Node = tuple[str, list[str], Mapping[str, Any]]  # operator, what it reads, its attributes


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the operations are.

    gemm: rows, columns and depth of a matrix product. channels, side, images: of a 3×3 convolution of square images,
    stacked into one. stream_bytes: each tensor that must not fit a cache. cached_bytes: each tensor that must.
    chain: kernels one after another.
    """

    gemm: int = 1024
    channels: int = 128
    side: int = 28
    images: int = 1
    stream_bytes: int = 128 * 2**20
    cached_bytes: int = 128 * 2**10
    chain: int = 64


@dataclass(frozen=True, slots=True)
class Work:
    """What one call of a model does: MACs, or bytes read and written, or ``kernels`` that do next to nothing."""

    macs: int = 0
    traffic_bytes: int = 0
    kernels: int = 0
    size: str = ""


Maker = Callable[[Sizes], tuple[Any, Work]]
"""Sizes to a model and what one call of it does."""


def write(operation: str, precision: str, sizes: Sizes, path: Path) -> Work:
    """Write the model of an operation in a precision; KeyError where there is none (``OPERATIONS`` lists them).

    Weights are random from a fixed seed: a processor may be faster with zeros and slower with denormals.
    """
    model, work = OPERATIONS[operation, precision](sizes)
    path.write_bytes(model.SerializeToString())
    return work


def providers() -> tuple[str, ...]:
    """Return the execution providers of this build of onnxruntime, in its order."""
    return tuple(Onnxruntime().imported().get_available_providers())


def casts(path: Path, providers: Sequence[str]) -> int | None:
    """Return how many Cast nodes onnxruntime puts into a model; None where it cannot write the graph that it runs.

    A runtime without kernels for half precision casts to single precision and back, and does not report it.
    """
    try:
        kinds = [node.op_type for node in optimised(path, providers, path.parent).graph.node]
    except BenchError:
        return None
    return kinds.count("Cast")


def _gemm(dtype: str) -> Maker:
    def make(sizes: Sizes) -> tuple[Any, Work]:
        n = sizes.gemm
        kind, read, written = ("MatMulInteger", "uint8", "int32") if dtype == "int8" else ("MatMul", dtype, dtype)
        shape = [1, n, n]
        model = _model([(kind, ["x", "w"], {})], {"x": (read, shape)}, (written, shape), {"w": _random(dtype, n, n)})
        return model, Work(macs=n**3, size=f"{n}×{n}×{n}")

    return make


def _conv(dtype: str) -> Maker:
    def make(sizes: Sizes) -> tuple[Any, Work]:
        c, width, height = sizes.channels, sizes.side, sizes.side * sizes.images
        read, written = [1, c, height, width], [1, c, height - 2, width - 2]  # no padding: every MAC is computed
        work = Work(macs=9 * c * c * (height - 2) * (width - 2), size=f"3×3 on {height}×{width}×{c}")
        names, weights = ["x", "w"], {"w": _random(dtype, c, c, 3, 3)}
        kind, stored = ("QLinearConv", "uint8") if dtype == "int8" else ("Conv", dtype)
        if dtype == "int8":
            names = ["x", "one", "zero", "w", "one", "signed", "many", "zero"]
            weights |= {"one": _scalar("float32", 1), "many": _scalar("float32", 9 * c)}
            weights |= {"zero": _scalar("uint8", 128), "signed": _scalar("int8", 0)}
        return _model([(kind, names, {})], {"x": (stored, read)}, (stored, written), weights), work

    return make


def _copy(sizes: Sizes) -> tuple[Any, Work]:
    count = sizes.stream_bytes // 4
    tensor = ("float32", [1, count])
    return _model([("Identity", ["x"], {})], {"x": tensor}, tensor, {}), _moved(2, 4 * count)


def _add(sizes: Sizes) -> tuple[Any, Work]:
    count = sizes.stream_bytes // 4
    tensor = ("float32", [1, count])
    return _model([("Add", ["x", "z"], {})], {"x": tensor, "z": tensor}, tensor, {}), _moved(3, 4 * count)


def _matvec(sizes: Sizes) -> tuple[Any, Work]:
    columns = 1024
    rows = max(1, sizes.stream_bytes // (4 * columns))
    inputs = {"x": ("float32", [1, rows]), "m": ("float32", [rows, columns])}
    model = _model([("MatMul", ["x", "m"], {})], inputs, ("float32", [1, columns]), {})
    return model, _moved(1, 4 * (rows * columns + rows + columns))


def _cached(sizes: Sizes) -> tuple[Any, Work]:
    count = max(1, sizes.cached_bytes // 4)
    model, _ = _chain(sizes.chain, count)
    return model, Work(traffic_bytes=sizes.chain * 3 * 4 * count, size=f"{sizes.chain} × {_kib(3 * 4 * count)}")


def _small(sizes: Sizes) -> tuple[Any, Work]:
    return _chain(sizes.chain, 1)


def _chain(length: int, count: int) -> tuple[Any, Work]:
    """Return additions one after another; the second operand is an input, so that nothing can be folded."""
    tensor = ("float32", [1, count])
    names = ["x", *(f"t{i}" for i in range(1, length)), "y"]
    additions: list[_Node] = [("Add", [names[i], "z"], {}) for i in range(length)]
    model = _model(additions, {"x": tensor, "z": tensor}, tensor, {}, names[1:])
    return model, Work(kernels=length, size=f"{length} in a row")


OPERATIONS: Mapping[tuple[str, str], Maker] = {
    ("MatMul", "fp32"): _gemm("float32"),
    ("Conv", "fp32"): _conv("float32"),
    ("MatMulInteger", "int8"): _gemm("int8"),
    ("QLinearConv", "int8"): _conv("int8"),
    ("MatMul", "fp16"): _gemm("float16"),
    ("Conv", "fp16"): _conv("float16"),
    ("Identity", "fp32"): _copy,
    ("Add", "fp32"): _add,
    ("MatMul, 1 row", "fp32"): _matvec,
    (CACHED, "fp32"): _cached,
    ("tiny Add", "fp32"): _small,
}


def _moved(tensors: int, tensor_bytes: int) -> Work:
    return Work(traffic_bytes=tensors * tensor_bytes, size=f"{tensors} × {_kib(tensor_bytes)}")


def _kib(size: int) -> str:
    return f"{size / 2**20:.0f} MiB" if size >= 2**20 else f"{size / 2**10:.0f} KiB"


def _random(dtype: str, *shape: int) -> Any:
    import numpy

    random = numpy.random.default_rng(0)
    if dtype == "int8":
        return random.integers(-127, 128, size=shape, dtype=numpy.int8)
    return random.uniform(-1, 1, size=shape).astype(dtype)


def _scalar(dtype: str, value: float) -> Any:
    import numpy

    return numpy.asarray(value, dtype)


def _model(
    nodes: Sequence[_Node],
    inputs: Mapping[str, tuple[str, list[int]]],
    output: tuple[str, list[int]],
    weights: Mapping[str, Any],
    names: Sequence[str] = ("y",),
) -> Any:
    import numpy
    from onnx import helper, numpy_helper

    def value(name: str, dtype: str, shape: list[int]) -> Any:
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(numpy.dtype(dtype)), shape)

    graph = helper.make_graph(
        [helper.make_node(kind, read, [name], **more) for (kind, read, more), name in zip(nodes, names, strict=True)],
        "bound",
        [value(name, *tensor) for name, tensor in inputs.items()],
        [value("y", *output)],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
