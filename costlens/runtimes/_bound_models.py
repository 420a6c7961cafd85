"""Models of one operation that show what a machine can do: written as ONNX, run through the runtime like any other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from costlens.errors import BenchError
from costlens.runtimes._onnx_file import save
from costlens.runtimes.onnxruntime import optimised

CACHED: Final = "Add, cached"
STREAMED: Final = ("Identity", "Add", "MatMul, 1 row")


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


def casts(path: Path, providers: Sequence[str]) -> int | None:
    """Return how many Cast nodes onnxruntime puts into a model; None where it cannot write the graph that it runs.

    A runtime without kernels for half precision casts to single precision and back, and does not report it.
    """
    try:
        kinds = [node.op_type for node in optimised(path, providers, path.parent).graph.node]
    except BenchError:
        return None
    return kinds.count("Cast")


def _gemm(dtype: str, path: Path, sizes: Sizes) -> Work:
    n = sizes.gemm
    kind, read, written = ("MatMulInteger", "uint8", "int32") if dtype == "int8" else ("MatMul", dtype, dtype)
    shape = [1, n, n]
    save(path, [(kind, "x w", "y")], {"x": (read, shape)}, {"y": (written, shape)}, {"w": _random(dtype, n, n)})
    return Work(macs=n**3, size=f"{n}×{n}×{n}")


def _conv(dtype: str, path: Path, sizes: Sizes) -> Work:
    c, width, height = sizes.channels, sizes.side, sizes.side * sizes.images
    node, stored, weights = ("Conv", "x w", "y"), dtype, {"w": _random(dtype, c, c, 3, 3)}
    if dtype == "int8":
        node, stored = ("QLinearConv", "x one zero w one signed many zero", "y"), "uint8"
        weights |= {"one": _scalar("float32", 1), "many": _scalar("float32", 9 * c)}
        weights |= {"zero": _scalar("uint8", 128), "signed": _scalar("int8", 0)}
    written = [1, c, height - 2, width - 2]  # no padding: every MAC is computed
    save(path, [node], {"x": (stored, [1, c, height, width])}, {"y": (stored, written)}, weights)
    return Work(macs=9 * c * c * (height - 2) * (width - 2), size=f"3×3 on {height}×{width}×{c}")


def _elementwise(kind: str, read: str, path: Path, sizes: Sizes) -> Work:
    count = sizes.stream_bytes // 4
    tensor = ("float32", [1, count])
    save(path, [(kind, read, "y")], dict.fromkeys(read.split(), tensor), {"y": tensor})
    return _moved(len(read.split()) + 1, 4 * count)


def _matvec(path: Path, sizes: Sizes) -> Work:
    columns = 1024
    rows = max(1, sizes.stream_bytes // (4 * columns))
    inputs = {"x": ("float32", [1, rows]), "m": ("float32", [rows, columns])}
    save(path, [("MatMul", "x m", "y")], inputs, {"y": ("float32", [1, columns])})
    return _moved(1, 4 * (rows * columns + rows + columns))


def _cached(path: Path, sizes: Sizes) -> Work:
    tensor_bytes = 4 * max(1, sizes.cached_bytes // 4)
    _save_chain(path, sizes.chain, tensor_bytes // 4)
    return _moved(sizes.chain, 3 * tensor_bytes)


def _small(path: Path, sizes: Sizes) -> Work:
    _save_chain(path, sizes.chain, 1)
    return Work(kernels=sizes.chain, size=f"{sizes.chain} in a row")


def _save_chain(path: Path, length: int, count: int) -> None:
    """Write additions one after another; the second operand is an input, so that nothing can be folded."""
    tensor = ("float32", [1, count])
    additions = [("Add", f"t{place} z", f"t{place + 1}") for place in range(length)]
    save(path, additions, {"t0": tensor, "z": tensor}, {f"t{length}": tensor})


OPERATIONS: Mapping[tuple[str, Literal["fp32", "fp16", "int8"]], Callable[[Path, Sizes], Work]] = {
    ("MatMul", "fp32"): partial(_gemm, "float32"),
    ("Conv", "fp32"): partial(_conv, "float32"),
    ("MatMulInteger", "int8"): partial(_gemm, "int8"),
    ("QLinearConv", "int8"): partial(_conv, "int8"),
    ("MatMul", "fp16"): partial(_gemm, "float16"),
    ("Conv", "fp16"): partial(_conv, "float16"),
    ("Identity", "fp32"): partial(_elementwise, "Identity", "x"),
    ("Add", "fp32"): partial(_elementwise, "Add", "x z"),
    ("MatMul, 1 row", "fp32"): _matvec,
    (CACHED, "fp32"): _cached,
    ("tiny Add", "fp32"): _small,
}
"""Operation and precision to what writes its model.

Weights are random from a fixed seed: a processor may be faster with zeros and slower with denormals.
"""


def _moved(tensors: int, tensor_bytes: int) -> Work:
    mib = tensor_bytes / 2**20
    size = f"{mib:.0f} MiB" if mib >= 1 else f"{2**10 * mib:.0f} KiB"
    return Work(traffic_bytes=tensors * tensor_bytes, size=f"{tensors} × {size}")


def _random(dtype: str, *shape: int) -> Any:
    import numpy

    random = numpy.random.default_rng(0)
    if dtype == "int8":
        return random.integers(-127, 128, size=shape, dtype=numpy.int8)
    return random.uniform(-1, 1, size=shape).astype(dtype)


def _scalar(dtype: str, value: float) -> Any:
    import numpy

    return numpy.asarray(value, dtype)
